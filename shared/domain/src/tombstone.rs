//! What remains of a user who is gone.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::{AccountId, Email, Instant, Name, Status, User, UserId};

/// Until then whatever is still to be mailed to somebody who is gone has been mailed, or never will be. RULE: DE-02
const ERASED_WITHIN: TimeDelta = TimeDelta::hours(24);
/// Between two looks whether the last mails are out.
const ERASURE_PAUSE: TimeDelta = TimeDelta::minutes(15);

/// How somebody went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Exit {
    /// Deleted by an admin, or at the end of a departure.
    #[default]
    Deleted,
    /// Their invitation was revoked, or replaced.
    Revoked,
    /// They left.
    Left,
}

impl Exit {
    /// How this user goes when an admin removes them.
    pub const fn of_removed(user: &User) -> Self {
        match user.status {
            Status::Pending | Status::Expired => Self::Revoked,
            Status::Active | Status::Suspended => Self::Deleted,
        }
    }
}

/// Who it was, as long as a mail to them may be on its way. RULE: DE-02
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gone {
    /// Where mail went.
    pub email: Email,
    /// First name.
    pub first_name: Name,
    /// Last name.
    pub last_name: Name,
}

/// What remains of a deleted user. Once their last mails are out it names nobody. RULE: DE-02, RS-03
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tombstone {
    /// The user that was.
    pub user_id: UserId,
    /// The account.
    pub account_id: AccountId,
    /// What is shown where the name stood.
    pub label: String,
    /// How they went.
    #[serde(default)]
    pub exit: Exit,
    /// When they were deleted.
    pub deleted_at: Instant,
    /// By whom.
    pub deleted_by: UserId,
    /// Who it was, until it is erased.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gone: Option<Gone>,
    /// When what is left of them is to be erased, while anything is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub erasure_due_at: Option<Instant>,
}

impl Tombstone {
    /// What is shown where the name stood.
    pub const LABEL: &str = "Deleted user";

    /// For this user.
    pub fn of(user: &User, exit: Exit, deleted_by: UserId, now: Instant) -> Self {
        Self {
            user_id: user.id,
            account_id: user.account_id,
            label: Self::LABEL.into(),
            exit,
            deleted_at: now,
            deleted_by,
            gone: Some(Gone {
                email: user.email.clone(),
                first_name: user.first_name.clone(),
                last_name: user.last_name.clone(),
            }),
            erasure_due_at: Some(now),
        }
    }

    /// Whether who it was has to be forgotten now, mails or no mails. RULE: DE-02
    pub fn must_be_erased(&self, now: Instant) -> bool {
        now >= self.deleted_at + ERASED_WITHIN
    }

    /// Names nobody, and is done with. RULE: DE-02
    pub fn erased(self) -> Self {
        Self { gone: None, erasure_due_at: None, ..self }
    }

    /// Mails are still on their way: another look later.
    pub fn erased_later(self, now: Instant) -> Self {
        let latest = self.deleted_at + ERASED_WITHIN;
        Self { erasure_due_at: Some((now + ERASURE_PAUSE).min(latest)), ..self }
    }
}
