//! DELETE `/v1/users/{user_id}?confirm=true`: gone for good, and the seat is free at once. Of a pending user it
//! is the revocation of the invitation. RULE: DE-01, DE-03, PS-10

use domain::{Account, Actor, Change, Decision, Exit, Permission};
use runtime::{Fields, Moment, Operation, OwnDeparture, Target};

/// The function.
pub const FUNCTION: runtime::Function = runtime::http::<Delete>();

/// Confirmed.
pub struct Delete;

impl Operation for Delete {
    const NAME: &str = "delete";
    const ABOUT: &str = env!("CARGO_PKG_DESCRIPTION");
    const SUCCESS: u16 = 204;
    const NEEDS: Option<Permission> = Some(Permission::ManageUsers);
    const REFUSES: &'static [&'static [&'static str]] =
        &[Actor::ACTING_REFUSES, Actor::FRESH_REFUSES, &["last_root"]];
    type Caller = Actor;
    type Loads = (Account, (Target, OwnDeparture));
    type Reply = ();

    fn read(fields: &mut Fields) -> Option<Self> {
        fields.confirmed().map(|()| Self)
    }

    // RULE: DE-02, DE-04, RO-02, RO-06, AC-06
    fn decide(
        &self,
        by: &Actor,
        (account, (Target(user), OwnDeparture(departure))): Self::Loads,
        at: &Moment,
    ) -> Decision<()> {
        // Taking an invitation back asks for nothing more.
        match Exit::of_removed(&user) {
            Exit::Revoked => by.may_act_on(&user)?,
            Exit::Deleted | Exit::Left => by.may_act_freshly_on(&user, at.now)?,
        }
        let account = account.remove(&user, at.now)?;
        let exit = Exit::of_removed(&user);
        Ok(Change::reply(()).removing(&user, account, departure, exit, by.user.id, at.now))
    }
}
