//! Every refusal as an example, for whoever documents the interface. RULE: AP-01, AP-07

use schemars::{JsonSchema, Schema, SchemaGenerator};

use crate::{FieldError, Instant, Name, Offer, Permission, Refusal, Seats, Status, Text, UserId};

/// An identifier that nobody has, with a time that anybody may know.
const EXAMPLE_ID: u128 = 0x019C_1347_D280_0000_0000_0000_0000_0003;

impl Refusal {
    /// One of each kind.
    pub fn examples() -> Vec<Self> {
        let user_id = UserId::from_bits(EXAMPLE_ID);
        let field = FieldError {
            field: "first_name".into(),
            code: "too_long",
            detail: "Must have at most 100 characters.".into(),
        };
        let examples = vec![
            Self::Malformed("The body is JSON, but not an object.".into()),
            Self::PayloadTooLarge,
            Self::UnsupportedMediaType,
            Self::Unauthenticated,
            Self::CrossOrigin,
            Self::InvalidCredentials,
            Self::InvalidCode,
            Self::InvalidPasskey,
            Self::PasswordRequired,
            Self::ChallengeInvalid,
            Self::TokenInvalid,
            Self::MfaEnrollmentRequired,
            Self::StepUpRequired,
            Self::SessionRequired,
            Self::RootCodesPrivate,
            Self::MfaNotEnabled,
            Self::MfaRequiredForRole,
            Self::NoEnrolment,
            Self::CeremonyInvalid,
            Self::PasskeyExists,
            Self::TooManyPasskeys,
            Self::CodesNotViewable,
            Self::TooManyKeys,
            Self::TooManyWebhooks,
            Self::WebhookDisabled,
            Self::Locked { retry_after_seconds: 900 },
            Self::RateLimited { retry_after_seconds: 42 },
            Self::IdempotencyMismatch,
            Self::SecretAlreadyShown,
            Self::VersionMismatch { version: 4 },
            Self::Validation(vec![field]),
            Self::NotFound,
            Self::InvitationInvalid,
            Self::InvitationExpired,
            Self::UserDeleted,
            Self::InsufficientRole(Permission::ManageUsers),
            Self::CannotActOnSelf,
            Self::CannotChangeOwnRole,
            Self::AdminCannotModifyRoot,
            Self::AdminCannotAssignRoot,
            Self::LastRoot,
            Self::InvitationPending(user_id),
            Self::UserExists(user_id),
            Self::UseRevoke,
            Self::NotAccepted,
            Self::NotPending(Status::Active),
            Self::RootCannotLeave,
            Self::DepartureRunning,
            Self::OverFreeLimit { users: 5, limit: 3 },
            Self::Busy,
        ];
        let full = full_account().map(|seats| Self::MaximumUsers { seats, requested: 1 });
        examples.into_iter().chain(full).collect()
    }

    /// The schemas of the members that this code documents beside the common ones.
    pub fn member_schemas(&self, generator: &mut SchemaGenerator) -> Vec<(&'static str, Schema)> {
        fn of<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
            generator.subschema_for::<T>()
        }
        match self {
            Self::Validation(_) => vec![("errors", of::<Vec<FieldError>>(generator))],
            Self::InvitationPending(_) | Self::UserExists(_) => vec![("user_id", of::<UserId>(generator))],
            Self::VersionMismatch { .. } => vec![("version", of::<u64>(generator))],
            Self::NotPending(_) => vec![("status", of::<Status>(generator))],
            Self::OverFreeLimit { .. } => {
                vec![("users", of::<u32>(generator)), ("limit", of::<u32>(generator))]
            }
            Self::MaximumUsers { .. } => vec![
                ("seats", of::<Seats>(generator)),
                ("requested", of::<u32>(generator)),
                ("plans", of::<Vec<Offer>>(generator)),
            ],
            _ => Vec::new(),
        }
    }
}

fn full_account() -> Option<Seats> {
    let name = Name::parse("Acme").ok()?;
    let account = crate::Account::new(crate::AccountId::from_bits(EXAMPLE_ID), name, Instant::default());
    Some(crate::Account { pending: 1, active: 2, ..account }.seats())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    // RULE: AP-01, AP-07
    #[test]
    fn each_example_has_a_code_of_its_own_and_schemas_for_the_members_it_has() {
        let mut codes = BTreeSet::new();
        for example in Refusal::examples() {
            assert!(codes.insert(example.code()), "{}", example.code());
            let schemas = example.member_schemas(&mut SchemaGenerator::default());
            let documented: BTreeSet<&str> = schemas.iter().map(|(name, _)| *name).collect();
            let members = example.members();
            assert_eq!(documented, members.keys().map(String::as_str).collect(), "{}", example.code());
        }
    }
}
