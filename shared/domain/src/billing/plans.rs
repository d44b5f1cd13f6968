//! Changes of plan and interval: which are now, and which wait for the end of the period. RULE: BI-10, BI-11, BI-12, BI-13

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Billed, Catalogue, Day, Moved, Subscription, Terms};
use crate::{Account, Fact, FactKind, Instant, Interval, Plan, Refusal};

/// What is to change at the end of the period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Scheduled {
    /// Another paid plan or interval.
    Change {
        /// The plan.
        plan: Plan,
        /// How often it will be charged.
        interval: Interval,
    },
    /// Free, if no more users are there than it has room for.
    Downgrade,
    /// Free, however many users are there.
    Cancellation,
}

/// What a caller wants to subscribe to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// A paid plan on the list.
    Paid(Plan, Interval),
    /// Free.
    Free,
}

impl Plan {
    /// A plan of a higher rank is the higher plan.
    const fn rank(self) -> u8 {
        match self {
            Self::Free => 0,
            Self::Pro => 1,
            Self::Team => 2,
            Self::Enterprise => 3,
        }
    }
}

impl Terms {
    /// Whether these are less than those: a lower plan, or no year any more. Such a change waits as a whole. RULE: BI-12
    pub(super) const fn waits_for(self, plan: Plan, interval: Interval) -> bool {
        let leaves_annual = matches!((self.interval, interval), (Interval::Annual, Interval::Monthly));
        plan.rank() < self.plan.rank() || leaves_annual
    }
}

impl Account {
    /// The plan that is wished for: now, or from the end of the period on. RULE: BI-10..BI-13
    pub fn change_plan(self, wish: Wish, catalogue: Catalogue, now: Instant) -> Result<Billed, Refusal> {
        self.is_closed_up_to(now)?;
        let Some(paid) = self.billing.subscription.clone() else {
            return Ok(match wish {
                Wish::Free => Billed::of(self),
                Wish::Paid(plan, interval) => {
                    self.begin(listed(catalogue, plan, interval, now.date_naive())?, now)
                }
            });
        };
        match wish {
            Wish::Free => {
                self.fits_free()?;
                Ok(self.schedule(Scheduled::Downgrade, paid, now))
            }
            Wish::Paid(plan, interval) if (plan, interval) == (paid.terms.plan, paid.terms.interval) => {
                Ok(self.take_back(now))
            }
            Wish::Paid(plan, interval) if paid.terms.waits_for(plan, interval) => {
                Ok(self.schedule(Scheduled::Change { plan, interval }, paid, now))
            }
            Wish::Paid(plan, interval) => {
                let terms = listed(catalogue, plan, interval, paid.day(now))?;
                Ok(self.change_now(paid, terms, now))
            }
        }
    }

    /// Ends the subscription with the period, however many users there are. RULE: BI-13
    pub fn cancel(self, now: Instant) -> Result<Billed, Refusal> {
        self.is_closed_up_to(now)?;
        Ok(match self.billing.subscription.clone() {
            Some(paid) => self.schedule(Scheduled::Cancellation, paid, now),
            None => Billed::of(self),
        })
    }

    /// What was to change does not. RULE: BI-12
    pub fn take_back(self, now: Instant) -> Billed {
        let (Some(scheduled), Some(paid)) = (self.billing.scheduled, &self.billing.subscription) else {
            return Billed::of(self);
        };
        let fact = scheduled.words(Fact::bare(FactKind::PlanChangeTakenBack), paid.period.end);
        let paid = paid.clone();
        self.enter_on_the_day(paid, Moved::TakenBack, now).scheduled(None).fact(fact)
    }

    /// What is paid for begins today, with a whole period for all who are billable. RULE: BI-10
    pub(super) fn begin(self, terms: Terms, now: Instant) -> Billed {
        // No day is paid for twice by a request that was read before the last subscription ended.
        let day = self.billing.ended_on.map_or(now.date_naive(), |ended| ended.max(now.date_naive()));
        let (paid, charge) = Subscription::begin(terms, self.billable(), day);
        let fact = terms.words(Fact::bare(FactKind::PlanChanged).before("plan", Plan::Free.name()));
        Billed::of(self)
            .fact(fact)
            .enter(Moved::Subscribed { terms }, day, now)
            .subscribed(Some(paid))
            .charge([charge])
    }

    /// Other terms from today on. RULE: BI-11, BI-12
    pub(super) fn change_now(self, paid: Subscription, terms: Terms, now: Instant) -> Billed {
        let (day, before) = (paid.day(now), paid.terms);
        let (until_today, earlier) = paid.end_of_day(day);
        let (paid, charges) = until_today.change(terms, self.billable(), day);
        // What an earlier day has left open was added before this entry.
        Billed::of(self)
            .charge(earlier)
            .fact(terms.words(before.words_before(FactKind::PlanChanged)))
            .scheduled(None)
            .enter(Moved::Subscribed { terms }, day, now)
            .subscribed(Some(paid))
            .charge(charges)
    }

    pub(super) fn schedule(self, change: Scheduled, paid: Subscription, now: Instant) -> Billed {
        if self.billing.scheduled == Some(change) {
            return Billed::of(self);
        }
        let fact = change.words(Fact::bare(FactKind::PlanChangeScheduled), paid.period.end);
        self.enter_on_the_day(paid, Moved::Scheduled { change }, now).scheduled(Some(change)).fact(fact)
    }

    /// What an earlier day has left open is on an invoice before anything of this day stands in the history.
    pub(super) fn enter_on_the_day(self, paid: Subscription, moved: Moved, now: Instant) -> Billed {
        let day = paid.day(now);
        let (paid, earlier) = paid.end_of_day(day);
        Billed::of(self).charge(earlier).subscribed(Some(paid)).enter(moved, day, now)
    }

    /// Whether no more users are there than Free has room for. RULE: BI-13
    pub(super) fn fits_free(&self) -> Result<(), Refusal> {
        let users = self.seats().total;
        match Plan::Free.users_max() {
            Some(limit) if users > limit => Err(Refusal::OverFreeLimit { users, limit }),
            _ => Ok(()),
        }
    }
}

/// Only what is on the list can be wished for.
fn listed(catalogue: Catalogue, plan: Plan, interval: Interval, day: Day) -> Result<Terms, Refusal> {
    catalogue.terms(plan, interval, day).ok_or(Refusal::NotFound)
}

impl Terms {
    /// Says what was subscribed to.
    pub(super) fn words_before(self, kind: FactKind) -> Fact {
        Fact::bare(kind).before("plan", self.plan.name()).before("interval", self.interval.name())
    }

    /// Says what is subscribed to.
    pub(super) fn words(self, fact: Fact) -> Fact {
        fact.after("plan", self.plan.name())
            .after("interval", self.interval.name())
            .after("unit_amount", self.unit_amount)
    }
}

impl Scheduled {
    /// Says what is to change, and when.
    pub(super) fn words(self, fact: Fact, on: Day) -> Fact {
        let fact = match self {
            Self::Change { plan, interval } => {
                fact.after("plan", plan.name()).after("interval", interval.name())
            }
            Self::Downgrade => fact.after("plan", Plan::Free.name()),
            Self::Cancellation => fact.after("plan", Plan::Free.name()).after("is_cancellation", true),
        };
        fact.after("on", on.to_string())
    }
}
