//! Why somebody is suspended.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ReasonText;

/// Why somebody is suspended. RULE: SU-03
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SuspendReason {
    /// Away for long.
    ExtendedLeave,
    /// A contractor whose work is done.
    ContractorDone,
    /// Being looked into.
    SecurityInvestigation,
    /// About to move.
    PendingTransfer,
    /// Something else, told in words.
    Other,
}

impl SuspendReason {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::ExtendedLeave,
        Self::ContractorDone,
        Self::SecurityInvestigation,
        Self::PendingTransfer,
        Self::Other,
    ];

    /// The name in the interface.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ExtendedLeave => "extended_leave",
            Self::ContractorDone => "contractor_done",
            Self::SecurityInvestigation => "security_investigation",
            Self::PendingTransfer => "pending_transfer",
            Self::Other => "other",
        }
    }

    /// The reason of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.name() == name)
    }

    /// Whether a deletion would be the cheaper way to the same end.
    pub const fn warns_of_cost(self) -> bool {
        matches!(self, Self::ExtendedLeave | Self::ContractorDone)
    }
}

/// A suspension's reason, and its words where the reason is `other`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suspension {
    /// The reason chosen.
    pub reason: SuspendReason,
    /// In the admin's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<ReasonText>,
}
