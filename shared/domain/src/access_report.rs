//! Who may do what, and how well that is guarded. RULE: AU-03

use chrono::TimeDelta;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Instant, Role, Status, User, UserGroup};

/// How long ago somebody accepted and has not signed in since who is pointed out.
const NEVER_CAME_AFTER: TimeDelta = TimeDelta::days(7);

/// The people of one role.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RolePeople {
    /// The role.
    pub role: Role,
    /// How many are active.
    pub active: u32,
    /// How many of those have a second factor.
    pub with_mfa: u32,
    /// How many are suspended.
    pub suspended: u32,
}

/// The roles of an account.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Access")]
pub struct AccessReport {
    /// The people of each role, the most powerful first.
    pub people: Vec<RolePeople>,
    /// Roots and Admins, the suspended ones too.
    pub elevated: UserGroup,
    /// Active users without a second factor, whatever their role.
    pub without_mfa: UserGroup,
    /// Active users who accepted a week ago or longer, and have never signed in with all
    /// that their role asks for.
    pub never_signed_in: UserGroup,
}

impl AccessReport {
    /// Nobody is seen yet.
    pub(crate) fn begin() -> Self {
        let nobody = |role| RolePeople { role, active: 0, with_mfa: 0, suspended: 0 };
        Self {
            people: Role::ALL.map(nobody).into(),
            elevated: UserGroup::default(),
            without_mfa: UserGroup::default(),
            never_signed_in: UserGroup::default(),
        }
    }

    /// A user who is active or suspended.
    pub(crate) fn see(&mut self, user: &User, now: Instant) {
        let (status, since) = (user.status, user.last_there_at());
        let is_active = status == Status::Active;
        if let Some(people) = self.people.iter_mut().find(|people| people.role == user.role) {
            people.active += u32::from(is_active);
            people.with_mfa += u32::from(is_active && user.mfa_enabled);
            people.suspended += u32::from(!is_active);
        }
        if user.role.is_elevated() {
            self.elevated.list(user, status, since, false);
        }
        if is_active && !user.mfa_enabled {
            self.without_mfa.list(user, status, since, false);
        }
        let accepted = user.accepted_at.filter(|_| is_active && user.last_login_at.is_none());
        if accepted.is_some_and(|at| now - at >= NEVER_CAME_AFTER) {
            self.never_signed_in.list(user, status, since, false);
        }
    }

    pub(crate) fn groups(&self) -> [&UserGroup; 3] {
        [&self.elevated, &self.without_mfa, &self.never_signed_in]
    }

    pub(crate) const fn groups_mut(&mut self) -> [&mut UserGroup; 3] {
        [&mut self.elevated, &mut self.without_mfa, &mut self.never_signed_in]
    }
}
