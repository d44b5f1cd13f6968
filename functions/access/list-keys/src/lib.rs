//! GET /v1/me/api-keys: one's own API keys, the newest first. RULE: AC-07

use domain::{Actor, Change, Decision, KeyList};
use runtime::{Fields, Moment, Operation, OwnKeys};

/// The function.
pub const FUNCTION: runtime::Function = runtime::http::<ListKeys>();

/// Nothing is sent.
pub struct ListKeys;

impl Operation for ListKeys {
    const NAME: &str = "list-keys";
    const ABOUT: &str = env!("CARGO_PKG_DESCRIPTION");
    const SESSION_ALONE: bool = true;
    type Caller = Actor;
    type Loads = OwnKeys;
    type Reply = KeyList;

    fn read(_: &mut Fields) -> Option<Self> {
        Some(Self)
    }

    fn decide(&self, by: &Actor, OwnKeys(keys): OwnKeys, at: &Moment) -> Decision<KeyList> {
        Ok(Change::reply(KeyList::of(keys, &by.user, at.now)))
    }
}
