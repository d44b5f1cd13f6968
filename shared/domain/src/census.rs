//! Looking through the users of an account: who is hardly there, what their seats cost, who may do what.
//! RULE: AU-01, AU-02, AU-03, AU-05

use chrono::TimeDelta;

use crate::savings_report::{annually, monthly};
use crate::{
    AccessReport, Account, Advice, CURRENCY, Catalogue, Instant, PricedGroup, Role, RoleMix,
    SUSPENSION_OVERDUE_AFTER, Saving, SavingsReport, SeatCost, Status, TeamCost, User, UserGroup,
};

/// How long ago somebody was invited and has not accepted who is pointed out.
const LONG_PENDING_AFTER: TimeDelta = TimeDelta::days(7);

impl User {
    /// When they were last there: at the last full sign-in, or when they accepted. RULE: AU-01
    pub(crate) fn last_there_at(&self) -> Option<Instant> {
        self.last_login_at.or(self.accepted_at)
    }

    /// Active, and not there for so long or longer. RULE: AU-01
    fn is_away_for(&self, span: TimeDelta, now: Instant) -> bool {
        self.status == Status::Active && self.last_there_at().is_some_and(|at| now - at >= span)
    }
}

/// A report in the making: users are seen one after the other, and of most nothing is kept but that they were there.
#[derive(Clone, Debug)]
pub struct Census {
    account: Account,
    now: Instant,
    inactive: UserGroup,
    suspended: UserGroup,
    long_pending: UserGroup,
    elevated_without_mfa: UserGroup,
    hardly_used: UserGroup,
    proposed: u32,
    seats: Vec<(Role, Status, u32)>,
    users: u32,
    overdue: u32,
    access: AccessReport,
}

impl Census {
    /// Nobody is seen yet.
    pub fn begin(account: Account, now: Instant) -> Self {
        let none = UserGroup::default;
        Self {
            account,
            now,
            inactive: none(),
            suspended: none(),
            long_pending: none(),
            elevated_without_mfa: none(),
            hardly_used: none(),
            proposed: 0,
            seats: Vec::new(),
            users: 0,
            overdue: 0,
            access: AccessReport::begin(),
        }
    }

    /// One of its users, in the order of their identifiers.
    #[must_use]
    pub fn see(mut self, user: &User) -> Self {
        self.users += 1;
        let status = self.account.status_of(user, self.now);
        match status {
            Status::Active => {
                self.access.see(user, self.now);
                self.see_active(user);
            }
            Status::Suspended => {
                self.access.see(user, self.now);
                self.count(user.role, status);
                let lasts =
                    user.suspended_at.is_some_and(|since| self.now - since >= SUSPENSION_OVERDUE_AFTER);
                self.overdue += u32::from(lasts);
                let proposed = self.propose(user);
                self.suspended.list(user, status, user.suspended_at, proposed);
            }
            Status::Pending | Status::Expired => {
                if self.now - user.invited_at >= LONG_PENDING_AFTER {
                    self.long_pending.list(user, status, Some(user.invited_at), false);
                }
            }
        }
        self
    }

    // RULE: AU-01, AU-05
    fn see_active(&mut self, user: &User) {
        self.count(user.role, Status::Active);
        if user.owes_factor() {
            self.elevated_without_mfa.list(user, Status::Active, user.last_there_at(), false);
        }
        let away = self.account.inactive_after();
        if user.is_away_for(away, self.now) {
            let proposed = self.propose(user);
            self.inactive.list(user, Status::Active, user.last_there_at(), proposed);
        } else if matches!(user.role, Role::Monitor | Role::Billing) && user.is_away_for(away / 2, self.now) {
            self.hardly_used.list(user, Status::Active, user.last_there_at(), false);
        }
    }

    /// A Root is listed, and never proposed for deletion; nor is who was asked, and has said that they need their access, for as
    /// long as a sign-in would count. RULE: AU-01, AU-04
    fn propose(&mut self, user: &User) -> bool {
        let is_claimed = user.has_claimed_access_since(self.now - self.account.inactive_after());
        let proposed = user.role != Role::Root && !is_claimed;
        self.proposed += u32::from(proposed);
        proposed
    }

    fn count(&mut self, role: Role, status: Status) {
        match self.seats.iter_mut().find(|(of, at, _)| (*of, *at) == (role, status)) {
            Some((_, _, seats)) => *seats += 1,
            None => self.seats.push((role, status, 1)),
        }
    }

    fn active(&self, role: Role) -> u32 {
        let of = |(of, status, _): &&(Role, Status, u32)| (*of, *status) == (role, Status::Active);
        self.seats.iter().find(of).map_or(0, |(_, _, seats)| *seats)
    }

    /// How many were seen.
    pub(crate) const fn users(&self) -> u32 {
        self.users
    }

    /// How many have been suspended for so long that it is to be decided what becomes of them.
    pub(crate) const fn overdue(&self) -> u32 {
        self.overdue
    }

    /// Who may do what.
    pub(crate) const fn access(&self) -> &AccessReport {
        &self.access
    }

    /// What it comes to, at the account's own rate. RULE: AU-02
    pub fn end(self, catalogue: Catalogue) -> SavingsReport {
        let terms = self.account.billing.subscription.as_ref().map(|paid| paid.terms);
        let people = Role::ALL.map(|role| self.active(role));
        let team_size = self.seats.iter().map(|(_, _, seats)| seats).sum();
        let by = |role: &Role| Role::ALL.iter().position(|of| of == role);
        let mut seats = self.seats;
        seats.sort_by_key(|(role, status, _)| (by(role), *status == Status::Suspended));
        let cost = |(role, status, seats)| SeatCost {
            role,
            status,
            seats,
            monthly_total: monthly(terms, seats),
            annual_total: annually(terms, seats),
        };
        let day = self.now.date_naive();
        SavingsReport {
            at: self.now,
            plan: self.account.plan(),
            interval: self.account.interval(),
            currency: CURRENCY,
            unit_amount: terms.map_or(0, |terms| terms.unit_amount),
            monthly_unit_amount: monthly(terms, 1),
            inactive_after_days: self.account.inactive_after_days,
            inactive: PricedGroup::of(self.inactive, terms),
            suspended: PricedGroup::of(self.suspended, terms),
            long_pending: self.long_pending,
            elevated_without_mfa: self.elevated_without_mfa,
            hardly_used: self.hardly_used,
            team_cost: Some(TeamCost {
                seats: team_size,
                monthly_total: monthly(terms, team_size),
                annual_total: annually(terms, team_size),
            }),
            seat_cost: seats.into_iter().map(cost).collect(),
            saving: Saving::of(&self.account, self.proposed, catalogue),
            annual_saving: self.account.annual_saving(catalogue, day),
            advice: Advice::on(people, team_size),
            role_mix: RoleMix::of(team_size),
        }
    }
}
