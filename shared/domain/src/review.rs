//! Who is hardly there, what their seats cost, and what could be saved. RULE: AU-01, AU-02, AU-05, RO-10

use chrono::TimeDelta;
use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    Account, Advice, AnnualSaving, CURRENCY, Catalogue, Day, Instant, Interval, Name, Plan, Reply, Role,
    RoleMix, Status, Terms, User, UserId, printed_day,
};

/// So many of each list are named; all of them are counted.
const LISTED_MAX: usize = 100;
/// How long ago somebody was invited and has not accepted who is pointed out.
const LONG_PENDING_AFTER: TimeDelta = TimeDelta::days(7);

impl User {
    /// When they were last there: at the last full sign-in, or when they accepted. RULE: AU-01
    fn last_there_at(&self) -> Option<Instant> {
        self.last_login_at.or(self.accepted_at)
    }

    /// Active, and not there for so long or longer. RULE: AU-01
    fn is_away_for(&self, span: TimeDelta, now: Instant) -> bool {
        self.status == Status::Active && self.last_there_at().is_some_and(|at| now - at >= span)
    }
}

/// One user of a list.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct ListedUser {
    /// Who.
    id: UserId,
    /// First name.
    first_name: Name,
    /// Last name.
    last_name: Name,
    /// Their address, as they spell it.
    #[schemars(length(max = 254), extend("format" = "idn-email"))]
    email: String,
    /// Their role.
    role: Role,
    /// Where they stand.
    status: Status,
    /// Since when: the last sign-in, or the acceptance where there was none; the suspension; the invitation.
    since: Instant,
    /// Whether they ever signed in.
    has_signed_in: bool,
    /// Whether it is proposed to delete them; a Root never is.
    deletion_proposed: bool,
}

/// Users of one kind.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub(crate) struct UserGroup {
    /// How many they are.
    count: u32,
    /// The first hundred of them, in the order of their identifiers.
    users: Vec<ListedUser>,
}

/// Users of one kind, and what their seats cost.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct PricedGroup {
    /// Who they are.
    #[serde(flatten)]
    group: UserGroup,
    /// What their seats cost a month; of a year a twelfth.
    monthly_total: i64,
    /// What they cost a year.
    annual_total: i64,
}

/// What the seats of one role and status cost.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct SeatCost {
    /// The role.
    role: Role,
    /// Where they stand: `active` or `suspended`; an invitation costs nothing.
    status: Status,
    /// How many they are.
    seats: u32,
    /// What they cost a month; of a year a twelfth.
    monthly_total: i64,
    /// What they cost a year.
    annual_total: i64,
}

/// What is saved if all are deleted for whom it is proposed, at the price that the next renewal has.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct Saving {
    /// How many they are.
    seats: u32,
    /// A month; of a year a twelfth.
    monthly_total: i64,
    /// A year.
    annual_total: i64,
    /// The next renewal: what is paid for until then stays paid. Null where there is none.
    effective_from: Option<Day>,
    /// What else is to be known, for people.
    note: Option<String>,
}

/// What an account's seats cost, who hardly uses them, and what could be saved.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Savings")]
pub struct SavingsReport {
    /// When it was so.
    at: Instant,
    /// The plan.
    plan: Plan,
    /// How often it is charged; null on Free.
    interval: Option<Interval>,
    /// Always `usd`.
    currency: &'static str,
    /// One seat for one interval, as it is charged; 0 on Free.
    unit_amount: i64,
    /// One seat for a month; of a year a twelfth.
    monthly_unit_amount: i64,
    /// From how many days without a sign-in on a user is inactive.
    inactive_after_days: u32,
    /// Active users who did not sign in for so long.
    inactive: PricedGroup,
    /// Suspended users, who keep their seats.
    suspended: PricedGroup,
    /// Invitations that nobody has accepted for a week or longer, whether or not they are over.
    long_pending: UserGroup,
    /// Admins and Roots without a second factor, who can do nothing but set one up.
    elevated_without_mfa: UserGroup,
    /// Monitor and Billing seats that nobody has used for half of that time, and are not inactive yet.
    hardly_used: UserGroup,
    /// What the seats cost by role and status; only what there is.
    seat_cost: Vec<SeatCost>,
    /// What is saved by the deletions that are proposed.
    saving: Saving,
    /// What paying by the year saves, at the prices of the list; null where the plan is not on it.
    annual_saving: Option<AnnualSaving>,
    /// What is out of proportion among the roles.
    advice: Vec<Advice>,
    /// How roles go with the size of the team.
    role_mix: RoleMix,
}

impl Reply for SavingsReport {}

/// A report in the making: users are seen one after the other, and of most nothing is kept but that they were there.
#[derive(Clone, Debug)]
pub struct Review {
    account: Account,
    now: Instant,
    inactive: UserGroup,
    suspended: UserGroup,
    long_pending: UserGroup,
    elevated_without_mfa: UserGroup,
    hardly_used: UserGroup,
    proposed: u32,
    seats: Vec<(Role, Status, u32)>,
}

impl Review {
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
        }
    }

    /// One of its users, in the order of their identifiers.
    #[must_use]
    pub fn see(mut self, user: &User) -> Self {
        let status = self.account.status_of(user, self.now);
        match status {
            Status::Active => self.see_active(user),
            Status::Suspended => {
                self.count(user.role, status);
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

    /// A Root is listed, and never proposed for deletion. RULE: AU-01
    fn propose(&mut self, user: &User) -> bool {
        let proposed = user.role != Role::Root;
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
            inactive: self.inactive.priced(terms),
            suspended: self.suspended.priced(terms),
            long_pending: self.long_pending,
            elevated_without_mfa: self.elevated_without_mfa,
            hardly_used: self.hardly_used,
            seat_cost: seats.into_iter().map(cost).collect(),
            saving: Saving::of(&self.account, self.proposed, catalogue),
            annual_saving: self.account.annual_saving(catalogue, day),
            advice: Advice::on(people, team_size),
            role_mix: RoleMix::of(team_size),
        }
    }
}

impl UserGroup {
    fn list(&mut self, user: &User, status: Status, since: Option<Instant>, deletion_proposed: bool) {
        self.count += 1;
        if self.users.len() < LISTED_MAX {
            self.users.push(ListedUser {
                id: user.id,
                first_name: user.first_name.clone(),
                last_name: user.last_name.clone(),
                email: user.email.spelling().to_owned(),
                role: user.role,
                status,
                since: since.unwrap_or(user.invited_at),
                has_signed_in: user.last_login_at.is_some(),
                deletion_proposed,
            });
        }
    }

    fn priced(self, terms: Option<Terms>) -> PricedGroup {
        let (monthly_total, annual_total) = (monthly(terms, self.count), annually(terms, self.count));
        PricedGroup { group: self, monthly_total, annual_total }
    }
}

impl Saving {
    /// What is paid for stays paid, so that nothing is saved before the next renewal, and then what that would have charged.
    /// RULE: AU-02, BI-04
    fn of(account: &Account, seats: u32, catalogue: Catalogue) -> Self {
        let paid = account.billing.subscription.as_ref();
        let next = account.next_terms(catalogue).filter(|_| account.is_open());
        let note = match (paid, next) {
            (Some(paid), None) => Some(format!(
                "The subscription ends on {}: nothing is charged from then on, so there is nothing to save.",
                printed_day(paid.period.end)
            )),
            (Some(paid), Some(_)) if paid.terms.interval == Interval::Annual => Some(format!(
                "The year is paid for until {}: nothing is saved before, and a seat that is freed is filled again at no \
                 charge.",
                printed_day(paid.period.end)
            )),
            _ => None,
        };
        Self {
            seats,
            monthly_total: monthly(next, seats),
            annual_total: annually(next, seats),
            effective_from: paid.filter(|_| next.is_some()).map(|paid| paid.period.end),
            note,
        }
    }
}

fn monthly(terms: Option<Terms>, seats: u32) -> i64 {
    terms.map_or(0, |terms| terms.monthly_total(seats))
}

fn annually(terms: Option<Terms>, seats: u32) -> i64 {
    terms.map_or(0, |terms| terms.annual_total(seats))
}
