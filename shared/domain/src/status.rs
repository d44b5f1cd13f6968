//! Where a user stands.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a user's record says. A pending user whose time is over is expired before anything notes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Invited; holds a seat.
    Pending,
    /// Invited, too late to accept; holds no seat.
    Expired,
    /// May sign in.
    Active,
    /// Holds a seat and may do nothing.
    Suspended,
}

impl Status {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Pending, Self::Expired, Self::Active, Self::Suspended];

    /// The name in the interface.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Expired => "expired",
            Self::Active => "active",
            Self::Suspended => "suspended",
        }
    }

    /// As people read it. RULE: IN-03
    pub const fn label(self) -> &'static str {
        match self {
            Self::Pending => "Invitation Pending",
            Self::Expired => "Invitation Expired",
            Self::Active => "Active",
            Self::Suspended => "Suspended",
        }
    }

    /// The status of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name() == name)
    }
}
