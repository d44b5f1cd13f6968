//! Second factors of a user, and what is counted against those who guess at them.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::{
    AccountId, Claim, Handover, Instant, KeyVersion, Nonce, Passkey, PasskeyUse, RecoveryCodes, Refusal,
    SeenBy, Status, TotpStep, User, UserId,
};

/// How long an enrolment may wait for its first code.
const ENROLMENT_LIFETIME: TimeDelta = TimeDelta::minutes(15);
/// Wrong codes of one user in an hour before no more are looked at. RULE: AC-03
const FAILURES_MAX: u32 = 10;
const FAILURES_WINDOW: TimeDelta = TimeDelta::hours(1);

/// What an authenticator's secret is derived from. RULE: AC-09
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enrolment {
    /// Drawn for it.
    pub nonce: Nonce,
    /// The version of the key.
    pub key_version: KeyVersion,
    /// When it began.
    pub begun_at: Instant,
}

impl Enrolment {
    /// The bytes that the secret is a MAC of.
    pub fn claim(&self, account_id: AccountId, user_id: UserId) -> Vec<u8> {
        format!("totp\0{account_id}\0{user_id}\0{}\0", self.nonce.as_str()).into_bytes()
    }

    /// From this instant on it cannot be confirmed any more.
    pub fn expires_at(&self) -> Instant {
        self.begun_at + ENROLMENT_LIFETIME
    }

    /// Whether it still can be confirmed.
    pub fn is_open(&self, now: Instant) -> bool {
        now < self.expires_at()
    }
}

/// An authenticator app that was confirmed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totp {
    /// What its secret is derived from.
    pub enrolment: Enrolment,
    /// When it was confirmed.
    pub confirmed_at: Instant,
    /// The last step whose code was used: neither that one nor one before it is good again. RULE: AC-04
    pub last_step: TotpStep,
}

/// Wrong codes within an hour.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Failures {
    count: u32,
    /// The first of them.
    since: Instant,
}

/// The second factors of a user. They stand beside the user, so that guesses at them disturb nobody else's writes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Factors {
    /// The account.
    pub account_id: AccountId,
    /// Whose.
    pub user_id: UserId,
    /// An authenticator that is being set up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enrolment: Option<Enrolment>,
    /// The authenticator.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub totp: Option<Totp>,
    /// The passkeys, the newest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub passkeys: Vec<Passkey>,
    /// When the latest ceremony began of which an answer was taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_ceremony_at: Option<Instant>,
    /// The recovery codes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub codes: Option<RecoveryCodes>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    failures: Option<Failures>,
}

impl Factors {
    /// None yet.
    pub const fn none(account_id: AccountId, user_id: UserId) -> Self {
        Self {
            account_id,
            user_id,
            enrolment: None,
            totp: None,
            passkeys: Vec::new(),
            last_ceremony_at: None,
            codes: None,
            failures: None,
        }
    }

    /// Refuses while too many codes were wrong, right ones included. RULE: AC-03
    pub fn check_lock(&self, now: Instant) -> Result<(), Refusal> {
        match self.failures_at(now) {
            Some(failures) if failures.count >= FAILURES_MAX => {
                Err(Refusal::locked_until(failures.since + FAILURES_WINDOW, now))
            }
            _ => Ok(()),
        }
    }

    fn failures_at(&self, now: Instant) -> Option<&Failures> {
        self.failures.as_ref().filter(|failures| now < failures.since + FAILURES_WINDOW)
    }

    /// One more wrong code. A right one in between forgives none.
    pub fn failed(mut self, now: Instant) -> Self {
        let before = self.failures_at(now).cloned().unwrap_or(Failures { count: 0, since: now });
        self.failures = Some(Failures { count: before.count + 1, ..before });
        self
    }

    /// Begins to set up an authenticator; what was there stays good until the new one is confirmed.
    pub fn enroll(mut self, enrolment: Enrolment) -> Self {
        self.enrolment = Some(enrolment);
        self
    }

    /// The authenticator that was set up is the user's. RULE: RO-08
    pub fn confirm(mut self, enrolment: Enrolment, step: TotpStep, now: Instant) -> Self {
        self.enrolment = None;
        self.totp = Some(Totp { enrolment, confirmed_at: now, last_step: step });
        self
    }

    /// What was proved is not proved by the same code again. RULE: AC-04, RC-01
    pub fn used(mut self, proof: Proof, owner: &User, now: Instant) -> Self {
        match proof {
            Proof::Totp(step) => {
                if let Some(totp) = &mut self.totp {
                    totp.last_step = totp.last_step.max(step);
                }
            }
            Proof::RecoveryCode(n) => self.codes = self.codes.map(|codes| codes.used(n, now)),
            Proof::Passkey(use_) => self = self.used_passkey(*use_, owner, now),
        }
        self
    }

    /// With this set of codes; the former one is void. RULE: RC-02
    pub fn with_codes(mut self, codes: RecoveryCodes) -> Self {
        self.codes = Some(codes);
        self
    }

    /// Somebody has looked at the codes. RULE: RC-04
    pub fn codes_seen_by(mut self, seen_by: SeenBy) -> Self {
        if let Some(codes) = self.codes.as_mut().filter(|_| seen_by == SeenBy::Others) {
            codes.seen_by = seen_by;
        }
        self
    }

    /// Nothing is left but what is counted, and what was used.
    pub fn removed(self) -> Self {
        let Self { failures, last_ceremony_at, .. } = self;
        Self { last_ceremony_at, failures, ..Self::none(self.account_id, self.user_id) }
    }

    /// Once the user is a Root. RULE: RC-04
    pub fn of_new_root(mut self) -> Self {
        self.codes = self.codes.and_then(RecoveryCodes::of_new_root);
        self
    }
}

/// What was proved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proof {
    /// It is the app's, of this step.
    Totp(TotpStep),
    /// It is this one of the recovery codes.
    RecoveryCode(usize),
    /// It is a passkey's.
    Passkey(Box<PasskeyUse>),
}

/// What a sign-in still waits for: a second factor. RULE: AC-04
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Challenge {
    /// Drawn for it.
    pub nonce: Nonce,
    /// The account.
    pub account_id: AccountId,
    /// Who gave the password.
    pub user_id: UserId,
    /// Their session epoch when they did: a logout since then leaves nothing of it. RULE: SE-06
    pub epoch: u64,
    /// From this instant on it is over.
    pub expires_at: Instant,
    /// Wrong codes.
    pub failures: u32,
    /// How the session is handed over.
    #[serde(default)]
    pub handover: Handover,
}

impl Challenge {
    /// How long it is good for.
    const LIFETIME: TimeDelta = TimeDelta::minutes(5);
    /// Codes that are looked at. RULE: AC-03
    const CODES_MAX: u32 = 5;

    /// For this user, whose password was right.
    pub fn new(nonce: Nonce, user: &User, epoch: u64, handover: Handover, now: Instant) -> Self {
        Self {
            nonce,
            account_id: user.account_id,
            user_id: user.id,
            epoch,
            expires_at: now + Self::LIFETIME,
            failures: 0,
            handover,
        }
    }

    /// Whether a code can still meet it, for this user as stored. RULE: SU-01, SE-06
    pub fn is_open(&self, user: &User, now: Instant) -> bool {
        let is_user = user.status == Status::Active && user.session_epoch == self.epoch;
        is_user && now < self.expires_at && self.failures < Self::CODES_MAX
    }

    /// One more wrong code.
    pub const fn failed(mut self) -> Self {
        self.failures += 1;
        self
    }

    /// What its token is a MAC of.
    pub fn claim(&self) -> Claim {
        Claim::new("challenge", (self.account_id, self.user_id), &self.nonce, "")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Role;
    use crate::lives::user;

    fn at(minutes: i64) -> Instant {
        Instant::default() + TimeDelta::minutes(minutes)
    }

    // RULE: AC-03
    #[test]
    fn ten_wrong_codes_in_an_hour_are_the_last_that_are_looked_at() {
        let mut factors = Factors::none(AccountId::from_bits(1), UserId::from_bits(1));
        for minute in 0..10 {
            assert_eq!(factors.check_lock(at(minute)), Ok(()));
            factors = factors.failed(at(minute));
        }
        assert_eq!(factors.check_lock(at(10)), Err(Refusal::Locked { retry_after_seconds: 50 * 60 }));
        assert!(factors.check_lock(at(59)).is_err());
        assert_eq!(factors.check_lock(at(60)), Ok(()), "an hour after the first");
        assert_eq!(factors.failed(at(60)).check_lock(at(60)), Ok(()), "and they are counted afresh");
    }

    // RULE: AC-03, AC-04, SE-06, SU-01
    #[test]
    fn a_challenge_is_good_for_five_minutes_and_five_codes_and_its_users_epoch() {
        let ann = user(1, Role::Monitor).accept("hash".into(), at(0));
        let challenge = Challenge::new(Nonce::new(1), &ann, ann.session_epoch, Handover::Token, at(0));
        let end = at(5);
        assert!(challenge.is_open(&ann, end - TimeDelta::milliseconds(1)));
        assert!(!challenge.is_open(&ann, end));
        assert!(!challenge.is_open(&ann.clone().end_sessions(), at(0)));
        assert!(!challenge.is_open(&ann.clone().suspend(None, at(0)).unwrap(), at(0)));
        let tried = (0..4).fold(challenge, |challenge, _| challenge.failed());
        assert!(tried.is_open(&ann, at(0)));
        assert!(!tried.failed().is_open(&ann, at(0)));
    }

    // RULE: AC-04
    #[test]
    fn an_enrolment_waits_for_a_quarter_of_an_hour() {
        let key_version = KeyVersion::try_from(1).unwrap();
        let enrolment = Enrolment { nonce: Nonce::new(1), key_version, begun_at: at(0) };
        assert!(enrolment.is_open(at(15) - TimeDelta::milliseconds(1)));
        assert!(!enrolment.is_open(at(15)));
    }
}
