//! The rules of roster: who may do what, what a seat is, what happens to a user.
//!
//! Pure: no await, no clock, no random number, no SDK. The instant, new identifiers and the results of
//! slow or secret work are handed in. What is decided comes back as a [`Change`] or a [`Refusal`].

mod account;
mod actor;
mod allowed;
mod attempts;
mod change;
mod email;
mod fact;
mod ids;
mod invitation;
#[cfg(test)]
mod lives;
mod password;
mod plan;
mod problem;
mod rate;
mod refusal;
mod replay;
mod role;
mod session;
mod text;
mod user;
mod version;
mod view;

pub use account::{Account, InvitationsWindow, Seats};
pub use actor::{Actor, Via};
pub use allowed::UserAction;
pub use attempts::{Attempts, AttemptsScope, MailWindow, MailWindowScope};
pub use change::{Change, Decision, Dispatch, Entity, EntityKey, Membership, Reliance, Removal, Tombstone};
pub use email::{AddressKey, Email};
pub use fact::{Event, FACTS_MAX, Fact, FactKind, Origin, Performer};
pub use ids::{AccountId, EventId, Identifier, SessionId, UserId};
pub use invitation::{Delivery, Invitation, Nonce};
pub use password::{NewPassword, spelt_alike};
pub use plan::{Interval, Offer, Plan};
pub use rate::{RateScope, RateTag, RateWindow};
pub use refusal::{FieldError, Refusal};
pub use replay::{IdempotencyKey, Replay};
pub use role::{Grant, Permission, Role};
pub use session::{SESSION_LIFETIME, Session};
pub use text::{Justification, Message, Name, ReasonText, Text};
pub use user::{Invitee, Status, SuspendReason, Suspension, User};
pub use version::{IfMatch, Reply};
pub use view::{SessionView, UserView};

/// An instant in UTC, to the millisecond.
pub type Instant = chrono::DateTime<chrono::Utc>;
