//! What a list may be narrowed by.

use domain::{Email, Instant, Role, Status, User};
use runtime::{Fields, Shape};

const QUERY_CHARS_MAX: usize = 100;

/// All of it must hold.
#[derive(Debug, Default)]
pub(crate) struct Filter {
    pub(crate) status: Option<Status>,
    pub(crate) role: Option<Role>,
    pub(crate) mfa: Option<Mfa>,
    pub(crate) last_login_before: Option<Instant>,
    pub(crate) query: Option<String>,
    pub(crate) email: Option<Email>,
}

/// Whether MFA is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mfa {
    On,
    Off,
}

impl Filter {
    pub(crate) fn read(fields: &mut Fields) -> Option<Self> {
        let status = fields.optional_choice(
            "status",
            "Only users who stand there.",
            Status::parse,
            &Status::ALL.map(Status::name),
        );
        let role = fields.optional_choice(
            "role",
            "Only users of this role.",
            Role::parse,
            &Role::ALL.map(Role::name),
        );
        let mfa = |text: &str| match text {
            "true" => Some(Mfa::On),
            "false" => Some(Mfa::Off),
            _ => None,
        };
        let mfa = fields.optional_choice(
            "mfa",
            "Only users with a second factor, or only those without.",
            mfa,
            &["true", "false"],
        );
        let last_login_before = fields.optional_instant(
            "last_login_before",
            "Only users who did not sign in since with all that their role asks for, or never did.",
        );
        let query = fields.optional(
            "q",
            Shape::text(
                "What the first name, the last name, both together or the address begin with.",
                &(1..=QUERY_CHARS_MAX),
            ),
            |text| match text.trim().chars().count() {
                1..=QUERY_CHARS_MAX => Ok(text.trim().to_lowercase()),
                _ => Err(("out_of_range", format!("Must have 1 to {QUERY_CHARS_MAX} characters."))),
            },
        );
        let email = fields.optional("email", Shape::email("Only the user of this address."), Email::parse);
        Some(Self {
            status: status?,
            role: role?,
            mfa: mfa?,
            last_login_before: last_login_before?,
            query: query?,
            email: email?,
        })
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.status.is_none()
            && self.role.is_none()
            && self.mfa.is_none()
            && self.last_login_before.is_none()
            && self.query.is_none()
    }

    /// Who never signed in did not sign in since.
    pub(crate) fn matches(&self, user: &User, now: Instant) -> bool {
        self.status.is_none_or(|status| user.status_at(now) == status)
            && self.role.is_none_or(|role| user.role == role)
            && self.mfa.is_none_or(|mfa| user.mfa_enabled == (mfa == Mfa::On))
            && self.last_login_before.is_none_or(|before| user.last_login_at.is_none_or(|at| at < before))
            && self.query.as_deref().is_none_or(|query| begins_with(user, query))
    }
}

/// A prefix of the first name, the last name, both together, or the address.
fn begins_with(user: &User, query: &str) -> bool {
    use domain::Text;
    let first = user.first_name.as_str().to_lowercase();
    let last = user.last_name.as_str().to_lowercase();
    let full = format!("{first} {last}");
    full.starts_with(query) || last.starts_with(query) || user.email.identity().starts_with(query)
}
