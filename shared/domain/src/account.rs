//! An account: its plan and the seats its users hold.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::{
    AccountId, Billed, Billing, Instant, Interval, Name, Plan, RateTag, Refusal, Role, Status, User,
};

/// How long an invitation lives unless the account says otherwise. RULE: IN-11
const INVITATION_LIFETIME_DAYS: u32 = 2;
/// From when on somebody is inactive unless the account says otherwise. RULE: AU-01
const INACTIVE_AFTER_DAYS: u32 = 30;
/// Invitations are counted in it; it begins with the first of them.
const INVITATIONS_WINDOW: TimeDelta = TimeDelta::hours(1);

/// One customer. Its counters move in the transaction that moves a user. RULE: IN-04
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Its identifier.
    pub id: AccountId,
    /// What mails and invitations call it.
    pub name: Name,
    /// What it pays for.
    #[serde(default)]
    pub billing: Billing,
    /// Users invited and not yet accepted.
    pub pending: u32,
    /// Users who may sign in.
    pub active: u32,
    /// Users who hold a seat and may do nothing.
    pub suspended: u32,
    /// Roots among the active. RULE: RO-06
    pub active_roots: u32,
    /// Invitations of any other epoch are over, and hold no seat: all that were pending lapse by moving it. RULE: BI-13
    #[serde(default, skip_serializing_if = "crate::user::is_default")]
    pub invitation_epoch: u64,
    /// The invitations of the hour, once there was one. RULE: IN-22
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invitations: Option<InvitationsWindow>,
    /// How long an invitation lives, in days. RULE: IN-11
    #[serde(default = "invitation_lifetime_days_default")]
    pub invitation_lifetime_days: u32,
    /// From how many days without a full sign-in on a user is inactive. RULE: AU-01
    #[serde(default = "inactive_after_days_default", skip_serializing_if = "is_inactive_after_default")]
    pub inactive_after_days: u32,
    /// When it signed up.
    pub created_at: Instant,
    /// What the requests of all its API keys are counted under, once there was one. RULE: AP-08
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_rate_tag: Option<RateTag>,
    /// How many webhooks it has.
    #[serde(default, skip_serializing_if = "crate::user::is_default")]
    pub webhooks: u32,
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

const fn inactive_after_days_default() -> u32 {
    INACTIVE_AFTER_DAYS
}

#[allow(clippy::trivially_copy_pass_by_ref)] // serde asks so
const fn is_inactive_after_default(days: &u32) -> bool {
    *days == INACTIVE_AFTER_DAYS
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

impl Account {
    /// The days that an invitation may live. RULE: IN-11
    pub const INVITATION_LIFETIME_DAYS: std::ops::RangeInclusive<u32> = 1..=30;
    /// The days without a sign-in from which on somebody may be called inactive. RULE: AU-01
    pub const INACTIVE_AFTER_DAYS: std::ops::RangeInclusive<u32> = 7..=365;
    /// How long after its end personal data is erased. RULE: AC-11
    pub const ERASED_AFTER: TimeDelta = TimeDelta::days(30);

    /// A new Free account. RULE: AC-01
    pub const fn new(id: AccountId, name: Name, now: Instant) -> Self {
        Self {
            id,
            name,
            billing: Billing { subscription: None, scheduled: None, ended_on: None, invoices: 0, entries: 0 },
            pending: 0,
            active: 0,
            suspended: 0,
            active_roots: 0,
            invitation_epoch: 0,
            invitations: None,
            invitation_lifetime_days: INVITATION_LIFETIME_DAYS,
            inactive_after_days: INACTIVE_AFTER_DAYS,
            created_at: now,
            key_rate_tag: None,
            webhooks: 0,
            closed_at: None,
            version: 1,
        }
    }

    /// What it subscribes to.
    pub fn plan(&self) -> Plan {
        self.billing.subscription.as_ref().map_or(Plan::Free, |paid| paid.terms.plan)
    }

    /// How often it is charged; none on Free.
    pub fn interval(&self) -> Option<Interval> {
        self.billing.subscription.as_ref().map(|paid| paid.terms.interval)
    }

    /// How long an invitation that is sent now lives. RULE: IN-11
    pub fn invitation_lifetime(&self) -> TimeDelta {
        TimeDelta::days(self.invitation_lifetime_days.into())
    }

    /// From when on a user who does not sign in is inactive. RULE: AU-01
    pub(crate) fn inactive_after(&self) -> TimeDelta {
        TimeDelta::days(self.inactive_after_days.into())
    }

    /// Whether its people have access at all. RULE: AC-11
    pub const fn is_open(&self) -> bool {
        self.closed_at.is_none()
    }

    /// Closed for good: nobody has access from here on, what was pending holds no seat any more, and nothing is renewed.
    /// RULE: AC-11
    pub fn close(mut self, now: Instant) -> Result<Self, Refusal> {
        self.is_closed_up_to(now)?;
        self.closed_at = Some(now);
        self.pending = 0;
        self.version += 1;
        Ok(self)
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
        if window.count > self.plan().invitations_an_hour() {
            return Err(Refusal::rate_limited_until(window.since + INVITATIONS_WINDOW, now));
        }
        self.invitations = Some(window);
        Ok(self)
    }

    /// A pending user becomes active: the seat they held stays theirs, and is billable from here on. RULE: PS-03, IN-15,
    /// BI-03
    pub fn accept(mut self, user: &User, now: Instant) -> Result<Billed, Refusal> {
        self.is_closed_up_to(now)?;
        self.pending = one_less(self.pending);
        self.active += 1;
        self.active_roots += u32::from(user.role == Role::Root);
        Ok(self.joined(user.id, now))
    }

    /// Whether an invitation still stands: those of a former epoch have lapsed. RULE: BI-13
    pub const fn still_invites(&self, user: &User) -> bool {
        user.invitation.epoch == self.invitation_epoch
    }

    /// Where a user stands, if their invitation has not lapsed with all others. RULE: BI-13, IN-11
    pub fn status_of(&self, user: &User, now: Instant) -> Status {
        match user.status_at(now) {
            Status::Pending if !self.still_invites(user) => Status::Expired,
            status => status,
        }
    }

    /// The seat of an invitation that is over comes back, if it was not given back with all others. RULE: PS-05
    pub const fn release_pending(mut self, user: &User) -> Self {
        if self.still_invites(user) {
            self.pending = one_less(self.pending);
        }
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

    /// A user is gone; the seat is free at once. RULE: PS-10, RO-06, BI-04
    pub fn remove(self, user: &User, now: Instant) -> Result<Billed, Refusal> {
        let mut account = self.without_active_root(user)?;
        // Whether there are few enough for Free at the end of a period rests on the pending ones, too.
        account.is_closed_up_to(now)?;
        match user.status {
            Status::Pending | Status::Expired => return Ok(Billed::of(account.revoke(user))),
            Status::Active => account.active = one_less(account.active),
            Status::Suspended => account.suspended = one_less(account.suspended),
        }
        Ok(account.left(user.id, now))
    }

    /// Somebody who has not accepted is gone: what they held of a seat comes back. RULE: IN-09
    pub fn revoke(self, user: &User) -> Self {
        if user.status == Status::Pending { self.release_pending(user) } else { self }
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
            let mut account = account.on_plan(plan);
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
        let now = Instant::default();
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
        assert_eq!(account.clone().accept(&pending, now).unwrap().account.pending, 0);
        assert_eq!(account.clone().release_pending(&pending).pending, 0);
        assert_eq!(account.clone().suspend(&active).unwrap().active, 0);
        assert_eq!(account.clone().reactivate(&suspended).suspended, 0);
        for user in [pending, active, suspended] {
            assert_eq!(account.clone().remove(&user, now).unwrap().account.seats().total, 0);
        }
    }
}
