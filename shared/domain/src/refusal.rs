//! Refusals: stable codes, told apart, each with a hint that names the way forward. RULE: AP-01, RO-04

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::{AccountId, Instant, Permission, Plan, Seats, Status, UserId};

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
    /// Another site's page asks, by the cookie that the browser sends of its own accord.
    CrossOrigin,
    /// The address and the password do not go together.
    InvalidCredentials,
    /// The code is not right, or not any more.
    InvalidCode,
    /// The passkey's answer is not right.
    InvalidPasskey,
    /// The passkey's answer is right, but it does not sign in by itself.
    PasswordRequired,
    /// No open challenge is behind what was sent.
    ChallengeInvalid,
    /// No open wish for a new password is behind what was sent.
    TokenInvalid,
    /// An Admin or a Root without a second factor.
    MfaEnrollmentRequired,
    /// The last authentication was too long ago, or the credential never is one.
    StepUpRequired,
    /// Only for somebody who is signed in, and no program.
    SessionRequired,
    /// A Root's recovery codes are nobody else's.
    RootCodesPrivate,
    /// They have no second factor.
    MfaNotEnabled,
    /// The last second factor of an Admin or a Root stays.
    MfaRequiredForRole,
    /// There is no enrolment that waits for a code.
    NoEnrolment,
    /// There is no ceremony that waits for a passkey's answer.
    CeremonyInvalid,
    /// The authenticator's passkey is there already.
    PasskeyExists,
    /// As many passkeys as there may be.
    TooManyPasskeys,
    /// Nobody sees these codes again.
    CodesNotViewable,
    /// As many API keys as there may be.
    TooManyKeys,
    /// As many webhooks as there may be.
    TooManyWebhooks,
    /// The webhook is off.
    WebhookDisabled,
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
    /// There are not enough seats.
    MaximumUsers {
        /// The seats as they are.
        seats: Seats,
        /// How many more were asked for.
        requested: u32,
    },
    /// More users than Free has room for.
    OverFreeLimit {
        /// How many there are.
        users: u32,
        /// How many there may be.
        limit: u32,
    },
    /// A period of the account is over and is to be closed first. The shell does that; no caller is told.
    PeriodOverdue(AccountId),
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
            Self::InvalidCode => (401, "invalid_code", "Code not right"),
            Self::InvalidPasskey => (401, "invalid_passkey", "Passkey not right"),
            Self::ChallengeInvalid => (401, "challenge_invalid", "Sign-in not under way"),
            Self::PasswordRequired => (403, "password_required", "Password required"),
            Self::MfaEnrollmentRequired => (403, "mfa_enrollment_required", "Second factor required"),
            Self::StepUpRequired => (403, "step_up_required", "Recent authentication required"),
            Self::SessionRequired => (403, "session_required", "Not with an API key"),
            Self::RootCodesPrivate => (403, "root_codes_private", "A Root's codes are their own"),
            Self::CrossOrigin => (403, "cross_origin", "Asked from another site"),
            Self::InsufficientRole(_) => (403, "insufficient_role", "Role not sufficient"),
            Self::CannotActOnSelf => (403, "cannot_act_on_self", "Not on yourself"),
            Self::CannotChangeOwnRole => (403, "cannot_change_own_role", "Not your own role"),
            Self::AdminCannotModifyRoot => (403, "admin_cannot_modify_root", "Only Root touches a Root"),
            Self::AdminCannotAssignRoot => (403, "admin_cannot_assign_root", "Only Root makes a Root"),
            Self::MaximumUsers { .. } => (403, "maximum_users_reached", "Maximum users reached"),
            Self::NotFound => (404, "not_found", "Not found"),
            Self::InvitationInvalid => (404, "invitation_invalid", "Invitation not valid"),
            Self::TokenInvalid => (404, "token_invalid", "Link not valid"),
            Self::MfaNotEnabled => (409, "mfa_not_enabled", "No second factor"),
            Self::MfaRequiredForRole => (409, "mfa_required_for_role", "The last factor stays"),
            Self::NoEnrolment => (409, "no_enrolment", "Nothing to confirm"),
            Self::CeremonyInvalid => (409, "ceremony_invalid", "Nothing to answer"),
            Self::PasskeyExists => (409, "passkey_exists", "Already a passkey"),
            Self::TooManyPasskeys => (409, "too_many_passkeys", "Too many passkeys"),
            Self::CodesNotViewable => (409, "codes_not_viewable", "Codes cannot be viewed"),
            Self::TooManyKeys => (409, "too_many_keys", "Too many API keys"),
            Self::TooManyWebhooks => (409, "too_many_webhooks", "Too many webhooks"),
            Self::WebhookDisabled => (409, "webhook_disabled", "Webhook is off"),
            Self::LastRoot => (409, "last_root", "Last active Root"),
            Self::InvitationPending(_) => (409, "invitation_pending", "Already invited"),
            Self::UserExists(_) => (409, "user_exists", "Already a user"),
            Self::UseRevoke => (409, "use_revoke", "Invitation not accepted yet"),
            Self::NotAccepted => (409, "not_accepted", "Invitation not accepted yet"),
            Self::NotPending(_) => (409, "not_pending", "Not pending"),
            Self::RootCannotLeave => (409, "root_cannot_leave", "A Root does not leave"),
            Self::DepartureRunning => (409, "departure_running", "Departing already"),
            Self::OverFreeLimit { .. } => (409, "over_free_limit", "Too many users for Free"),
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
            Self::Busy | Self::PeriodOverdue(_) => (503, "busy", "Busy"),
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

    /// The members that this code documents beside the common ones.
    pub fn members(&self) -> Map<String, Value> {
        let members = match self {
            Self::Validation(errors) => json!({ "errors": errors }),
            Self::InvitationPending(user_id) | Self::UserExists(user_id) => json!({ "user_id": user_id }),
            Self::VersionMismatch { version } => json!({ "version": version }),
            Self::NotPending(status) => json!({ "status": status }),
            Self::OverFreeLimit { users, limit } => json!({ "users": users, "limit": limit }),
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
            Self::Busy | Self::PeriodOverdue(_) => Some(1),
            _ => None,
        }
    }

    /// A refused privileged attempt leaves an audit entry. RULE: EV-01, IN-05, RC-05
    pub const fn is_audited(&self) -> bool {
        matches!(self.status(), 403)
            || matches!(
                self,
                Self::LastRoot | Self::MfaNotEnabled | Self::CodesNotViewable | Self::OverFreeLimit { .. }
            )
    }
}

/// From now until then: at least a second, so that nobody is told to try at once.
fn whole_seconds(until: Instant, now: Instant) -> i64 {
    let milliseconds = (until - now).num_milliseconds().max(1);
    milliseconds.div_euclid(1000) + i64::from(milliseconds % 1000 > 0)
}
