//! What a caller sees of an event, and the place it has in the list.

use domain::{Event, EventId, Fact, FactKind, Instant, Performer, UserId};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

/// The bytes of a place: the commit's identifier, and which of its facts.
pub(crate) const PLACE_BYTES: usize = size_of::<u128>() + 1;

/// A fact of a commit.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) event: &'a Event,
    n: usize,
}

impl<'a> Place<'a> {
    /// The facts of a commit, the last first.
    pub(crate) fn of(event: &'a Event) -> impl Iterator<Item = Self> {
        (0..event.facts.len()).rev().map(move |n| Self { event, n })
    }

    pub(crate) fn fact(&self) -> &'a Fact {
        &self.event.facts[self.n]
    }

    /// Whether it comes later in the list, which begins with the newest.
    pub(crate) fn is_behind(&self, (event_id, n): (EventId, usize)) -> bool {
        (self.event.id, self.n) < (event_id, n)
    }

    pub(crate) fn to_bytes(self) -> [u8; PLACE_BYTES] {
        // A commit has 8 facts at most.
        let n = u8::try_from(self.n).unwrap_or(u8::MAX);
        let mut bytes = [n; PLACE_BYTES];
        bytes[..PLACE_BYTES - 1].copy_from_slice(&self.event.id.bits().to_be_bytes());
        bytes
    }

    pub(crate) fn from_bytes(bytes: [u8; PLACE_BYTES]) -> (EventId, usize) {
        let (id, n) = bytes.split_at(PLACE_BYTES - 1);
        let bits = id.iter().fold(0_u128, |bits, byte| bits << 8 | u128::from(*byte));
        (EventId::from_bits(bits), n.first().copied().unwrap_or_default().into())
    }
}

/// One thing that happened. It names nobody: identifiers only, whose labels are looked up when shown. RULE: DE-02
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Event")]
pub(crate) struct EventView {
    /// The commit it was part of, and which of its events it is.
    #[schemars(regex(pattern = r"^evt_[0-9A-HJKMNP-TV-Z]{26}\.[0-7]$"))]
    id: String,
    /// What happened.
    #[serde(rename = "type")]
    kind: FactKind,
    /// When.
    at: Instant,
    /// Who did it.
    actor: Performer,
    /// To whom it was done.
    #[serde(skip_serializing_if = "Option::is_none")]
    target: Option<UserId>,
    /// What was, as far as it changed.
    #[serde(skip_serializing_if = "Map::is_empty")]
    before: Map<String, Value>,
    /// What is, as far as it changed.
    #[serde(skip_serializing_if = "Map::is_empty")]
    after: Map<String, Value>,
    /// Why, where somebody said so.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// Where the request came from, cut to /24 or /48.
    ip: String,
    /// Browser and system.
    user_agent: String,
    /// The request that did it.
    request_id: String,
}

impl EventView {
    pub(crate) fn of(place: &Place<'_>) -> Self {
        let (event, fact) = (place.event, place.fact().clone());
        Self {
            id: format!("{}.{}", event.id, place.n),
            kind: fact.kind,
            at: event.at,
            actor: event.actor,
            target: fact.target,
            before: fact.before,
            after: fact.after,
            reason: fact.reason,
            ip: event.origin.ip.clone(),
            user_agent: event.origin.user_agent.clone(),
            request_id: event.origin.request_id.clone(),
        }
    }
}
