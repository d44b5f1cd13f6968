//! What an invoice says line by line. RULE: BI-11, BI-15, BI-16

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Day, Period, Share, Terms, amount};
use crate::{Interval, Plan};

/// What a line is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LineKind {
    /// A whole period, in advance.
    Renewal,
    /// The seats that were added on one day, for the rest of the period.
    Addition,
    /// What is left of a period that was paid for and does not go on as it was.
    PlanCredit,
    /// What takes its place.
    PlanCharge,
}

/// One line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// What it is for.
    pub kind: LineKind,
    /// The plan that the seats are of.
    pub plan: Plan,
    /// How often that is charged.
    pub interval: Interval,
    /// How many seats.
    pub quantity: u32,
    /// One seat for the whole period, in the smallest unit of the currency.
    pub unit_amount: i64,
    /// How many days of the period.
    pub days: u32,
    /// How many days the period has.
    pub days_in_period: u32,
    /// What it comes to; less than nothing for a credit.
    pub amount: i64,
}

impl Line {
    /// So many seats from this day on to the period's end.
    pub(super) fn of(kind: LineKind, quantity: u32, terms: Terms, period: Period, from: Day) -> Self {
        let Terms { plan, interval, unit_amount, .. } = terms;
        let (days, days_in_period) = (period.days_left(from), period.days());
        let charged = amount(Share { unit_amount, quantity, days, days_in_period });
        let amount = if kind == LineKind::PlanCredit { -charged } else { charged };
        Self { kind, plan, interval, quantity, unit_amount, days, days_in_period, amount }
    }
}

/// What is charged on one day, to become an invoice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Charge {
    /// The day.
    pub date: Day,
    /// What is subscribed to.
    pub terms: Terms,
    /// What it is for.
    pub period: Period,
    /// In the order in which they are printed.
    pub lines: Vec<Line>,
    /// Of additions, where the first of them stands in the history of seats.
    pub first_entry: Option<u64>,
}

impl Charge {
    /// The sum of the lines as they are printed. RULE: BI-11
    pub fn total(&self) -> i64 {
        self.lines.iter().map(|line| line.amount).sum()
    }
}
