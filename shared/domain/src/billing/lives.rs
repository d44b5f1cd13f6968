//! Years of an account, day by day, against a model that knows nothing of subscriptions: it counts heads, and looks at the
//! calendar. RULE: BI-19, BI-20

use chrono::{Months, NaiveTime, TimeDelta};

use super::books::{Books, PRICES, noon};
use super::{Billed, Day, Wish, day};
use crate::{Account, Interval, Plan, Refusal};

/// Heads by day, and nothing else.
struct Model {
    unit: i64,
    months: u32,
    first: Day,
    heads: i64,
    most: i64,
    charged: Vec<(String, i64)>,
}

impl Model {
    fn boundary(&self, n: u32) -> Day {
        self.first.checked_add_months(Months::new(n * self.months)).unwrap()
    }

    fn period(&self, day: Day) -> (Day, Day) {
        let n = (0..100).find(|n| self.boundary(n + 1) > day).unwrap();
        (self.boundary(n), self.boundary(n + 1))
    }

    /// One day, on which so many came and went, one after the other.
    fn pass(&mut self, day: Day, moves: &[i64]) {
        let (start, end) = self.period(day);
        if day == start && day != self.first {
            self.most = self.heads;
            self.charged.push((day.to_string(), self.unit * self.heads));
        }
        let mut added = 0;
        for step in moves {
            self.heads += step;
            if self.heads > self.most {
                self.most = self.heads;
                added += 1;
            }
        }
        if added > 0 {
            let (left, whole) = ((end - day).num_days(), (end - start).num_days());
            let parts = 2 * self.unit * added * left;
            let amount = parts / (2 * whole) + i64::from(parts % (2 * whole) >= whole);
            self.charged.push((day.to_string(), amount));
        }
    }
}

fn draws(seed: u64) -> impl FnMut(u64) -> u64 {
    let mut random = seed;
    move |below| {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (random >> 33) % below
    }
}

// RULE: BI-02, BI-03, BI-04, BI-05, BI-06, BI-07, BI-08, BI-14, BI-19, DE-05
#[test]
fn years_of_coming_and_going_are_charged_as_heads_and_calendar_say_whenever_they_are_closed() {
    for (seed, interval, unit, months) in [
        (1, Interval::Monthly, 1900, 1),
        (2, Interval::Monthly, 1900, 1),
        (3, Interval::Annual, 18_000, 12),
        (4, Interval::Annual, 18_000, 12),
    ] {
        let mut draw = draws(seed);
        let first = day("2026-01-01") + TimeDelta::days(i64::try_from(draw(400)).unwrap());
        let mut nightly = Books::open();
        for _ in 0..5 {
            nightly.join(noon(first));
        }
        nightly.change(Plan::Pro, interval, noon(first));
        // One is closed every night, one when somebody comes or goes, and at the end.
        let mut seldom = nightly.clone();
        let begun = vec![(first.to_string(), unit * 5)];
        let mut model = Model { unit, months, first, heads: 5, most: 5, charged: begun };
        for date in first.iter_days().take(365 * 4) {
            let now = noon(date);
            nightly.close(date.and_time(NaiveTime::MIN).and_utc());
            let mut moves = Vec::new();
            for _ in 0..draw(12).saturating_sub(8) {
                let leaves = nightly.users.len() > 1 && draw(2) == 0;
                let at = usize::try_from(draw(1000)).unwrap() % nightly.users.len();
                moves.push(if leaves { -1 } else { 1 });
                let open = |account: &Account| {
                    let paid = account.billing.subscription.as_ref().unwrap();
                    let open = paid.open_additions.filter(|open| open.date == date);
                    open.map_or(0, |open| paid.addition(open).amount)
                };
                let preview = nightly.account.preview_joining(1, PRICES, now);
                let before = open(&nightly.account);
                for books in [&mut nightly, &mut seldom] {
                    if leaves { books.leave(at, now) } else { books.join(now) }
                }
                if !leaves {
                    let amount = serde_json::to_value(&preview).unwrap()["amount_now"].as_i64();
                    assert_eq!(amount, Some(open(&nightly.account) - before), "what was told is charged");
                }
            }
            model.pass(date, &moves);
        }
        let end = noon(first + TimeDelta::days(365 * 4));
        model.pass(end.date_naive(), &[]);
        nightly.close(end);
        seldom.close(end);
        assert_eq!(nightly.totals(), model.charged);
        assert_eq!(seldom.totals(), model.charged);
        assert_eq!(seldom.account.billing, nightly.account.billing);
        nightly.agrees_with_its_history(end);
        seldom.agrees_with_its_history(end);
    }
}

// RULE: BI-10, BI-11, BI-12, BI-13, BI-19
#[test]
fn whatever_is_changed_and_taken_back_the_history_reproduces_it() {
    for seed in 10..40 {
        let mut draw = draws(seed);
        let mut books = Books::open();
        let mut now = noon(day("2026-01-31"));
        books.join(now);
        for _ in 0..400 {
            now += TimeDelta::hours(i64::try_from(draw(100)).unwrap());
            let plan = if draw(2) == 0 { Plan::Pro } else { Plan::Team };
            let interval = if draw(2) == 0 { Interval::Monthly } else { Interval::Annual };
            match draw(10) {
                0 => books.change(plan, interval, now),
                1 if draw(4) == 0 => books.closed(now, |account| account.cancel(now)),
                2 => {
                    let asked = |account: Account| match account.clone().change_plan(Wish::Free, PRICES, now)
                    {
                        Err(Refusal::OverFreeLimit { .. }) => Ok(Billed::of(account)),
                        other => other,
                    };
                    books.closed(now, asked);
                }
                3 => books.closed(now, |account| {
                    account.is_closed_up_to(now)?;
                    Ok(account.take_back(now))
                }),
                4 | 5 if books.users.len() > 1 => books.leave(0, now),
                6 => books.close(now),
                _ => books.join(now),
            }
        }
        books.close(now);
        books.agrees_with_its_history(now);
        assert!(books.invoices.len() > 10, "{seed}");
    }
}
