//! Who is asking, and what they may do to whom.

use serde::{Deserialize, Serialize};

use crate::{Permission, Refusal, Role, Session, User};

/// How somebody acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Via {
    /// Signed in.
    Session,
    /// By a link from a mail, or with a password, not yet signed in.
    Public,
}

/// An authenticated caller, as stored at this instant.
#[derive(Clone, Debug)]
pub struct Actor {
    /// The user.
    pub user: User,
    /// The session they came with.
    pub session: Session,
}

impl Actor {
    /// The role alone decides. RULE: RO-01
    pub fn require(&self, permission: Permission) -> Result<(), Refusal> {
        if self.user.role.may(permission) { Ok(()) } else { Err(Refusal::InsufficientRole(permission)) }
    }

    /// Suspending, logging out or deleting somebody: not oneself, and a Root only as a Root.
    /// RULE: SU-06, DE-03, RO-02, RO-04
    pub fn may_act_on(&self, target: &User) -> Result<(), Refusal> {
        if target.id == self.user.id {
            return Err(Refusal::CannotActOnSelf);
        }
        self.may_touch_root(target)
    }

    /// Giving somebody a role. RULE: RO-02, RO-03, RO-04
    pub fn may_change_role(&self, target: &User, role: Role) -> Result<(), Refusal> {
        if target.id == self.user.id {
            return Err(Refusal::CannotChangeOwnRole);
        }
        self.may_touch_root(target)?;
        self.may_assign(role)
    }

    /// Only Root makes a Root, by whatever path. RULE: RO-02
    pub fn may_assign(&self, role: Role) -> Result<(), Refusal> {
        if role == Role::Root && self.user.role != Role::Root {
            return Err(Refusal::AdminCannotAssignRoot);
        }
        Ok(())
    }

    fn may_touch_root(&self, target: &User) -> Result<(), Refusal> {
        if target.role == Role::Root && self.user.role != Role::Root {
            return Err(Refusal::AdminCannotModifyRoot);
        }
        Ok(())
    }
}
