//! What the caller is told of each row.

use domain::{Account, Catalogue, ChargePreview, Instant, Reply, Seats, UserId};
use schemars::JsonSchema;
use serde::Serialize;

/// What became of all rows.
#[derive(Serialize, JsonSchema)]
pub struct InvitedUsers {
    /// What became of each row, in their order.
    pub(crate) results: Vec<RowResult>,
    /// The seats after it.
    seats: Seats,
    /// What it would cost if all who are invited accepted today; on paid plans alone. RULE: IN-06
    #[serde(skip_serializing_if = "Option::is_none")]
    charge_preview: Option<ChargePreview>,
    /// What that follows from.
    #[serde(skip)]
    account: Account,
    #[serde(skip)]
    at: Instant,
}

impl Reply for InvitedUsers {}

impl InvitedUsers {
    /// Of these rows, with the account as it is after them.
    pub(crate) fn of(results: Vec<RowResult>, account: Account, at: Instant) -> Self {
        let to_come = results.iter().filter(|row| row.is_to_come).count();
        let to_come = u32::try_from(to_come).unwrap_or(u32::MAX);
        let is_paid = account.plan().is_paid();
        let charge_preview = is_paid.then(|| account.preview_joining(to_come, Catalogue::LISTS, at));
        Self { results, seats: account.seats(), charge_preview, account, at }
    }

    /// The rows of an earlier round, and those of this one.
    pub(crate) fn after(self, before: &Self) -> Self {
        let results = before.results.iter().cloned().chain(self.results).collect();
        Self::of(results, self.account, self.at)
    }
}

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
    /// Whether they have an invitation of this call that they may accept still.
    #[serde(skip)]
    pub(crate) is_to_come: bool,
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
