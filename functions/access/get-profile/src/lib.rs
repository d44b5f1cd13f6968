//! GET /v1/me: the caller, whatever their role.

use domain::{Actor, Change, Decision, UserView};
use runtime::{Fields, Moment, Operation};

/// The function.
pub const FUNCTION: runtime::Function = runtime::http::<GetProfile>();

/// Nothing is sent.
pub struct GetProfile;

impl Operation for GetProfile {
    const NAME: &str = "get-profile";
    const ABOUT: &str = env!("CARGO_PKG_DESCRIPTION");
    const WHILE_ENROLLING: bool = true;
    type Caller = Actor;
    type Loads = ();
    type Reply = UserView;

    fn read(_: &mut Fields) -> Option<Self> {
        Some(Self)
    }

    fn decide(&self, by: &Actor, (): (), at: &Moment) -> Decision<UserView> {
        Ok(Change::reply(by.view(&by.user, at.now)))
    }
}
