//! DELETE `/v1/me?confirm=true`: whoever is no Root goes of their own accord, for good, and the seat is free at once. What
//! remains is what remains of anybody who is deleted. RULE: DE-01, DE-03, PS-10

use domain::{Account, Actor, Change, Decision, Exit, Refusal, Role};
use runtime::{Fields, Moment, Operation, OwnDeparture};

/// The function.
pub const FUNCTION: runtime::Function = runtime::http::<Leave>();

/// Confirmed.
pub struct Leave;

impl Operation for Leave {
    const NAME: &str = "leave";
    const ABOUT: &str = env!("CARGO_PKG_DESCRIPTION");
    const SUCCESS: u16 = 204;
    const REFUSES: &'static [&'static [&'static str]] = &[&["version_mismatch", "root_cannot_leave"]];
    const SESSION_ALONE: bool = true;
    type Caller = Actor;
    type Loads = (Account, OwnDeparture);
    type Reply = ();

    fn read(fields: &mut Fields) -> Option<Self> {
        fields.confirmed().map(|()| Self)
    }

    // RULE: DE-02, DE-03, DE-04, AP-03
    fn decide(
        &self,
        by: &Actor,
        (account, OwnDeparture(departure)): Self::Loads,
        at: &Moment,
    ) -> Decision<()> {
        let user = &by.user;
        by.if_match.check(user.version)?;
        // Not even where another Root remains: a Root is first made something else by that one.
        if user.role == Role::Root {
            return Err(Refusal::RootCannotLeave);
        }
        let account = account.remove(user, at.now)?;
        Ok(Change::reply(()).removing(user, account, departure, Exit::Left, user.id, at.now))
    }
}
