//! What happens to an account in a period, and what it is charged: the figures of the sequences. RULE: BI-20

use super::{Charge, Subscription, Terms, day};
use crate::{Interval, Plan};

const PRO: Terms =
    Terms { plan: Plan::Pro, interval: Interval::Monthly, unit_amount: 1900, price_list: None };
const TEAM: Terms =
    Terms { plan: Plan::Team, interval: Interval::Monthly, unit_amount: 3900, price_list: None };
const PRO_ANNUAL: Terms =
    Terms { plan: Plan::Pro, interval: Interval::Annual, unit_amount: 18_000, price_list: None };
const TEAM_ANNUAL: Terms =
    Terms { plan: Plan::Team, interval: Interval::Annual, unit_amount: 37_200, price_list: None };

fn totals(charges: &[Charge]) -> Vec<i64> {
    charges.iter().map(Charge::total).collect()
}

/// An account that pays for so many from this day on.
struct Life {
    now: Subscription,
    charged: Vec<Charge>,
}

impl Life {
    fn begin(terms: Terms, billable: u32, on: &str) -> Self {
        let (now, charge) = Subscription::begin(terms, billable, day(on));
        Self { now, charged: vec![charge] }
    }

    fn seats(mut self, billable: u32, on: &str) -> Self {
        let (now, charge) = self.now.seats(billable, 1, day(on));
        self.charged.extend(charge);
        Self { now, charged: self.charged }
    }

    fn renew(mut self, billable: u32) -> Self {
        let terms = self.now.terms;
        let (now, charges) = self.now.renew(terms, billable);
        self.charged.extend(charges);
        Self { now, charged: self.charged }
    }

    fn change(mut self, terms: Terms, billable: u32, on: &str) -> Self {
        let (now, charges) = self.now.change(terms, billable, day(on));
        self.charged.extend(charges);
        Self { now, charged: self.charged }
    }

    fn totals(&self) -> Vec<i64> {
        totals(&self.charged)
    }
}

// RULE: BI-05, BI-06, BI-20
#[test]
fn seats_above_the_mark_are_charged_for_the_days_that_are_left_and_the_renewal_is_whole() {
    let k1 = Life::begin(PRO, 10, "2026-04-01").seats(12, "2026-04-16").renew(12);
    assert_eq!(k1.totals(), [19_000, 1900, 22_800]);
    assert_eq!(k1.charged[1].date, day("2026-04-16"));
    assert_eq!((k1.charged[2].date, k1.now.period.end), (day("2026-05-01"), day("2026-06-01")));
    let k9 = Life::begin(PRO, 1, "2026-03-01").seats(2, "2026-03-20").renew(2);
    assert_eq!(k9.totals(), [1900, 735, 3800]);
    let k11 = Life::begin(TEAM_ANNUAL, 25, "2026-01-01").seats(30, "2026-07-01").renew(30);
    assert_eq!(k11.totals(), [930_000, 93_764, 1_116_000]);
}

// RULE: BI-03, BI-04, DE-05, BI-20
#[test]
fn what_is_deleted_gives_nothing_back_and_a_seat_that_is_paid_for_is_filled_again_for_nothing() {
    let k5 = Life::begin(PRO, 15, "2026-03-01").seats(12, "2026-03-10").seats(15, "2026-03-20").renew(15);
    assert_eq!(k5.totals(), [28_500, 28_500]);
    let k6 = Life::begin(PRO, 15, "2026-03-01").seats(12, "2026-03-10").seats(16, "2026-03-20");
    assert_eq!(k6.renew(16).totals(), [28_500, 735, 30_400]);
    let k7 = Life::begin(PRO, 15, "2026-03-01").seats(12, "2026-03-10").renew(12);
    assert_eq!(k7.totals(), [28_500, 22_800]);
    // A deletion lowers neither the mark nor what the day has added already.
    let k27 = Life::begin(PRO, 15, "2026-03-01").seats(12, "2026-03-10").renew(12).seats(13, "2026-04-16");
    assert_eq!(k27.renew(13).totals(), [28_500, 22_800, 950, 24_700]);
    let same_day = Life::begin(PRO, 1, "2026-04-01").seats(3, "2026-04-16").seats(1, "2026-04-16");
    assert_eq!(same_day.seats(3, "2026-04-16").renew(3).totals(), [1900, 1900, 5700]);
}

// RULE: BI-05, BI-20
#[test]
fn the_additions_of_a_day_are_one_line_in_whatever_order_they_came() {
    let k16 = Life::begin(PRO, 10, "2026-03-01").seats(11, "2026-03-19").seats(12, "2026-03-19");
    let k16 = k16.seats(13, "2026-03-19").renew(13);
    assert_eq!(k16.totals(), [19_000, 2390, 24_700]);
    assert_eq!(k16.charged[1].lines.len(), 1);
    // Another day is another line, on an invoice of its own.
    let two = Life::begin(PRO, 10, "2026-03-01").seats(11, "2026-03-19").seats(12, "2026-03-20");
    assert_eq!(two.charged.len(), 2);
    assert_eq!(two.renew(12).charged.len(), 4);
}

// RULE: BI-11, BI-20
#[test]
fn a_higher_plan_of_the_same_interval_is_a_credit_and_a_charge_each_rounded_by_itself() {
    let k17 = Life::begin(PRO, 10, "2026-04-01").change(TEAM, 10, "2026-04-16");
    let lines: Vec<i64> = k17.charged[1].lines.iter().map(|line| line.amount).collect();
    assert_eq!((lines.as_slice(), k17.charged[1].total()), (&[-9500, 19_500][..], 10_000));
    assert_eq!(k17.now.period.end, day("2026-05-01"), "the period goes on");
    let k19 = Life::begin(PRO, 10, "2026-03-01").change(TEAM, 10, "2026-03-05");
    let lines: Vec<i64> = k19.charged[1].lines.iter().map(|line| line.amount).collect();
    assert_eq!((lines.as_slice(), k19.charged[1].total()), (&[-16_548, 33_968][..], 17_420));
    let open = Life::begin(PRO, 10, "2026-04-01").seats(12, "2026-04-16").change(TEAM, 12, "2026-04-16");
    assert_eq!(open.totals(), [19_000, 1900, 12_000], "what was added on that day comes first, at its price");
    let five = Life::begin(PRO, 5, "2026-04-01").change(TEAM, 5, "2026-04-16");
    assert_eq!(five.charged[1].total(), 5000);
}

// RULE: BI-12, BI-20
#[test]
fn from_month_to_year_a_whole_year_begins_that_day_less_what_is_left_of_the_month() {
    let k21 = Life::begin(PRO, 10, "2026-04-01").change(PRO_ANNUAL, 10, "2026-04-16");
    let lines: Vec<i64> = k21.charged[1].lines.iter().map(|line| line.amount).collect();
    assert_eq!(lines, [-9500, 180_000]);
    assert_eq!((k21.now.period.start, k21.now.period.end), (day("2026-04-16"), day("2027-04-16")));
    let fewer = Life::begin(PRO, 10, "2026-04-01").seats(7, "2026-04-10").change(PRO_ANNUAL, 7, "2026-04-16");
    let lines: Vec<i64> = fewer.charged[1].lines.iter().map(|line| line.amount).collect();
    assert_eq!(
        (lines.as_slice(), fewer.now.paid_seats),
        (&[-6650, 126_000][..], 7),
        "the deleted are not counted"
    );
}
