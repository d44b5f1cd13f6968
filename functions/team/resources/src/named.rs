//! The resource that a path names.

use domain::{AccountId, EntityKey, Refusal, Resource, ResourceId, ResourceKey, ResourceKind};
use runtime::{Call, Failure, Fields, Loaded, Loads, Wants};

use crate::makers::Makers;

/// Reads kind and identifier; none, where the path names nothing that could be there.
pub(crate) fn key(fields: &Fields) -> Option<ResourceKey> {
    let kind = ResourceKind::parse(fields.path("kind")?)?;
    let id = ResourceId::parse(fields.path("id")?).ok()?;
    Some(ResourceKey { kind, id })
}

/// Where it stands in the caller's account.
pub(crate) fn entity_key(account_id: AccountId, key: &ResourceKey) -> EntityKey {
    EntityKey::Resource(account_id, key.clone())
}

/// An operation on one resource.
pub(crate) trait OnResource: Sync {
    /// What the path names, if that can be a resource at all.
    fn key(&self) -> Option<&ResourceKey>;
}

/// What the path names, and what is there.
pub(crate) struct Named {
    pub(crate) key: ResourceKey,
    pub(crate) resource: Option<Resource>,
}

impl Named {
    /// What is there.
    pub(crate) fn there(self) -> Result<Resource, Refusal> {
        self.resource.ok_or(Refusal::NotFound)
    }
}

impl<O: OnResource> Loads<O> for Named {
    fn refuses() -> Vec<&'static str> {
        vec!["not_found"]
    }

    fn wants(operation: &O, call: &Call<'_>, wants: &mut Wants) {
        if let Some(key) = operation.key() {
            wants.key(entity_key(call.account_id, key));
        }
    }

    async fn take(operation: &O, call: &Call<'_>, loaded: &mut Loaded) -> Result<Self, Failure> {
        let key = operation.key().ok_or(Refusal::NotFound)?.clone();
        let resource = loaded.get(&entity_key(call.account_id, &key))?;
        Ok(Self { key, resource })
    }
}

/// One that is there.
pub(crate) struct There(pub(crate) Resource);

/// RULE: AP-05
impl<O: OnResource> Loads<O> for There {
    fn refuses() -> Vec<&'static str> {
        vec!["not_found"]
    }

    fn wants(operation: &O, call: &Call<'_>, wants: &mut Wants) {
        <Named as Loads<O>>::wants(operation, call, wants);
    }

    async fn take(operation: &O, call: &Call<'_>, loaded: &mut Loaded) -> Result<Self, Failure> {
        let named = <Named as Loads<O>>::take(operation, call, loaded).await?;
        Ok(Self(named.there()?))
    }
}

/// Who made what the path names, if it is there.
impl<O: OnResource> Loads<O> for Makers {
    fn wants(_: &O, _: &Call<'_>, _: &mut Wants) {}

    async fn take(operation: &O, call: &Call<'_>, loaded: &mut Loaded) -> Result<Self, Failure> {
        let named = <Named as Loads<O>>::take(operation, call, loaded).await?;
        Self::load(named.resource.iter(), call, loaded).await
    }
}
