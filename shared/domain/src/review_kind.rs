//! What is looked at by itself, and when. RULE: AU-02, AU-03, SU-07

use chrono::{Datelike, Days, NaiveDate, NaiveTime, TimeDelta, Weekday};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{AccountId, Instant, Permission, Timer, TimerKind};

/// The time of day, in UTC, at which reviews are made: before most people in Europe begin, and after the day's closes.
const MADE_AT: NaiveTime = match NaiveTime::from_hms_opt(6, 0, 0) {
    Some(time) => time,
    None => NaiveTime::MIN,
};
/// No two reviews of a kind are further apart.
const DAYS_BETWEEN_MAX: u64 = 366;

/// What is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReviewKind {
    /// On the first of each month: who is hardly there, and what that costs.
    Inactivity,
    /// Each Monday, if there are any: suspended users, who keep their seats.
    SuspendedUsers,
    /// On the eighth of January, April, July and October: who has which role.
    Roles,
    /// On the fifteenth of January: how well everything is guarded.
    Security,
}

impl ReviewKind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Inactivity, Self::SuspendedUsers, Self::Roles, Self::Security];

    /// The name in the interface.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Inactivity => "inactivity",
            Self::SuspendedUsers => "suspended_users",
            Self::Roles => "roles",
            Self::Security => "security",
        }
    }

    /// What goes by that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// What reading one takes: what seats cost is for whoever looks after the bill as well.
    pub const fn needs(self) -> Permission {
        match self {
            Self::Inactivity | Self::SuspendedUsers => Permission::ReadUsers,
            Self::Roles | Self::Security => Permission::ReadReports,
        }
    }

    fn is_made_on(self, day: NaiveDate) -> bool {
        match self {
            Self::Inactivity => day.day() == 1,
            Self::SuspendedUsers => day.weekday() == Weekday::Mon,
            Self::Roles => day.day() == 8 && day.month0().is_multiple_of(3),
            Self::Security => (day.month(), day.day()) == (1, 15),
        }
    }

    /// The first instant behind this one at which it is made.
    pub fn next_after(self, now: Instant) -> Instant {
        let days =
            (0..=DAYS_BETWEEN_MAX).filter_map(|days| now.date_naive().checked_add_days(Days::new(days)));
        let instants = days.filter(|day| self.is_made_on(*day)).map(|day| day.and_time(MADE_AT).and_utc());
        instants.into_iter().find(|at| *at > now).unwrap_or(now + TimeDelta::days(1))
    }

    /// The last instant up to this one at which it was made, not before `since`.
    fn latest(self, since: Instant, now: Instant) -> Option<Instant> {
        let mut latest = None;
        let mut next = self.next_after(since - TimeDelta::milliseconds(1));
        while next <= now {
            latest = Some(next);
            next = self.next_after(next);
        }
        latest
    }
}

impl Timer {
    /// When the account's next review is made.
    pub fn of_reviews(account_id: AccountId, now: Instant) -> Self {
        let at = ReviewKind::ALL.map(|kind| kind.next_after(now)).into_iter().min().unwrap_or(now);
        Self { account_id, kind: TimerKind::Reviews, at }
    }

    /// The reviews that are to be made by now, and for when. Of what was missed for long the last is enough.
    pub fn reviews_due(&self, now: Instant) -> Vec<(ReviewKind, Instant)> {
        let due = |kind: ReviewKind| Some((kind, kind.latest(self.at, now)?));
        ReviewKind::ALL.into_iter().filter_map(due).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Instant {
        text.parse().unwrap()
    }

    fn next(kind: ReviewKind, after: &str) -> String {
        kind.next_after(at(after)).to_rfc3339()
    }

    // RULE: AU-02, AU-03, SU-07
    #[test]
    fn each_review_has_its_days() {
        let begun = "2026-01-31T12:00:00Z";
        assert_eq!(next(ReviewKind::Inactivity, begun), "2026-02-01T06:00:00+00:00");
        assert_eq!(next(ReviewKind::SuspendedUsers, begun), "2026-02-02T06:00:00+00:00", "a Monday");
        assert_eq!(next(ReviewKind::Roles, begun), "2026-04-08T06:00:00+00:00");
        assert_eq!(next(ReviewKind::Security, begun), "2027-01-15T06:00:00+00:00");
        let at_its_instant = "2026-02-01T06:00:00Z";
        assert_eq!(next(ReviewKind::Inactivity, at_its_instant), "2026-03-01T06:00:00+00:00");
        assert_eq!(next(ReviewKind::Inactivity, "2026-02-01T05:59:59.999Z"), "2026-02-01T06:00:00+00:00");
    }

    // RULE: AU-02, AU-03, SU-07
    #[test]
    fn a_year_has_each_as_often_as_it_is_called() {
        let (mut timer, end) = (
            Timer::of_reviews(AccountId::from_bits(1), at("2026-01-01T12:00:00Z")),
            at("2027-01-01T12:00:00Z"),
        );
        let mut made = [0; 4];
        while timer.at <= end {
            let due = timer.reviews_due(timer.at);
            assert!(!due.is_empty() && due.iter().all(|(_, scheduled_at)| *scheduled_at == timer.at));
            for (kind, _) in due {
                made[ReviewKind::ALL.iter().position(|of| *of == kind).unwrap()] += 1;
            }
            timer = Timer::of_reviews(timer.account_id, timer.at);
        }
        assert_eq!(made, [12, 52, 4, 1]);
    }

    // RULE: AU-02
    #[test]
    fn of_what_was_missed_the_last_of_each_is_made() {
        let timer = Timer::of_reviews(AccountId::from_bits(1), at("2026-02-10T12:00:00Z"));
        assert_eq!(timer.at, at("2026-02-16T06:00:00Z"));
        assert_eq!(timer.reviews_due(at("2026-02-16T05:59:59.999Z")), []);
        let expected = [
            (ReviewKind::Inactivity, at("2026-06-01T06:00:00Z")),
            (ReviewKind::SuspendedUsers, at("2026-06-01T06:00:00Z")),
            (ReviewKind::Roles, at("2026-04-08T06:00:00Z")),
        ];
        assert_eq!(timer.reviews_due(at("2026-06-03T00:00:00Z")), expected);
    }
}
