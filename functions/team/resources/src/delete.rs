//! DELETE `/v1/resources/{kind}/{id}`: it is no longer in the registry.

use domain::{Actor, Change, Decision, FactKind, Permission, Removal, ResourceKey};
use runtime::{Fields, Moment, Operation};

use crate::named::{self, OnResource, There};

/// The path says it all.
pub(crate) struct DeleteResource {
    key: Option<ResourceKey>,
}

impl OnResource for DeleteResource {
    fn key(&self) -> Option<&ResourceKey> {
        self.key.as_ref()
    }
}

impl Operation for DeleteResource {
    const NAME: &str = "delete-resource";
    const ABOUT: &str = "Takes a resource out of the registry";
    const SUCCESS: u16 = 204;
    const NEEDS: Option<Permission> = Some(Permission::WriteResources);
    type Caller = Actor;
    type Loads = There;
    type Reply = ();

    fn read(fields: &mut Fields) -> Option<Self> {
        Some(Self { key: named::key(fields) })
    }

    fn decide(&self, _: &Actor, There(resource): There, _: &Moment) -> Decision<()> {
        let fact = resource.key.fact(FactKind::ResourceDeleted);
        let removal = Removal::AsRead(named::entity_key(resource.account_id, &resource.key));
        Ok(Change::reply(()).fact(fact).delete(removal))
    }
}
