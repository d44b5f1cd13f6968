//! An account with its books, as tests lead it from day to day.

use chrono::NaiveTime;

use super::{Billed, Catalogue, Day, HistoryEntry, Invoice, Terms, Wish, replay};
use crate::lives::user;
use crate::{Account, AccountId, Instant, Interval, Plan, Refusal, Role, Text, User};

pub(super) const PRICES: Catalogue = Catalogue::LISTS;

pub(super) fn noon(day: Day) -> Instant {
    day.and_time(NaiveTime::from_hms_opt(12, 0, 0).unwrap()).and_utc()
}

fn wish(plan: Plan, interval: Interval) -> Wish {
    Wish::Paid(plan, interval)
}

/// An account with its books.
#[derive(Clone)]
pub(super) struct Books {
    pub(super) account: Account,
    pub(super) users: Vec<User>,
    pub(super) invoices: Vec<Invoice>,
    pub(super) entries: Vec<HistoryEntry>,
    drawn: u128,
}

impl Books {
    pub(super) fn open() -> Self {
        let account = Account::new(AccountId::from_bits(7), Text::parse("Acme").unwrap(), Instant::default());
        let entries = Vec::new();
        Self { account, users: Vec::new(), invoices: Vec::new(), entries, drawn: 0 }
    }

    pub(super) fn keep(&mut self, billed: Billed) {
        self.account = billed.account;
        self.invoices.extend(billed.invoices);
        self.entries.extend(billed.entries);
    }

    /// As the shell does: what is overdue is closed first, a period each.
    pub(super) fn closed(&mut self, now: Instant, act: impl Fn(Account) -> Result<Billed, Refusal>) {
        loop {
            match act(self.account.clone()) {
                Ok(billed) => return self.keep(billed),
                Err(Refusal::PeriodOverdue(_)) => {
                    let billed = self.account.clone().close_next(PRICES, now).expect("it is overdue");
                    self.keep(billed);
                }
                Err(refusal) => panic!("{refusal:?}"),
            }
        }
    }

    pub(super) fn close(&mut self, now: Instant) {
        while let Some(billed) = self.account.clone().close_next(PRICES, now) {
            self.keep(billed);
        }
    }

    pub(super) fn join(&mut self, now: Instant) {
        self.drawn += 1;
        let joining = user(self.drawn, Role::Monitor);
        self.account.pending += 1;
        self.closed(now, |account| account.accept(&joining, now));
        self.users.push(joining.accept("hash".into(), now));
    }

    pub(super) fn leave(&mut self, at: usize, now: Instant) {
        let leaving = self.users.swap_remove(at);
        self.closed(now, |account| account.remove(&leaving, now));
    }

    pub(super) fn change(&mut self, plan: Plan, interval: Interval, now: Instant) {
        self.closed(now, |account| account.change_plan(wish(plan, interval), PRICES, now));
    }

    pub(super) fn agree(&mut self, interval: Interval, unit_amount: i64, now: Instant) {
        self.closed(now, |account| account.agree(Terms::agreed(interval, unit_amount), "Agreed", now));
    }

    pub(super) fn totals(&self) -> Vec<(String, i64)> {
        self.invoices.iter().map(|invoice| (invoice.date.to_string(), invoice.total)).collect()
    }

    /// The history says all of it once more.
    pub(super) fn agrees_with_its_history(&self, now: Instant) {
        let again = replay(self.account.id, &self.entries, PRICES, now).unwrap();
        let differs = again.entries.iter().zip(&self.entries).find(|(again, first)| again != first);
        assert_eq!(differs, None);
        let differs = again.invoices.iter().zip(&self.invoices).find(|(again, first)| again != first);
        assert_eq!(differs, None);
        assert_eq!((again.entries.len(), again.invoices.len()), (self.entries.len(), self.invoices.len()));
        assert_eq!(again.account.billing, self.account.billing);
        let numbers: Vec<u32> = self.invoices.iter().map(|invoice| invoice.number).collect();
        assert_eq!(numbers, (1..=count(self.invoices.len())).collect::<Vec<u32>>(), "without gaps");
        for invoice in &self.invoices {
            assert!(invoice.total >= 0, "nothing is paid back: {invoice:?}");
            assert_eq!(invoice.total, invoice.lines.iter().map(|line| line.amount).sum::<i64>());
        }
    }
}

pub(super) fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap()
}
