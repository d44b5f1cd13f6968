//! Counting failures and mails, so that guessing and flooding end early. RULE: AC-03

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::{AddressKey, EventId, Instant, Refusal};

/// Failures from one address and IP before it is locked, and again before each longer lock.
const FAILURES_PER_LOCK: u32 = 5;
/// Failures of one address in a day, from anywhere, before it is locked step by step.
const FAILURES_A_DAY_MAX: u32 = 100;
const LOCK_STEP: TimeDelta = TimeDelta::minutes(15);
/// Locks of one address and IP grow up to this many steps.
const LOCK_STEPS_MAX: u32 = 96;
const DAY: TimeDelta = TimeDelta::hours(24);

const MAIL_WINDOW: TimeDelta = TimeDelta::hours(1);

/// Whose failures are counted.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum AttemptsScope {
    /// One address from one source address.
    AddressFrom(AddressKey, String),
    /// One address from anywhere.
    Address(AddressKey),
}

impl AttemptsScope {
    /// Where the failures of this address are counted that come from there: as from there, and as from anywhere.
    pub fn both(address: &AddressKey, source_ip: &str) -> [Self; 2] {
        [Self::AddressFrom(address.clone(), source_ip.to_owned()), Self::Address(address.clone())]
    }
}

/// Failed sign-ins. Unknown addresses count alike.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempts {
    /// Whose.
    pub scope: AttemptsScope,
    /// How many since `since`.
    pub failures: u32,
    /// The first of them.
    pub since: Instant,
    /// The last of them.
    pub last_at: Instant,
    /// The event of the request that was counted last: where its write was not heard of, it is not counted twice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counted_by: Option<EventId>,
    /// Until then everything is refused, the right password included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locked_until: Option<Instant>,
}

impl Attempts {
    /// Refuses while locked.
    pub fn check(stored: Option<&Self>, now: Instant) -> Result<(), Refusal> {
        match stored.and_then(|attempts| attempts.locked_until) {
            Some(until) if now < until => Err(Refusal::locked_until(until, now)),
            _ => Ok(()),
        }
    }

    /// One more failure, of this request.
    pub fn failed(stored: Option<Self>, scope: AttemptsScope, by: EventId, now: Instant) -> Self {
        let fresh =
            Self { scope, failures: 0, since: now, last_at: now, counted_by: None, locked_until: None };
        let mut attempts = stored.filter(|attempts| !attempts.is_over(now)).unwrap_or(fresh);
        if attempts.counted_by == Some(by) {
            return attempts;
        }
        attempts.counted_by = Some(by);
        attempts.failures += 1;
        attempts.last_at = now;
        if let Some(lock) = attempts.lock() {
            attempts.locked_until = Some(now + lock);
        }
        attempts
    }

    /// Whether this failure, the last one counted, was one too many.
    pub fn has_locked(&self, now: Instant) -> bool {
        self.locked_until.is_some_and(|until| now < until)
    }

    /// When it may be forgotten.
    pub fn forgotten_at(&self) -> Instant {
        self.locked_until.unwrap_or(self.last_at).max(self.last_at) + DAY
    }

    fn is_over(&self, now: Instant) -> bool {
        match self.scope {
            AttemptsScope::AddressFrom(..) => now >= self.forgotten_at(),
            AttemptsScope::Address(_) => now >= self.since + DAY,
        }
    }

    fn lock(&self) -> Option<TimeDelta> {
        match self.scope {
            AttemptsScope::AddressFrom(..) if self.failures.is_multiple_of(FAILURES_PER_LOCK) => {
                let steps = (self.failures / FAILURES_PER_LOCK).min(LOCK_STEPS_MAX);
                i32::try_from(steps).ok().map(|steps| LOCK_STEP * steps)
            }
            AttemptsScope::Address(_) if self.failures >= FAILURES_A_DAY_MAX => Some(LOCK_STEP),
            _ => None,
        }
    }
}

/// Whose mails are counted.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum MailWindowScope {
    /// Mails to one address.
    To(AddressKey),
    /// Mails asked for from one source address.
    From(String),
}

impl MailWindowScope {
    /// The most mails an hour.
    pub const fn mails_max(&self) -> usize {
        match self {
            Self::To(_) => 3,
            Self::From(_) => 20,
        }
    }
}

/// The mails that anonymous callers asked for within the hour.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailWindow {
    /// Whose.
    pub scope: MailWindowScope,
    /// When each was asked for, the oldest first.
    pub asked_at: Vec<Instant>,
    /// The event of the request that was counted last: where its write was not heard of, it is not counted twice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counted_by: Option<EventId>,
}

impl MailWindow {
    /// One more mail, of this request, or a refusal until the oldest is an hour old.
    pub fn ask(
        stored: Option<Self>,
        scope: MailWindowScope,
        by: EventId,
        now: Instant,
    ) -> Result<Self, Refusal> {
        let mails_max = scope.mails_max();
        let mut window = stored.unwrap_or(Self { scope, asked_at: Vec::new(), counted_by: None });
        if window.counted_by == Some(by) {
            return Ok(window);
        }
        window.asked_at.retain(|asked_at| now < *asked_at + MAIL_WINDOW);
        if window.asked_at.len() >= mails_max {
            let free_at = window.asked_at.first().map_or(now, |oldest| *oldest + MAIL_WINDOW);
            return Err(Refusal::locked_until(free_at, now));
        }
        window.asked_at.push(now);
        window.counted_by = Some(by);
        Ok(window)
    }

    /// When it may be forgotten.
    pub fn forgotten_at(&self) -> Option<Instant> {
        self.asked_at.last().map(|last| *last + MAIL_WINDOW)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Email;

    fn at(minutes: i64) -> Instant {
        Instant::from_timestamp_millis(1_760_000_000_000).unwrap() + TimeDelta::minutes(minutes)
    }

    /// A failure of a request of its own.
    fn failed(stored: Option<Attempts>, scope: AttemptsScope, now: Instant) -> Attempts {
        let before = stored.as_ref().map_or(0, |attempts| attempts.failures);
        Attempts::failed(stored, scope, EventId::from_bits(u128::from(before) + 1), now)
    }

    // RULE: AC-03
    #[test]
    fn a_request_counts_once_however_often_it_is_tried() {
        let by = EventId::from_bits(7);
        let once = Attempts::failed(None, AttemptsScope::Address(key()), by, at(0));
        assert_eq!(Attempts::failed(Some(once.clone()), AttemptsScope::Address(key()), by, at(0)), once);
    }

    fn key() -> AddressKey {
        Email::parse("ann@x.com").unwrap().key()
    }

    // RULE: AC-03
    #[test]
    fn five_failures_lock_an_address_from_one_place_for_longer_and_longer() {
        let scope = AttemptsScope::AddressFrom(key(), "127.0.0.1".into());
        let mut stored = None;
        for _ in 0..5 {
            assert_eq!(Attempts::check(stored.as_ref(), at(0)), Ok(()));
            stored = Some(failed(stored, scope.clone(), at(0)));
        }
        assert!(Attempts::check(stored.as_ref(), at(14)).is_err());
        assert_eq!(Attempts::check(stored.as_ref(), at(15)), Ok(()), "the lock ends with its last instant");
        for _ in 0..5 {
            stored = Some(failed(stored, scope.clone(), at(15)));
        }
        assert!(Attempts::check(stored.as_ref(), at(44)).is_err(), "the second lock is twice as long");
        assert_eq!(Attempts::check(stored.as_ref(), at(45)), Ok(()));
        let forgotten = failed(stored, scope, at(45 + 24 * 60));
        assert_eq!(forgotten.failures, 1, "a day without failures starts afresh");
    }

    // RULE: AC-03
    #[test]
    fn a_hundred_failures_a_day_lock_an_address_from_anywhere_in_steps() {
        let mut stored = None;
        for _ in 0..99 {
            stored = Some(failed(stored, AttemptsScope::Address(key()), at(0)));
        }
        assert_eq!(Attempts::check(stored.as_ref(), at(0)), Ok(()));
        stored = Some(failed(stored, AttemptsScope::Address(key()), at(0)));
        assert_eq!(
            Attempts::check(stored.as_ref(), at(0)),
            Err(Refusal::Locked { retry_after_seconds: 900 })
        );
        stored = Some(failed(stored, AttemptsScope::Address(key()), at(15)));
        assert!(Attempts::check(stored.as_ref(), at(29)).is_err(), "every further failure locks again");
        stored = Some(failed(stored, AttemptsScope::Address(key()), at(24 * 60)));
        assert_eq!(Attempts::check(stored.as_ref(), at(24 * 60)), Ok(()), "until the day is over");
    }

    // RULE: AC-03
    #[test]
    fn three_mails_an_hour_to_an_address_and_twenty_from_a_place() {
        for (scope, mails_max) in
            [(MailWindowScope::To(key()), 3), (MailWindowScope::From("127.0.0.1".into()), 20)]
        {
            let of = |minute: i64| EventId::from_bits(u128::from(minute.unsigned_abs()));
            let mut stored = None;
            for minute in 0..mails_max {
                let asked = MailWindow::ask(stored, scope.clone(), of(minute), at(minute)).unwrap();
                let again = MailWindow::ask(Some(asked.clone()), scope.clone(), of(minute), at(minute));
                assert_eq!(again, Ok(asked.clone()), "a request counts once however often it is tried");
                stored = Some(asked);
            }
            assert!(MailWindow::ask(stored.clone(), scope.clone(), of(59), at(59)).is_err());
            assert!(
                MailWindow::ask(stored.clone(), scope.clone(), of(60), at(60)).is_ok(),
                "the oldest is an hour old"
            );
        }
    }
}
