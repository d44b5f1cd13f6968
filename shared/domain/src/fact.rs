//! What happened: the audit entry, which is the outbox record as well. RULE: EV-01, EV-02

use chrono::TimeDelta;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{AccountId, Delivery, EventId, FactKind, Instant, Refusal, Role, User, UserId, Via};

/// The most facts that one event holds.
pub const FACTS_MAX: usize = 8;
/// How long an entry is kept that moved no seat and no cent.
const AUDIT_RETENTION: TimeDelta = TimeDelta::days(400);

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

    /// A privileged attempt was refused. RULE: EV-01
    pub fn refused(operation: &str, refusal: &Refusal, target: Option<UserId>) -> Self {
        let fact = Self { target, ..Self::bare(FactKind::AccessRefused) };
        fact.after("operation", operation).after("code", refusal.code())
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

    /// Whether it leads to mails: of what becomes of an invitation's mail only the worst is told, and of a review what there
    /// is to tell. RULE: DE-02
    pub fn is_mailed(&self) -> bool {
        let failed =
            self.after.get("delivery").is_some_and(|delivery| delivery == Delivery::DeliveryFailed.name());
        self.kind.is_mailed()
            && match self.kind {
                FactKind::InvitationDelivery => failed,
                FactKind::ReviewMade => self.after.get("mailed").is_some_and(|mailed| mailed == true),
                _ => true,
            }
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
    /// Whoever runs the product.
    pub const OPERATOR: Self = Self { id: None, role: None, via: Via::Operator };

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
    /// When it may be forgotten; never, where a seat or a cent was moved.
    pub fn forgotten_at(&self) -> Option<Instant> {
        let kept = self.facts.iter().any(|fact| fact.kind.moved_a_seat_or_a_cent());
        (!kept).then(|| self.at + AUDIT_RETENTION)
    }

    /// Whether it is still told; the table may forget it later than it is forgotten.
    pub fn is_kept(&self, now: Instant) -> bool {
        self.forgotten_at().is_none_or(|then| now < then)
    }
}
