//! A light registry of what people make, so that a departure can list it. RULE: RS-01, RS-04

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use crate::text::Problem;
use crate::{AccountId, Fact, FactKind, Instant, Name, UserId};

/// What kind of thing it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ResourceKind {
    /// Agents.
    Agents,
    /// Flows.
    Flows,
    /// MCP servers.
    McpServers,
}

impl ResourceKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Agents, Self::Flows, Self::McpServers];

    /// The name in paths.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Agents => "agents",
            Self::Flows => "flows",
            Self::McpServers => "mcp-servers",
        }
    }

    /// The kind of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// What its service calls it: 1 to 100 letters, digits, dots, hyphens and underscores.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ResourceId(String);

impl ResourceId {
    /// The most characters it may have.
    pub const CHARS_MAX: usize = 100;
    /// What it looks like.
    pub const PATTERN: &str = "^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$";

    /// Reads an identifier.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        let begins_well = text.starts_with(|c: char| c.is_ascii_alphanumeric());
        if begins_well && text.len() <= Self::CHARS_MAX && text.chars().all(is_plain) {
            return Ok(Self(text.to_owned()));
        }
        Err(("invalid_id", "Must have 1 to 100 letters, digits, dots, hyphens and underscores.".into()))
    }

    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl JsonSchema for ResourceId {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "ResourceId".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": Self::PATTERN })
    }
}

/// What tells a resource from the others of its account.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ResourceKey {
    /// What kind of thing it is.
    pub kind: ResourceKind,
    /// What its service calls it.
    pub id: ResourceId,
}

/// An agent, a flow or an MCP server. It belongs to the account; who made it has no part in who may use it. RULE: RS-01
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resource {
    /// The account.
    pub account_id: AccountId,
    /// Which one.
    #[serde(flatten)]
    pub key: ResourceKey,
    /// What people call it.
    pub name: Name,
    /// What it is kept with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub collection: Option<Name>,
    /// Who made it, and may be gone since. RULE: RS-03
    pub created_by: UserId,
    /// When.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
}

impl ResourceKey {
    /// What happened to it, by kind and identifier alone: its name is not told. RULE: AC-10
    pub fn fact(&self, kind: FactKind) -> Fact {
        let (name, id) = (self.kind.name(), self.id.as_str());
        let fact = Fact::bare(kind);
        match kind {
            FactKind::ResourceDeleted => fact.before("kind", name).before("id", id),
            _ => fact.after("kind", name).after("id", id),
        }
    }
}

impl Resource {
    /// Called so and kept there, by whoever changes it; who made it stays who made it. RULE: RS-01
    pub fn change(self, name: Name, collection: Option<Name>, now: Instant) -> Self {
        if self.name == name && self.collection == collection {
            return self;
        }
        Self { name, collection, updated_at: now, ..self }
    }
}
