//! A signed-in session.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::{AccountId, Instant, SessionId, User, UserId};

/// How long a session lives, whatever its activity. RULE: SE-05
pub const SESSION_LIFETIME: TimeDelta = TimeDelta::hours(24);

/// A session. It holds no role: what its user may do is read afresh. RULE: RO-05
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Its identifier.
    pub id: SessionId,
    /// The account.
    pub account_id: AccountId,
    /// Who signed in.
    pub user_id: UserId,
    /// The user's session epoch at sign-in. RULE: SE-01
    pub epoch: u64,
    /// SHA-256 of the credential's secret. RULE: AC-09
    pub secret_digest: String,
    /// When it began.
    pub created_at: Instant,
    /// From this instant on it is over.
    pub expires_at: Instant,
    /// Where it began, truncated.
    pub ip: String,
    /// Browser and system it began in.
    pub device: String,
    /// When its user last proved who they are, since it began. RULE: AC-06
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stepped_up_at: Option<Instant>,
    /// When it was last used, to five minutes. RULE: SE-04
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_seen_at: Option<Instant>,
}

impl Session {
    /// How old the last proof may be for what asks for a recent one. RULE: AC-06
    pub const FRESHNESS: TimeDelta = TimeDelta::minutes(15);

    /// Whether it still is one, for its user as stored. Equality of epochs, not order of instants. RULE: SE-02, SE-05
    pub fn is_live(&self, user: &User, now: Instant) -> bool {
        self.epoch == user.session_epoch && now < self.expires_at
    }

    /// Whether its user proved who they are a short while ago. RULE: AC-06
    pub fn is_fresh(&self, now: Instant) -> bool {
        now <= self.stepped_up_at.unwrap_or(self.created_at) + Self::FRESHNESS
    }

    /// It goes on under another epoch of its user's, where it alone is not to end with the others. RULE: SE-07
    pub const fn under(mut self, epoch: u64) -> Self {
        self.epoch = epoch;
        self
    }

    /// Its user has proved who they are.
    pub const fn stepped_up(mut self, now: Instant) -> Self {
        self.stepped_up_at = Some(now);
        self
    }
}
