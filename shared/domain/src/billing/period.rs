//! Periods: from a day up to another, by the day on which the subscription began. RULE: BI-01, BI-02

use chrono::{Datelike, Months, NaiveDate, NaiveTime};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Instant, Interval};

/// A day, in UTC.
pub type Day = NaiveDate;

const MONTHS_OF_A_YEAR: u32 = 12;

/// The day from which all boundaries of a subscription are counted, so that one of the 31st is on the last day of each
/// shorter month and on the 31st again after it. RULE: BI-02
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Anchor(Day);

/// What one charge in advance is for: the days from `start` on, without `end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Period {
    /// The first day.
    pub start: Day,
    /// The day after the last, on which the next one begins.
    pub end: Day,
}

impl Anchor {
    /// Of a subscription that begins on this day.
    pub const fn on(day: Day) -> Self {
        Self(day)
    }

    /// The period of this interval that the day is in; the first one for all days before it.
    pub fn period(self, interval: Interval, day: Day) -> Period {
        let months = interval.months();
        let passed = (day.year() - self.0.year()) * 12 + month(day) - month(self.0);
        let mut n = u32::try_from(passed).unwrap_or(0) / months;
        // The month of a boundary begins before it.
        if n > 0 && self.boundary(n * months) > day {
            n -= 1;
        }
        Period { start: self.boundary(n * months), end: self.boundary((n + 1) * months) }
    }

    /// So many months after the first day; on the last day of a month that is too short.
    fn boundary(self, months: u32) -> Day {
        self.0.checked_add_months(Months::new(months)).unwrap_or(Day::MAX)
    }
}

/// The month, of the twelve of its year.
fn month(day: Day) -> i32 {
    i32::try_from(day.month0()).unwrap_or_default()
}

impl Interval {
    /// How long a period of it is.
    pub const fn months(self) -> u32 {
        match self {
            Self::Monthly => 1,
            Self::Annual => MONTHS_OF_A_YEAR,
        }
    }
}

impl Period {
    /// Whether the day is in it.
    pub fn contains(&self, day: Day) -> bool {
        self.start <= day && day < self.end
    }

    /// How many days it has.
    pub fn days(&self) -> u32 {
        days(self.start, self.end)
    }

    /// How many days are left of it, this day included: all of them for a day before it, none for one after it.
    pub fn days_left(&self, day: Day) -> u32 {
        days(day.max(self.start), self.end)
    }

    /// Whether it is over at this instant.
    pub fn is_over(&self, now: Instant) -> bool {
        now.date_naive() >= self.end
    }
}

/// The instant at which a day begins.
pub(super) fn midnight(day: Day) -> Instant {
    day.and_time(NaiveTime::MIN).and_utc()
}

fn days(from: Day, to: Day) -> u32 {
    u32::try_from((to - from).num_days()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::billing::day;

    // RULE: BI-01
    #[test]
    fn the_day_of_a_change_counts_and_the_end_is_the_next_periods() {
        let april = Anchor::on(day("2026-04-01")).period(Interval::Monthly, day("2026-04-16"));
        assert_eq!(april, Period { start: day("2026-04-01"), end: day("2026-05-01") });
        assert_eq!((april.days(), april.days_left(day("2026-04-16"))), (30, 15));
        assert_eq!(april.days_left(day("2026-04-30")), 1);
        assert_eq!((april.days_left(day("2026-05-01")), april.days_left(day("2026-03-01"))), (0, 30));
        assert!(april.contains(day("2026-04-30")) && !april.contains(day("2026-05-01")));
        assert!(april.is_over("2026-05-01T00:00:00Z".parse().unwrap()));
        assert!(!april.is_over("2026-04-30T23:59:59.999Z".parse().unwrap()));
    }

    // RULE: BI-02
    #[test]
    fn forty_eight_months_of_every_anchor_follow_each_other_without_gap_or_overlap() {
        for first in day("2023-12-01").iter_days().take(31) {
            for interval in [Interval::Monthly, Interval::Annual] {
                let anchor = Anchor::on(first);
                let mut period = anchor.period(interval, first);
                assert_eq!(period.start, first);
                while period.end < day("2028-01-01") {
                    for within in
                        [period.start, period.start.succ_opt().unwrap(), period.end.pred_opt().unwrap()]
                    {
                        assert_eq!(anchor.period(interval, within), period, "{first} {within}");
                    }
                    let next = anchor.period(interval, period.end);
                    assert_eq!(next.start, period.end, "{first}");
                    let last = next.start.with_day(1).unwrap().checked_add_months(Months::new(1)).unwrap();
                    let day_expected = first.day().min(last.pred_opt().unwrap().day());
                    assert_eq!(next.start.day(), day_expected, "{first} {next:?}");
                    period = next;
                }
            }
        }
    }
}
