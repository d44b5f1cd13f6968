//! How many requests a credential's holder may send in a minute. RULE: AP-08

use chrono::{DateTime, TimeDelta};
use serde::{Deserialize, Serialize};

use crate::{Account, AccountId, Instant, Plan, Refusal, UserId};

/// The window in which requests are counted: a minute of the clock.
const WINDOW: TimeDelta = TimeDelta::minutes(1);

/// Whose requests are counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RateScope {
    /// All sessions of a user.
    Sessions(UserId),
    /// All API keys of an account.
    Keys(AccountId),
}

/// 64 random bits that all credentials of one scope carry, and nobody else knows. Requests are counted under them before
/// the credential is judged, so that nobody can use up another's requests with credentials that are made up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RateTag(u64);

impl RateTag {
    /// Of these random bits.
    pub const fn new(random: u64) -> Self {
        Self(random)
    }

    /// The bits.
    pub const fn bits(self) -> u64 {
        self.0
    }
}

/// The requests of one scope in one minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateWindow {
    /// Whose, as the credential claims.
    pub scope: RateScope,
    /// The tag in the credential.
    pub tag: RateTag,
    /// The window's first instant.
    pub begins_at: Instant,
}

impl RateWindow {
    /// The window of this instant.
    pub fn at(scope: RateScope, tag: RateTag, now: Instant) -> Self {
        let seconds = WINDOW.num_seconds();
        let begins_at = now.timestamp().div_euclid(seconds) * seconds;
        Self { scope, tag, begins_at: DateTime::from_timestamp(begins_at, 0).unwrap_or(now) }
    }

    /// Refuses what is beyond the limit.
    pub fn check(&self, requests: u64, requests_max: u64, now: Instant) -> Result<(), Refusal> {
        if requests <= requests_max { Ok(()) } else { Err(Refusal::rate_limited_until(self.ends_at(), now)) }
    }

    /// The first instant behind it.
    pub fn ends_at(&self) -> Instant {
        self.begins_at + WINDOW
    }
}

impl Account {
    /// With a tag for its API keys, and that tag; the first of all is this one. RULE: AP-08
    pub fn with_key_tag(mut self, drawn: RateTag) -> (Self, RateTag) {
        let tag = *self.key_rate_tag.get_or_insert(drawn);
        (self, tag)
    }
}

impl Plan {
    /// The requests a minute of all API keys of an account together. RULE: AP-08
    pub const fn key_requests_a_minute(self) -> u64 {
        match self {
            Self::Free => 10,
            Self::Pro => 100,
            Self::Team | Self::Enterprise => 300,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // RULE: AP-08
    #[test]
    fn a_window_is_a_minute_of_the_clock_and_says_when_the_next_begins() {
        let at = |seconds: i64| Instant::from_timestamp(1_760_000_040 + seconds, 0).unwrap();
        let window =
            |seconds| RateWindow::at(RateScope::Sessions(UserId::from_bits(1)), RateTag::new(7), at(seconds));
        assert_eq!(window(0), window(59));
        assert_ne!(window(59), window(60));
        assert_eq!(window(0).check(600, 600, at(18)), Ok(()));
        let refused = Refusal::RateLimited { retry_after_seconds: 42 };
        assert_eq!(window(0).check(601, 600, at(18)), Err(refused));
    }

    // RULE: AP-08
    #[test]
    fn api_keys_have_a_limit_by_plan() {
        let limits = [Plan::Free, Plan::Pro, Plan::Team].map(Plan::key_requests_a_minute);
        assert_eq!(limits, [10, 100, 300]);
    }
}
