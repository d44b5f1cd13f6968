//! Invoices line by line, the newest first.

use domain::{
    Account, AccountId, Actor, CURRENCY, Day, Instant, Interval, Invoice, InvoiceId, LineKind, Permission,
    Plan,
};
use runtime::Collection;
use schemars::JsonSchema;
use serde::Serialize;
use sheets::Row;

use crate::page::Kind;

/// Invoices.
pub(crate) struct Invoices;

/// A line of an invoice.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ExportedLine")]
pub(crate) struct LineRow {
    /// The invoice.
    invoice_id: InvoiceId,
    /// Its number, without gaps.
    number: u32,
    /// The day that it is of.
    date: Day,
    /// Always `usd`.
    currency: &'static str,
    /// The first day of what it is for.
    period_start: Day,
    /// The first day behind that.
    period_end: Day,
    /// What the line is for.
    kind: LineKind,
    /// The same in words.
    description: String,
    /// The plan that the seats are of.
    plan: Plan,
    /// How often that is charged.
    interval: Interval,
    /// How many seats.
    quantity: u32,
    /// One seat for the whole period, in the smallest unit of the currency.
    unit_amount: i64,
    /// How many days of the period.
    days: u32,
    /// How many days the period has.
    days_in_period: u32,
    /// What it comes to; less than nothing for a credit.
    amount: i64,
    /// The sum of all lines of the invoice.
    invoice_total: i64,
}

impl Kind for Invoices {
    const NAME: &'static str = "export-invoices";
    const ABOUT: &'static str = "Exports invoices line by line, a page at a time";
    const WHAT: &'static str = "invoices";
    const NEEDS: Permission = Permission::ManageBilling;
    type Item = Invoice;
    type Row = LineRow;

    fn collection(account_id: AccountId, after: Option<u128>, limit: i32) -> Collection {
        let before = after.and_then(|number| u32::try_from(number).ok());
        Collection::Invoices { account_id, before, limit }
    }

    fn place(invoice: &Invoice) -> u128 {
        invoice.number.into()
    }

    fn rows(invoice: &Invoice, _: &Account, _: &Actor, _: Instant) -> Vec<LineRow> {
        let row = |line: &domain::Line| LineRow {
            invoice_id: invoice.id,
            number: invoice.number,
            date: invoice.date,
            currency: CURRENCY,
            period_start: invoice.period.start,
            period_end: invoice.period.end,
            kind: line.kind,
            description: line.description(),
            plan: line.plan,
            interval: line.interval,
            quantity: line.quantity,
            unit_amount: line.unit_amount,
            days: line.days,
            days_in_period: line.days_in_period,
            amount: line.amount,
            invoice_total: invoice.total,
        };
        invoice.lines.iter().map(row).collect()
    }
}

impl Row for LineRow {
    const COLUMNS: &'static [&'static str] = &[
        "invoice_id",
        "number",
        "date",
        "currency",
        "period_start",
        "period_end",
        "kind",
        "description",
        "plan",
        "interval",
        "quantity",
        "unit_amount",
        "days",
        "days_in_period",
        "amount",
        "invoice_total",
    ];
}
