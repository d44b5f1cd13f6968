//! What the caller is told of each row.

use domain::{Reply, Seats, UserId};
use schemars::JsonSchema;
use serde::Serialize;

/// What became of all rows.
#[derive(Serialize, JsonSchema)]
pub struct InvitedUsers {
    /// What became of each row, in their order.
    pub(crate) results: Vec<RowResult>,
    /// The seats after it.
    pub(crate) seats: Seats,
}

impl Reply for InvitedUsers {}

/// What became of one row.
#[derive(Clone, Serialize, JsonSchema)]
pub(crate) struct RowResult {
    /// Which one, counted from 0.
    pub(crate) row: usize,
    /// What became of it.
    pub(crate) outcome: Outcome,
    /// The user who was invited, or who holds the address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) user_id: Option<UserId>,
}

/// What became of a row; but for the first, by the code that an invitation alone is refused with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Outcome {
    /// They are invited, by this call or by the same one before.
    Invited,
    /// The address holds an invitation.
    InvitationPending,
    /// The address is a user's.
    UserExists,
    /// The address holds an expired invitation of a Root, which only a Root replaces.
    AdminCannotModifyRoot,
    /// Others took the seat meanwhile.
    MaximumUsersReached,
    /// Others used up the invitations of the hour meanwhile.
    RateLimited,
}
