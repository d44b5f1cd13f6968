//! A paid plan, and what becomes of it day by day. RULE: BI-03..BI-12

use serde::{Deserialize, Serialize};

use super::line::{Charge, Line, LineKind};
use super::{Anchor, Day, Period};
use crate::{Instant, Interval, Plan};

/// What is subscribed to, at the price that was in force when it began or was renewed. RULE: BI-18
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// The plan.
    pub plan: Plan,
    /// How often it is charged.
    pub interval: Interval,
    /// One seat for one interval, in the smallest unit of the currency.
    pub unit_amount: i64,
    /// The list that the price is of; none where the operator has set it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price_list: Option<u32>,
}

/// The seats that were added on a day that may not be over: one line when it is. RULE: BI-05
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenAdditions {
    /// The day.
    pub date: Day,
    /// How many.
    pub quantity: u32,
    /// The number under which the first of them stands in the history of seats.
    #[serde(default)]
    pub first_entry: u64,
}

/// A paid plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscription {
    /// What is subscribed to.
    pub terms: Terms,
    /// From where its periods are counted.
    pub anchor: Anchor,
    /// The period that is paid for.
    pub period: Period,
    /// How many seats are: the most that were billable at once in the period. RULE: BI-03
    pub paid_seats: u32,
    /// What is not on an invoice yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub open_additions: Option<OpenAdditions>,
    /// The day after the last one of the period whose additions are on an invoice, because it was over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_open_day: Option<Day>,
    /// What the operator has agreed on for the next renewal, if nothing else is scheduled. RULE: BI-18
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agreed: Option<Terms>,
}

impl Subscription {
    /// Begins on this day, with a whole period for so many seats. RULE: BI-06, BI-10
    pub fn begin(terms: Terms, billable: u32, day: Day) -> (Self, Charge) {
        let anchor = Anchor::on(day);
        let period = anchor.period(terms.interval, day);
        let begun = Self {
            terms,
            anchor,
            period,
            paid_seats: billable,
            open_additions: None,
            first_open_day: None,
            agreed: None,
        };
        let charge = begun.renewal(billable);
        (begun, charge)
    }

    /// So many are billable from this day of the period on. Only those above the mark cost anything, and fewer never give
    /// anything back. What an earlier day has left open is on an invoice before it. RULE: BI-03, BI-04, BI-05
    ///
    /// `entry` is the number under which the one who is above the mark stands in the history of seats.
    pub fn seats(self, billable: u32, entry: u64, day: Day) -> (Self, Option<Charge>) {
        let (mut subscription, earlier) = self.end_of_day(day);
        let added = billable.saturating_sub(subscription.paid_seats);
        if added > 0 {
            let open = subscription.open_additions.get_or_insert(OpenAdditions {
                date: day,
                quantity: 0,
                first_entry: entry,
            });
            open.quantity += added;
            subscription.paid_seats = billable;
        }
        (subscription, earlier)
    }

    /// The day that this instant counts for. A request that was read before midnight and is committed after others of the new
    /// day counts for that one: what is on an invoice stays as it is.
    pub fn day(&self, now: Instant) -> Day {
        let open = self.open_additions.map(|open| open.date);
        let known = [Some(self.period.start), open, self.first_open_day];
        known.into_iter().flatten().fold(now.date_naive(), Day::max)
    }

    /// What was added on an earlier day than this one is put on an invoice of its own day. RULE: BI-05
    pub fn end_of_day(self, today: Day) -> (Self, Option<Charge>) {
        let is_over = self.open_additions.is_some_and(|open| open.date < today);
        if !is_over {
            return (self, None);
        }
        let first_open_day = self.open_additions.and_then(|open| open.date.succ_opt());
        let (ended, charge) = self.end_additions();
        (Self { first_open_day, ..ended }, charge)
    }

    /// The period is over: the next one begins, for those who are billable at its boundary, at the price of now. The day
    /// that is open is on an invoice before it. RULE: BI-03, BI-06, BI-18
    pub fn renew(self, terms: Terms, billable: u32) -> (Self, Vec<Charge>) {
        let (ended, added) = self.end_additions();
        let boundary = ended.period.end;
        let period = ended.anchor.period(terms.interval, boundary);
        // A year that follows a month begins with it, wherever the months were counted from.
        let anchor = if period.start == boundary { ended.anchor } else { Anchor::on(boundary) };
        let period = anchor.period(terms.interval, boundary);
        let renewed =
            Self { terms, anchor, period, paid_seats: billable, first_open_day: None, agreed: None, ..ended };
        let renewal = renewed.renewal(billable);
        (renewed, added.into_iter().chain([renewal]).collect())
    }

    /// Other terms from this day on. Of the same interval the period goes on, and what is left of it is given back at the
    /// old price and charged at the new one, for the seats that are paid for: they can be filled again. Of another a whole
    /// one begins, for those who are billable, and what is left is given back for those alone: who is gone gives nothing back.
    /// What was added on this day is on an invoice first. RULE: BI-04, BI-11, BI-12
    pub fn change(self, terms: Terms, billable: u32, day: Day) -> (Self, Vec<Charge>) {
        let (before, added) = self.end_additions();
        let credit = |seats| before.line(LineKind::PlanCredit, seats, day);
        // Agreed on is what follows a period, whichever that is by then; Enterprise itself comes by another agreement.
        let agreed = before.agreed.filter(|_| terms.plan != Plan::Enterprise);
        let (after, lines) = if terms.interval == before.terms.interval {
            let credit = credit(before.paid_seats);
            let after = Self { terms, agreed, ..before };
            let charge = after.line(LineKind::PlanCharge, after.paid_seats, day);
            (after, vec![credit, charge])
        } else {
            let (begun, whole) = Self::begin(terms, billable, day);
            let credit = credit(billable.min(before.paid_seats));
            (Self { agreed, ..begun }, [vec![credit], whole.lines].concat())
        };
        let charge = after.charge(day, lines);
        (after, added.into_iter().chain([charge]).collect())
    }

    /// What is open is put on an invoice of its own day, whether that is over or not.
    pub(super) fn end_additions(mut self) -> (Self, Option<Charge>) {
        let charge = self.open_additions.take().map(|open| Charge {
            first_entry: Some(open.first_entry),
            ..self.charge(open.date, vec![self.addition(open)])
        });
        (self, charge)
    }

    /// What the period costs for so many.
    fn renewal(&self, billable: u32) -> Charge {
        let start = self.period.start;
        self.charge(start, vec![self.line(LineKind::Renewal, billable, start)])
    }

    /// The line of what was added on one day.
    pub(super) fn addition(&self, open: OpenAdditions) -> Line {
        self.line(LineKind::Addition, open.quantity, open.date)
    }

    fn line(&self, kind: LineKind, quantity: u32, from: Day) -> Line {
        Line::of(kind, quantity, self.terms, self.period, from)
    }

    const fn charge(&self, date: Day, lines: Vec<Line>) -> Charge {
        Charge { date, terms: self.terms, period: self.period, lines, first_entry: None }
    }
}
