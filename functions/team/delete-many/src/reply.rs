//! What the caller is told of each user.

use domain::{Account, Refusal, Reply, Seats, UserId};
use schemars::JsonSchema;
use serde::Serialize;

/// What became of all of them.
#[derive(Serialize, JsonSchema)]
pub struct DeletedUsers {
    /// What became of each, in the order in which they were sent.
    pub(crate) results: Vec<UserResult>,
    /// The seats after it.
    seats: Seats,
}

impl Reply for DeletedUsers {}

impl DeletedUsers {
    /// Of these users, with the account as it is after them.
    pub(crate) fn of(results: Vec<UserResult>, account: &Account) -> Self {
        Self { results, seats: account.seats() }
    }

    /// The users of an earlier round, and those of this one.
    pub(crate) fn after(mut self, before: &Self) -> Self {
        self.results.splice(0..0, before.results.iter().cloned());
        self
    }
}

/// What became of one.
#[derive(Clone, Serialize, JsonSchema)]
pub(crate) struct UserResult {
    /// Whom the caller named.
    pub(crate) user_id: UserId,
    /// What became of them.
    pub(crate) outcome: Outcome,
}

/// What became of somebody; but for the first, by the code that a deletion of them alone is refused with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Outcome {
    /// They are gone, or their invitation is: by this call, or by one that the same caller has made within a day.
    Deleted,
    /// They were gone before.
    UserDeleted,
    /// The account never had them.
    NotFound,
    /// It is the caller.
    CannotActOnSelf,
    /// A Root, whom only a Root deletes.
    AdminCannotModifyRoot,
    /// The only active Root.
    LastRoot,
}

impl Outcome {
    /// What a refusal of one comes to; what concerns all of them refuses the call.
    pub(crate) fn of(refusal: Refusal) -> Result<Self, Refusal> {
        match refusal {
            Refusal::CannotActOnSelf => Ok(Self::CannotActOnSelf),
            Refusal::AdminCannotModifyRoot => Ok(Self::AdminCannotModifyRoot),
            Refusal::LastRoot => Ok(Self::LastRoot),
            other => Err(other),
        }
    }
}
