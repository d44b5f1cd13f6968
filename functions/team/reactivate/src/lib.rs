//! POST `/v1/users/{user_id}/reactivate`: a suspended user may sign in again; old sessions stay dead. The user
//! is told by mail. Never refused for seats. RULE: SU-04, SU-05

use domain::{Account, Actor, Change, Decision, Fact, FactKind, Permission, Status, UserView};
use runtime::{Fields, Moment, Operation, Target};

/// The function.
pub const FUNCTION: runtime::Function = runtime::http::<Reactivate>();

/// The path says it all.
pub struct Reactivate;

impl Operation for Reactivate {
    const NAME: &str = "reactivate";
    const ABOUT: &str = env!("CARGO_PKG_DESCRIPTION");
    const NEEDS: Option<Permission> = Some(Permission::ManageUsers);
    const REFUSES: &'static [&'static [&'static str]] = &[Actor::ACTING_REFUSES, &["not_accepted"]];
    type Caller = Actor;
    type Loads = (Account, Target);
    type Reply = UserView;

    fn read(_: &mut Fields) -> Option<Self> {
        Some(Self)
    }

    fn decide(
        &self,
        by: &Actor,
        (account, Target(user)): (Account, Target),
        at: &Moment,
    ) -> Decision<UserView> {
        by.may_act_on(&user)?;
        if user.status == Status::Active {
            return Ok(Change::reply(by.view(&user, at.now)));
        }
        let active = user.clone().reactivate()?;
        let account = account.reactivate(&user);
        let fact = Fact::of(FactKind::UserReactivated, &active)
            .before("status", "suspended")
            .after("status", "active");
        Ok(Change::reply(by.view(&active, at.now)).fact(fact).put(account).put(active))
    }
}
