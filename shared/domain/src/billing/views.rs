//! What callers see of lines, invoices and where billing stands. RULE: BI-15, BI-16, PS-13

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::proration::half_up;
use super::{
    Billed, CURRENCY, Catalogue, Day, Invoice, Line, LineKind, OpenAdditions, Period, Scheduled, Terms,
};
use crate::{Account, Change, Interval, InvoiceId, Plan, Reply, Seats, UserId};

/// A line of an invoice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "Line")]
pub struct LineView {
    /// What it is for.
    kind: LineKind,
    /// The same in words.
    description: String,
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
    /// Whose seats these are, where the line is about some; gone users included.
    #[serde(skip_serializing_if = "Option::is_none")]
    users: Option<Vec<UserId>>,
}

impl LineView {
    pub(super) fn of(line: &Line, users: Option<Vec<UserId>>) -> Self {
        let Line { kind, quantity, unit_amount, days, days_in_period, amount, .. } = *line;
        Self {
            kind,
            description: line.description(),
            quantity,
            unit_amount,
            days,
            days_in_period,
            amount,
            users,
        }
    }

    pub(super) const fn amount(&self) -> i64 {
        self.amount
    }
}

impl Line {
    /// What it is a seat of, such as `Pro, monthly`.
    pub fn plan_in_words(&self) -> String {
        format!("{}, {}", self.plan.label(), self.interval.name())
    }

    /// What it is for, in words.
    pub fn description(&self) -> String {
        let seats = if self.quantity == 1 { "1 seat".to_owned() } else { format!("{} seats", self.quantity) };
        let plan = self.plan_in_words();
        let days = format!("{} of {} days", self.days, self.days_in_period);
        match self.kind {
            LineKind::Renewal => format!("{seats} on {plan}: the whole period"),
            LineKind::Addition => format!("{seats} added on {plan}: {days}"),
            LineKind::PlanCredit => format!("Unused time of {seats} on {plan}: {days}"),
            LineKind::PlanCharge => format!("{seats} on {plan}: {days}"),
        }
    }
}

/// An invoice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "Invoice")]
pub struct InvoiceView {
    /// Its identifier.
    id: InvoiceId,
    /// 1 for the account's first, without gaps.
    number: u32,
    /// The day that it is of.
    date: Day,
    /// What is subscribed to.
    plan: Plan,
    /// How often it is charged.
    interval: Interval,
    /// Always `usd`.
    currency: &'static str,
    /// What it is for.
    period: Period,
    /// In the order in which they are printed.
    lines: Vec<LineView>,
    /// The sum of the lines.
    total: i64,
}

impl Reply for InvoiceView {}

impl InvoiceView {
    /// Of an invoice, and whose seats it is about.
    pub fn of(invoice: &Invoice, users: Option<&[UserId]>) -> Self {
        let is_theirs = |line: &Line| matches!(line.kind, LineKind::Addition | LineKind::Renewal);
        let users = |line: &Line| users.filter(|_| is_theirs(line)).map(<[_]>::to_vec);
        Self {
            id: invoice.id,
            number: invoice.number,
            date: invoice.date,
            plan: invoice.plan,
            interval: invoice.interval,
            currency: CURRENCY,
            period: invoice.period,
            lines: invoice.lines.iter().map(|line| LineView::of(line, users(line))).collect(),
            total: invoice.total,
        }
    }
}

/// What is charged next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NextInvoice {
    /// The day of the renewal.
    pub date: Day,
    /// What it comes to, if nobody comes or goes until then.
    pub amount: i64,
}

/// Seats that were added on a day that may not be over, and are not on an invoice yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct OpenAdditionsView {
    /// The day.
    date: Day,
    /// How many seats.
    quantity: u32,
    /// What they come to.
    amount: i64,
}

/// A change of the plan that is to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ScheduledChange {
    /// The plan.
    plan: Plan,
    /// How often it will be charged; null on Free.
    interval: Option<Interval>,
    /// One seat for one interval, where that was agreed on with the operator: it is not taken back here.
    #[serde(skip_serializing_if = "Option::is_none")]
    unit_amount: Option<i64>,
    /// Whether the subscription was cancelled, and ends however many users there are.
    is_cancellation: bool,
    /// The first day of it.
    effective_on: Day,
}

/// What a year's subscription saves at the prices of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AnnualSaving {
    /// All billable seats for a year, by the month.
    by_the_month: i64,
    /// The same, by the year.
    by_the_year: i64,
    /// What is saved, in hundredths of a per cent.
    basis_points: i64,
}

/// Where an account's billing stands. RULE: PS-13
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "Billing")]
pub struct BillingView {
    /// How often it is charged; null on Free.
    interval: Option<Interval>,
    /// What is paid for; null on Free.
    period: Option<Period>,
    /// The plan and its seats.
    #[serde(flatten)]
    seats: Seats,
    /// One seat for one interval, in the smallest unit of the currency; 0 on Free.
    unit_amount: i64,
    /// All billable seats for a month; of a year a twelfth.
    monthly_total: i64,
    /// All billable seats for a year.
    annual_total: i64,
    /// Always `usd`.
    currency: &'static str,
    /// The next renewal, if nobody comes or goes until then; null where there is none. What was added within the period is
    /// in `open_additions`, and on an invoice of its own before.
    next_invoice: Option<NextInvoice>,
    /// What was added and is not on an invoice yet.
    open_additions: Vec<OpenAdditionsView>,
    /// What is to change at the end of the period.
    #[serde(skip_serializing_if = "Option::is_none")]
    scheduled_change: Option<ScheduledChange>,
    /// What paying by the year saves, at the prices of the list; null where the plan is not on it.
    annual_saving: Option<AnnualSaving>,
}

impl Reply for BillingView {}

impl Account {
    /// What is subscribed to after the period, as things stand; none where nothing is.
    pub(crate) fn next_terms(&self, catalogue: Catalogue) -> Option<Terms> {
        let paid = self.billing.subscription.as_ref()?;
        match self.billing.scheduled {
            // With too many for Free the plan stays. RULE: BI-13
            Some(Scheduled::Downgrade) if self.fits_free().is_err() => Some(paid.next_terms(catalogue)),
            Some(Scheduled::Downgrade | Scheduled::Cancellation) => None,
            Some(Scheduled::Change { plan, interval }) => {
                Some(catalogue.terms(plan, interval, paid.period.end).unwrap_or(paid.terms))
            }
            None => Some(paid.next_terms(catalogue)),
        }
    }

    /// The next renewal, if nobody comes or goes until then. RULE: PS-13, CK-02
    pub fn next_invoice(&self, catalogue: Catalogue) -> Option<NextInvoice> {
        let date = self.billing.subscription.as_ref()?.period.end;
        let terms = self.next_terms(catalogue).filter(|_| self.is_open())?;
        Some(NextInvoice { date, amount: terms.unit_amount.saturating_mul(i64::from(self.billable())) })
    }

    /// What is agreed on with the operator for the end of the period, and when that is, where nothing else is to come.
    pub fn agreed_on_next(&self) -> Option<(Terms, Day)> {
        let paid = self.billing.subscription.as_ref().filter(|_| self.billing.scheduled.is_none())?;
        Some((paid.agreed?, paid.period.end))
    }

    /// What is to change at the end of the period.
    pub fn scheduled_change(&self) -> Option<ScheduledChange> {
        let effective_on = self.billing.subscription.as_ref()?.period.end;
        let (plan, interval, unit_amount) = match self.billing.scheduled {
            Some(Scheduled::Change { plan, interval }) => (plan, Some(interval), None),
            Some(Scheduled::Downgrade | Scheduled::Cancellation) => (Plan::Free, None, None),
            None => {
                let (agreed, _) = self.agreed_on_next()?;
                (agreed.plan, Some(agreed.interval), Some(agreed.unit_amount))
            }
        };
        let is_cancellation = self.billing.scheduled == Some(Scheduled::Cancellation);
        Some(ScheduledChange { plan, interval, unit_amount, is_cancellation, effective_on })
    }

    /// What paying by the year saves, at the prices of the list. RULE: BI-17, AU-05
    pub(crate) fn annual_saving(&self, catalogue: Catalogue, today: Day) -> Option<AnnualSaving> {
        let yearly =
            |interval| Some(catalogue.terms(self.plan(), interval, today)?.annual_total(self.billable()));
        let (by_the_month, by_the_year) = (yearly(Interval::Monthly)?, yearly(Interval::Annual)?);
        let saved = 10_000 * i128::from(by_the_month - by_the_year);
        let basis_points = half_up(saved, by_the_month.into());
        Some(AnnualSaving { by_the_month, by_the_year, basis_points })
    }
}

impl Change<BillingView> {
    /// Writes what was billed, and shows where the billing stands after it.
    pub fn of_billed(billed: Billed, catalogue: Catalogue, today: Day) -> Self {
        Self::reply(BillingView::of(&billed.account, catalogue, today)).billed(billed)
    }
}

impl BillingView {
    /// Of an account on this day.
    pub fn of(account: &Account, catalogue: Catalogue, today: Day) -> Self {
        let paid = account.billing.subscription.as_ref();
        let terms = paid.map(|paid| paid.terms);
        let billable = account.billable();
        let open = |open: OpenAdditions| {
            let amount = paid.map_or(0, |paid| paid.addition(open).amount);
            OpenAdditionsView { date: open.date, quantity: open.quantity, amount }
        };
        Self {
            interval: account.interval(),
            period: paid.map(|paid| paid.period),
            seats: account.seats(),
            unit_amount: terms.map_or(0, |terms| terms.unit_amount),
            monthly_total: terms.map_or(0, |terms| terms.monthly_total(billable)),
            annual_total: terms.map_or(0, |terms| terms.annual_total(billable)),
            currency: CURRENCY,
            next_invoice: account.next_invoice(catalogue),
            open_additions: paid.and_then(|paid| paid.open_additions).map(open).into_iter().collect(),
            scheduled_change: account.scheduled_change(),
            annual_saving: account.annual_saving(catalogue, today),
        }
    }
}
