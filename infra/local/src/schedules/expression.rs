//! When a schedule ticks.

use chrono::{DateTime, TimeDelta, Utc};

use super::cron::Cron;

/// The largest number of a rate.
const RATE_MAX: u32 = 1_000_000;

/// A `ScheduleExpression`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Expression {
    /// As often as this, counted from when the schedule began.
    Rate(TimeDelta),
    Cron(Cron),
}

impl Expression {
    /// Reads `rate(...)` or `cron(...)`.
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        let inside = |name: &str| text.strip_prefix(name)?.strip_prefix('(')?.strip_suffix(')');
        if let Some(rate) = inside("rate") {
            return read_rate(rate).map(Self::Rate).ok_or_else(|| format!("`{text}` is not understood"));
        }
        match inside("cron") {
            Some(cron) => Cron::read(cron).map(Self::Cron),
            None => Err(format!("`{text}` is not understood; rate(...) and cron(...) are")),
        }
    }

    /// The first tick after this instant of a schedule that began then.
    pub(crate) fn next(&self, began: DateTime<Utc>, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
        match self {
            Self::Cron(cron) => cron.next(after.max(began)),
            Self::Rate(every) => {
                tick(began, *every, 1 + (after - began).num_milliseconds().max(0) / every.num_milliseconds())
            }
        }
    }

    /// For a rate: the first tick that is not before this instant.
    pub(crate) fn next_from(&self, began: DateTime<Utc>, from: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.next(began, from - TimeDelta::milliseconds(1))
    }

    /// For a rate: the last tick that is not after this instant.
    pub(crate) fn last_until(&self, began: DateTime<Utc>, until: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let Self::Rate(every) = self else { return None };
        match (until - began).num_milliseconds() / every.num_milliseconds() {
            count @ 1.. => tick(began, *every, count),
            _ => None,
        }
    }
}

fn tick(began: DateTime<Utc>, every: TimeDelta, count: i64) -> Option<DateTime<Utc>> {
    began.checked_add_signed(TimeDelta::try_milliseconds(every.num_milliseconds().checked_mul(count)?)?)
}

fn read_rate(text: &str) -> Option<TimeDelta> {
    let (number, unit) = text.split_once(' ')?;
    if !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number = number.parse().ok().filter(|number| (1..=RATE_MAX).contains(number))?;
    // AWS asks for the singular after 1 and for the plural after the others.
    match (number, unit) {
        (1, "minute") | (2.., "minutes") => TimeDelta::try_minutes(number.into()),
        (1, "hour") | (2.., "hours") => TimeDelta::try_hours(number.into()),
        (1, "day") | (2.., "days") => TimeDelta::try_days(number.into()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn a_rate_counts_from_when_the_schedule_began() {
        let began = at("2026-01-01T00:00:30Z");
        let rate = Expression::read("rate(5 minutes)").unwrap();
        let next = |after: &str| rate.next(began, at(after)).unwrap();
        assert_eq!(next("2026-01-01T00:00:30Z"), at("2026-01-01T00:05:30Z"));
        assert_eq!(next("2025-01-01T00:00:00Z"), at("2026-01-01T00:05:30Z"), "none before the first");
        assert_eq!(next("2026-01-01T00:05:29.999Z"), at("2026-01-01T00:05:30Z"));
        assert_eq!(next("2026-01-01T00:05:30Z"), at("2026-01-01T00:10:30Z"));
        assert_eq!(rate.next_from(began, at("2026-01-01T00:05:30Z")), Some(at("2026-01-01T00:05:30Z")));
        let last = |until: &str| rate.last_until(began, at(until));
        assert_eq!(last("2026-01-01T00:05:29.999Z"), None);
        assert_eq!(last("2026-01-01T00:05:30Z"), Some(at("2026-01-01T00:05:30Z")));
        assert_eq!(last("2026-01-02T00:00:00Z"), Some(at("2026-01-01T23:55:30Z")));
    }

    #[test]
    fn rates_are_spelled_as_aws_has_them() {
        for (text, minutes) in
            [("1 minute", 1), ("2 minutes", 2), ("1 hour", 60), ("3 hours", 180), ("1 day", 1440)]
        {
            let expected = Expression::Rate(TimeDelta::minutes(minutes));
            assert_eq!(Expression::read(&format!("rate({text})")), Ok(expected));
        }
        for text in [
            "0 minutes",
            "1 minutes",
            "2 minute",
            "5 seconds",
            "1 week",
            "-1 days",
            "+1 day",
            "5",
            "1000001 days",
        ] {
            let text = format!("rate({text})");
            assert_eq!(Expression::read(&text), Err(format!("`{text}` is not understood")));
        }
        for text in ["at(2026-01-01T00:00:00)", "every day", "rate(1 day", "cron"] {
            let expected = format!("`{text}` is not understood; rate(...) and cron(...) are");
            assert_eq!(Expression::read(text), Err(expected));
        }
        assert_eq!(Expression::read("cron(0 0 30 2 ? *)"), Err("there is no such day".to_owned()));
    }
}
