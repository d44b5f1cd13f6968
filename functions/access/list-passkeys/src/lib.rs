//! GET /v1/me/mfa/passkeys: one's own passkeys, the newest first.

use domain::{Actor, Change, Decision, PasskeyList};
use runtime::{Fields, Moment, Operation, OwnFactors};

/// The function.
pub const FUNCTION: runtime::Function = runtime::http::<ListPasskeys>();

/// Nothing is sent.
pub struct ListPasskeys;

impl Operation for ListPasskeys {
    const NAME: &str = "list-passkeys";
    const ABOUT: &str = env!("CARGO_PKG_DESCRIPTION");
    const SESSION_ALONE: bool = true;
    type Caller = Actor;
    type Loads = OwnFactors;
    type Reply = PasskeyList;

    fn read(_: &mut Fields) -> Option<Self> {
        Some(Self)
    }

    fn decide(&self, by: &Actor, OwnFactors(factors): OwnFactors, _: &Moment) -> Decision<PasskeyList> {
        Ok(Change::reply(PasskeyList::of(factors, &by.user)))
    }
}
