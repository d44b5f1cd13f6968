//! PUT `/v1/resources/{kind}/{id}`: the resource is as sent, whether it was there or not. Who made it stays who made it,
//! whoever changes it later. RULE: RS-01, RS-04

use domain::{Actor, Change, Decision, FactKind, Name, Permission, Resource, ResourceKey, User};
use runtime::{Fields, Moment, Operation};

use crate::makers::Makers;
use crate::named::{self, Named, OnResource};
use crate::view::{Maker, ResourceView};

/// What the caller sends.
pub(crate) struct PutResource {
    key: Option<ResourceKey>,
    name: Name,
    collection: Option<Name>,
}

impl OnResource for PutResource {
    fn key(&self) -> Option<&ResourceKey> {
        self.key.as_ref()
    }
}

impl Operation for PutResource {
    const NAME: &str = "put-resource";
    const ABOUT: &str = "Makes a resource, or changes it";
    const NEEDS: Option<Permission> = Some(Permission::WriteResources);
    type Caller = Actor;
    type Loads = (Named, Makers);
    type Reply = ResourceView;

    fn read(fields: &mut Fields) -> Option<Self> {
        let key = named::key(fields);
        let name = fields.text("name", "What people call it.");
        let collection =
            fields.optional_text("collection", "What it is kept with; in none where it is left out.");
        Some(Self { key, name: name?, collection: collection? })
    }

    fn decide(&self, by: &Actor, (named, makers): (Named, Makers), at: &Moment) -> Decision<ResourceView> {
        let Named { key, resource } = named;
        let Some(resource) = resource else {
            let fact = key.fact(FactKind::ResourceCreated);
            let made = self.make(&by.user, key, at);
            let made_by = Maker::new(by.user.id, by.user.full_name());
            return Ok(Change::reply(ResourceView::new(made.clone(), made_by)).fact(fact).put(made));
        };
        let made_by = makers.show(resource.created_by);
        let changed = resource.clone().change(self.name.clone(), self.collection.clone(), at.now);
        let reply = Change::reply(ResourceView::new(changed.clone(), made_by));
        if changed == resource {
            return Ok(reply);
        }
        Ok(reply.fact(key.fact(FactKind::ResourceUpdated)).put(changed))
    }
}

impl PutResource {
    fn make(&self, by: &User, key: ResourceKey, at: &Moment) -> Resource {
        Resource {
            account_id: by.account_id,
            key,
            name: self.name.clone(),
            collection: self.collection.clone(),
            created_by: by.id,
            created_at: at.now,
            updated_at: at.now,
        }
    }
}
