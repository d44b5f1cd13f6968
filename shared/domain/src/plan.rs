//! Plans and the price list.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What an account subscribes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Plan {
    /// Up to 3 users, no charge.
    Free,
    /// Per seat.
    Pro,
    /// Per seat.
    Team,
    /// Per seat, at a price the operator sets.
    Enterprise,
}

/// How often an account is charged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Interval {
    /// Every month.
    Monthly,
    /// Every year, at once.
    Annual,
}

/// A plan on offer and its list prices per seat, in US cents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Offer {
    /// The plan.
    pub plan: Plan,
    /// A seat for a month.
    pub monthly_unit_amount: i64,
    /// A seat for a year.
    pub annual_unit_amount: i64,
    /// Always `usd`.
    pub currency: &'static str,
}

impl Plan {
    /// The price list. RULE: PS-07
    pub const OFFERS: [Offer; 2] = [
        Offer { plan: Self::Pro, monthly_unit_amount: 1900, annual_unit_amount: 18_000, currency: "usd" },
        Offer { plan: Self::Team, monthly_unit_amount: 3900, annual_unit_amount: 37_200, currency: "usd" },
    ];

    /// The name as people read it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Free => "Free",
            Self::Pro => "Pro",
            Self::Team => "Team",
            Self::Enterprise => "Enterprise",
        }
    }

    /// The most users the plan allows, pending ones included; none where there is no cap. RULE: PS-02, PS-06
    pub const fn users_max(self) -> Option<u32> {
        match self {
            Self::Free => Some(3),
            Self::Pro | Self::Team | Self::Enterprise => None,
        }
    }

    /// The invitations that may be created in an hour. RULE: IN-22
    pub const fn invitations_an_hour(self) -> u32 {
        match self {
            Self::Free => 50,
            Self::Pro | Self::Team | Self::Enterprise => 500,
        }
    }

    /// All of them, the lowest first.
    pub const ALL: [Self; 4] = [Self::Free, Self::Pro, Self::Team, Self::Enterprise];

    /// The name in the interface.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Free => "free",
            Self::Pro => "pro",
            Self::Team => "team",
            Self::Enterprise => "enterprise",
        }
    }

    /// Whether seats are billed.
    pub const fn is_paid(self) -> bool {
        !matches!(self, Self::Free)
    }
}

impl Interval {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Monthly, Self::Annual];

    /// The name in the interface.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Monthly => "monthly",
            Self::Annual => "annual",
        }
    }
}
