//! What holds whatever comes: for every price, day and life.

use Interval::{Annual, Monthly};
use Plan::{Pro, Team};
use chrono::TimeDelta;
use proptest::prelude::*;

use super::books::{Books, PRICES, noon};
use super::period::midnight;
use super::{Anchor, Billed, ChargePreview, Day, Share, Wish, amount, day};
use crate::{Account, Instant, Interval, Plan, Refusal};

/// What may happen in an account.
#[derive(Clone, Copy, Debug)]
enum Act {
    Join,
    Leave,
    Take(Plan, Interval),
    Free,
    Cancel,
    TakeBack,
    Agree(Interval, i64),
    Close,
}

fn act() -> impl Strategy<Value = Act> {
    let interval = prop_oneof![Just(Monthly), Just(Annual)];
    prop_oneof![
        8 => Just(Act::Join),
        4 => Just(Act::Leave),
        4 => (prop_oneof![Just(Pro), Just(Team)], interval.clone()).prop_map(|(plan, interval)| Act::Take(plan, interval)),
        1 => Just(Act::Free),
        2 => Just(Act::Cancel),
        2 => Just(Act::TakeBack),
        1 => (interval, 1000..5000_i64).prop_map(|(interval, price)| Act::Agree(interval, price)),
        4 => Just(Act::Close),
    ]
}

/// Acts, each so many hours after the one before.
fn life() -> impl Strategy<Value = Vec<(i64, Act)>> {
    prop::collection::vec((prop_oneof![0..30_i64, 0..800_i64], act()), 1..80)
}

fn some_day() -> impl Strategy<Value = Day> {
    (0..1500_i64).prop_map(|days| day("2027-01-01") + TimeDelta::days(days))
}

/// What stands open for this day or an earlier one, as it will be charged.
fn open(account: &Account) -> i64 {
    let paid = account.billing.subscription.as_ref();
    paid.and_then(|paid| paid.open_additions.map(|open| paid.addition(open).amount)).unwrap_or(0)
}

fn amount_now(preview: &ChargePreview) -> i64 {
    serde_json::to_value(preview).unwrap()["amount_now"].as_i64().unwrap()
}

fn charged(books: &Books) -> i64 {
    books.invoices.iter().map(|invoice| invoice.total).sum()
}

impl Books {
    /// Does it as the shell does, and looks at what has to hold of each.
    fn act(&mut self, act: Act, now: Instant) {
        match act {
            Act::Join => {
                self.close(now);
                let (told, before) = (self.account.preview_joining(1, PRICES, now), open(&self.account));
                self.join(now);
                assert_eq!(
                    amount_now(&told),
                    open(&self.account) - before,
                    "what was told is what is charged"
                );
            }
            Act::Leave if self.users.len() > 1 => {
                self.close(now);
                let (before, issued) = (open(&self.account), self.invoices.len());
                self.leave(0, now);
                assert_eq!(
                    (open(&self.account), self.invoices.len()),
                    (before, issued),
                    "nothing is given back"
                );
            }
            Act::Leave => {}
            Act::Take(plan, interval) => {
                let told = self.account.preview_plan(Wish::Paid(plan, interval), PRICES, now).unwrap();
                self.close(now);
                let (before, additions) = (charged(self), open(&self.account));
                self.change(plan, interval, now);
                let came = charged(self) - before - (additions - open(&self.account));
                assert_eq!(amount_now(&told), came, "what was told is what is charged");
            }
            Act::Free => {
                self.closed(now, |account| match account.clone().change_plan(Wish::Free, PRICES, now) {
                    Err(Refusal::OverFreeLimit { .. }) => Ok(Billed::of(account)),
                    other => other,
                });
            }
            Act::Cancel => self.closed(now, |account| account.cancel(now)),
            Act::TakeBack => self.closed(now, |account| {
                account.is_closed_up_to(now)?;
                Ok(account.take_back(now))
            }),
            Act::Agree(interval, price) => self.agree(interval, price, now),
            Act::Close => self.close(now),
        }
    }
}

proptest! {
    // RULE: BI-01
    #[test]
    fn an_amount_is_between_nothing_and_all_and_less_by_the_day(
        unit_amount in 0..=200_000_i64, quantity in 0..=10_000_u32, days_in_period in 28..=366_u32,
    ) {
        let all = unit_amount * i64::from(quantity);
        let of = |days| amount(Share { unit_amount, quantity, days, days_in_period });
        prop_assert_eq!((of(0), of(days_in_period)), (0, all));
        for days in 1..=days_in_period {
            prop_assert!(of(days) >= of(days - 1) && of(days) <= all, "{}", days);
        }
    }

    // RULE: BI-02
    #[test]
    fn four_years_of_periods_have_neither_gap_nor_overlap(first in some_day(), interval in prop_oneof![Just(Monthly), Just(Annual)]) {
        let anchor = Anchor::on(first);
        let mut period = anchor.period(interval, first);
        prop_assert_eq!(period.start, first);
        for date in first.iter_days().take(4 * 365 + 1) {
            if date == period.end {
                period = anchor.period(interval, date);
                prop_assert_eq!(period.start, date);
            }
            prop_assert!(period.contains(date));
            prop_assert_eq!(anchor.period(interval, date), period);
        }
    }

    // RULE: BI-04, BI-07, BI-14, BI-15, BI-19
    #[test]
    fn whatever_a_life_is_what_is_told_is_charged_and_the_history_reproduces_it(first in some_day(), acts in life()) {
        let (mut books, mut now) = (Books::open(), noon(first));
        books.join(now);
        for (hours, act) in acts {
            now += TimeDelta::hours(hours);
            books.act(act, now);
        }
        books.close(now);
        books.agrees_with_its_history(now);
    }

    // RULE: BI-05, BI-19
    #[test]
    fn neither_the_hour_nor_who_comes_first_nor_when_it_is_closed_moves_a_cent(
        first in some_day(), days in prop::collection::vec((1..40_i64, prop::collection::vec(0..24_i64, 0..6)), 1..20),
    ) {
        let run = |reversed: bool, nightly: bool| {
            let mut books = Books::open();
            books.join(noon(first));
            books.change(Pro, Monthly, noon(first));
            let mut date = first;
            for (later, hours) in &days {
                date += TimeDelta::days(*later);
                let mut hours = hours.clone();
                hours.sort_unstable();
                if reversed {
                    hours = hours.iter().map(|hour| 23 - hour).rev().collect();
                }
                for hour in hours {
                    books.join(midnight(date) + TimeDelta::hours(hour));
                }
                if nightly {
                    books.close(midnight(date + TimeDelta::days(1)));
                }
            }
            books.close(noon(date + TimeDelta::days(1)));
            (books.totals(), books.account.billing.subscription)
        };
        let once = run(false, false);
        for (reversed, nightly) in [(false, true), (true, false), (true, true)] {
            prop_assert_eq!(&run(reversed, nightly), &once);
        }
    }
}
