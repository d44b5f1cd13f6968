//! What an account is charged: pure functions of the account, the price list and the day. RULE: BI-01, BI-14

mod catalogue;
mod close;
mod enterprise;
mod history;
mod invoice;
mod line;
mod money;
mod period;
mod plans;
mod preview;
mod proration;
mod reconcile;
mod replay;
mod seats;
mod state;
mod subscription;
mod views;

#[cfg(test)]
mod books;
#[cfg(test)]
mod cases;
#[cfg(test)]
mod lives;
#[cfg(test)]
mod plan_lives;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod sequences;

pub use catalogue::{Catalogue, PriceList};
pub use history::{HistoryEntry, Moved};
pub use invoice::{CURRENCY, Invoice};
pub use line::{Charge, Line, LineKind};
pub use money::{dollars, printed_day};
pub use period::{Anchor, Day, Period};
pub use plans::{Scheduled, Wish};
pub use preview::ChargePreview;
pub use proration::{Share, amount};
pub use replay::{Replayed, replay};
pub use state::{Billed, Billing};
pub use subscription::{OpenAdditions, Subscription, Terms};
pub use views::{
    AnnualSaving, BillingView, InvoiceView, LineView, NextInvoice, OpenAdditionsView, ScheduledChange,
};

/// A day of a test.
#[cfg(test)]
fn day(text: &str) -> Day {
    text.parse().expect("a day")
}
