//! Where an account's billing stands, and what it does. RULE: BI-03, BI-05, BI-15, BI-19

use serde::{Deserialize, Serialize};

use super::{Charge, Day, HistoryEntry, Invoice, Moved, Scheduled, Subscription};
use crate::{Account, Fact, FactKind, Instant, Timer};

/// What of an account is about money.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Billing {
    /// The paid plan; none on Free.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subscription: Option<Subscription>,
    /// What is to change at the end of the period.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scheduled: Option<Scheduled>,
    /// The first day on which nothing was subscribed to any more, where something was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_on: Option<Day>,
    /// The number of the latest invoice.
    #[serde(default)]
    pub invoices: u32,
    /// The number of the latest entry of the history of seats.
    #[serde(default)]
    pub entries: u64,
}

/// An account after something that may be charged, and what is to be written with it.
#[derive(Clone, Debug, PartialEq)]
pub struct Billed {
    /// The account.
    pub account: Account,
    /// In the order of their numbers.
    pub invoices: Vec<Invoice>,
    /// In the order of their numbers.
    pub entries: Vec<HistoryEntry>,
    /// What happened.
    pub facts: Vec<Fact>,
    /// What is to be tidied up behind it.
    pub timer: Option<Timer>,
}

impl Billed {
    /// Nothing is charged.
    pub const fn of(account: Account) -> Self {
        Self { account, invoices: Vec::new(), entries: Vec::new(), facts: Vec::new(), timer: None }
    }

    /// Puts what is charged on an invoice under the next number.
    pub(super) fn charge(mut self, charge: impl IntoIterator<Item = Charge>) -> Self {
        for charge in charge {
            let billing = &mut self.account.billing;
            billing.invoices += 1;
            let invoice = Invoice::of(charge, self.account.id, billing.invoices, billing.entries);
            self.facts.push(
                Fact::bare(FactKind::InvoiceIssued)
                    .after("invoice_id", invoice.id.to_string())
                    .after("number", invoice.number)
                    .after("date", invoice.date.to_string())
                    .after("total", invoice.total)
                    .after("currency", super::CURRENCY),
            );
            self.invoices.push(invoice);
        }
        self
    }

    /// Enters it in the history of seats under the next number.
    pub(super) fn enter(mut self, moved: Moved, date: Day, at: Instant) -> Self {
        let billing = &mut self.account.billing;
        billing.entries += 1;
        self.entries.push(HistoryEntry {
            account_id: self.account.id,
            number: billing.entries,
            date,
            at,
            moved,
        });
        self
    }

    /// Says what became of the plan, or of its next change: a new version of the account. RULE: AP-03
    pub(super) fn fact(mut self, fact: Fact) -> Self {
        self.account.version += 1;
        self.facts.push(fact);
        self
    }

    /// What is subscribed to from here on.
    pub(super) fn subscribed(mut self, subscription: Option<Subscription>) -> Self {
        self.account.billing.subscription = subscription;
        self
    }

    /// What is to change at the end of the period.
    pub(super) const fn scheduled(mut self, scheduled: Option<Scheduled>) -> Self {
        self.account.billing.scheduled = scheduled;
        self
    }
}
