//! GET /v1/resources: resources in the order of kind and identifier, filtered, a page at a time. RULE: AP-04, RS-04

use domain::{
    Actor, Change, Decision, Permission, Reply, Resource, ResourceId, ResourceKey, ResourceKind, UserId,
};
use runtime::{
    Call, Collection, FILTERED_READ_MAX, Failure, Fields, Loaded, Loads, Moment, Operation, Page, Wants,
    cursor,
};
use schemars::JsonSchema;
use serde::Serialize;

use crate::makers::Makers;
use crate::view::ResourceView;

/// The bytes of a place in the list: which kind, and the identifier with zeros behind it.
const PLACE_BYTES: usize = 1 + ResourceId::CHARS_MAX;

/// What the caller sends.
pub(crate) struct ListResources {
    filter: Filter,
    page: Page<PLACE_BYTES>,
    after: Option<ResourceKey>,
}

/// All of it must hold.
#[derive(Debug)]
struct Filter {
    kind: Option<ResourceKind>,
    created_by: Option<UserId>,
}

/// A page of resources.
#[derive(Serialize, JsonSchema)]
pub(crate) struct ResourcesPage {
    /// The resources, in the order of kind and identifier.
    data: Vec<ResourceView>,
    /// The `cursor` of the page behind this one; null where this is the last.
    next_cursor: Option<String>,
}

impl Reply for ResourcesPage {}

/// The resources read, in order, whether there are more behind them, and who made them.
pub(crate) struct Read {
    resources: Vec<Resource>,
    has_more: bool,
    makers: Makers,
}

impl Operation for ListResources {
    const NAME: &str = "list-resources";
    const ABOUT: &str = "Lists resources, filtered and paged";
    const NEEDS: Option<Permission> = Some(Permission::ReadResources);
    type Caller = Actor;
    type Loads = Read;
    type Reply = ResourcesPage;

    fn read(fields: &mut Fields) -> Option<Self> {
        let kinds = ResourceKind::ALL.map(ResourceKind::name);
        let kind =
            fields.optional_choice("kind", "Only resources of this kind.", ResourceKind::parse, &kinds);
        let created_by = fields.optional_id("created_by", "Only what this user made, who may be gone.");
        let filter = kind.zip(created_by).map(|(kind, created_by)| Filter { kind, created_by });
        let page = Page::read(fields, filter.as_ref())?;
        let filter = filter?;
        let after = match page.after.map(|place| behind(&place, &filter)) {
            None => None,
            Some(Some(key)) => Some(key),
            Some(None) => {
                fields.fail("cursor", "invalid_cursor", "Is not a cursor of this list with these filters.")?
            }
        };
        Some(Self { filter, page, after })
    }

    fn decide(&self, _: &Actor, read: Read, _: &Moment) -> Decision<ResourcesPage> {
        let is_meant =
            |resource: &Resource| self.filter.created_by.is_none_or(|by| resource.created_by == by);
        let (page, last) = self.page.cut(&read.resources, read.has_more, is_meant);
        let next_cursor = last.map(|last| cursor(place(&last.key), &self.filter));
        let show =
            |resource: &Resource| ResourceView::new(resource.clone(), read.makers.show(resource.created_by));
        Ok(Change::reply(ResourcesPage { data: page.into_iter().map(show).collect(), next_cursor }))
    }
}

impl ListResources {
    /// One more than fits, to know whether there is more.
    fn collection(&self, call: &Call<'_>) -> Collection {
        let limit = if self.filter.created_by.is_none() { self.page.limit + 1 } else { FILTERED_READ_MAX };
        Collection::Resources {
            account_id: call.account_id,
            kind: self.filter.kind,
            after: self.after.clone(),
            limit: i32::try_from(limit).unwrap_or(i32::MAX),
        }
    }
}

impl Loads<ListResources> for Read {
    fn wants(list: &ListResources, call: &Call<'_>, wants: &mut Wants) {
        wants.collection(list.collection(call));
        if let Some(user_id) = list.filter.created_by {
            Makers::want(call.account_id, user_id, wants);
        }
    }

    async fn take(list: &ListResources, call: &Call<'_>, loaded: &mut Loaded) -> Result<Self, Failure> {
        let collection = list.collection(call);
        let resources: Vec<Resource> = loaded.all(&collection)?;
        let has_more = loaded.has_more(&collection);
        let makers = Makers::load(resources.iter(), call, loaded).await?;
        Ok(Self { resources, has_more, makers })
    }
}

fn place(key: &ResourceKey) -> [u8; PLACE_BYTES] {
    let mut place = [0; PLACE_BYTES];
    let kind = ResourceKind::ALL.iter().position(|kind| *kind == key.kind);
    place[0] = kind.and_then(|kind| u8::try_from(kind).ok()).unwrap_or_default();
    for (byte, of_id) in place[1..].iter_mut().zip(key.id.as_str().bytes()) {
        *byte = of_id;
    }
    place
}

/// The resource of a place, if it can be one and lies in this list: a cursor may have been made by anybody.
fn behind(place: &[u8; PLACE_BYTES], filter: &Filter) -> Option<ResourceKey> {
    let [kind, id @ ..] = place;
    let kind = *ResourceKind::ALL.get(usize::from(*kind))?;
    let id = std::str::from_utf8(id).ok()?.trim_end_matches('\0');
    let key = ResourceKey { kind, id: ResourceId::parse(id).ok()? };
    filter.kind.is_none_or(|of| of == kind).then_some(key)
}
