//! Figures that were worked out by others, to the cent and to the day. RULE: BI-20

use super::{Anchor, Period, Share, amount, day};
use crate::Interval;

fn rows(table: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    table.lines().skip(1).map(|line| line.split(',').collect())
}

// RULE: BI-01, BI-20
#[test]
fn the_billing_cases_come_out_to_the_cent() {
    let mut judged = 0;
    for row in rows(include_str!("../../cases/billing-cases.csv")) {
        let [id, unit, quantity, start, changed, end, expected] = row[..] else { panic!("{row:?}") };
        let period = Period { start: day(start), end: day(end) };
        let share = Share {
            unit_amount: unit.parse().unwrap(),
            quantity: quantity.parse().unwrap(),
            days: period.days_left(day(changed)),
            days_in_period: period.days(),
        };
        assert_eq!(amount(share), expected.parse::<i64>().unwrap(), "{id}: {share:?}");
        judged += 1;
    }
    assert_eq!(judged, 27);
}

// RULE: BI-02, BI-20
#[test]
fn the_boundaries_of_periods_come_out_to_the_day() {
    let mut judged = 0;
    for row in rows(include_str!("../../cases/period-boundaries.csv")) {
        let [id, interval, anchor_day, start, expected] = row[..] else { panic!("{row:?}") };
        let interval = if interval == "annual" { Interval::Annual } else { Interval::Monthly };
        assert!(start.ends_with(&format!("-{anchor_day:0>2}")), "{id}");
        let anchor = Anchor::on(day(start));
        let mut period = anchor.period(interval, day(start));
        for boundary in expected.split(' ') {
            assert_eq!(period.end, day(boundary), "{id}");
            period = anchor.period(interval, period.end);
            judged += 1;
        }
    }
    assert_eq!(judged, 22);
}
