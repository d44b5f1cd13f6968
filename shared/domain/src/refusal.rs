//! Refusals: stable codes, told apart, each with a hint that names the way forward. RULE: AP-01, RO-04

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::{Instant, Permission, Plan, Seats, Status, UserId};

/// Why the caller does not get what was asked for.
#[derive(Clone, Debug, PartialEq)]
pub enum Refusal {
    /// Not JSON that can be read at all; what is wrong with it.
    Malformed(String),
    /// The body is too large.
    PayloadTooLarge,
    /// The body is not JSON by its own word.
    UnsupportedMediaType,
    /// No credential, or a dead one.
    Unauthenticated,
    /// The address and the password do not go together.
    InvalidCredentials,
    /// Too many failures, or mails.
    Locked {
        /// Whole seconds until it is worth trying again.
        retry_after_seconds: i64,
    },
    /// More than the limit lets through, of requests or of invitations.
    RateLimited {
        /// Whole seconds until it is worth trying again.
        retry_after_seconds: i64,
    },
    /// The idempotency key stands for another call.
    IdempotencyMismatch,
    /// The call was done, and what it answered is not shown again.
    SecretAlreadyShown,
    /// It is not as the caller has seen it.
    VersionMismatch {
        /// What it is now.
        version: u64,
    },
    /// Fields are wrong, every one of them.
    Validation(Vec<FieldError>),
    /// No such thing, or another account's.
    NotFound,
    /// No genuine invitation token.
    InvitationInvalid,
    /// A genuine one, too late.
    InvitationExpired,
    /// It was there and is gone for good.
    UserDeleted,
    /// The role does not allow it.
    InsufficientRole(Permission),
    /// Not on oneself.
    CannotActOnSelf,
    /// Nobody changes their own role.
    CannotChangeOwnRole,
    /// Only a Root touches a Root.
    AdminCannotModifyRoot,
    /// Only a Root makes a Root.
    AdminCannotAssignRoot,
    /// The account would be without an active Root.
    LastRoot,
    /// The address holds an invitation.
    InvitationPending(UserId),
    /// The address is a user's.
    UserExists(UserId),
    /// A pending user is revoked, not suspended.
    UseRevoke,
    /// The invitation was not accepted yet.
    NotAccepted,
    /// The invitation was accepted: where they stand.
    NotPending(Status),
    /// A Root does not leave.
    RootCannotLeave,
    /// They depart already.
    DepartureRunning,
    /// The departure is at its end.
    DepartureFinished,
    /// There are not enough seats.
    MaximumUsers {
        /// The seats as they are.
        seats: Seats,
        /// How many more were asked for.
        requested: u32,
    },
    /// Others were quicker, again and again.
    Busy,
}

/// One field that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FieldError {
    /// Its name in the request.
    pub field: String,
    /// Stable.
    pub code: &'static str,
    /// A sentence.
    pub detail: String,
}

impl Refusal {
    /// Locked until then.
    pub fn locked_until(until: Instant, now: Instant) -> Self {
        Self::Locked { retry_after_seconds: whole_seconds(until, now) }
    }

    /// Over the limit until then.
    pub fn rate_limited_until(until: Instant, now: Instant) -> Self {
        Self::RateLimited { retry_after_seconds: whole_seconds(until, now) }
    }

    /// Status, code and title.
    pub const fn row(&self) -> (u16, &'static str, &'static str) {
        match self {
            Self::Malformed(_) => (400, "malformed", "Malformed request"),
            Self::Unauthenticated => (401, "unauthenticated", "Not signed in"),
            Self::InvalidCredentials => (401, "invalid_credentials", "Address or password wrong"),
            Self::InsufficientRole(_) => (403, "insufficient_role", "Role not sufficient"),
            Self::CannotActOnSelf => (403, "cannot_act_on_self", "Not on yourself"),
            Self::CannotChangeOwnRole => (403, "cannot_change_own_role", "Not your own role"),
            Self::AdminCannotModifyRoot => (403, "admin_cannot_modify_root", "Only Root touches a Root"),
            Self::AdminCannotAssignRoot => (403, "admin_cannot_assign_root", "Only Root makes a Root"),
            Self::MaximumUsers { .. } => (403, "maximum_users_reached", "Maximum users reached"),
            Self::NotFound => (404, "not_found", "Not found"),
            Self::InvitationInvalid => (404, "invitation_invalid", "Invitation not valid"),
            Self::LastRoot => (409, "last_root", "Last active Root"),
            Self::InvitationPending(_) => (409, "invitation_pending", "Already invited"),
            Self::UserExists(_) => (409, "user_exists", "Already a user"),
            Self::UseRevoke => (409, "use_revoke", "Invitation not accepted yet"),
            Self::NotAccepted => (409, "not_accepted", "Invitation not accepted yet"),
            Self::NotPending(_) => (409, "not_pending", "Not pending"),
            Self::RootCannotLeave => (409, "root_cannot_leave", "A Root does not leave"),
            Self::DepartureRunning => (409, "departure_running", "Departing already"),
            Self::DepartureFinished => (409, "departure_finished", "Departed already"),
            Self::InvitationExpired => (410, "invitation_expired", "Invitation expired"),
            Self::UserDeleted => (410, "user_deleted", "User deleted"),
            Self::PayloadTooLarge => (413, "payload_too_large", "Body too large"),
            Self::UnsupportedMediaType => (415, "unsupported_media_type", "Body not JSON"),
            Self::Validation(_) => (422, "validation_failed", "Fields not valid"),
            Self::Locked { .. } => (429, "locked", "Too many attempts"),
            Self::RateLimited { .. } => (429, "rate_limited", "Too many requests"),
            Self::IdempotencyMismatch => (422, "idempotency_mismatch", "Idempotency key used before"),
            Self::SecretAlreadyShown => (409, "secret_already_shown", "Shown once"),
            Self::VersionMismatch { .. } => (412, "version_mismatch", "Changed since"),
            Self::Busy => (503, "busy", "Busy"),
        }
    }

    /// The status of the reply.
    pub const fn status(&self) -> u16 {
        self.row().0
    }

    /// The stable code.
    pub const fn code(&self) -> &'static str {
        self.row().1
    }

    /// A sentence on this occurrence.
    pub fn detail(&self) -> String {
        match self {
            Self::Malformed(what) => what.clone(),
            Self::PayloadTooLarge => "The body has more than 64 KiB.".into(),
            Self::UnsupportedMediaType => "The body's Content-Type is not application/json.".into(),
            Self::Unauthenticated => "The request carries no credential that is good now.".into(),
            Self::InvalidCredentials => "No active user signs in with this address and password.".into(),
            Self::Locked { retry_after_seconds } => {
                format!(
                    "There were too many attempts. The next one is possible in {retry_after_seconds} seconds."
                )
            }
            Self::RateLimited { retry_after_seconds } => {
                format!("This is more than the limit allows. Go on in {retry_after_seconds} seconds.")
            }
            Self::IdempotencyMismatch => "The Idempotency-Key was used with another call.".into(),
            Self::SecretAlreadyShown => {
                "This call was done before, and its answer held a secret that is shown once.".into()
            }
            Self::VersionMismatch { version } => {
                format!("It has changed since: its version is {version}, which If-Match does not name.")
            }
            Self::Validation(errors) => match errors.as_slice() {
                [one] => format!("{}: {}", one.field, one.detail),
                errors => format!("{} fields are not valid.", errors.len()),
            },
            Self::NotFound => "There is nothing here under this identifier.".into(),
            Self::InvitationInvalid => "This is not an invitation that can be accepted.".into(),
            Self::InvitationExpired => "The invitation was not accepted in time.".into(),
            Self::UserDeleted => "The user was deleted, for good.".into(),
            Self::InsufficientRole(permission) => format!("Your role may not {}.", permission.phrase()),
            Self::CannotActOnSelf => "This cannot be done to yourself.".into(),
            Self::CannotChangeOwnRole => "Nobody changes their own role, Root included.".into(),
            Self::AdminCannotModifyRoot => "An Admin cannot act on a Root.".into(),
            Self::AdminCannotAssignRoot => "An Admin cannot make anybody a Root.".into(),
            Self::LastRoot => "This is the account's last active Root.".into(),
            Self::InvitationPending(_) => "This address was invited and has not accepted yet.".into(),
            Self::UserExists(_) => "This address belongs to a user of the account.".into(),
            Self::UseRevoke => "A pending user cannot be suspended.".into(),
            Self::NotAccepted => {
                "A pending user cannot be reactivated: there is nothing to go back to.".into()
            }
            Self::NotPending(status) => {
                format!("The invitation was accepted: the user is {}.", status.name())
            }
            Self::RootCannotLeave => "A Root cannot leave the account.".into(),
            Self::DepartureRunning => "A departure of this user is under way.".into(),
            Self::DepartureFinished => "The departure is at its end: the user is gone.".into(),
            Self::MaximumUsers { seats, requested } => full(seats, *requested),
            Self::Busy => {
                "Others kept changing the same account, or the table did not answer in time.".into()
            }
        }
    }

    /// Who can do it, or what to do instead.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Unauthenticated => "Sign in with POST /v1/sessions.".into(),
            Self::InsufficientRole(permission) => format!("{} can do this.", permission.holders()),
            Self::CannotActOnSelf => "Another Admin or Root can do this.".into(),
            Self::CannotChangeOwnRole => {
                "Another Root, or for roles below Root another Admin, can do this.".into()
            }
            Self::AdminCannotModifyRoot | Self::AdminCannotAssignRoot => "Root can do this.".into(),
            Self::LastRoot => "Root can make another active user Root first.".into(),
            Self::InvitationPending(_) => {
                "Send the invitation again, revoke it, or wait for the acceptance.".into()
            }
            Self::UserExists(_) => {
                "Change their role instead, or reactivate them if they are suspended.".into()
            }
            Self::UseRevoke => {
                "Revoke the invitation instead; that frees the seat.".into()
            }
            Self::NotAccepted => "The invitation has to be accepted first.".into(),
            Self::InvitationInvalid | Self::InvitationExpired => {
                "Ask an Admin of the account to invite you again.".into()
            }
            Self::NotPending(_) => "Delete, suspend or log out the user instead.".into(),
            Self::RootCannotLeave => {
                "Another Root can give you another role first, or close the account.".into()
            }
            Self::DepartureRunning => "Read it with GET /v1/users/{user_id}/departure, or cancel it first.".into(),
            Self::DepartureFinished => "The same address can be invited again, as somebody new.".into(),
            Self::MaximumUsers { .. } => {
                "Delete a user, revoke an invitation, let one expire, or upgrade to Pro or Team.".into()
            }
            Self::IdempotencyMismatch => "Draw a new key for each new call.".into(),
            Self::SecretAlreadyShown => "Make a new one under a new Idempotency-Key.".into(),
            Self::VersionMismatch { .. } => "Read it again, and decide on what it is now.".into(),
            Self::Busy => "Send it again after the time in Retry-After, with the same Idempotency-Key: it is not done twice.".into(),
            Self::UserDeleted => "The same address can be invited again, as somebody new.".into(),
            Self::InvalidCredentials => {
                "Check both. An Admin of the account can tell whether access was suspended.".into()
            }
            Self::UnsupportedMediaType => "Send JSON with Content-Type: application/json.".into(),
            _ => return None,
        })
    }

    /// The members that this code documents beside the common ones.
    pub fn members(&self) -> Map<String, Value> {
        let members = match self {
            Self::Validation(errors) => json!({ "errors": errors }),
            Self::InvitationPending(user_id) | Self::UserExists(user_id) => json!({ "user_id": user_id }),
            Self::VersionMismatch { version } => json!({ "version": version }),
            Self::NotPending(status) => json!({ "status": status }),
            Self::MaximumUsers { seats, requested } => {
                json!({ "seats": seats, "requested": requested, "plans": Plan::OFFERS })
            }
            _ => return Map::new(),
        };
        match members {
            Value::Object(members) => members,
            _ => Map::new(),
        }
    }

    /// Whole seconds for the Retry-After header.
    pub const fn retry_after_seconds(&self) -> Option<i64> {
        match self {
            Self::Locked { retry_after_seconds } | Self::RateLimited { retry_after_seconds } => {
                Some(*retry_after_seconds)
            }
            Self::Busy => Some(1),
            _ => None,
        }
    }

    /// A refused privileged attempt leaves an audit entry. RULE: EV-01, IN-05
    pub const fn is_audited(&self) -> bool {
        matches!(self.status(), 403) || matches!(self, Self::LastRoot)
    }
}

/// Both numbers: what is asked for, and what there is. RULE: IN-05, IN-21
fn full(seats: &Seats, requested: u32) -> String {
    let Seats { active, pending, suspended, .. } = seats;
    let limit = seats.limit.unwrap_or_default();
    let taken = format!("{active} active, {pending} pending, {suspended} suspended");
    match seats.available {
        Some(available) if available > 0 || requested > 1 => format!(
            "Upgrade required: {requested} seats are asked for, and {available} of the Free plan's {limit} are left ({taken})."
        ),
        _ => format!("Upgrade required: the Free plan has {limit} seats and all are taken ({taken})."),
    }
}

/// From now until then: at least a second, so that nobody is told to try at once.
fn whole_seconds(until: Instant, now: Instant) -> i64 {
    let milliseconds = (until - now).num_milliseconds().max(1);
    milliseconds.div_euclid(1000) + i64::from(milliseconds % 1000 > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    // RULE: RO-04, PS-04, IN-05
    #[test]
    fn refusals_say_what_they_are_and_who_can_do_it() {
        let seats = crate::Account { pending: 2, active: 1, ..tests_account() }.seats();
        let refusals = [
            Refusal::InsufficientRole(Permission::ManageUsers),
            Refusal::CannotActOnSelf,
            Refusal::CannotChangeOwnRole,
            Refusal::AdminCannotModifyRoot,
            Refusal::AdminCannotAssignRoot,
            Refusal::LastRoot,
            Refusal::UseRevoke,
            Refusal::MaximumUsers { seats, requested: 1 },
            Refusal::MaximumUsers { seats, requested: 4 },
            Refusal::NotPending(Status::Suspended),
            Refusal::RootCannotLeave,
            Refusal::DepartureRunning,
            Refusal::DepartureFinished,
        ];
        let mut text = String::new();
        for refusal in refusals {
            let (status, code, title) = refusal.row();
            let hint = refusal.hint().expect("each of these names a way forward");
            text += &format!("{status} {code}\n  {title}\n  {}\n  {hint}\n", refusal.detail());
        }
        insta::assert_snapshot!(text);
    }

    fn tests_account() -> crate::Account {
        let name = crate::Text::parse("Acme").unwrap();
        crate::Account::new(crate::AccountId::from_bits(1), name, Instant::default())
    }
}
