//! What callers see of resources.

use domain::{Instant, Name, Reply, Resource, ResourceId, ResourceKind, UserId};
use schemars::JsonSchema;
use serde::Serialize;

/// A resource.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Resource")]
pub(crate) struct ResourceView {
    /// What kind of thing it is.
    kind: ResourceKind,
    /// What its service calls it.
    id: ResourceId,
    /// What people call it.
    name: Name,
    /// What it is kept with.
    collection: Option<Name>,
    /// Who made it. It says nothing of who may use it.
    created_by: Maker,
    /// When it was made.
    created_at: Instant,
    /// When it was last changed.
    updated_at: Instant,
}

impl Reply for ResourceView {}

/// Somebody who made something, and may be gone since.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Maker {
    /// Who.
    id: UserId,
    /// Their name; `Deleted user` once they are gone.
    label: String,
}

impl Maker {
    pub(crate) const fn new(id: UserId, label: String) -> Self {
        Self { id, label }
    }
}

impl ResourceView {
    pub(crate) fn new(resource: Resource, created_by: Maker) -> Self {
        Self {
            kind: resource.key.kind,
            id: resource.key.id,
            name: resource.name,
            collection: resource.collection,
            created_by,
            created_at: resource.created_at,
            updated_at: resource.updated_at,
        }
    }
}
