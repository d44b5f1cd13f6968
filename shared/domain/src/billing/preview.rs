//! What something would cost, by the functions that charge it. RULE: BI-14, IN-06

use schemars::JsonSchema;
use serde::Serialize;

use super::proration::half_up;
use super::{Billed, CURRENCY, Catalogue, Day, LineKind, LineView, OpenAdditions, Terms, Wish};
use crate::{Account, Instant, Interval, Refusal, Reply};

/// What something would cost, and what the account would pay from then on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "Charge")]
pub struct ChargePreview {
    /// What would be charged for it now, in the smallest unit of the currency.
    amount_now: i64,
    /// What all billable seats would cost a month.
    new_monthly_total: i64,
    /// What all billable seats would cost a year.
    new_annual_total: i64,
    /// Always `usd`.
    currency: &'static str,
    /// What is charged now.
    lines: Vec<LineView>,
    /// The day from which on it is so, where that is not today.
    #[serde(skip_serializing_if = "Option::is_none")]
    effective_on: Option<Day>,
}

impl Reply for ChargePreview {}

impl Terms {
    /// What so many seats cost a month; of a year a twelfth, halves up. RULE: BI-16
    pub fn monthly_total(&self, seats: u32) -> i64 {
        let whole = self.unit_amount.saturating_mul(i64::from(seats));
        match self.interval {
            Interval::Monthly => whole,
            Interval::Annual => half_up(whole.into(), 12),
        }
    }

    /// What so many seats cost a year. RULE: BI-17
    pub fn annual_total(&self, seats: u32) -> i64 {
        let whole = self.unit_amount.saturating_mul(i64::from(seats));
        match self.interval {
            Interval::Monthly => whole.saturating_mul(12),
            Interval::Annual => whole,
        }
    }
}

impl Account {
    /// What it would cost if so many more accepted at this instant: the day's line with them less the line without them.
    /// RULE: BI-14, IN-06
    pub fn preview_joining(&self, more: u32, catalogue: Catalogue, now: Instant) -> ChargePreview {
        let account = self.clone().close_all(catalogue, now);
        let Some(paid) = account.billing.subscription.clone() else { return ChargePreview::of_free(None) };
        let day = paid.day(now);
        let billable = account.billable() + more;
        let (after, _) = paid.clone().seats(billable, 0, day);
        let line = |open: OpenAdditions| (after.addition(open), open.quantity);
        let with = after.open_additions.map(line);
        let without = paid.open_additions.filter(|open| open.date == day).map(line);
        let lines = with.and_then(|(line, quantity)| {
            let (amount, before) = without.map_or((0, 0), |(line, quantity)| (line.amount, quantity));
            (quantity > before).then(|| {
                let added = super::Line { quantity: quantity - before, amount: line.amount - amount, ..line };
                LineView::of(&added, None)
            })
        });
        let lines: Vec<LineView> = lines.into_iter().collect();
        ChargePreview::of(lines, paid.terms, billable, None)
    }

    /// The same, as it is asked apart from an invitation: refused as that would be. RULE: BI-14, PS-02
    pub fn preview_more(
        &self,
        more: u32,
        catalogue: Catalogue,
        now: Instant,
    ) -> Result<ChargePreview, Refusal> {
        let account = self.clone().close_all(catalogue, now);
        let seats = account.seats();
        if seats.available.is_some_and(|available| available < more) {
            return Err(Refusal::MaximumUsers { seats, requested: more });
        }
        Ok(account.preview_joining(more, catalogue, now))
    }

    /// What a change of the plan would cost at this instant. RULE: BI-14
    pub fn preview_plan(
        &self,
        wish: Wish,
        catalogue: Catalogue,
        now: Instant,
    ) -> Result<ChargePreview, Refusal> {
        let account = self.clone().close_all(catalogue, now);
        let billable = account.billable();
        let Billed { account, invoices, .. } = account.change_plan(wish, catalogue, now)?;
        // What the day has added before is charged whatever the plan.
        let lines = invoices.iter().flat_map(|invoice| &invoice.lines);
        let lines = lines.filter(|line| line.kind != LineKind::Addition).map(|line| LineView::of(line, None));
        let lines: Vec<LineView> = lines.collect();
        let period_ends = account.billing.subscription.as_ref().map(|paid| paid.period.end);
        let paid = account.billing.subscription.as_ref().map(|paid| paid.terms);
        let terms = if account.billing.scheduled.is_some() { account.next_terms(catalogue) } else { paid };
        let effective_on = period_ends.filter(|_| account.billing.scheduled.is_some());
        Ok(match terms {
            Some(terms) => ChargePreview::of(lines, terms, billable, effective_on),
            None => ChargePreview::of_free(effective_on),
        })
    }
}

impl ChargePreview {
    /// Free costs nothing.
    fn of_free(effective_on: Option<Day>) -> Self {
        let (amount_now, new_monthly_total, new_annual_total) = (0, 0, 0);
        let (currency, lines) = (CURRENCY, Vec::new());
        Self { amount_now, new_monthly_total, new_annual_total, currency, lines, effective_on }
    }

    fn of(lines: Vec<LineView>, terms: Terms, billable: u32, effective_on: Option<Day>) -> Self {
        Self {
            amount_now: lines.iter().map(LineView::amount).sum(),
            new_monthly_total: terms.monthly_total(billable),
            new_annual_total: terms.annual_total(billable),
            currency: CURRENCY,
            lines,
            effective_on,
        }
    }
}
