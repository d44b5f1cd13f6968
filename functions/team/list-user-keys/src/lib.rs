//! GET `/v1/users/{user_id}/api-keys`: what API keys a user has, for whoever is to decide about them. RULE: AC-07, RO-02

use domain::{Actor, Change, Decision, KeyList, Permission};
use runtime::{Fields, Moment, Operation, TheirKeys};

/// The function.
pub const FUNCTION: runtime::Function = runtime::http::<ListUserKeys>();

/// The path says it all.
pub struct ListUserKeys;

impl Operation for ListUserKeys {
    const NAME: &str = "list-user-keys";
    const ABOUT: &str = env!("CARGO_PKG_DESCRIPTION");
    const NEEDS: Option<Permission> = Some(Permission::OthersKeys);
    const REFUSES: &'static [&'static [&'static str]] = &[Actor::LOOKING_REFUSES];
    type Caller = Actor;
    type Loads = TheirKeys;
    type Reply = KeyList;

    fn read(_: &mut Fields) -> Option<Self> {
        Some(Self)
    }

    fn decide(&self, by: &Actor, TheirKeys { user, keys }: TheirKeys, at: &Moment) -> Decision<KeyList> {
        by.may_handle_keys(&user)?;
        Ok(Change::reply(KeyList::of(keys, &user, at.now)))
    }
}
