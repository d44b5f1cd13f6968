//! A user: one person in one account, and what happens to them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    AccessQuestion, Account, AccountId, Delivery, DepartureId, Device, Email, Instant, Invitation, Locale,
    Mailing, Message, Name, Nonce, PasswordReset, RateTag, Refusal, Role, Status, Suspension, Text, UserId,
};

/// What the mail service says of an address that it has trouble with. RULE: EV-04
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MailProblem {
    /// A mail came back.
    Bounced,
    /// The recipient called a mail spam.
    Complained,
}

impl MailProblem {
    /// The name in the interface.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bounced => "bounced",
            Self::Complained => "complained",
        }
    }
}

/// One user of one account; one seat. RULE: PS-01
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// Its identifier, never used again.
    pub id: UserId,
    /// The account it belongs to.
    pub account_id: AccountId,
    /// Where mail goes, and who signs in.
    pub email: Email,
    /// First name.
    pub first_name: Name,
    /// Last name.
    pub last_name: Name,
    /// What they read, where they have said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<Locale>,
    /// What they may do.
    pub role: Role,
    /// Where they stand, as last written: see [`User::status_at`].
    pub status: Status,
    /// How they were invited.
    pub invitation: Invitation,
    /// When they were invited, or signed up.
    pub invited_at: Instant,
    /// When they accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepted_at: Option<Instant>,
    /// The last full authentication. RULE: AC-05
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_login_at: Option<Instant>,
    /// The last sign-in that was none, since they owed a second factor. RULE: RO-08
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_restricted_at: Option<Instant>,
    /// When they were suspended, while they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suspended_at: Option<Instant>,
    /// Why, while they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suspension: Option<Suspension>,
    /// The argon2id hash, once there is a password. RULE: AC-09
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password_hash: Option<String>,
    /// What the requests of all their sessions are counted under, once they have signed in. RULE: AP-08
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate_tag: Option<RateTag>,
    /// What the mail service says of their address. RULE: EV-04
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mail_problem: Option<MailProblem>,
    /// Their departure, while it is under way. RULE: CK-01
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub departure_id: Option<DepartureId>,
    /// The warnings that were given since they were suspended. RULE: SU-07
    #[serde(default)]
    pub suspension_warnings: u32,
    /// When the admins were reminded to look at their first week, or that was too late. RULE: CK-03
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_week_told_at: Option<Instant>,
    /// Sessions of any other epoch are dead. RULE: SE-01, SE-02
    pub session_epoch: u64,
    /// The session epoch that began with the present password, where there was one before. RULE: SE-07
    #[serde(default, skip_serializing_if = "is_default")]
    pub password_epoch: u64,
    /// API keys of any other epoch are dead. RULE: AC-07
    #[serde(default, skip_serializing_if = "is_default")]
    pub key_epoch: u64,
    /// How many API keys they ever made.
    #[serde(default, skip_serializing_if = "is_default")]
    pub keys_made: u64,
    /// Whether a second factor is confirmed. RULE: RO-08
    #[serde(default, skip_serializing_if = "is_default")]
    pub mfa_enabled: bool,
    /// Whether their recovery codes can be seen once more. RULE: RC-04
    #[serde(default, skip_serializing_if = "is_default")]
    pub codes_viewable: bool,
    /// The link to set a new password that was asked for last. RULE: AC-08
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password_reset: Option<PasswordReset>,
    /// Whether they still need their access, as they were asked last. RULE: AU-04
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access_question: Option<AccessQuestion>,
    /// The mails that they do without.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub muted: Vec<Mailing>,
    /// Where they signed in from before, the latest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub devices: Vec<Device>,
    /// Moves with every change of who they are, what they may do and where they stand. Sign-ins and what is heard
    /// of a mail do not move it. RULE: AP-03
    pub version: u64,
}

/// What is as it was at the beginning takes no room: a page of users is read as one piece. RULE: AP-04
pub(crate) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// Who is to be invited, and as what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitee {
    /// Their address.
    pub email: Email,
    /// First name.
    pub first_name: Name,
    /// Last name.
    pub last_name: Name,
    /// What they will be.
    pub role: Role,
    /// The inviter's words.
    pub message: Option<Message>,
}

impl User {
    /// A pending user under a new identifier. RULE: IN-02, DE-04
    pub fn invited(
        id: UserId,
        account: &Account,
        invitee: Invitee,
        invited_by: Option<UserId>,
        nonce: Nonce,
        now: Instant,
    ) -> Self {
        Self {
            id,
            account_id: account.id,
            email: invitee.email,
            first_name: invitee.first_name,
            last_name: invitee.last_name,
            locale: None,
            role: invitee.role,
            status: Status::Pending,
            invitation: Invitation::new(invited_by, invitee.message, nonce, now, account),
            invited_at: now,
            accepted_at: None,
            last_login_at: None,
            last_restricted_at: None,
            suspended_at: None,
            suspension: None,
            password_hash: None,
            rate_tag: None,
            mail_problem: None,
            departure_id: None,
            suspension_warnings: 0,
            first_week_told_at: None,
            session_epoch: 0,
            password_epoch: 0,
            key_epoch: 0,
            keys_made: 0,
            mfa_enabled: false,
            codes_viewable: false,
            password_reset: None,
            access_question: None,
            muted: Vec::new(),
            devices: Vec::new(),
            version: 1,
        }
    }

    /// First and last name, as they are shown.
    pub fn full_name(&self) -> String {
        format!("{} {}", self.first_name.as_str(), self.last_name.as_str())
    }

    /// Where they stand at this instant. Nothing needs to have swept. RULE: IN-11
    pub fn status_at(&self, now: Instant) -> Status {
        match self.status {
            Status::Pending if self.invitation.is_expired(now) => Status::Expired,
            status => status,
        }
    }

    /// Whether an expired invitation still counts as pending in the account. RULE: PS-05
    pub fn holds_a_lapsed_seat(&self, now: Instant) -> bool {
        self.status == Status::Pending && self.invitation.is_expired(now)
    }

    /// Sending again and revoking are for those who have not accepted. RULE: IN-07, IN-09
    pub const fn holds_an_invitation(&self) -> Result<(), Refusal> {
        match self.status {
            Status::Pending | Status::Expired => Ok(()),
            Status::Active | Status::Suspended => Err(Refusal::NotPending(self.status)),
        }
    }

    /// An active Root keeps the account from being locked out. RULE: RO-06
    pub fn is_active_root(&self) -> bool {
        self.role == Role::Root && self.status == Status::Active
    }

    /// The invitation is used up; the user is active. RULE: IN-12
    pub fn accept(self, password_hash: String, now: Instant) -> Self {
        let mut user = self.changed();
        user.status = Status::Active;
        user.invitation.nonce = None;
        user.invitation.message = None;
        user.accepted_at = Some(now);
        user.password_hash = Some(password_hash);
        user
    }

    /// The mail service took the invitation's mail; a report of it may have been quicker.
    pub fn invitation_sent(mut self, now: Instant) -> Self {
        self.invitation.delivery = self.invitation.delivery.max(Delivery::Sent);
        self.invitation.sent_at.get_or_insert(now);
        self
    }

    /// The invitation once more, under a new token. RULE: IN-07, IN-08
    pub fn invite_again(self, nonce: Nonce, now: Instant, account: &Account) -> Result<Self, Refusal> {
        self.holds_an_invitation()?;
        let mut user = self.changed();
        user.invitation = user.invitation.again(nonce, now, account)?;
        user.status = Status::Pending;
        Ok(user)
    }

    /// The invitation's time is over and its seat is given back. RULE: PS-05
    pub fn lapse(self) -> Self {
        let mut user = self.changed();
        user.status = Status::Expired;
        user
    }

    /// Suspends: every session ends with it. RULE: SU-01, SU-02
    pub fn suspend(self, suspension: Option<Suspension>, now: Instant) -> Result<Self, Refusal> {
        match self.status {
            Status::Pending | Status::Expired => Err(Refusal::UseRevoke),
            Status::Suspended => Ok(self),
            Status::Active => {
                let mut user = self.end_sessions().changed();
                user.status = Status::Suspended;
                user.suspended_at = Some(now);
                user.password_reset = None;
                user.suspension_warnings = 0;
                user.suspension = suspension;
                Ok(user)
            }
        }
    }

    /// Lets a suspended user in again, by a new sign-in. RULE: SU-04
    pub fn reactivate(self) -> Result<Self, Refusal> {
        match self.status {
            Status::Pending | Status::Expired => Err(Refusal::NotAccepted),
            Status::Active => Ok(self),
            Status::Suspended => {
                let mut user = self.changed();
                user.status = Status::Active;
                user.suspended_at = None;
                user.suspension = None;
                Ok(user)
            }
        }
    }

    /// Another role, in force at the very next request. RULE: RO-05
    pub fn with_role(self, role: Role) -> Self {
        if self.role == role {
            return self;
        }
        let mut user = self.changed();
        user.role = role;
        user.codes_viewable &= role != Role::Root;
        user
    }

    /// With what they call themselves and read; what is none stays.
    pub fn renamed(self, first: Option<Name>, last: Option<Name>, locale: Option<Locale>) -> Self {
        let mut user = self.clone();
        user.first_name = first.unwrap_or(user.first_name);
        user.last_name = last.unwrap_or(user.last_name);
        user.locale = locale.or(user.locale);
        if user == self { self } else { user.changed() }
    }

    /// They begin to depart; none where it was called off. RULE: CK-01
    pub fn departing(self, departure_id: Option<DepartureId>) -> Self {
        let mut user = self.changed();
        user.departure_id = departure_id;
        user
    }

    pub(crate) fn changed(mut self) -> Self {
        self.version += 1;
        self
    }
}
