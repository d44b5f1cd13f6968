//! GET /v1/me/notifications.

use domain::{Actor, Change, Decision, Notifications};
use runtime::{Fields, Moment, Operation};

/// Nothing is sent.
pub(crate) struct GetNotifications;

impl Operation for GetNotifications {
    const NAME: &str = "get-notifications";
    const ABOUT: &str = "Shows which of the mails that can be done without one gets";
    const SESSION_ALONE: bool = true;
    type Caller = Actor;
    type Loads = ();
    type Reply = Notifications;

    fn read(_: &mut Fields) -> Option<Self> {
        Some(Self)
    }

    fn decide(&self, by: &Actor, (): (), _: &Moment) -> Decision<Notifications> {
        Ok(Change::reply(by.user.notifications()))
    }
}
