//! PUT `/v1/users/{user_id}/role`: another role, in force at the target's very next request. No seat and no
//! cent moves. RULE: RO-05, PS-11

use domain::{
    Account, Actor, Change, Decision, Fact, FactKind, Justification, Permission, Role, Text, UserView,
};
use runtime::{Fields, Moment, Operation, Target, TheirFactors};

/// The function.
pub const FUNCTION: runtime::Function = runtime::http::<ChangeRole>();

/// What the caller sends.
pub struct ChangeRole {
    role: Role,
    justification: Option<Justification>,
}

impl Operation for ChangeRole {
    const NAME: &str = "change-role";
    const ABOUT: &str = env!("CARGO_PKG_DESCRIPTION");
    const NEEDS: Option<Permission> = Some(Permission::ChangeRoles);
    const REFUSES: &'static [&'static [&'static str]] =
        &[Actor::CHANGING_ROLE_REFUSES, &["last_root", "step_up_required"]];
    type Caller = Actor;
    type Loads = (Account, (Target, TheirFactors));
    type Reply = UserView;

    fn read(fields: &mut Fields) -> Option<Self> {
        let role = fields.role("Their new role, in force at their very next request.");
        let justification = fields.optional_text("justification", "Why, for the audit log.");
        Some(Self { role: role?, justification: justification? })
    }

    // RULE: RO-02, RO-03, RO-04, RO-06, RO-09
    fn decide(
        &self,
        by: &Actor,
        (account, (Target(user), TheirFactors(factors))): Self::Loads,
        at: &Moment,
    ) -> Decision<UserView> {
        by.may_change_role(&user, self.role, at.now)?;
        if user.role == self.role {
            return Ok(Change::reply(by.view(&user, at.now)));
        }
        let before = user.role;
        let account = account.change_role(&user, self.role)?;
        let user = user.with_role(self.role);
        let has_factor = user.mfa_enabled;
        let fact = Fact::of(FactKind::UserRoleChanged, &user)
            .before("role", before.name())
            .after("role", self.role.name())
            .because(self.justification.as_ref().map(Text::as_str));
        let change = Change::reply(by.view(&user, at.now)).fact(fact).put(account).put(user);
        // RULE: RC-04
        Ok(if self.role == Role::Root && has_factor { change.put(factors.of_new_root()) } else { change })
    }
}
