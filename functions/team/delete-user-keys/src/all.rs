//! DELETE `/v1/users/{user_id}/api-keys`: all of them, by one write, whatever their number.

use domain::{Actor, Change, Decision, Fact, FactKind, Permission};
use runtime::{Fields, Moment, Operation, TheirKeys};

/// The path says it all.
pub(crate) struct DeleteUserKeys;

impl Operation for DeleteUserKeys {
    const NAME: &str = "delete-user-keys";
    const ABOUT: &str = "Deletes all of a user's API keys";
    const SUCCESS: u16 = 204;
    const NEEDS: Option<Permission> = Some(Permission::OthersKeys);
    const REFUSES: &'static [&'static [&'static str]] = &[Actor::LOOKING_REFUSES];
    type Caller = Actor;
    type Loads = TheirKeys;
    type Reply = ();

    fn read(_: &mut Fields) -> Option<Self> {
        Some(Self)
    }

    // Where there is none, there is nothing to do, and nothing to tell.
    fn decide(&self, by: &Actor, TheirKeys { user, keys }: TheirKeys, at: &Moment) -> Decision<()> {
        by.may_handle_keys(&user)?;
        let live = keys.iter().filter(|key| key.is_live(&user, at.now)).count();
        if live == 0 {
            return Ok(Change::reply(()));
        }
        let user = user.end_keys();
        Ok(Change::reply(()).fact(Fact::of(FactKind::KeysDeleted, &user).before("keys", live)).put(user))
    }
}
