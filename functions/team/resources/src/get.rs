//! GET `/v1/resources/{kind}/{id}`: one resource.

use domain::{Actor, Change, Decision, Permission, ResourceKey};
use runtime::{Fields, Moment, Operation};

use crate::makers::Makers;
use crate::named::{self, OnResource, There};
use crate::view::ResourceView;

/// The path says it all.
pub(crate) struct GetResource {
    key: Option<ResourceKey>,
}

impl OnResource for GetResource {
    fn key(&self) -> Option<&ResourceKey> {
        self.key.as_ref()
    }
}

impl Operation for GetResource {
    const NAME: &str = "get-resource";
    const ABOUT: &str = "Shows a resource";
    const NEEDS: Option<Permission> = Some(Permission::ReadResources);
    type Caller = Actor;
    type Loads = (There, Makers);
    type Reply = ResourceView;

    fn read(fields: &mut Fields) -> Option<Self> {
        Some(Self { key: named::key(fields) })
    }

    fn decide(
        &self,
        _: &Actor,
        (There(resource), makers): (There, Makers),
        _: &Moment,
    ) -> Decision<ResourceView> {
        let made_by = makers.show(resource.created_by);
        Ok(Change::reply(ResourceView::new(resource, made_by)))
    }
}
