//! A forgotten password: a link by mail, good once and not for long. RULE: AC-08

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::{Claim, Instant, Nonce, Status, User};

/// A link that was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasswordReset {
    /// Drawn for it: a later wish makes earlier links worthless.
    pub nonce: Nonce,
    /// From this instant on it is over.
    pub expires_at: Instant,
}

impl PasswordReset {
    /// How long a link is good for.
    pub const LIFETIME: TimeDelta = TimeDelta::minutes(15);

    /// What the token of this link is a MAC of.
    pub fn claim(&self, user: &User) -> Claim {
        Claim::new("reset", (user.account_id, user.id), &self.nonce, user.email.identity())
    }
}

impl User {
    /// A link was asked for.
    pub fn asked_for_reset(mut self, nonce: Nonce, now: Instant) -> Self {
        self.password_reset = Some(PasswordReset { nonce, expires_at: now + PasswordReset::LIFETIME });
        self
    }

    /// The link that is good now. RULE: SU-01
    pub fn open_reset(&self, now: Instant) -> Option<&PasswordReset> {
        let reset = self.password_reset.as_ref().filter(|reset| now < reset.expires_at);
        reset.filter(|_| self.status == Status::Active)
    }

    /// What the token of that link is a MAC of.
    pub fn reset_claim(&self, now: Instant) -> Option<Claim> {
        self.open_reset(now).map(|open| open.claim(self))
    }

    /// Another password: every session ends, no link is open, and passkeys stand alone only once they have stood beside
    /// it. RULE: SE-07, AC-08
    pub fn with_password(self, hash: String) -> Self {
        let mut user = self.end_sessions();
        user.password_epoch = user.session_epoch;
        user.password_hash = Some(hash);
        user.password_reset = None;
        user
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Role;
    use crate::lives::user;

    // RULE: AC-08, SE-07, SU-01
    #[test]
    fn a_link_is_good_for_a_quarter_of_an_hour_and_once() {
        let start = Instant::default();
        let ann = user(1, Role::Monitor).accept("old".into(), start).asked_for_reset(Nonce::new(1), start);
        let end = start + TimeDelta::minutes(15);
        assert!(ann.open_reset(end - TimeDelta::milliseconds(1)).is_some());
        assert_eq!(ann.open_reset(end), None);
        assert_eq!(ann.clone().suspend(None, start).unwrap().open_reset(start), None);
        let changed = ann.clone().with_password("new".into());
        assert_eq!(changed.open_reset(start), None);
        assert_ne!(changed.session_epoch, ann.session_epoch);
    }
}
