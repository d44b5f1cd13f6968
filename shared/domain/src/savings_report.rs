//! What an account's seats cost, and what could be saved. RULE: AU-02, AU-05, RO-10

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Account, Advice, AnnualSaving, CURRENCY, Catalogue, Day, Instant, Interval, Plan, Reply, Role, RoleMix,
    Status, Terms, UserGroup, printed_day,
};

const fn currency() -> &'static str {
    CURRENCY
}

/// Users of one kind, and what their seats cost.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PricedGroup {
    /// Who they are.
    #[serde(flatten)]
    pub group: UserGroup,
    /// What their seats cost a month; of a year a twelfth.
    pub monthly_total: i64,
    /// What they cost a year.
    pub annual_total: i64,
}

/// What the seats of one role and status cost.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SeatCost {
    /// The role.
    pub role: Role,
    /// Where they stand: `active` or `suspended`; an invitation costs nothing.
    pub status: Status,
    /// How many they are.
    pub seats: u32,
    /// What they cost a month; of a year a twelfth.
    pub monthly_total: i64,
    /// What they cost a year.
    pub annual_total: i64,
}

/// What all seats cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TeamCost {
    /// How many they are: of active users and suspended ones.
    pub seats: u32,
    /// What they cost a month; of a year a twelfth, which is not what its parts come to by themselves.
    pub monthly_total: i64,
    /// What they cost a year.
    pub annual_total: i64,
}

/// What is saved if all are deleted for whom it is proposed, at the price that the next renewal has.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Saving {
    /// How many they are.
    pub seats: u32,
    /// A month; of a year a twelfth.
    pub monthly_total: i64,
    /// A year.
    pub annual_total: i64,
    /// The next renewal: what is paid for until then stays paid. Null where there is none.
    pub effective_from: Option<Day>,
    /// What else is to be known, for people.
    pub note: Option<String>,
}

/// What an account's seats cost, who hardly uses them, and what could be saved.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Savings")]
pub struct SavingsReport {
    /// When it was so.
    pub at: Instant,
    /// The plan.
    pub plan: Plan,
    /// How often it is charged; null on Free.
    pub interval: Option<Interval>,
    /// Always `usd`.
    #[serde(skip_deserializing, default = "currency")]
    pub currency: &'static str,
    /// One seat for one interval, as it is charged; 0 on Free.
    pub unit_amount: i64,
    /// One seat for a month; of a year a twelfth.
    pub monthly_unit_amount: i64,
    /// From how many days without a sign-in on a user is inactive.
    pub inactive_after_days: u32,
    /// Active users who did not sign in for so long.
    pub inactive: PricedGroup,
    /// Suspended users, who keep their seats.
    pub suspended: PricedGroup,
    /// Invitations that nobody has accepted for a week or longer, whether or not they are over.
    pub long_pending: UserGroup,
    /// Admins and Roots without a second factor, who can do nothing but set one up.
    pub elevated_without_mfa: UserGroup,
    /// Monitor and Billing seats that nobody has used for half of that time, and are not inactive yet.
    pub hardly_used: UserGroup,
    /// What all seats cost; null in reviews of before this was told.
    #[serde(default)]
    pub team_cost: Option<TeamCost>,
    /// What the seats cost by role and status; only what there is.
    pub seat_cost: Vec<SeatCost>,
    /// What is saved by the deletions that are proposed.
    pub saving: Saving,
    /// What paying by the year saves, at the prices of the list; null where the plan is not on it.
    pub annual_saving: Option<AnnualSaving>,
    /// What is out of proportion among the roles.
    pub advice: Vec<Advice>,
    /// How roles go with the size of the team.
    pub role_mix: RoleMix,
}

impl Reply for SavingsReport {}

impl SavingsReport {
    /// What all seats cost, as far as it is known.
    pub fn team(&self) -> TeamCost {
        let sum = |sum: TeamCost, part: &SeatCost| TeamCost {
            seats: sum.seats + part.seats,
            monthly_total: sum.monthly_total + part.monthly_total,
            annual_total: sum.annual_total + part.annual_total,
        };
        self.team_cost.unwrap_or_else(|| self.seat_cost.iter().fold(TeamCost::default(), sum))
    }
}

impl PricedGroup {
    pub(crate) fn of(group: UserGroup, terms: Option<Terms>) -> Self {
        let (monthly_total, annual_total) = (monthly(terms, group.count), annually(terms, group.count));
        Self { group, monthly_total, annual_total }
    }
}

impl Saving {
    /// What is paid for stays paid, so that nothing is saved before the next renewal, and then what that would have charged.
    /// RULE: AU-02, BI-04
    pub(crate) fn of(account: &Account, seats: u32, catalogue: Catalogue) -> Self {
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

pub(crate) fn monthly(terms: Option<Terms>, seats: u32) -> i64 {
    terms.map_or(0, |terms| terms.monthly_total(seats))
}

pub(crate) fn annually(terms: Option<Terms>, seats: u32) -> i64 {
    terms.map_or(0, |terms| terms.annual_total(seats))
}
