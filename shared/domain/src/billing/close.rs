//! What time alone calls for: the day that is over is put on an invoice, and the period that is over is followed by the
//! next. RULE: BI-05, BI-06, BI-07, BI-08

use chrono::TimeDelta;

use super::period::midnight;
use super::{Billed, Catalogue, Moved, Scheduled, Subscription, Terms};
use crate::{Account, Fact, FactKind, Instant, Plan, Refusal, Timer, TimerKind};

/// More periods than any account is behind.
const CLOSES_MAX: u32 = 10_000;

impl Account {
    /// The next of what is due by now, or none: one period, or one day. Doing it once more finds it done. RULE: BI-07
    pub fn close_next(self, catalogue: Catalogue, now: Instant) -> Option<Billed> {
        let paid = self.billing.subscription.clone()?;
        if self.owes_a_close(now) {
            return Some(self.renew(paid, catalogue, now));
        }
        let (paid, charge) = paid.end_of_day(now.date_naive());
        charge.map(|charge| Billed::of(self).subscribed(Some(paid)).charge([charge]))
    }

    /// A boundary by now at which the account goes to Free, where it has room for all who are there but not for all who are
    /// pending: it depends on whose invitations were over by then. RULE: BI-13, PS-05
    pub fn boundary_that_lapses_decide(&self, now: Instant) -> Option<Instant> {
        let paid = self.billing.subscription.as_ref()?;
        let goes = matches!(self.billing.scheduled, Some(Scheduled::Downgrade | Scheduled::Cancellation));
        match self.fits_free() {
            Err(Refusal::OverFreeLimit { limit, .. }) if goes && self.billable() <= limit => {
                self.owes_a_close(now).then(|| midnight(paid.period.end))
            }
            _ => None,
        }
    }

    /// All that is due by now. RULE: BI-14
    pub fn close_all(self, catalogue: Catalogue, now: Instant) -> Self {
        let mut account = self;
        for _ in 0..CLOSES_MAX {
            match account.clone().close_next(catalogue, now) {
                Some(billed) => account = billed.account,
                None => break,
            }
        }
        account
    }

    /// When the next close is due.
    pub fn close_due_at(&self) -> Option<Instant> {
        let paid = self.billing.subscription.as_ref()?;
        let day_ends = paid.open_additions.map(|open| midnight(open.date) + TimeDelta::days(1));
        let period_ends = self.is_open().then(|| midnight(paid.period.end));
        day_ends.into_iter().chain(period_ends).min()
    }

    /// The period is over. What its last days have added is on an invoice before anything else.
    fn renew(self, paid: Subscription, catalogue: Catalogue, now: Instant) -> Billed {
        let scheduled = self.billing.scheduled;
        let (fits_free, terms) = (self.fits_free(), self.next_terms(catalogue).unwrap_or(paid.terms));
        let (paid, added) = paid.end_additions();
        let billed = Billed::of(self).charge(added);
        match (scheduled, fits_free) {
            (Some(Scheduled::Cancellation), _) | (Some(Scheduled::Downgrade), Ok(())) => {
                billed.ended(&paid, now)
            }
            (Some(Scheduled::Downgrade), Err(refusal)) => billed.stayed(paid, &refusal, catalogue, now),
            (Some(Scheduled::Change { .. }) | None, _) => billed.scheduled(None).renewed(paid, terms),
        }
    }
}

impl Billed {
    fn renewed(self, paid: Subscription, terms: Terms) -> Self {
        let before = paid.terms;
        let (paid, charges) = paid.renew(terms, self.account.billable());
        let billed = if (terms.plan, terms.interval) == (before.plan, before.interval) {
            self
        } else {
            self.fact(terms.words(before.words_before(FactKind::PlanChanged)))
        };
        billed.subscribed(Some(paid)).charge(charges)
    }

    /// From the boundary on nothing is subscribed to. Where more are there than Free has room for nobody goes, but what is
    /// pending lapses. RULE: BI-13
    pub(super) fn ended(mut self, paid: &Subscription, now: Instant) -> Self {
        let account = &mut self.account;
        let over = account.fits_free();
        let lapsed = if over.is_err() { account.pending } else { 0 };
        account.billing.ended_on = Some(paid.period.end);
        if lapsed > 0 {
            account.invitation_epoch += 1;
            account.pending = 0;
            self.timer = Some(Timer { account_id: account.id, kind: TimerKind::LapsedInvitations, at: now });
        }
        let fact = paid
            .terms
            .words_before(FactKind::PlanChanged)
            .after("plan", Plan::Free.name())
            .after("lapsed_invitations", lapsed);
        let fact = match over {
            Ok(()) => fact,
            Err(refusal) => refusal.told_in(fact),
        };
        self.fact(fact).scheduled(None).subscribed(None).enter(Moved::Ended, paid.period.end, now)
    }

    /// There are too many for Free: the plan stays. RULE: BI-13
    fn stayed(self, paid: Subscription, refusal: &Refusal, catalogue: Catalogue, now: Instant) -> Self {
        let (boundary, terms) = (paid.period.end, paid.next_terms(catalogue));
        let fact = refusal.told_in(Fact::bare(FactKind::PlanChangeFailed).after("code", refusal.code()));
        self.fact(fact).scheduled(None).enter(Moved::TakenBack, boundary, now).renewed(paid, terms)
    }
}

impl Refusal {
    /// Says how many there are, and how many there may be.
    fn told_in(&self, fact: Fact) -> Fact {
        self.members().into_iter().fold(fact, |fact, (name, value)| fact.after(&name, value))
    }
}

impl Subscription {
    /// What it goes on with, if nothing is scheduled: what is agreed on, else the same plan at the price of the day.
    /// RULE: BI-18
    pub(super) fn next_terms(&self, catalogue: Catalogue) -> Terms {
        let Terms { plan, interval, price_list, .. } = self.terms;
        let listed = price_list.and_then(|_| catalogue.terms(plan, interval, self.period.end));
        self.agreed.or(listed).unwrap_or(self.terms)
    }
}
