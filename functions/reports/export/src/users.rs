//! Users, in the order of their identifiers.

use domain::{Account, AccountId, Actor, Instant, Permission, Role, Status, User, UserId};
use runtime::Collection;
use schemars::JsonSchema;
use serde::Serialize;
use sheets::Row;

use crate::page::Kind;

/// Users.
pub(crate) struct Users;

/// A user.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ExportedUser")]
pub(crate) struct UserRow {
    /// Never used again.
    pub(crate) id: UserId,
    /// Their address, as they spell it.
    pub(crate) email: String,
    /// First name.
    pub(crate) first_name: String,
    /// Last name.
    pub(crate) last_name: String,
    /// Their role.
    pub(crate) role: Role,
    /// Where they stand.
    pub(crate) status: Status,
    /// Whether a second factor is confirmed.
    pub(crate) mfa_enabled: bool,
    /// When they were invited, or signed up.
    pub(crate) invited_at: Instant,
    /// When they accepted.
    pub(crate) accepted_at: Option<Instant>,
    /// The last full sign-in.
    pub(crate) last_login_at: Option<Instant>,
    /// When they were suspended, while they are.
    pub(crate) suspended_at: Option<Instant>,
    /// When they were asked last whether they need their access.
    pub(crate) access_asked_at: Option<Instant>,
    /// What they said to that.
    pub(crate) access_is_needed: Option<bool>,
}

impl Kind for Users {
    const NAME: &'static str = "export-users";
    const ABOUT: &'static str = "Exports users, a page at a time";
    const WHAT: &'static str = "users";
    const NEEDS: Permission = Permission::ReadUsers;
    type Item = User;
    type Row = UserRow;

    fn collection(account_id: AccountId, after: Option<u128>, limit: i32) -> Collection {
        Collection::Users { account_id, after: after.map(UserId::from_bits), limit }
    }

    fn place(user: &User) -> u128 {
        user.id.bits()
    }

    fn rows(user: &User, account: &Account, _: &Actor, now: Instant) -> Vec<UserRow> {
        use domain::Text;
        vec![UserRow {
            id: user.id,
            email: user.email.spelling().to_owned(),
            first_name: user.first_name.as_str().to_owned(),
            last_name: user.last_name.as_str().to_owned(),
            role: user.role,
            status: account.status_of(user, now),
            mfa_enabled: user.mfa_enabled,
            invited_at: user.invited_at,
            accepted_at: user.accepted_at,
            last_login_at: user.last_login_at,
            suspended_at: user.suspended_at,
            access_asked_at: user.access_question.as_ref().map(|question| question.asked_at),
            access_is_needed: user.access_answer().map(|answer| answer.is_needed),
        }]
    }
}

impl Row for UserRow {
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "email",
        "first_name",
        "last_name",
        "role",
        "status",
        "mfa_enabled",
        "invited_at",
        "accepted_at",
        "last_login_at",
        "suspended_at",
        "access_asked_at",
        "access_is_needed",
    ];
}
