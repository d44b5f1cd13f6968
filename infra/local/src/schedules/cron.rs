//! The `cron(...)` of `EventBridge`: minutes, hours, day of month, month, day of week, year; in UTC.
//!
//! No crate reads this dialect: five fields and a year, weekdays from Sunday = 1, `?` in exactly one of the two day
//! fields, `L`, `W` and `#` only where AWS has them.

use std::collections::BTreeSet;

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, TimeDelta, Timelike, Utc};

/// The years AWS knows.
const YEARS: (u32, u32) = (1970, 2199);
const MONTHS: [&str; 12] =
    ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const WEEKDAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
/// A month has at most so many of one weekday.
const WEEKS_MAX: u32 = 5;
/// The longest month.
const MONTH_DAYS_MAX: u32 = 31;

/// A cron expression that fires at least once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cron {
    minutes: BTreeSet<u32>,
    hours: BTreeSet<u32>,
    days: BTreeSet<Day>,
    months: BTreeSet<u32>,
    years: BTreeSet<u32>,
}

/// What makes a day one of the expression's.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Day {
    OfMonth(u32),
    LastOfMonth,
    /// The weekday, Monday to Friday, that is nearest to this day within its month.
    WeekdayNearest(u32),
    /// From Sunday = 1.
    OfWeek(u32),
    LastOfWeek(u32),
    /// (day of the week, which of them in the month)
    NthOfWeek(u32, u32),
}

/// What a field may hold.
struct Field {
    name: &'static str,
    range: (u32, u32),
    /// Other spellings of the values, from the lowest on.
    names: &'static [&'static str],
    has_steps: bool,
}

const MINUTES: Field = Field { name: "minutes", range: (0, 59), names: &[], has_steps: true };
const HOURS: Field = Field { name: "hours", range: (0, 23), names: &[], has_steps: true };
const DAY_OF_MONTH: Field =
    Field { name: "day-of-month", range: (1, MONTH_DAYS_MAX), names: &[], has_steps: true };
const MONTH: Field = Field { name: "month", range: (1, 12), names: &MONTHS, has_steps: true };
const DAY_OF_WEEK: Field = Field { name: "day-of-week", range: (1, 7), names: &WEEKDAYS, has_steps: false };
const YEAR: Field = Field { name: "year", range: YEARS, names: &[], has_steps: true };

impl Cron {
    /// Reads the six fields.
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        let fields: Vec<&str> = text.split_whitespace().collect();
        let [minutes, hours, day_of_month, month, day_of_week, year] = fields[..] else {
            return Err(format!("cron has six fields, not {}", fields.len()));
        };
        let days = match (day_of_month, day_of_week) {
            ("?", "?") => return Err("one of day-of-month and day-of-week has to say something".to_owned()),
            (days, "?") => days_of_month(days)?,
            ("?", days) => days_of_week(days)?,
            _ => return Err("one of day-of-month and day-of-week has to be `?`".to_owned()),
        };
        let cron = Self {
            minutes: MINUTES.values(minutes)?,
            hours: HOURS.values(hours)?,
            days,
            months: MONTH.values(month)?,
            years: YEAR.values(year)?,
        };
        match cron.next(DateTime::UNIX_EPOCH - TimeDelta::minutes(1)) {
            Some(_) => Ok(cron),
            None => Err("there is no such day".to_owned()),
        }
    }

    /// The first instant after this one at which it fires. There is none once its years are over.
    pub(crate) fn next(&self, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let from = (after + TimeDelta::minutes(1)).with_second(0)?.with_nanosecond(0)?;
        let mut date = from.date_naive();
        // Whatever does not fit is skipped whole: a few thousand turns at most, up to the last of the years.
        while date.year_ce().1 <= YEARS.1 {
            if !self.years.contains(&date.year_ce().1) {
                date = NaiveDate::from_ymd_opt(date.year() + 1, 1, 1)?;
            } else if !self.months.contains(&date.month()) {
                date = date.with_day(1)?.checked_add_months(chrono::Months::new(1))?;
            } else {
                let earliest = if date == from.date_naive() { from.time() } else { NaiveTime::MIN };
                match self.time_from(earliest) {
                    Some(time) if self.days.iter().any(|day| day.is(date)) => {
                        return Some(date.and_time(time).and_utc());
                    }
                    _ => date = date.checked_add_days(Days::new(1))?,
                }
            }
        }
        None
    }

    /// The first time of a day that is not before this one.
    fn time_from(&self, earliest: NaiveTime) -> Option<NaiveTime> {
        self.hours.range(earliest.hour()..).find_map(|hour| {
            let first = if *hour == earliest.hour() { earliest.minute() } else { 0 };
            let minute = self.minutes.range(first..).next()?;
            NaiveTime::from_hms_opt(*hour, *minute, 0)
        })
    }
}

impl Day {
    fn is(&self, date: NaiveDate) -> bool {
        let weekday = date.weekday().number_from_sunday();
        let last = u32::from(date.num_days_in_month());
        match *self {
            Self::OfMonth(day) => date.day() == day,
            Self::LastOfMonth => date.day() == last,
            Self::WeekdayNearest(day) => weekday_nearest(date, day.min(last)) == Some(date) && day <= last,
            Self::OfWeek(day) => weekday == day,
            Self::LastOfWeek(day) => weekday == day && date.day() + 7 > last,
            Self::NthOfWeek(day, nth) => weekday == day && (date.day() - 1) / 7 + 1 == nth,
        }
    }
}

/// The day of Monday to Friday nearest to a day of the month of `date`, in that month.
fn weekday_nearest(date: NaiveDate, day: u32) -> Option<NaiveDate> {
    let last = u32::from(date.num_days_in_month());
    let nearest = match date.with_day(day)?.weekday() {
        chrono::Weekday::Sat if day == 1 => 3,
        chrono::Weekday::Sat => day - 1,
        chrono::Weekday::Sun if day == last => day - 2,
        chrono::Weekday::Sun => day + 1,
        _ => day,
    };
    date.with_day(nearest)
}

fn days_of_month(text: &str) -> Result<BTreeSet<Day>, String> {
    let mut days = BTreeSet::new();
    for part in text.split(',') {
        if part == "L" {
            days.insert(Day::LastOfMonth);
        } else if let Some(day) = part.strip_suffix('W') {
            days.insert(Day::WeekdayNearest(DAY_OF_MONTH.number(day)?));
        } else {
            days.extend(DAY_OF_MONTH.values(part)?.into_iter().map(Day::OfMonth));
        }
    }
    Ok(days)
}

fn days_of_week(text: &str) -> Result<BTreeSet<Day>, String> {
    if let Some((day, nth)) = text.split_once('#') {
        return match nth.parse() {
            Ok(nth @ 1..=WEEKS_MAX) => Ok([Day::NthOfWeek(DAY_OF_WEEK.number(day)?, nth)].into()),
            _ => Err(format!("`#{nth}` of day-of-week is not understood; #1 to #{WEEKS_MAX} alone are")),
        };
    }
    let mut days = BTreeSet::new();
    for part in text.split(',') {
        match part.strip_suffix('L') {
            Some("") => {
                days.insert(Day::OfWeek(DAY_OF_WEEK.range.1));
            }
            Some(day) => {
                days.insert(Day::LastOfWeek(DAY_OF_WEEK.number(day)?));
            }
            None => days.extend(DAY_OF_WEEK.values(part)?.into_iter().map(Day::OfWeek)),
        }
    }
    Ok(days)
}

impl Field {
    /// Lists of values, ranges and steps.
    fn values(&self, text: &str) -> Result<BTreeSet<u32>, String> {
        let mut values = BTreeSet::new();
        for part in text.split(',') {
            let (range, step) = match part.split_once('/') {
                None => (part, None),
                Some((range, step)) => (range, Some(self.step(part, step)?)),
            };
            let (first, last) = if range == "*" {
                self.range
            } else if let Some((first, last)) = range.split_once('-') {
                (self.number(first)?, self.number(last)?)
            } else {
                let first = self.number(range)?;
                (first, if step.is_some() { self.range.1 } else { first })
            };
            if first > last {
                return Err(self.not_understood(part));
            }
            values.extend((first..=last).step_by(step.unwrap_or(1)));
        }
        Ok(values)
    }

    fn step(&self, part: &str, step: &str) -> Result<usize, String> {
        match step.parse() {
            Ok(step) if self.has_steps && step > 0 => Ok(step),
            _ => Err(self.not_understood(part)),
        }
    }

    fn number(&self, text: &str) -> Result<u32, String> {
        let named = self.names.iter().position(|name| name.eq_ignore_ascii_case(text));
        let number = match named.and_then(|at| u32::try_from(at).ok()) {
            Some(at) => Some(self.range.0 + at),
            // `parse` would take a sign.
            None => text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten(),
        };
        number
            .filter(|number| (self.range.0..=self.range.1).contains(number))
            .ok_or_else(|| self.not_understood(text))
    }

    fn not_understood(&self, text: &str) -> String {
        format!("`{text}` of {} is not understood", self.name)
    }
}

#[cfg(test)]
mod tests;
