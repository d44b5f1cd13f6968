use chrono::{DateTime, Utc};

use super::Cron;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// (expression, after, the next three)
const NEXT_THREE: [(&str, &str, [&str; 3]); 20] = [
    ("0 10 * * ? *", "2026-02-27T10:00:00", ["2026-02-28T10:00", "2026-03-01T10:00", "2026-03-02T10:00"]),
    ("0 10 * * ? *", "2026-02-27T09:59:59", ["2026-02-27T10:00", "2026-02-28T10:00", "2026-03-01T10:00"]),
    ("0 10 * * ? *", "2026-02-27T10:00:01", ["2026-02-28T10:00", "2026-03-01T10:00", "2026-03-02T10:00"]),
    ("* * * * ? *", "2026-12-31T23:58:30", ["2026-12-31T23:59", "2027-01-01T00:00", "2027-01-01T00:01"]),
    ("0/15 * * * ? *", "2026-01-01T00:14:59", ["2026-01-01T00:15", "2026-01-01T00:30", "2026-01-01T00:45"]),
    (
        "1/20 9-10 * * ? *",
        "2026-01-01T09:30:00",
        ["2026-01-01T09:41", "2026-01-01T10:01", "2026-01-01T10:21"],
    ),
    (
        "0 18 ? * MON-FRI *",
        "2026-01-01T19:00:00",
        ["2026-01-02T18:00", "2026-01-05T18:00", "2026-01-06T18:00"],
    ),
    ("0 18 ? * 2,sun *", "2026-01-01T00:00:00", ["2026-01-04T18:00", "2026-01-05T18:00", "2026-01-11T18:00"]),
    ("0 8 1 * ? *", "2026-01-01T08:00:00", ["2026-02-01T08:00", "2026-03-01T08:00", "2026-04-01T08:00"]),
    (
        "0 0 1 1,4,7,10 ? *",
        "2026-01-01T00:00:00",
        ["2026-04-01T00:00", "2026-07-01T00:00", "2026-10-01T00:00"],
    ),
    ("0 0 1 JAN/6 ? *", "2026-01-01T00:00:00", ["2026-07-01T00:00", "2027-01-01T00:00", "2027-07-01T00:00"]),
    ("0 0 L * ? *", "2026-01-31T00:00:00", ["2026-02-28T00:00", "2026-03-31T00:00", "2026-04-30T00:00"]),
    ("0 0 L 2 ? *", "2026-03-01T00:00:00", ["2027-02-28T00:00", "2028-02-29T00:00", "2029-02-28T00:00"]),
    // 1 August 2026 is a Saturday, 1 November a Sunday; 31 May is a Sunday.
    ("0 0 1W * ? *", "2026-07-15T00:00:00", ["2026-08-03T00:00", "2026-09-01T00:00", "2026-10-01T00:00"]),
    ("0 0 31W * ? *", "2026-04-01T00:00:00", ["2026-05-29T00:00", "2026-07-31T00:00", "2026-08-31T00:00"]),
    (
        "0 0 15W 2,3,8 ? *",
        "2026-02-01T00:00:00",
        ["2026-02-16T00:00", "2026-03-16T00:00", "2026-08-14T00:00"],
    ),
    ("0 12 ? * 3#2 *", "2026-01-01T00:00:00", ["2026-01-13T12:00", "2026-02-10T12:00", "2026-03-10T12:00"]),
    ("0 12 ? * 5#5 *", "2026-01-01T00:00:00", ["2026-01-29T12:00", "2026-04-30T12:00", "2026-07-30T12:00"]),
    ("0 10 ? * 6L *", "2026-01-01T00:00:00", ["2026-01-30T10:00", "2026-02-27T10:00", "2026-03-27T10:00"]),
    (
        "0 10 ? 1 L 2027/2",
        "2026-01-01T00:00:00",
        ["2027-01-02T10:00", "2027-01-09T10:00", "2027-01-16T10:00"],
    ),
];

#[test]
fn a_cron_fires_next_when_aws_says() {
    for (text, after, expected) in NEXT_THREE {
        let cron = Cron::read(text).unwrap();
        let mut after = at(&format!("{after}Z"));
        for expected in expected {
            after = cron.next(after).unwrap();
            assert_eq!(after, at(&format!("{expected}:00Z")), "{text}");
        }
    }
}

#[test]
fn a_leap_day_is_found_over_a_century_that_has_none() {
    let cron = Cron::read("0 0 29 FEB ? *").unwrap();
    assert_eq!(cron.next(at("2096-03-01T00:00:00Z")), Some(at("2104-02-29T00:00:00Z")));
}

#[test]
fn a_cron_ends_with_its_years() {
    let cron = Cron::read("0 0 1 1 ? 2026-2027").unwrap();
    assert_eq!(cron.next(at("2026-06-01T00:00:00Z")), Some(at("2027-01-01T00:00:00Z")));
    assert_eq!(cron.next(at("2027-01-01T00:00:00Z")), None);
    let forever = Cron::read("59 23 31 12 ? *").unwrap();
    assert_eq!(forever.next(at("2199-12-31T23:59:00Z")), None);
}

#[test]
fn whatever_aws_does_not_have_is_refused() {
    let cases = [
        ("0 10 * * *", "cron has six fields, not 5"),
        ("0 10 * * ? * *", "cron has six fields, not 7"),
        ("0 10 * * * *", "one of day-of-month and day-of-week has to be `?`"),
        ("0 10 1 * MON *", "one of day-of-month and day-of-week has to be `?`"),
        ("0 10 ? * ? *", "one of day-of-month and day-of-week has to say something"),
        ("60 10 * * ? *", "`60` of minutes is not understood"),
        ("+1 10 * * ? *", "`+1` of minutes is not understood"),
        ("0 24 * * ? *", "`24` of hours is not understood"),
        ("0 0 0 * ? *", "`0` of day-of-month is not understood"),
        ("0 0 1 13 ? *", "`13` of month is not understood"),
        ("0 0 ? * 8 *", "`8` of day-of-week is not understood"),
        ("0 0 ? * MON/2 *", "`MON/2` of day-of-week is not understood"),
        ("0 0 ? * 2#6 *", "`#6` of day-of-week is not understood; #1 to #5 alone are"),
        ("0 0 ? * 3#1,6#3 *", "`#1,6#3` of day-of-week is not understood; #1 to #5 alone are"),
        ("0 0 LW * ? *", "`L` of day-of-month is not understood"),
        ("0 0 L-3 * ? *", "`L` of day-of-month is not understood"),
        ("5-1 0 * * ? *", "`5-1` of minutes is not understood"),
        ("0/0 0 * * ? *", "`0/0` of minutes is not understood"),
        ("/5 0 * * ? *", "`` of minutes is not understood"),
        ("0, 0 * * ? *", "`` of minutes is not understood"),
        ("0 0 1 1 ? 1969", "`1969` of year is not understood"),
        ("0 0 30 2 ? *", "there is no such day"),
        ("0 0 29 2 ? 2027", "there is no such day"),
        ("0 0 31W 4 ? *", "there is no such day"),
    ];
    for (text, expected) in cases {
        assert_eq!(Cron::read(text).unwrap_err(), expected, "{text}");
    }
}
