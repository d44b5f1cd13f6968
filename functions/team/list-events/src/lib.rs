//! GET /v1/events: the audit log, the newest first, filtered, a page at a time. RULE: EV-01, AP-04

mod filter;
mod view;

use domain::{Actor, Change, Decision, Event, Permission, Reply};
use runtime::{
    Call, Collection, FILTERED_READ_MAX, Failure, Fields, Loaded, Loads, Moment, Operation, Page, Wants,
    cursor,
};
use schemars::JsonSchema;
use serde::Serialize;

use filter::Filter;
use view::{EventView, PLACE_BYTES, Place};

/// The function.
pub const FUNCTION: runtime::Function = runtime::http::<ListEvents>();

/// What the caller sends.
pub struct ListEvents {
    page: Page<PLACE_BYTES>,
    filter: Filter,
}

/// A page of events.
#[derive(Serialize, JsonSchema)]
pub struct EventsPage {
    /// The events, the newest first.
    data: Vec<EventView>,
    /// The `cursor` of the page behind this one; null where this is the last.
    next_cursor: Option<String>,
}

impl Reply for EventsPage {}

/// The commits read, the newest first, and whether there are older ones behind them.
pub struct Read {
    events: Vec<Event>,
    has_more: bool,
}

impl Operation for ListEvents {
    const NAME: &str = "list-events";
    const ABOUT: &str = env!("CARGO_PKG_DESCRIPTION");
    const NEEDS: Option<Permission> = Some(Permission::ReadAudit);
    type Caller = Actor;
    type Loads = Read;
    type Reply = EventsPage;

    fn read(fields: &mut Fields) -> Option<Self> {
        let filter = Filter::read(fields);
        let page = Page::read(fields, filter.as_ref());
        Some(Self { page: page?, filter: filter? })
    }

    fn decide(&self, _: &Actor, read: Read, at: &Moment) -> Decision<EventsPage> {
        let after = self.after();
        let places = read.events.iter().flat_map(Place::of);
        let looked_at: Vec<Place<'_>> =
            places.filter(|place| after.is_none_or(|after| place.is_behind(after))).collect();
        // What is forgotten is still a place to go on from.
        let matches =
            |place: &Place<'_>| place.event.is_kept(at.now) && self.filter.matches(place.event, place.fact());
        let (page, last) = self.page.cut(&looked_at, read.has_more, matches);
        let next_cursor = last.map(|last| cursor(last.to_bytes(), &self.filter));
        let data = page.into_iter().map(EventView::of).collect();
        Ok(Change::reply(EventsPage { data, next_cursor }))
    }
}

impl ListEvents {
    fn after(&self) -> Option<(domain::EventId, usize)> {
        self.page.after.map(Place::from_bytes)
    }

    /// The commit that the cursor names is read once more, since some of its facts may be behind it; and one more than
    /// fits, to know whether there is more.
    fn collection(&self, call: &Call<'_>) -> Collection {
        let limit = if self.filter.is_of_time_only() { self.page.limit + 2 } else { FILTERED_READ_MAX };
        Collection::Events {
            account_id: call.account_id,
            from: self.filter.from,
            to: self.filter.to,
            not_after: self.after().map(|(event_id, _)| event_id),
            limit: i32::try_from(limit).unwrap_or(i32::MAX),
        }
    }
}

impl Loads<ListEvents> for Read {
    fn wants(list: &ListEvents, call: &Call<'_>, wants: &mut Wants) {
        wants.collection(list.collection(call));
    }

    async fn take(list: &ListEvents, call: &Call<'_>, loaded: &mut Loaded) -> Result<Self, Failure> {
        let collection = list.collection(call);
        Ok(Self { events: loaded.all(&collection)?, has_more: loaded.has_more(&collection) })
    }
}
