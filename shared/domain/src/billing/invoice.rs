//! Invoices: numbered without gaps in each account, and never changed. RULE: BI-15

use serde::{Deserialize, Serialize};

use super::{Charge, Day, Line, Period};
use crate::{AccountId, Interval, InvoiceId, Plan};

/// The currency of all prices. RULE: BI-16
pub const CURRENCY: &str = "usd";

/// One invoice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invoice {
    /// Its identifier, which follows from account and number.
    pub id: InvoiceId,
    /// Whose it is.
    pub account_id: AccountId,
    /// 1 for the account's first, without gaps.
    pub number: u32,
    /// The day that it is of.
    pub date: Day,
    /// What is subscribed to.
    pub plan: Plan,
    /// How often it is charged.
    pub interval: Interval,
    /// What it is for.
    pub period: Period,
    /// In the order in which they are printed.
    pub lines: Vec<Line>,
    /// The sum of the lines.
    pub total: i64,
    /// How many entries the history of seats had then.
    pub entries: u64,
    /// Of an invoice of additions, where the first of them stands in the history of seats.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_entry: Option<u64>,
}

impl Invoice {
    pub(super) fn of(charge: Charge, account_id: AccountId, number: u32, entries: u64) -> Self {
        Self {
            id: InvoiceId::of(account_id, number),
            account_id,
            number,
            date: charge.date,
            plan: charge.terms.plan,
            interval: charge.terms.interval,
            period: charge.period,
            total: charge.total(),
            lines: charge.lines,
            entries,
            first_entry: charge.first_entry,
        }
    }
}

/// In the identifier of an invoice its number stands where its account's has the first of its random bits.
const NUMBER_AT: u32 = 48;
const NUMBER: u128 = (u32::MAX as u128) << NUMBER_AT;

impl InvoiceId {
    /// Of an account's invoice. It says where the invoice stands, and is nobody else's.
    pub const fn of(account_id: AccountId, number: u32) -> Self {
        Self::from_bits(account_id.bits() & !NUMBER | (number as u128) << NUMBER_AT)
    }

    /// The number it stands under, if it is this account's.
    pub fn number_in(self, account_id: AccountId) -> Option<u32> {
        let is_own = (self.bits() ^ account_id.bits()) & !NUMBER == 0;
        u32::try_from((self.bits() & NUMBER) >> NUMBER_AT).ok().filter(|_| is_own)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // RULE: AP-05, BI-15
    #[test]
    fn an_invoices_identifier_leads_to_its_number_in_its_own_account_alone() {
        let mine = AccountId::from_bits(7 << 80 | 0x15);
        let id = InvoiceId::of(mine, 12);
        assert_eq!(id.number_in(mine), Some(12));
        for other in [7 << 80 | 0x16, 8 << 80 | 0x15] {
            assert_eq!(id.number_in(AccountId::from_bits(other)), None);
        }
        assert_ne!(id, InvoiceId::of(mine, 13));
        assert_eq!(InvoiceId::parse(&id.to_string()), Some(id));
    }
}
