//! What happened: the audit entry, which is the outbox record as well. RULE: EV-01, EV-02

use std::borrow::Cow;

use chrono::TimeDelta;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use crate::{AccountId, EventId, Instant, Role, User, UserId, Via};

/// The most facts that one event holds.
pub const FACTS_MAX: usize = 8;
/// How long an entry is kept that moved no seat and no cent.
const AUDIT_RETENTION: TimeDelta = TimeDelta::days(400);

/// The stable name of what happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FactKind {
    /// Somebody signed up.
    AccountCreated,
    /// Name or settings of the account.
    AccountUpdated,
    /// The account is closed for good.
    AccountClosed,
    /// A sign-up was never confirmed.
    AccountExpired,
    /// The personal data of a closed account is erased.
    AccountErased,
    /// Somebody was invited.
    UserInvited,
    /// The invitation was accepted.
    UserAccepted,
    /// A pending user was deleted.
    InvitationRevoked,
    /// An invitation's time was over and its seat came back.
    InvitationExpired,
    /// An invitation was sent again.
    InvitationResent,
    /// The invitee is reminded.
    InvitationReminded,
    /// Something was heard, or nothing for long, of the mail of an invitation.
    InvitationDelivery,
    /// Another role.
    UserRoleChanged,
    /// Suspended.
    UserSuspended,
    /// Let in again.
    UserReactivated,
    /// All sessions ended by an admin.
    UserLoggedOut,
    /// Deleted.
    UserDeleted,
    /// Left of their own accord.
    UserLeft,
    /// What was left of somebody who is gone is erased.
    UserErased,
    /// Those who pay for a suspended seat are told that it is still held.
    SuspensionWarned,
    /// The mail service has trouble with an address.
    MailProblemNoted,
    /// Signed in.
    SessionCreated,
    /// Signed out.
    SessionEnded,
    /// Somebody departs.
    DepartureStarted,
    /// The admins are told of a step that is due.
    DepartureStepDue,
    /// A step of a departure was taken.
    DepartureStepDone,
    /// Somebody has departed.
    DepartureFinished,
    /// A departure was called off.
    DepartureCancelled,
    /// A step of a departure could not be taken.
    DepartureBlocked,
    /// A resource was made.
    ResourceCreated,
    /// A resource was changed.
    ResourceUpdated,
    /// A resource was deleted.
    ResourceDeleted,
    /// A privileged attempt was refused.
    AccessRefused,
}

impl Serialize for FactKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl JsonSchema for FactKind {
    fn schema_name() -> Cow<'static, str> {
        "EventType".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "What happened.",
            "type": "string",
            "enum": Self::ALL.map(Self::name).as_slice(),
        })
    }
}

impl<'de> Deserialize<'de> for FactKind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Self::parse(&name).ok_or_else(|| D::Error::custom("no kind of fact"))
    }
}

impl FactKind {
    /// All of them.
    pub const ALL: [Self; 33] = [
        Self::AccountCreated,
        Self::AccountUpdated,
        Self::AccountClosed,
        Self::AccountExpired,
        Self::AccountErased,
        Self::UserInvited,
        Self::UserAccepted,
        Self::InvitationRevoked,
        Self::InvitationExpired,
        Self::InvitationResent,
        Self::InvitationReminded,
        Self::InvitationDelivery,
        Self::UserRoleChanged,
        Self::UserSuspended,
        Self::UserReactivated,
        Self::UserLoggedOut,
        Self::UserDeleted,
        Self::UserLeft,
        Self::UserErased,
        Self::SuspensionWarned,
        Self::MailProblemNoted,
        Self::SessionCreated,
        Self::SessionEnded,
        Self::DepartureStarted,
        Self::DepartureStepDue,
        Self::DepartureStepDone,
        Self::DepartureFinished,
        Self::DepartureCancelled,
        Self::DepartureBlocked,
        Self::ResourceCreated,
        Self::ResourceUpdated,
        Self::ResourceDeleted,
        Self::AccessRefused,
    ];

    /// The name in the interface.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AccountCreated => "account.created",
            Self::AccountUpdated => "account.updated",
            Self::AccountClosed => "account.closed",
            Self::AccountExpired => "account.expired",
            Self::AccountErased => "account.erased",
            Self::UserInvited => "user.invited",
            Self::UserAccepted => "user.accepted",
            Self::InvitationRevoked => "invitation.revoked",
            Self::InvitationExpired => "invitation.expired",
            Self::InvitationResent => "invitation.resent",
            Self::InvitationReminded => "invitation.reminded",
            Self::InvitationDelivery => "invitation.delivery_changed",
            Self::UserRoleChanged => "user.role_changed",
            Self::UserSuspended => "user.suspended",
            Self::UserReactivated => "user.reactivated",
            Self::UserLoggedOut => "user.logged_out",
            Self::UserDeleted => "user.deleted",
            Self::UserLeft => "user.left",
            Self::UserErased => "user.erased",
            Self::SuspensionWarned => "user.suspension_warned",
            Self::MailProblemNoted => "user.mail_problem_noted",
            Self::SessionCreated => "session.created",
            Self::SessionEnded => "session.ended",
            Self::DepartureStarted => "departure.started",
            Self::DepartureStepDue => "departure.step_due",
            Self::DepartureStepDone => "departure.step_done",
            Self::DepartureFinished => "departure.finished",
            Self::DepartureCancelled => "departure.cancelled",
            Self::DepartureBlocked => "departure.blocked",
            Self::ResourceCreated => "resource.created",
            Self::ResourceUpdated => "resource.updated",
            Self::ResourceDeleted => "resource.deleted",
            Self::AccessRefused => "access.refused",
        }
    }

    /// What goes by that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Facts that moved a seat are kept with the invoices. RULE: EV-01
    const fn moved_a_seat(self) -> bool {
        matches!(
            self,
            Self::AccountCreated
                | Self::AccountClosed
                | Self::AccountExpired
                | Self::UserInvited
                | Self::UserAccepted
                | Self::InvitationRevoked
                | Self::InvitationExpired
                | Self::InvitationResent
                | Self::UserDeleted
                | Self::UserLeft
        )
    }
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fact {
    /// What.
    #[serde(rename = "type")]
    pub kind: FactKind,
    /// To whom.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<UserId>,
    /// The target's version after it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target_version: Option<u64>,
    /// What was, as far as it changed. Identifiers and words of the interface, never names or addresses.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub before: Map<String, Value>,
    /// What is.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub after: Map<String, Value>,
    /// Why, where somebody said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl Fact {
    /// It happened to this user.
    pub fn of(kind: FactKind, target: &User) -> Self {
        Self { target: Some(target.id), target_version: Some(target.version), ..Self::bare(kind) }
    }

    /// It happened to nobody in particular, or to somebody whose record was not read.
    pub fn bare(kind: FactKind) -> Self {
        Self { kind, target: None, target_version: None, before: Map::new(), after: Map::new(), reason: None }
    }

    /// What was.
    #[must_use]
    pub fn before(mut self, field: &str, value: impl Into<Value>) -> Self {
        self.before.insert(field.into(), value.into());
        self
    }

    /// What is.
    #[must_use]
    pub fn after(mut self, field: &str, value: impl Into<Value>) -> Self {
        self.after.insert(field.into(), value.into());
        self
    }

    /// Why, in somebody's words; addresses in them are taken out. RULE: AC-10
    #[must_use]
    pub fn because(mut self, reason: Option<&str>) -> Self {
        self.reason = reason.map(without_addresses);
        self
    }
}

fn without_addresses(text: &str) -> String {
    let keep = |word: &str| if word.contains('@') { "[address]".to_owned() } else { word.to_owned() };
    text.split(' ').map(keep).collect::<Vec<_>>().join(" ")
}

/// Who did it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Performer {
    /// The user; nobody, where it was time or the mail service reported.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<UserId>,
    /// The role they had.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// How they acted.
    pub via: Via,
}

impl Performer {
    /// Nobody: it was time, or the mail service reported.
    pub const NOBODY: Self = Self { id: None, role: None, via: Via::System };

    /// This user, acting so.
    pub const fn new(user: &User, via: Via) -> Self {
        Self { id: Some(user.id), role: Some(user.role), via }
    }
}

/// Where a request came from, cut down to what an audit needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// The source address, cut to /24 or /48.
    pub ip: String,
    /// Browser and system.
    pub user_agent: String,
    /// The request.
    pub request_id: String,
}

/// All that one commit changed, written in the same transaction. Append-only.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Its identifier, fixed before the first attempt.
    pub id: EventId,
    /// The account.
    pub account_id: AccountId,
    /// When.
    pub at: Instant,
    /// Who.
    pub actor: Performer,
    /// Where from.
    #[serde(flatten)]
    pub origin: Origin,
    /// What: 1 to 8 facts.
    pub facts: Vec<Fact>,
}

impl Event {
    /// When it may be forgotten; never, where a seat was moved.
    pub fn forgotten_at(&self) -> Option<Instant> {
        let kept = self.facts.iter().any(|fact| fact.kind.moved_a_seat());
        (!kept).then(|| self.at + AUDIT_RETENTION)
    }
}
