//! How the coming and going of users is charged. Every way in which the number of billable seats moves comes through here.
//! RULE: BI-03, BI-04, BI-08

use super::{Billed, Day, Moved};
use crate::{Account, Instant, Refusal, UserId};

impl Account {
    /// What is billable: active and suspended. RULE: PS-08
    pub const fn billable(&self) -> u32 {
        self.active + self.suspended
    }

    /// Nothing that is charged moves while a period that is over was not closed. RULE: BI-08
    pub fn is_closed_up_to(&self, now: Instant) -> Result<(), Refusal> {
        if self.owes_a_close(now) { Err(Refusal::PeriodOverdue(self.id)) } else { Ok(()) }
    }

    /// Whether a period is over that is to be followed by another.
    pub(super) fn owes_a_close(&self, now: Instant) -> bool {
        let is_over = self.billing.subscription.as_ref().is_some_and(|paid| paid.period.is_over(now));
        is_over && self.is_open()
    }

    /// One billable seat more, whose user this is. The account counts it already.
    pub(crate) fn joined(self, user_id: UserId, now: Instant) -> Billed {
        let is_added =
            self.billing.subscription.as_ref().is_some_and(|paid| self.billable() > paid.paid_seats);
        self.seats_moved(Moved::Joined { user_id, is_added }, now)
    }

    /// One billable seat less, whose user this was. The account does not count it any more.
    pub(crate) fn left(self, user_id: UserId, now: Instant) -> Billed {
        self.seats_moved(Moved::Left { user_id }, now)
    }

    fn seats_moved(self, moved: Moved, now: Instant) -> Billed {
        let Some(paid) = self.billing.subscription.clone() else {
            return Billed::of(self).enter(moved, now.date_naive(), now);
        };
        let day: Day = paid.day(now);
        let (paid, earlier) = paid.seats(self.billable(), self.billing.entries + 1, day);
        // What an earlier day has left open was added before this entry.
        Billed::of(self).charge(earlier).subscribed(Some(paid)).enter(moved, day, now)
    }
}
