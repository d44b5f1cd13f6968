//! API keys: credentials of programs, which act with their owner's role. RULE: AC-07

use chrono::TimeDelta;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{AccountId, Instant, KeyId, Name, Refusal, Reply, User, UserId};

/// Keys that one user may have at a time.
pub const KEYS_MAX: usize = 25;

/// An API key. It holds no role: what its owner may do is read afresh. RULE: RO-05
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiKey {
    /// Its identifier.
    pub id: KeyId,
    /// The account.
    pub account_id: AccountId,
    /// Whose.
    pub user_id: UserId,
    /// Its owner's key epoch when it was made.
    pub epoch: u64,
    /// What its owner calls it.
    pub name: Name,
    /// SHA-256 of the credential's secret. RULE: AC-09
    pub secret_digest: String,
    /// The last four characters of the credential.
    pub last4: String,
    /// When it was made.
    pub created_at: Instant,
    /// From this instant on it is over.
    pub expires_at: Instant,
    /// When it was last used, to five minutes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_seen_at: Option<Instant>,
}

impl ApiKey {
    /// Whether it still is one, for its owner as stored.
    pub fn is_live(&self, user: &User, now: Instant) -> bool {
        self.epoch == user.key_epoch && now < self.expires_at
    }

    /// Refuses one more where there are as many as there may be.
    pub fn check_room(keys: &[Self], user: &User, now: Instant) -> Result<(), Refusal> {
        let live = keys.iter().filter(|key| key.is_live(user, now)).count();
        if live < KEYS_MAX { Ok(()) } else { Err(Refusal::TooManyKeys) }
    }
}

/// How long a key lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyLifetime(TimeDelta);

impl KeyLifetime {
    /// The fewest and the most days.
    pub const DAYS: std::ops::RangeInclusive<u32> = 1..=365;
    const DEFAULT_DAYS: u32 = 90;

    /// So many days, or 90.
    pub fn of_days(days: Option<u32>) -> Self {
        Self(TimeDelta::days(days.unwrap_or(Self::DEFAULT_DAYS).into()))
    }

    /// When a key is over that is made now.
    pub fn end(self, now: Instant) -> Instant {
        now + self.0
    }
}

/// A key as it is listed. The credential itself is shown once, and is not here.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "ApiKey")]
pub struct KeyView {
    /// The key.
    id: KeyId,
    /// What its owner calls it.
    name: Name,
    /// The last four characters of the credential.
    last4: String,
    /// When it was made.
    created_at: Instant,
    /// From this instant on it is over.
    expires_at: Instant,
    /// When it was last used, to five minutes.
    last_used_at: Option<Instant>,
}

impl From<ApiKey> for KeyView {
    fn from(key: ApiKey) -> Self {
        Self {
            id: key.id,
            name: key.name,
            last4: key.last4,
            created_at: key.created_at,
            expires_at: key.expires_at,
            last_used_at: key.last_seen_at,
        }
    }
}

/// The live keys of a user.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ApiKeys")]
pub struct KeyList {
    /// The newest first.
    #[schemars(length(max = 25))]
    data: Vec<KeyView>,
}

impl Reply for KeyList {}

impl KeyList {
    /// Of all keys of this user those that are live.
    pub fn of(keys: Vec<ApiKey>, user: &User, now: Instant) -> Self {
        let live = keys.into_iter().filter(|key| key.is_live(user, now));
        Self { data: live.map(KeyView::from).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lives::user;
    use crate::{Role, Text};

    // RULE: AC-07
    #[test]
    fn a_key_is_over_with_its_time_and_with_its_owners_keys() {
        let ann = user(1, Role::Developer);
        let key = ApiKey {
            id: KeyId::from_bits(1),
            account_id: ann.account_id,
            user_id: ann.id,
            epoch: ann.key_epoch,
            name: Text::parse("ci").unwrap(),
            secret_digest: String::new(),
            last4: String::new(),
            created_at: Instant::default(),
            expires_at: KeyLifetime::of_days(None).end(Instant::default()),
            last_seen_at: None,
        };
        let end = Instant::default() + TimeDelta::days(90);
        assert!(key.is_live(&ann, end - TimeDelta::milliseconds(1)));
        assert!(!key.is_live(&ann, end));
        assert!(!key.is_live(&ann.clone().end_keys(), Instant::default()));
        assert!(key.is_live(&ann.clone().end_sessions(), Instant::default()), "a logout leaves keys alone");
        let keys = vec![key; 25];
        assert_eq!(ApiKey::check_room(&keys, &ann, Instant::default()), Err(Refusal::TooManyKeys));
        assert_eq!(ApiKey::check_room(&keys[1..], &ann, Instant::default()), Ok(()));
        assert_eq!(ApiKey::check_room(&keys, &ann, end), Ok(()), "those that are over leave room");
    }
}
