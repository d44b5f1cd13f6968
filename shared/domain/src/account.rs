//! An account: its plan and the seats its users hold.

use chrono::TimeDelta;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{AccountId, Instant, Interval, Name, Plan, RateTag, Refusal, Role, Status, User};

/// How long an invitation lives unless the account says otherwise. RULE: IN-11
const INVITATION_LIFETIME_DAYS: u32 = 2;
/// Invitations are counted in it; it begins with the first of them.
const INVITATIONS_WINDOW: TimeDelta = TimeDelta::hours(1);

/// One customer. Its counters move in the transaction that moves a user. RULE: IN-04
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Its identifier.
    pub id: AccountId,
    /// What mails and invitations call it.
    pub name: Name,
    /// What it subscribes to.
    pub plan: Plan,
    /// How often it is charged; none on Free.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interval: Option<Interval>,
    /// Users invited and not yet accepted.
    pub pending: u32,
    /// Users who may sign in.
    pub active: u32,
    /// Users who hold a seat and may do nothing.
    pub suspended: u32,
    /// Roots among the active. RULE: RO-06
    pub active_roots: u32,
    /// The period's high-water mark of billable seats; 0 on Free.
    pub paid_seats: u32,
    /// The invitations of the hour, once there was one. RULE: IN-22
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invitations: Option<InvitationsWindow>,
    /// How long an invitation lives, in days. RULE: IN-11
    #[serde(default = "invitation_lifetime_days_default")]
    pub invitation_lifetime_days: u32,
    /// When it signed up.
    pub created_at: Instant,
    /// What the requests of all its API keys are counted under, once there was one. RULE: AP-08
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_rate_tag: Option<RateTag>,
    /// When it was closed, for good: from then on nobody has access. RULE: AC-11
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<Instant>,
    /// Moves with its name, its settings and its end; seats and sign-ins do not move it. RULE: AP-03
    #[serde(default = "first_version")]
    pub version: u64,
}

const fn invitation_lifetime_days_default() -> u32 {
    INVITATION_LIFETIME_DAYS
}

const fn first_version() -> u64 {
    1
}

/// The invitations created within an hour. It stands in the account, which an invitation writes anyway. RULE: IN-22
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvitationsWindow {
    /// The first of them.
    pub since: Instant,
    /// How many.
    pub count: u32,
}

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
    /// The days that an invitation may live. RULE: IN-11
    pub const INVITATION_LIFETIME_DAYS: std::ops::RangeInclusive<u32> = 1..=30;
    /// How long after its end personal data is erased. RULE: AC-11
    pub const ERASED_AFTER: TimeDelta = TimeDelta::days(30);

    /// A new Free account. RULE: AC-01
    pub const fn new(id: AccountId, name: Name, now: Instant) -> Self {
        Self {
            id,
            name,
            plan: Plan::Free,
            interval: None,
            pending: 0,
            active: 0,
            suspended: 0,
            active_roots: 0,
            paid_seats: 0,
            invitations: None,
            invitation_lifetime_days: INVITATION_LIFETIME_DAYS,
            created_at: now,
            key_rate_tag: None,
            closed_at: None,
            version: 1,
        }
    }

    /// How long an invitation that is sent now lives. RULE: IN-11
    pub fn invitation_lifetime(&self) -> TimeDelta {
        TimeDelta::days(self.invitation_lifetime_days.into())
    }

    /// Whether its people have access at all. RULE: AC-11
    pub const fn is_open(&self) -> bool {
        self.closed_at.is_none()
    }

    /// Closed for good: nobody has access from here on, and what was pending holds no seat any more. RULE: AC-11
    pub const fn close(mut self, now: Instant) -> Self {
        self.closed_at = Some(now);
        self.pending = 0;
        self.version += 1;
        self
    }

    /// The seat summary.
    pub fn seats(&self) -> Seats {
        let total = self.pending + self.active + self.suspended;
        let limit = self.plan.users_max();
        Seats {
            plan: self.plan,
            limit,
            pending: self.pending,
            active: self.active,
            suspended: self.suspended,
            active_including_pending: self.active + self.pending,
            total,
            available: limit.map(|limit| limit.saturating_sub(total)),
            billable: self.active + self.suspended,
            paid_seats: self.paid_seats,
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

    /// Another plan, from now on. No seat moves; on a paid plan those that are billable are paid for.
    pub fn subscribe(mut self, plan: Plan, interval: Option<Interval>) -> Self {
        self.plan = plan;
        self.interval = interval.filter(|_| plan.is_paid());
        self.paid_seats = if plan.is_paid() { self.active + self.suspended } else { 0 };
        self
    }

    /// Takes a seat for a new pending user. RULE: PS-02, PS-03, IN-04, IN-05
    pub fn reserve_seat(mut self) -> Result<Self, Refusal> {
        if self.is_full() {
            return Err(Refusal::MaximumUsers { seats: self.seats(), requested: 1 });
        }
        self.pending += 1;
        Ok(self)
    }

    /// One more invitation, or a refusal until the hour is over. RULE: IN-22
    pub fn count_invitation(self, now: Instant) -> Result<Self, Refusal> {
        self.count_invitations(1, now)
    }

    /// So many more invitations, all or none. RULE: IN-22
    pub fn count_invitations(mut self, more: u32, now: Instant) -> Result<Self, Refusal> {
        if more == 0 {
            return Ok(self);
        }
        let running = self.invitations.filter(|window| now < window.since + INVITATIONS_WINDOW);
        let mut window = running.unwrap_or(InvitationsWindow { since: now, count: 0 });
        window.count = window.count.saturating_add(more);
        if window.count > self.plan.invitations_an_hour() {
            return Err(Refusal::rate_limited_until(window.since + INVITATIONS_WINDOW, now));
        }
        self.invitations = Some(window);
        Ok(self)
    }

    /// A pending user becomes active: the seat they held stays theirs. RULE: PS-03, IN-15
    pub fn accept(mut self, role: Role) -> Self {
        self.pending = one_less(self.pending);
        self.active += 1;
        self.active_roots += u32::from(role == Role::Root);
        if self.plan.is_paid() {
            self.paid_seats = self.paid_seats.max(self.active + self.suspended);
        }
        self
    }

    /// The seat of a lapsed invitation comes back. RULE: PS-05
    pub fn release_pending(mut self) -> Self {
        self.pending = one_less(self.pending);
        self
    }

    /// An active user becomes suspended; the seat stays. RULE: SU-05, RO-06
    pub fn suspend(self, user: &User) -> Result<Self, Refusal> {
        let mut account = self.without_active_root(user)?;
        account.active = one_less(account.active);
        account.suspended += 1;
        Ok(account)
    }

    /// A suspended user becomes active; never refused for seats. RULE: SU-04, SU-05
    pub fn reactivate(mut self, user: &User) -> Self {
        self.suspended = one_less(self.suspended);
        self.active += 1;
        self.active_roots += u32::from(user.role == Role::Root);
        self
    }

    /// A user's role changes: nothing moves but the number of Roots. RULE: PS-11, RO-06
    pub fn change_role(self, user: &User, role: Role) -> Result<Self, Refusal> {
        let stays_root = user.role == Role::Root && role == Role::Root;
        let mut account = if stays_root { self } else { self.without_active_root(user)? };
        if role == Role::Root && !stays_root && user.status == Status::Active {
            account.active_roots += 1;
        }
        Ok(account)
    }

    /// A user is gone; the seat is free at once. RULE: PS-10, RO-06
    pub fn remove(self, user: &User) -> Result<Self, Refusal> {
        let mut account = self.without_active_root(user)?;
        match user.status {
            Status::Pending => account.pending = one_less(account.pending),
            Status::Expired => {}
            Status::Active => account.active = one_less(account.active),
            Status::Suspended => account.suspended = one_less(account.suspended),
        }
        Ok(account)
    }

    fn without_active_root(mut self, user: &User) -> Result<Self, Refusal> {
        if user.is_active_root() {
            if self.active_roots <= 1 {
                return Err(Refusal::LastRoot);
            }
            self.active_roots = one_less(self.active_roots);
        }
        Ok(self)
    }
}

/// Account and user are read at once, but not as of one instant: a user may be read as they were before a change and
/// the account as it was after it. Such a decision is never committed, since one of the two has moved on; until that
/// is found out it must not end in a fault.
const fn one_less(count: u32) -> u32 {
    count.saturating_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{AccountId, Email, Invitee, Nonce, Text, UserId};

    // RULE: IN-22
    #[test]
    fn invitations_of_an_hour_are_counted_by_plan_and_the_next_hour_begins_afresh() {
        let at = |seconds| Instant::default() + TimeDelta::seconds(seconds);
        for (plan, most) in [(Plan::Free, 50), (Plan::Pro, 500), (Plan::Team, 500), (Plan::Enterprise, 500)] {
            let account = Account::new(AccountId::from_bits(1), Text::parse("Acme").unwrap(), at(0));
            let mut account = account.subscribe(plan, None);
            for _ in 0..most {
                account = account.count_invitation(at(10)).unwrap();
            }
            let refused = Refusal::RateLimited { retry_after_seconds: 1 };
            assert_eq!(account.clone().count_invitation(at(10 + 3599)), Err(refused));
            let all_or_none = account.clone().count_invitations(most + 1, at(10 + 3600));
            assert!(matches!(all_or_none, Err(Refusal::RateLimited { .. })));
            let window = account.count_invitation(at(10 + 3600)).unwrap().invitations;
            assert_eq!(window, Some(InvitationsWindow { since: at(10 + 3600), count: 1 }));
        }
    }

    // RULE: IN-14, PS-10
    #[test]
    fn an_account_read_after_the_users_seat_moved_is_no_fault() {
        let account = Account::new(AccountId::from_bits(1), Text::parse("Acme").unwrap(), Instant::default());
        let invitee = Invitee {
            email: Email::parse("ann@x.com").unwrap(),
            first_name: Text::parse("Ann").unwrap(),
            last_name: Text::parse("Lee").unwrap(),
            role: Role::Developer,
            message: None,
        };
        let pending =
            User::invited(UserId::from_bits(1), &account, invitee, None, Nonce::new(1), Instant::default());
        let active = pending.clone().accept(String::new(), Instant::default());
        let suspended = active.clone().suspend(None, Instant::default()).unwrap();
        assert_eq!(account.clone().accept(Role::Developer).pending, 0);
        assert_eq!(account.clone().release_pending().pending, 0);
        assert_eq!(account.clone().suspend(&active).unwrap().active, 0);
        assert_eq!(account.clone().reactivate(&suspended).suspended, 0);
        for user in [pending, active, suspended] {
            assert_eq!(account.clone().remove(&user).unwrap().seats().total, 0);
        }
    }
}
