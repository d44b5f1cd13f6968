//! The audit log, the newest first.

use domain::{Account, AccountId, Actor, Event, EventId, FactKind, Instant, Permission, Role, UserId, Via};
use runtime::Collection;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};
use sheets::Row;

use crate::page::Kind;

/// Events.
pub(crate) struct Events;

/// One thing that happened.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ExportedEvent")]
pub(crate) struct EventRow {
    /// The commit it was part of, and which of its events it is.
    id: String,
    /// What happened.
    #[serde(rename = "type")]
    kind: FactKind,
    /// When.
    at: Instant,
    /// Who did it; nobody, where it was time.
    actor_id: Option<UserId>,
    /// The role they had.
    actor_role: Option<Role>,
    /// How they acted.
    via: Via,
    /// To whom it was done.
    target: Option<UserId>,
    /// What was, as far as it changed; in a sheet as JSON.
    before: Map<String, Value>,
    /// What is, as far as it changed; in a sheet as JSON.
    after: Map<String, Value>,
    /// Why, where somebody said so.
    reason: Option<String>,
    /// Where the request came from, cut to /24 or /48.
    ip: String,
    /// Browser and system.
    user_agent: String,
    /// The request that did it.
    request_id: String,
}

impl Kind for Events {
    const NAME: &'static str = "export-events";
    const ABOUT: &'static str = "Exports the audit log, a page at a time";
    const WHAT: &'static str = "events";
    const NEEDS: Permission = Permission::ReadAudit;
    type Item = Event;
    type Row = EventRow;

    fn collection(account_id: AccountId, after: Option<u128>, limit: i32) -> Collection {
        // The newest that is older than the place.
        let not_after = after.map(|bits| EventId::from_bits(bits.saturating_sub(1)));
        Collection::Events { account_id, from: None, to: None, not_after, limit }
    }

    fn place(event: &Event) -> u128 {
        event.id.bits()
    }

    fn rows(event: &Event, _: &Account, _: &Actor, now: Instant) -> Vec<EventRow> {
        if !event.is_kept(now) {
            return Vec::new();
        }
        let row = |(n, fact): (usize, &domain::Fact)| EventRow {
            id: format!("{}.{n}", event.id),
            kind: fact.kind,
            at: event.at,
            actor_id: event.actor.id,
            actor_role: event.actor.role,
            via: event.actor.via,
            target: fact.target,
            before: fact.before.clone(),
            after: fact.after.clone(),
            reason: fact.reason.clone(),
            ip: event.origin.ip.clone(),
            user_agent: event.origin.user_agent.clone(),
            request_id: event.origin.request_id.clone(),
        };
        event.facts.iter().enumerate().rev().map(row).collect()
    }
}

impl Row for EventRow {
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "type",
        "at",
        "actor_id",
        "actor_role",
        "via",
        "target",
        "before",
        "after",
        "reason",
        "ip",
        "user_agent",
        "request_id",
    ];
}
