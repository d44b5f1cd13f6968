//! Refusals in words: what happened, and what to do instead. RULE: RO-04, PS-04

use crate::{KEYS_MAX, PASSKEYS_MAX, Refusal, Seats, WEBHOOKS_MAX};

impl Refusal {
    /// A sentence on this occurrence.
    pub fn detail(&self) -> String {
        match self {
            Self::Malformed(what) => what.clone(),
            Self::PayloadTooLarge => "The body has more than 64 KiB.".into(),
            Self::UnsupportedMediaType => "The body's Content-Type is not application/json.".into(),
            Self::Unauthenticated => "The request carries no credential that is good now.".into(),
            Self::CrossOrigin => {
                "The request rests on the session's cookie, and its Origin is not the one that it was sent to.".into()
            }
            Self::InvalidCredentials => "No active user signs in with this address and password.".into(),
            Self::InvalidCode => "This code is wrong, or was used before.".into(),
            Self::InvalidPasskey => "No user of this service proves who they are with this answer.".into(),
            Self::PasswordRequired => {
                "This passkey does not stand for the password: there is a new one since it was last used beside \
                 it, or it did not verify its holder when it was added."
                    .into()
            }
            Self::ChallengeInvalid => "No sign-in waits for a second factor under this challenge.".into(),
            Self::TokenInvalid => "This link is not one that can be used, or not any more.".into(),
            Self::MfaEnrollmentRequired => {
                "An Admin or a Root without a second factor may only set one up.".into()
            }
            Self::StepUpRequired => "This takes an authentication within the last 15 minutes.".into(),
            Self::SessionRequired => "This is for people who are signed in, not for API keys.".into(),
            Self::RootCodesPrivate => "Nobody handles a Root's recovery codes but that Root.".into(),
            Self::MfaNotEnabled => "There is no second factor that this is about.".into(),
            Self::MfaRequiredForRole => {
                "The last second factor of an Admin or a Root cannot be removed.".into()
            }
            Self::NoEnrolment => "No enrolment waits for its first code, or not any more.".into(),
            Self::CeremonyInvalid => "No answer of a passkey is waited for under this ceremony, or not any more.".into(),
            Self::PasskeyExists => "This passkey is on the list already.".into(),
            Self::TooManyPasskeys => format!("There are {PASSKEYS_MAX} passkeys, which is the most."),
            Self::CodesNotViewable => "These recovery codes cannot be seen again.".into(),
            Self::TooManyKeys => format!("There are {KEYS_MAX} API keys, which is the most."),
            Self::TooManyWebhooks => format!("There are {WEBHOOKS_MAX} webhooks, which is the most."),
            Self::WebhookDisabled => "The webhook is off, so nothing is sent to it.".into(),
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
                format!("Its version is \"{version}\", with the quotes, which If-Match does not name: it has changed since.")
            }
            Self::Validation(errors) => match errors.as_slice() {
                [one] => format!("{}: {}", one.field, one.detail),
                errors => format!("{} fields are not valid.", errors.len()),
            },
            Self::NotFound => "There is nothing here under this identifier.".into(),
            Self::InvitationInvalid => "This is not an invitation that can be accepted.".into(),
            Self::InvitationExpired => "The invitation is over.".into(),
            Self::UserDeleted => "The user was deleted, for good.".into(),
            Self::InsufficientRole(permission) => format!("Your role may not {}.", permission.phrase()),
            Self::CannotActOnSelf => "This cannot be done to yourself.".into(),
            Self::CannotChangeOwnRole => "Nobody changes their own role, Root included.".into(),
            Self::AdminCannotModifyRoot => "An Admin cannot act on a Root.".into(),
            Self::AdminCannotAssignRoot => "An Admin cannot make anybody a Root.".into(),
            Self::LastRoot => "This is the account's last active Root.".into(),
            Self::InvitationPending(_) => "This address was invited and has not accepted yet.".into(),
            Self::UserExists(_) => "This address belongs to a user of the account.".into(),
            Self::UseRevoke => "A pending user has no access that could be taken.".into(),
            Self::NotAccepted => "This user has not accepted the invitation yet.".into(),
            Self::NotPending(status) => {
                format!("The invitation was accepted: the user is {}.", status.name())
            }
            Self::RootCannotLeave => "A Root cannot leave the account.".into(),
            Self::DepartureRunning => "A departure of this user is under way.".into(),
            Self::OverFreeLimit { users, limit } => {
                format!("{users} users hold a seat, pending ones included, and Free has {limit}.")
            }
            Self::PeriodOverdue(_) => "A period is over that is being charged first.".into(),
            Self::MaximumUsers { seats, requested } => full(seats, *requested),
            Self::Busy => {
                "Others kept changing the same account, or the table did not answer in time.".into()
            }
        }
    }

    /// Who can do it, or what to do instead.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Unauthenticated | Self::SessionRequired => "Sign in with POST /v1/sessions.".into(),
            Self::CrossOrigin => {
                "Call from a page of this origin, or send the token as Authorization: Bearer <token>.".into()
            }
            Self::InsufficientRole(permission) => format!("{} can do this.", permission.holders()),
            Self::CannotActOnSelf => {
                "Another Admin or Root can do this. One's own recovery codes are at POST /v1/me/recovery-codes.".into()
            }
            Self::CannotChangeOwnRole => {
                "Another Root, or for roles below Root another Admin, can do this.".into()
            }
            Self::AdminCannotModifyRoot => "Root can do this, but for a Root's recovery codes.".into(),
            Self::AdminCannotAssignRoot => "Root can do this.".into(),
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
            Self::OverFreeLimit { .. } => {
                "Delete users or revoke invitations first, or cancel with DELETE /v1/billing/subscription: then \
                 everybody stays, pending invitations lapse, and nobody is invited until there are few enough."
                    .into()
            }
            Self::MaximumUsers { seats, requested } if seats.total + requested > seats.limit.unwrap_or_default() + 1 => {
                let over = seats.total + requested - seats.limit.unwrap_or_default();
                format!(
                    "{over} seats have to come free first: delete users, revoke invitations, let them expire; or upgrade \
                     to Pro or Team with PUT /v1/billing/plan."
                )
            }
            Self::MaximumUsers { .. } => {
                "Delete a user, revoke an invitation, let one expire, or upgrade to Pro or Team with PUT /v1/billing/plan.".into()
            }
            Self::IdempotencyMismatch => "Draw a new key for each new call.".into(),
            Self::SecretAlreadyShown => "Make a new one under a new Idempotency-Key.".into(),
            Self::VersionMismatch { .. } => "Read it again, and decide on what it is now.".into(),
            Self::Busy | Self::PeriodOverdue(_) => "Send it again after the time in Retry-After, with the same Idempotency-Key: it is not done twice.".into(),
            Self::UserDeleted => "The same address can be invited again, as somebody new.".into(),
            Self::InvalidCredentials => {
                "Check both. An Admin of the account can tell whether access was suspended.".into()
            }
            Self::InvalidCode => {
                "Wait for the app's next code, and see that its clock is right. To sign in, a recovery code will do.".into()
            }
            Self::InvalidPasskey => {
                "Choose another passkey, or another way to prove who you are. Passkeys are of one page: that of the \
                 address that `rpId` names in the options."
                    .into()
            }
            Self::PasswordRequired => {
                "Sign in with POST /v1/sessions, and use the passkey as its second factor.".into()
            }
            Self::ChallengeInvalid => "Sign in once more with POST /v1/sessions.".into(),
            Self::TokenInvalid => "Ask for another link: POST /v1/password-resets for a password; of a question, tell whoever asked.".into(),
            Self::MfaEnrollmentRequired => {
                "Set one up with POST /v1/me/mfa/totp, or a passkey with POST /v1/me/mfa/passkeys/options.".into()
            }
            Self::StepUpRequired => {
                "Confirm who you are with POST /v1/sessions/current/step-up; without app and passkey sign in again \
                 by a recovery code. An API key never can."
                    .into()
            }
            Self::RootCodesPrivate => {
                "While they are signed in they can do it themselves with POST /v1/me/recovery-codes. If they are not \
                 able to sign in, another Root can make them an Admin first."
                    .into()
            }
            Self::MfaNotEnabled => "Whoever it is about sets one up first with POST /v1/me/mfa/totp.".into(),
            Self::MfaRequiredForRole => "Set another one up first. A new app replaces the former one; passkeys stand beside each other.".into(),
            Self::NoEnrolment => "Begin with POST /v1/me/mfa/totp.".into(),
            Self::CeremonyInvalid => "Ask for new options, and send their `ceremony` with the answer to them.".into(),
            Self::PasskeyExists => "Use it, or add that of another authenticator.".into(),
            Self::TooManyPasskeys => "Remove one that is not needed.".into(),
            Self::CodesNotViewable => "Issue new ones: the former ones are void then.".into(),
            Self::TooManyKeys | Self::TooManyWebhooks => "Delete one that is not needed.".into(),
            Self::WebhookDisabled => "Switch it on first, with `enabled` true.".into(),
            Self::Locked { .. } => {
                "Wait for it. A password that is set by a mailed link is not kept waiting for wrong ones before it.".into()
            }
            Self::UnsupportedMediaType => "Send JSON with Content-Type: application/json.".into(),
            _ => return None,
        })
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
        _ if seats.total > limit => {
            format!(
                "Upgrade required: the Free plan has {limit} seats, and {} are taken ({taken}).",
                seats.total
            )
        }
        _ => format!("Upgrade required: the Free plan has {limit} seats and all are taken ({taken})."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Instant, Permission, Status};

    // RULE: RO-04, PS-04, IN-05
    #[test]
    fn refusals_say_what_they_are_and_who_can_do_it() {
        let seats = crate::Account { pending: 2, active: 1, ..tests_account() }.seats();
        let refusals = [
            Refusal::CrossOrigin,
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
            Refusal::OverFreeLimit { users: 4, limit: 3 },
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
