//! Which events somebody wants to be told of.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::FactKind;

/// The name that stands for all of them, those that there will be included.
pub const EVERY_EVENT: &str = "*";

/// All, or those of these types.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventTypes {
    /// All, whatever there will be.
    Every,
    /// These.
    These(Vec<FactKind>),
}

impl EventTypes {
    /// The names that may stand in a list.
    pub fn names() -> Vec<&'static str> {
        std::iter::once(EVERY_EVENT).chain(FactKind::ALL.map(FactKind::name)).collect()
    }

    /// Reads names; none where one of them stands for nothing.
    pub fn of<'a>(names: impl IntoIterator<Item = &'a str>) -> Option<Self> {
        let (mut every, mut these) = (false, Vec::new());
        for name in names {
            match name {
                EVERY_EVENT => every = true,
                name => these.push(FactKind::parse(name)?),
            }
        }
        Some(if every { Self::Every } else { Self::These(these) })
    }

    /// Whether this type is among them.
    pub fn hold(&self, kind: FactKind) -> bool {
        match self {
            Self::Every => true,
            Self::These(these) => these.contains(&kind),
        }
    }

    /// The names in the interface.
    pub fn listed(&self) -> Vec<&'static str> {
        match self {
            Self::Every => vec![EVERY_EVENT],
            Self::These(these) => these.iter().map(|kind| kind.name()).collect(),
        }
    }
}

impl Serialize for EventTypes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.listed().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for EventTypes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let names = Vec::<String>::deserialize(deserializer)?;
        Self::of(names.iter().map(String::as_str)).ok_or_else(|| D::Error::custom("no types of events"))
    }
}

impl JsonSchema for EventTypes {
    fn schema_name() -> Cow<'static, str> {
        "EventTypes".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "Types of events; `*` stands for all, those that there will be included.",
            "type": "array",
            "items": { "type": "string", "enum": Self::names() },
        })
    }
}
