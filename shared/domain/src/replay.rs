//! What a committed call answered, kept so that the same call once more is answered and not done again. RULE: AP-02

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::{AccountId, Instant, Refusal, UserId};

/// How long the same key means the same call.
pub const REPLAY_RETENTION: TimeDelta = TimeDelta::hours(24);

/// The digest of a caller's idempotency key.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// Of this digest, printed.
    pub const fn new(digest: String) -> Self {
        Self(digest)
    }

    /// Its printed form.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The record of a committed call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replay {
    /// The account.
    pub account_id: AccountId,
    /// Who called.
    pub user_id: UserId,
    /// The key they called with.
    pub key: IdempotencyKey,
    /// The digest of operation, path and fields, but for those that hold a secret.
    pub fingerprint: String,
    /// When it was committed, as far as it was.
    pub committed_at: Instant,
    /// Whether parts of it are still to be done: the same call goes on with them.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_unfinished: bool,
    /// The body that was answered; none where it held a secret, which is shown once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// The version that its ETag named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u64>,
}

impl Replay {
    /// What the same key gets now: nothing where its time is over or the same call has to go on, else the stored answer
    /// to the same call.
    pub fn answer(&self, fingerprint: &str, now: Instant) -> Option<Result<&str, Refusal>> {
        if now >= self.forgotten_at() {
            return None;
        }
        if self.fingerprint != fingerprint {
            return Some(Err(Refusal::IdempotencyMismatch));
        }
        if self.is_unfinished {
            return None;
        }
        Some(self.body.as_deref().ok_or(Refusal::SecretAlreadyShown))
    }

    /// When the key is free again.
    pub fn forgotten_at(&self) -> Instant {
        self.committed_at + REPLAY_RETENTION
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn replay(body: Option<&str>) -> Replay {
        Replay {
            account_id: AccountId::from_bits(1),
            user_id: UserId::from_bits(2),
            key: IdempotencyKey::new("k".into()),
            fingerprint: "f".into(),
            committed_at: Instant::default(),
            is_unfinished: false,
            body: body.map(str::to_owned),
            version: None,
        }
    }

    // RULE: AP-02
    #[test]
    fn a_key_means_the_same_call_for_24_hours() {
        let last = Instant::default() + REPLAY_RETENTION - TimeDelta::milliseconds(1);
        assert_eq!(replay(Some("{}")).answer("f", last), Some(Ok("{}")));
        assert_eq!(replay(Some("{}")).answer("g", last), Some(Err(Refusal::IdempotencyMismatch)));
        assert_eq!(replay(Some("{}")).answer("g", Instant::default() + REPLAY_RETENTION), None);
    }

    // RULE: AP-02, IN-21
    #[test]
    fn what_is_unfinished_goes_on_and_is_still_one_call() {
        let half = Replay { is_unfinished: true, ..replay(None) };
        assert_eq!(half.answer("f", Instant::default()), None);
        assert_eq!(half.answer("g", Instant::default()), Some(Err(Refusal::IdempotencyMismatch)));
        assert_eq!(half.answer("g", Instant::default() + REPLAY_RETENTION), None);
    }

    // RULE: AP-02
    #[test]
    fn a_secret_is_shown_once() {
        assert_eq!(replay(None).answer("f", Instant::default()), Some(Err(Refusal::SecretAlreadyShown)));
        assert_eq!(replay(None).answer("g", Instant::default()), Some(Err(Refusal::IdempotencyMismatch)));
    }
}
