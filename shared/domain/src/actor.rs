//! Who is asking, and what they may do to whom.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Grant, IfMatch, Instant, Permission, Refusal, Role, Session, User, UserView};

/// How somebody acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Via {
    /// Signed in.
    Session,
    /// By a link from a mail, or with a password, not yet signed in.
    Public,
    /// Nobody: time passed, or the mail service reported.
    System,
}

/// An authenticated caller, as stored at this instant.
#[derive(Clone, Debug)]
pub struct Actor {
    /// The user.
    pub user: User,
    /// The session they came with.
    pub session: Session,
    /// The versions of their target that they go by.
    pub if_match: IfMatch,
}

impl Actor {
    /// The codes of [`Actor::may_act_on`].
    pub const ACTING_REFUSES: &[&str] =
        &["cannot_act_on_self", "admin_cannot_modify_root", "version_mismatch"];
    /// The codes of [`Actor::may_look_at`].
    pub const LOOKING_REFUSES: &[&str] = &["admin_cannot_modify_root"];
    /// The codes of [`Actor::may_change_role`].
    pub const CHANGING_ROLE_REFUSES: &[&str] = &[
        "cannot_change_own_role",
        "admin_cannot_modify_root",
        "admin_cannot_assign_root",
        "version_mismatch",
    ];

    /// The role alone decides. RULE: RO-01
    pub fn require(&self, permission: Permission) -> Result<(), Refusal> {
        if self.user.role.may(permission) { Ok(()) } else { Err(Refusal::InsufficientRole(permission)) }
    }

    /// A user as this caller sees them.
    pub fn view(&self, target: &User, now: Instant) -> UserView {
        UserView::of(target, self.allowed_actions(target, now), now)
    }

    /// Suspending, logging out or deleting somebody: not oneself, a Root only as a Root, and nobody who is not as the
    /// caller has seen them. RULE: SU-06, DE-03, RO-02, RO-04, AP-03
    pub fn may_act_on(&self, target: &User) -> Result<(), Refusal> {
        self.reaches_user(target).and_then(|()| self.if_match.check(target.version))
    }

    /// Looking at what is a user's own, such as their sessions: of a Root only as a Root. Nothing is done to anybody, so that
    /// oneself is no exception. RULE: RO-02
    pub fn may_look_at(&self, target: &User) -> Result<(), Refusal> {
        self.reaches(Permission::ManageUsers, target.role, Refusal::AdminCannotModifyRoot)
    }

    /// Giving somebody a role. RULE: RO-02, RO-03, RO-04, AP-03
    pub fn may_change_role(&self, target: &User, role: Role) -> Result<(), Refusal> {
        self.reaches_role(target, role).and_then(|()| self.if_match.check(target.version))
    }

    pub(crate) fn reaches_user(&self, target: &User) -> Result<(), Refusal> {
        if target.id == self.user.id {
            return Err(Refusal::CannotActOnSelf);
        }
        self.reaches(Permission::ManageUsers, target.role, Refusal::AdminCannotModifyRoot)
    }

    pub(crate) fn reaches_role(&self, target: &User, role: Role) -> Result<(), Refusal> {
        if target.id == self.user.id {
            return Err(Refusal::CannotChangeOwnRole);
        }
        self.reaches(Permission::ChangeRoles, target.role, Refusal::AdminCannotModifyRoot)?;
        self.reaches(Permission::ChangeRoles, role, Refusal::AdminCannotAssignRoot)
    }

    /// Inviting somebody as this: only Root makes a Root, by whatever path. RULE: RO-02
    pub fn may_invite_as(&self, role: Role) -> Result<(), Refusal> {
        self.reaches(Permission::ManageUsers, role, Refusal::AdminCannotAssignRoot)
    }

    /// Whether the permission goes as far as this role. RULE: RO-01
    fn reaches(&self, permission: Permission, role: Role, refusal: Refusal) -> Result<(), Refusal> {
        match self.user.role.grant(permission) {
            Grant::Yes => Ok(()),
            Grant::NotOnRoot if role != Role::Root => Ok(()),
            Grant::NotOnRoot => Err(refusal),
            Grant::No => Err(Refusal::InsufficientRole(permission)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lives::{session_of, user};

    fn actor(role: Role) -> Actor {
        let user = user(1, role).accept("hash".into(), Instant::default());
        Actor { session: session_of(&user), user, if_match: IfMatch::Any }
    }

    // RULE: RO-02, RO-04
    #[test]
    fn an_admin_does_nothing_to_a_root_and_makes_none() {
        let (admin, root) = (actor(Role::Admin), user(2, Role::Root));
        assert_eq!(admin.may_act_on(&root), Err(Refusal::AdminCannotModifyRoot));
        assert_eq!(admin.may_look_at(&root), Err(Refusal::AdminCannotModifyRoot));
        assert_eq!(admin.may_change_role(&root, Role::Admin), Err(Refusal::AdminCannotModifyRoot));
        let other = user(2, Role::Monitor);
        assert_eq!(admin.may_change_role(&other, Role::Root), Err(Refusal::AdminCannotAssignRoot));
        assert_eq!(admin.may_invite_as(Role::Root), Err(Refusal::AdminCannotAssignRoot));
        assert_eq!(admin.may_change_role(&other, Role::Admin), Ok(()));
        assert_eq!(actor(Role::Root).may_act_on(&root), Ok(()));
    }

    // RULE: RO-03, RO-04, SU-06, DE-03
    #[test]
    fn nobody_acts_on_themselves() {
        for role in [Role::Root, Role::Admin] {
            let by = actor(role);
            assert_eq!(by.may_act_on(&by.user), Err(Refusal::CannotActOnSelf));
            assert_eq!(by.may_change_role(&by.user, Role::Monitor), Err(Refusal::CannotChangeOwnRole));
        }
    }
}
