//! PUT /v1/me/notifications: all of it at once; what is left out is mailed.

use domain::{Actor, Change, Decision, Mailing, Notifications};
use runtime::{Fields, Moment, Operation};

/// What the caller does without.
pub(crate) struct ChangeNotifications {
    muted: Vec<Mailing>,
}

impl Operation for ChangeNotifications {
    const NAME: &str = "change-notifications";
    const ABOUT: &str = "Chooses which of the mails that can be done without one gets";
    const SESSION_ALONE: bool = true;
    type Caller = Actor;
    type Loads = ();
    type Reply = Notifications;

    fn read(fields: &mut Fields) -> Option<Self> {
        let mut muted = Some(Vec::new());
        for mailing in Mailing::ALL {
            let gets =
                fields.optional_switch(mailing.name(), "As in the reply; true where it is left out or null.");
            match gets {
                None => muted = None,
                Some(Some(false)) => muted.iter_mut().for_each(|muted| muted.push(mailing)),
                Some(None | Some(true)) => {}
            }
        }
        muted.map(|muted| Self { muted })
    }

    fn decide(&self, by: &Actor, (): (), _: &Moment) -> Decision<Notifications> {
        let (user, fact) = by.user.clone().muting(self.muted.clone());
        let change = Change::reply(user.notifications());
        Ok(match fact {
            None => change,
            Some(fact) => change.fact(fact).put(user),
        })
    }
}
