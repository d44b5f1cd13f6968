//! An event as it is published, on the bus and to webhooks alike. RULE: EV-02

use std::fmt;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Value, json};

use crate::{Event, EventId, Fact};

/// The version of the shape of what is published.
const VERSION: u32 = 1;

/// The identifier of what is published: the event, and which of its facts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FactId {
    /// The event.
    pub event_id: EventId,
    n: u8,
}

impl FactId {
    /// Reads the printed form.
    pub fn parse(text: &str) -> Option<Self> {
        let (event, n) = text.split_once('.')?;
        let id = Self { event_id: EventId::parse(event)?, n: n.parse().ok()? };
        (id.to_string() == text).then_some(id)
    }
}

impl fmt::Display for FactId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.event_id, self.n)
    }
}

impl Serialize for FactId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for FactId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| D::Error::custom("not an identifier of a fact"))
    }
}

impl Event {
    /// Each of its facts with its identifier and as it is published: identifiers and words of the interface; no name, no
    /// address, nothing anybody typed. RULE: EV-02, AC-10
    pub fn published(&self) -> impl Iterator<Item = (FactId, &Fact, Value)> {
        self.facts.iter().zip(0..).map(|(fact, n)| {
            let id = FactId { event_id: self.id, n };
            let body = json!({
                "id": id,
                "type": fact.kind,
                "version": VERSION,
                "at": self.at,
                "account_id": self.account_id,
                "actor": self.actor,
                "target": fact.target,
                "target_version": fact.target_version,
                "before": fact.before,
                "after": fact.after,
                "request_id": self.origin.request_id,
            });
            (id, fact, body)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identifier_of_a_fact_reads_back_what_it_prints_and_nothing_else() {
        let id = FactId { event_id: EventId::from_bits(7), n: 3 };
        assert_eq!(FactId::parse(&id.to_string()), Some(id));
        for wrong in ["", "evt_00000000000000000000000007", "evt_00000000000000000000000007.03", "x.1"] {
            assert_eq!(FactId::parse(wrong), None, "{wrong}");
        }
    }
}
