//! The invoices of a history of seats, from nothing. RULE: BI-19

use super::period::midnight;
use super::{Billed, Catalogue, HistoryEntry, Invoice, Moved, Scheduled};
use crate::{Account, AccountId, Day, Instant, Text};

/// What a history comes to.
#[derive(Clone, Debug, PartialEq)]
pub struct Replayed {
    /// The account as far as it is about money: `active` counts all who are billable.
    pub account: Account,
    /// All invoices.
    pub invoices: Vec<Invoice>,
    /// The entries as they are made anew.
    pub entries: Vec<HistoryEntry>,
}

/// Bills a history up to an instant; none where the history cannot be one.
pub fn replay(
    account_id: AccountId,
    entries: &[HistoryEntry],
    catalogue: Catalogue,
    until: Instant,
) -> Option<Replayed> {
    let name = Text::parse("-").ok()?;
    let account = Account::new(account_id, name, Instant::default());
    let mut books = Replayed { account, invoices: Vec::new(), entries: Vec::new() };
    for entry in entries {
        books = books.close_before(entry, catalogue).enter(*entry)?;
    }
    while let Some(billed) = books.account.clone().close_next(catalogue, until) {
        books = books.with(billed);
    }
    Some(books)
}

impl Replayed {
    fn with(mut self, billed: Billed) -> Self {
        self.account = billed.account;
        self.invoices.extend(billed.invoices);
        self.entries.extend(billed.entries);
        self
    }

    /// What was due before the entry was closed before it. What ends a period itself is no change within the next one.
    fn close_before(self, entry: &HistoryEntry, catalogue: Catalogue) -> Self {
        let mut books = self;
        loop {
            let ends_period = books.ends_with(entry);
            let boundary: Option<Day> =
                books.account.billing.subscription.as_ref().map(|paid| paid.period.end);
            let is_over = boundary.is_some_and(|end| end < entry.date || end == entry.date && !ends_period);
            if !is_over {
                return books;
            }
            let day_begins = midnight(entry.date);
            let Some(billed) = books.account.clone().close_next(catalogue, day_begins) else { return books };
            books = books.with(billed);
        }
    }

    fn ends_with(&self, entry: &HistoryEntry) -> bool {
        let is_to_free =
            matches!(self.account.billing.scheduled, Some(Scheduled::Downgrade | Scheduled::Cancellation));
        is_to_free && matches!(entry.moved, Moved::Ended | Moved::TakenBack)
    }

    fn enter(self, entry: HistoryEntry) -> Option<Self> {
        // By the day that it counts for, which a late request has not by its own instant.
        let (account, at) = (self.account.clone(), midnight(entry.date));
        let paid = account.billing.subscription.clone();
        let billed = match entry.moved {
            Moved::Joined { user_id, .. } => {
                Account { active: account.active + 1, ..account }.joined(user_id, at)
            }
            Moved::Left { user_id } => {
                Account { active: account.active.checked_sub(1)?, ..account }.left(user_id, at)
            }
            Moved::Subscribed { terms } => match paid {
                None => account.begin(terms, at),
                Some(paid) => account.change_now(paid, terms, at),
            },
            Moved::Agreed { terms } => account.agree_on_next(terms, paid?, at),
            Moved::Scheduled { change } => account.schedule(change, paid?, at),
            Moved::TakenBack => account.take_back(at),
            Moved::Ended => {
                let (paid, added) = paid?.end_additions();
                Billed::of(account).charge(added).ended(&paid, at)
            }
        };
        let entries =
            billed.entries.into_iter().map(|again| HistoryEntry { at: entry.at, ..again }).collect();
        Some(self.with(Billed { entries, ..billed }))
    }
}
