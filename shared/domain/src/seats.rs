//! The seats of an account, and who holds them. RULE: PS-02, PS-08, PS-12

use schemars::JsonSchema;
use serde::Serialize;

use crate::{Account, Plan};

/// The seat summary. RULE: PS-12
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Seats {
    /// What the account subscribes to.
    pub plan: Plan,
    /// The most users it may have; null where there is no cap.
    pub limit: Option<u32>,
    /// Invited and not yet accepted.
    pub pending: u32,
    /// May sign in.
    pub active: u32,
    /// Hold a seat and may do nothing.
    pub suspended: u32,
    /// Active and pending.
    pub active_including_pending: u32,
    /// All who hold a seat.
    pub total: u32,
    /// How many may still be invited; null where there is no cap.
    pub available: Option<u32>,
    /// What the next renewal is charged for: active and suspended.
    pub billable: u32,
    /// What this period is paid for.
    pub paid_seats: u32,
}

impl crate::Reply for Seats {}

impl Account {
    /// The seat summary.
    pub fn seats(&self) -> Seats {
        let total = self.pending + self.active + self.suspended;
        let limit = self.plan().users_max();
        Seats {
            plan: self.plan(),
            limit,
            pending: self.pending,
            active: self.active,
            suspended: self.suspended,
            active_including_pending: self.active + self.pending,
            total,
            available: limit.map(|limit| limit.saturating_sub(total)),
            billable: self.billable(),
            paid_seats: self.billing.subscription.as_ref().map_or(0, |paid| paid.paid_seats),
        }
    }

    /// Whether the next invitation would be refused. RULE: PS-02
    pub fn is_full(&self) -> bool {
        self.lacks(1)
    }

    /// Whether so many more seats are not left. Where more are taken than the plan has, not even none are. RULE: PS-02
    pub fn lacks(&self, seats: u32) -> bool {
        let Seats { limit, total, .. } = self.seats();
        limit.is_some_and(|limit| total + seats > limit)
    }
}
