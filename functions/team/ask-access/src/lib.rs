//! POST `/v1/users/{user_id}/access-question`: asks a user by mail whether they still need their access. They answer by its
//! links, without signing in; nothing else changes. RULE: AU-04

use domain::{Actor, Change, Decision, Fact, FactKind, Permission, UserView};
use runtime::{Fields, Moment, Operation, Target};

/// The function.
pub const FUNCTION: runtime::Function = runtime::http::<AskAccess>();

/// Nothing is sent.
pub struct AskAccess;

impl Operation for AskAccess {
    const NAME: &str = "ask-access";
    const ABOUT: &str = env!("CARGO_PKG_DESCRIPTION");
    const NEEDS: Option<Permission> = Some(Permission::ManageUsers);
    const REFUSES: &'static [&'static [&'static str]] =
        &[Actor::ACTING_REFUSES, &["not_accepted", "rate_limited"]];
    type Caller = Actor;
    type Loads = Target;
    type Reply = UserView;

    fn read(_: &mut Fields) -> Option<Self> {
        Some(Self)
    }

    fn decide(&self, by: &Actor, Target(user): Target, at: &Moment) -> Decision<UserView> {
        by.may_act_on(&user)?;
        let user = user.asked_for_access(at.fresh.nonce.clone(), at.now)?;
        let fact = Fact::of(FactKind::AccessAsked, &user);
        Ok(Change::reply(by.view(&user, at.now)).fact(fact).put(user))
    }
}
