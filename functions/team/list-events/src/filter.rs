//! What the list may be narrowed by.

use domain::{Event, Fact, FactKind, Instant, UserId};
use runtime::Fields;

/// All of it must hold.
#[derive(Debug)]
pub(crate) struct Filter {
    actor: Option<UserId>,
    target: Option<UserId>,
    kind: Option<FactKind>,
    /// The first instant.
    pub(crate) from: Option<Instant>,
    /// The first instant that is too late.
    pub(crate) to: Option<Instant>,
}

impl Filter {
    pub(crate) fn read(fields: &mut Fields) -> Option<Self> {
        let actor = fields.optional_id("actor", "Only what this user did.");
        let target = fields.optional_id("target", "Only what was done to this user.");
        let kind = fields.optional_choice(
            "type",
            "Only what is of this type.",
            FactKind::parse,
            &FactKind::ALL.map(FactKind::name),
        );
        let from = fields.optional_instant("from", "From this instant on.");
        let to = fields.optional_instant("to", "Before this instant.");
        Some(Self { actor: actor?, target: target?, kind: kind?, from: from?, to: to? })
    }

    /// Whether every event of the span matches.
    pub(crate) const fn is_of_time_only(&self) -> bool {
        self.actor.is_none() && self.target.is_none() && self.kind.is_none()
    }

    pub(crate) fn matches(&self, event: &Event, fact: &Fact) -> bool {
        self.actor.is_none_or(|actor| event.actor.id == Some(actor))
            && self.target.is_none_or(|target| fact.target == Some(target))
            && self.kind.is_none_or(|kind| fact.kind == kind)
    }
}
