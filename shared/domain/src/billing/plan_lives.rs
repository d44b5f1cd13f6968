//! Plans, cancellations and prices of an account over its periods.

use chrono::Datelike;

use super::books::{Books, PRICES, noon};
use super::{Catalogue, Day, Moved, PriceList, Scheduled, Wish, day};
use crate::lives::user;
use crate::{Instant, Interval, Offer, Plan, Refusal, Role, Status};

fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

fn of(people: u32, plan: Plan, interval: Interval, on: &str) -> Books {
    let mut books = Books::open();
    for _ in 0..people {
        books.join(noon(day(on)));
    }
    books.change(plan, interval, noon(day(on)));
    books
}

// RULE: BI-12
#[test]
fn what_is_less_waits_for_the_end_of_the_period_and_what_is_more_is_now() {
    use Interval::{Annual, Monthly};
    use Plan::{Pro, Team};
    for (from, to, waits) in [
        ((Pro, Monthly), (Team, Monthly), false),
        ((Pro, Monthly), (Pro, Annual), false),
        ((Pro, Monthly), (Team, Annual), false),
        ((Pro, Annual), (Team, Annual), false),
        ((Team, Monthly), (Team, Annual), false),
        ((Team, Monthly), (Pro, Monthly), true),
        ((Team, Annual), (Pro, Annual), true),
        ((Pro, Annual), (Pro, Monthly), true),
        ((Pro, Annual), (Team, Monthly), true),
        ((Team, Monthly), (Pro, Annual), true),
    ] {
        let mut books = of(5, from.0, from.1, "2026-03-10");
        let now = noon(day("2026-03-20"));
        books.change(to.0, to.1, now);
        let stands = (books.account.plan(), books.account.interval().unwrap());
        assert_eq!(
            (stands == from, books.account.billing.scheduled.is_some()),
            (waits, waits),
            "{from:?} {to:?}"
        );
        assert_eq!(books.invoices.len(), if waits { 1 } else { 2 }, "{from:?} {to:?}");
        if waits {
            let ends = books.account.billing.subscription.as_ref().unwrap().period.end;
            books.close(noon(ends));
            let after = books.account.billing.subscription.clone().unwrap();
            assert_eq!((after.terms.plan, after.terms.interval), to);
            assert_eq!((after.period.start, books.account.billing.scheduled), (ends, None));
            books.agrees_with_its_history(noon(ends));
        } else {
            books.agrees_with_its_history(now);
        }
    }
}

// RULE: BI-12
#[test]
fn a_change_that_waits_is_taken_back_and_the_period_is_followed_by_one_of_the_same() {
    let mut books = of(5, Plan::Team, Interval::Monthly, "2026-03-10");
    let now = noon(day("2026-03-20"));
    books.change(Plan::Pro, Interval::Monthly, now);
    assert_eq!(
        books.account.billing.scheduled,
        Some(Scheduled::Change { plan: Plan::Pro, interval: Interval::Monthly })
    );
    // To ask for the plan one has is to take it back as well.
    for asked in [None, Some((Plan::Team, Interval::Monthly))] {
        let mut books = books.clone();
        match asked {
            None => books.closed(now, |account| Ok(account.take_back(now))),
            Some((plan, interval)) => books.change(plan, interval, now),
        }
        assert!(matches!(books.entries.last().map(|entry| entry.moved), Some(Moved::TakenBack)));
        books.close(noon(day("2026-04-10")));
        assert_eq!(books.account.plan(), Plan::Team);
        assert_eq!(books.totals().last(), Some(&("2026-04-10".into(), 5 * 3900)));
    }
}

// RULE: BI-13
#[test]
fn to_free_is_refused_with_more_than_three_and_looked_at_once_more_when_it_is_due() {
    let now = noon(day("2026-03-20"));
    let five = of(5, Plan::Pro, Interval::Monthly, "2026-03-10");
    let refused = five.account.clone().change_plan(Wish::Free, PRICES, now);
    assert_eq!(refused.unwrap_err(), Refusal::OverFreeLimit { users: 5, limit: 3 });
    let mut books = of(3, Plan::Pro, Interval::Monthly, "2026-03-10");
    books.closed(now, |account| account.change_plan(Wish::Free, PRICES, now));
    let mut grown = books.clone();
    grown.join(now);
    books.close(noon(day("2026-04-10")));
    assert_eq!((books.account.plan(), books.account.seats().paid_seats), (Plan::Free, 0));
    grown.close(noon(day("2026-04-12")));
    assert_eq!((grown.account.plan(), grown.account.billing.scheduled), (Plan::Pro, None), "it stays");
    assert_eq!(grown.totals().last(), Some(&("2026-04-10".into(), 4 * 1900)));
    for books in [books, grown] {
        books.agrees_with_its_history(noon(day("2026-04-12")));
    }
}

// RULE: BI-08, BI-13
#[test]
fn nobody_who_is_pending_goes_between_the_end_of_a_period_and_its_close() {
    let mut books = of(3, Plan::Pro, Interval::Monthly, "2026-03-10");
    let now = noon(day("2026-03-20"));
    books.closed(now, |account| account.change_plan(Wish::Free, PRICES, now));
    let invited = user(99, Role::Monitor);
    let account = books.account.reserve_seat().unwrap();
    let overdue = account.clone().remove(&invited, at("2026-04-10T00:00:00Z"));
    assert_eq!(overdue.unwrap_err(), Refusal::PeriodOverdue(account.id));
    let in_time = account.remove(&invited, at("2026-04-09T23:59:59Z")).unwrap().account;
    assert_eq!(in_time.seats().total, 3);
}

// RULE: BI-13
#[test]
fn a_cancellation_is_always_honoured_and_what_is_pending_lapses_where_there_are_too_many() {
    let now = noon(day("2026-03-20"));
    for (people, pending, lapses) in [(5, 2, true), (2, 2, true), (2, 1, false), (4, 0, false)] {
        let mut books = of(people, Plan::Pro, Interval::Monthly, "2026-03-10");
        books.account.pending = pending;
        books.closed(now, |account| account.cancel(now));
        assert_eq!(books.account.plan(), Plan::Pro, "paid for until the end of the period");
        books.close(noon(day("2026-04-09")));
        assert_eq!(books.account.plan(), Plan::Pro);
        let ended = books.account.clone().close_next(PRICES, at("2026-04-10T00:00:00Z")).unwrap();
        let account = ended.account;
        assert_eq!((account.plan(), account.active), (Plan::Free, people), "nobody is removed");
        let left = if lapses { 0 } else { pending };
        assert_eq!((account.pending, account.invitation_epoch), (left, u64::from(lapses)));
        assert_eq!(ended.timer.is_some(), lapses);
        assert!(ended.invoices.is_empty());
        // Nobody needs to have noted it at the users.
        let invited = user(99, Role::Monitor);
        let stands = account.status_of(&invited, Instant::default());
        assert_eq!(stands, if lapses { Status::Expired } else { Status::Pending });
        let revoked = account.clone().revoke(&invited);
        assert_eq!(revoked.pending, if lapses { 0 } else { pending.saturating_sub(1) });
        if people >= 3 {
            assert!(matches!(account.reserve_seat(), Err(Refusal::MaximumUsers { .. })));
        }
    }
}

// RULE: BI-01, BI-07
#[test]
fn a_request_that_was_read_before_midnight_and_is_late_counts_for_the_day_that_has_begun() {
    let mut books = of(5, Plan::Pro, Interval::Monthly, "2026-03-10");
    let (before, after) = (at("2026-04-09T23:59:59.999Z"), at("2026-04-10T00:00:00Z"));
    books.close(after);
    books.join(before);
    books.close(at("2026-04-11T00:00:00Z"));
    assert_eq!(books.totals()[1..], [("2026-04-10".into(), 5 * 1900), ("2026-04-10".into(), 1900)]);
    books.agrees_with_its_history(at("2026-04-11T00:00:00Z"));
    assert_eq!(books.entries.last().map(|entry| entry.date.day()), Some(10));
}

// RULE: BI-01, BI-05
#[test]
fn a_request_that_is_late_for_a_day_that_is_on_an_invoice_counts_for_the_next() {
    let mut books = of(5, Plan::Pro, Interval::Monthly, "2026-03-10");
    books.join(at("2026-03-19T12:00:00Z"));
    books.join(at("2026-03-19T12:00:00Z"));
    books.close(at("2026-03-20T00:00:00Z"));
    books.join(at("2026-03-19T23:59:59.900Z"));
    books.close(at("2026-03-21T00:00:00Z"));
    let added: Vec<(String, u32)> =
        books.invoices[1..].iter().map(|it| (it.date.to_string(), it.lines[0].quantity)).collect();
    assert_eq!(added, [("2026-03-19".into(), 2), ("2026-03-20".into(), 1)]);
    books.agrees_with_its_history(at("2026-03-21T00:00:00Z"));
}

// RULE: BI-01, BI-10
#[test]
fn no_day_is_paid_for_twice_by_a_request_that_was_read_before_the_subscription_ended() {
    let mut books = of(2, Plan::Pro, Interval::Monthly, "2026-03-10");
    let now = noon(day("2026-03-20"));
    books.closed(now, |account| account.cancel(now));
    books.close(at("2026-04-10T00:00:00Z"));
    books.change(Plan::Pro, Interval::Monthly, at("2026-04-09T23:59:59.900Z"));
    let period = books.account.billing.subscription.as_ref().unwrap().period;
    assert_eq!((period.start, period.end), (day("2026-04-10"), day("2026-05-10")));
    books.agrees_with_its_history(at("2026-04-10T00:00:00Z"));
}

// RULE: BI-18
#[test]
fn a_new_list_price_is_charged_from_the_next_renewal_on() {
    const DEARER: [Offer; 1] =
        [Offer { plan: Plan::Pro, monthly_unit_amount: 2100, annual_unit_amount: 20_000, currency: "usd" }];
    const LISTS: [PriceList; 2] = [
        PriceList { version: 1, from: Day::MIN, offers: &Plan::OFFERS },
        PriceList { version: 2, from: Day::from_ymd_opt(2026, 3, 15).unwrap(), offers: &DEARER },
    ];
    let lists = Catalogue::of(&LISTS);
    let mut books = of(2, Plan::Pro, Interval::Monthly, "2026-03-10");
    books.join(noon(day("2026-03-20")));
    let mut account = books.account;
    let mut charged = Vec::new();
    while let Some(billed) = account.clone().close_next(lists, noon(day("2026-04-10"))) {
        account = billed.account;
        charged
            .extend(billed.invoices.into_iter().map(|invoice| (invoice.lines[0].unit_amount, invoice.total)));
    }
    assert_eq!(charged, [(1900, 1287), (2100, 6300)], "21 of 31 days at the former price, then the new one");
}

// RULE: BI-16, BI-17, PS-13
#[test]
fn what_a_year_costs_and_saves_is_told_as_it_is() {
    for (people, plan, annual, basis_points) in
        [(5, Plan::Pro, 90_000, 2105), (15, Plan::Pro, 270_000, 2105), (30, Plan::Team, 1_116_000, 2051)]
    {
        let books = of(people, plan, Interval::Annual, "2026-03-10");
        let view = super::BillingView::of(&books.account, PRICES, day("2026-03-10"));
        let view = serde_json::to_value(view).unwrap();
        assert_eq!((&view["annual_total"], &view["monthly_total"]), (&annual.into(), &(annual / 12).into()));
        assert_eq!(view["annual_saving"]["basis_points"], basis_points);
        assert_eq!(view["next_invoice"], serde_json::json!({ "date": "2027-03-10", "amount": annual }));
    }
}

// RULE: BI-05, BI-11, BI-19
#[test]
fn a_day_that_was_closed_before_the_plan_changed_is_the_same_by_the_history() {
    for close in [false, true] {
        let mut books = of(2, Plan::Pro, Interval::Monthly, "2026-03-01");
        books.join(noon(day("2026-03-10")));
        if close {
            books.close(noon(day("2026-03-11")));
        }
        books.change(Plan::Team, Interval::Monthly, noon(day("2026-03-12")));
        books.agrees_with_its_history(noon(day("2026-03-12")));
    }
}
