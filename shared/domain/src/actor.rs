//! Who is asking, and what they may do to whom.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    ApiKey, EntityKey, Grant, IfMatch, Instant, Permission, Refusal, Reliance, Role, Session, User, UserView,
};

/// How somebody acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Via {
    /// Signed in.
    Session,
    /// By an API key.
    Key,
    /// By a link from a mail, or with a password, not yet signed in.
    Public,
    /// Nobody: time passed, or the mail service reported.
    System,
    /// Whoever runs the product.
    Operator,
}

/// The credential somebody came with.
#[derive(Clone, Debug)]
pub enum Means {
    /// A session.
    Session(Session),
    /// An API key.
    Key(ApiKey),
}

/// An authenticated caller, as stored at this instant.
#[derive(Clone, Debug)]
pub struct Actor {
    /// The user.
    pub user: User,
    /// The credential they came with.
    pub means: Means,
    /// The versions of their target that they go by.
    pub if_match: IfMatch,
}

impl Actor {
    /// The codes of [`Actor::may_act_on`].
    pub const ACTING_REFUSES: &[&str] =
        &["cannot_act_on_self", "admin_cannot_modify_root", "version_mismatch"];
    /// The codes of [`Actor::may_act_freshly_on`], beside those.
    pub const FRESH_REFUSES: &[&str] = &["step_up_required"];
    /// The codes of [`Actor::may_handle_codes_of`], and what goes with it.
    pub const HANDLING_CODES_REFUSES: &[&str] = &[
        "cannot_act_on_self",
        "admin_cannot_modify_root",
        "root_codes_private",
        "step_up_required",
        "mfa_not_enabled",
    ];
    /// The codes of [`Actor::may_look_at`].
    pub const LOOKING_REFUSES: &[&str] = &["admin_cannot_modify_root"];
    /// The codes of [`Actor::may_change_role`].
    pub const CHANGING_ROLE_REFUSES: &[&str] = &[
        "cannot_change_own_role",
        "admin_cannot_modify_root",
        "admin_cannot_assign_root",
        "version_mismatch",
    ];

    /// The session they came with, where it is one.
    pub const fn session(&self) -> Result<&Session, Refusal> {
        match &self.means {
            Means::Session(session) => Ok(session),
            Means::Key(_) => Err(Refusal::SessionRequired),
        }
    }

    /// How they act.
    pub const fn via(&self) -> Via {
        match self.means {
            Means::Session(_) => Via::Session,
            Means::Key(_) => Via::Key,
        }
    }

    /// Until they have a second factor, an Admin or a Root does nothing but set one up. RULE: RO-08
    pub fn has_enrolled(&self) -> Result<(), Refusal> {
        if self.user.owes_factor() { Err(Refusal::MfaEnrollmentRequired) } else { Ok(()) }
    }

    /// They have proved who they are a short while ago; a key never does. RULE: AC-06
    pub fn is_fresh(&self, now: Instant) -> Result<(), Refusal> {
        match &self.means {
            Means::Session(session) if session.is_fresh(now) => Ok(()),
            _ => Err(Refusal::StepUpRequired),
        }
    }

    /// Adding a second factor: whoever owes one may at any time, others after a recent authentication. RULE: RO-08, AC-06
    pub fn may_enroll(&self, now: Instant) -> Result<(), Refusal> {
        if self.user.owes_factor() { Ok(()) } else { self.is_fresh(now) }
    }

    /// Making somebody this takes a recent authentication where the role is elevated. RULE: AC-06
    pub fn is_fresh_enough_for(&self, role: Role, now: Instant) -> Result<(), Refusal> {
        if role.is_elevated() { self.is_fresh(now) } else { Ok(()) }
    }

    /// What every write of theirs relies on: they are who they were, and so is a key. RULE: RO-07, SE-02, AC-07
    pub fn reliances(&self) -> Vec<Reliance> {
        let mut reliances = vec![Reliance::on_actor(self)];
        if let Means::Key(key) = &self.means {
            reliances.push(Reliance::Unchanged(EntityKey::ApiKey(key.account_id, key.user_id, key.id)));
        }
        reliances
    }

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

    /// The same for what takes a recent authentication. RULE: AC-06
    pub fn may_act_freshly_on(&self, target: &User, now: Instant) -> Result<(), Refusal> {
        self.reaches_user(target)?;
        self.is_fresh(now)?;
        self.if_match.check(target.version)
    }

    /// Looking at what is a user's own, such as their sessions: of a Root only as a Root. Nothing is done to anybody, so that
    /// oneself is no exception. RULE: RO-02
    pub fn may_look_at(&self, target: &User) -> Result<(), Refusal> {
        self.reaches(Permission::ManageUsers, target.role, Refusal::AdminCannotModifyRoot)
    }

    /// Giving somebody a role. RULE: RO-02, RO-03, RO-04, AC-06, AP-03
    pub fn may_change_role(&self, target: &User, role: Role, now: Instant) -> Result<(), Refusal> {
        self.reaches_role(target, role)?;
        if role != target.role {
            self.is_fresh_enough_for(role, now)?;
        }
        self.if_match.check(target.version)
    }

    /// Handling somebody's recovery codes: never a Root's, whoever asks. RULE: RC-03, RC-04
    pub fn may_handle_codes_of(&self, target: &User) -> Result<(), Refusal> {
        if target.id == self.user.id {
            return Err(Refusal::CannotActOnSelf);
        }
        let refusal = match self.user.role {
            Role::Root => Refusal::RootCodesPrivate,
            _ => Refusal::AdminCannotModifyRoot,
        };
        self.reaches(Permission::HandleRecoveryCodes, target.role, refusal)
    }

    /// Seeing and deleting somebody's API keys. RULE: AC-07, RO-02
    pub fn may_handle_keys(&self, target: &User) -> Result<(), Refusal> {
        self.reaches(Permission::OthersKeys, target.role, Refusal::AdminCannotModifyRoot)
    }

    /// Not oneself, and a Root only as a Root, whatever it is that is done to them. RULE: SU-06, DE-03, RO-02
    pub fn reaches_user(&self, target: &User) -> Result<(), Refusal> {
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

    /// Inviting somebody as this: only Root makes a Root, by whatever path. RULE: RO-02, AC-06
    pub fn may_invite_as(&self, role: Role, now: Instant) -> Result<(), Refusal> {
        self.reaches(Permission::ManageUsers, role, Refusal::AdminCannotAssignRoot)?;
        self.is_fresh_enough_for(role, now)
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

    const NOW: Instant = Instant::UNIX_EPOCH;

    fn actor(role: Role) -> Actor {
        let user = user(1, role).accept("hash".into(), Instant::default());
        let user = user.with_factor();
        Actor { means: Means::Session(session_of(&user)), user, if_match: IfMatch::Any }
    }

    // RULE: RO-02, RO-04
    #[test]
    fn an_admin_does_nothing_to_a_root_and_makes_none() {
        let (admin, root) = (actor(Role::Admin), user(2, Role::Root));
        assert_eq!(admin.may_act_on(&root), Err(Refusal::AdminCannotModifyRoot));
        assert_eq!(admin.may_look_at(&root), Err(Refusal::AdminCannotModifyRoot));
        assert_eq!(admin.may_change_role(&root, Role::Admin, NOW), Err(Refusal::AdminCannotModifyRoot));
        let other = user(2, Role::Monitor);
        assert_eq!(admin.may_change_role(&other, Role::Root, NOW), Err(Refusal::AdminCannotAssignRoot));
        assert_eq!(admin.may_invite_as(Role::Root, NOW), Err(Refusal::AdminCannotAssignRoot));
        assert_eq!(admin.may_change_role(&other, Role::Admin, NOW), Ok(()));
        assert_eq!(actor(Role::Root).may_act_on(&root), Ok(()));
    }

    // RULE: RO-03, RO-04, SU-06, DE-03
    #[test]
    fn nobody_acts_on_themselves() {
        for role in [Role::Root, Role::Admin] {
            let by = actor(role);
            assert_eq!(by.may_act_on(&by.user), Err(Refusal::CannotActOnSelf));
            assert_eq!(by.may_change_role(&by.user, Role::Monitor, NOW), Err(Refusal::CannotChangeOwnRole));
        }
    }

    // RULE: RO-08, AC-06
    #[test]
    fn who_owes_a_factor_or_a_recent_proof_is_told_so() {
        let with = |role, mfa_enabled| {
            let by = actor(role);
            Actor { user: User { mfa_enabled, ..by.user.clone() }, ..by }
        };
        assert_eq!(with(Role::Admin, false).has_enrolled(), Err(Refusal::MfaEnrollmentRequired));
        assert_eq!(with(Role::Root, false).has_enrolled(), Err(Refusal::MfaEnrollmentRequired));
        assert_eq!(with(Role::Developer, false).has_enrolled(), Ok(()));
        assert_eq!(with(Role::Root, true).has_enrolled(), Ok(()));
        let (by, minutes) = (actor(Role::Root), chrono::TimeDelta::minutes);
        assert_eq!(by.is_fresh(NOW + minutes(15)), Ok(()));
        let late = NOW + minutes(15) + chrono::TimeDelta::milliseconds(1);
        assert_eq!(by.is_fresh(late), Err(Refusal::StepUpRequired));
        let session = by.session().unwrap().clone().stepped_up(late);
        let by = Actor { means: Means::Session(session), ..by };
        assert_eq!(by.is_fresh(late + minutes(15)), Ok(()));
        assert_eq!(by.may_invite_as(Role::Admin, late + minutes(16)), Err(Refusal::StepUpRequired));
        assert_eq!(by.may_invite_as(Role::Billing, late + minutes(16)), Ok(()));
    }
}
