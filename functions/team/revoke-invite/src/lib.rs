//! DELETE `/v1/users/{user_id}/invitation`: the invitation is dead and its seat is free at once. What was revoked before
//! is revoked. RULE: IN-09

use domain::{Account, Actor, Change, Decision, Exit, Permission};
use runtime::{Fields, Moment, Operation, Revocable};

/// The function.
pub const FUNCTION: runtime::Function = runtime::http::<RevokeInvite>();

/// Nothing is sent.
pub struct RevokeInvite;

impl Operation for RevokeInvite {
    const NAME: &str = "revoke-invite";
    const ABOUT: &str = env!("CARGO_PKG_DESCRIPTION");
    const SUCCESS: u16 = 204;
    const NEEDS: Option<Permission> = Some(Permission::ManageUsers);
    const REFUSES: &'static [&'static [&'static str]] = &[Actor::ACTING_REFUSES, &["not_pending"]];
    type Caller = Actor;
    type Loads = (Account, Revocable);
    type Reply = ();

    fn read(_: &mut Fields) -> Option<Self> {
        Some(Self)
    }

    // RULE: IN-09, IN-10, DE-03, RO-02
    fn decide(&self, by: &Actor, (account, target): (Account, Revocable), at: &Moment) -> Decision<()> {
        let user = match target {
            Revocable::There(user) => user,
            Revocable::Revoked => return Ok(Change::reply(())),
        };
        by.may_act_on(&user)?;
        user.holds_an_invitation()?;
        let account = account.remove(&user, at.now)?;
        Ok(Change::reply(()).removing(&user, account, None, Exit::Revoked, by.user.id, at.now))
    }
}
