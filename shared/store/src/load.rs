//! Reading: one strongly consistent batch, and the queries that run beside it.

use std::collections::{HashMap, HashSet};

use aws_sdk_dynamodb::types::{AttributeValue, ConsumedCapacity, KeysAndAttributes, ReturnConsumedCapacity};
use domain::EntityKey;
use futures_util::future::{try_join, try_join_all};
use serde::de::DeserializeOwned;

use crate::collection::{Collection, Order, Range};
use crate::item::{self, Item};
use crate::key::Position;
use crate::{Capacity, StoreError, Table};

/// Keys in one call.
const BATCH_MAX: usize = 100;
/// Calls for keys that the table left unread, before it is called unwell.
const BATCH_ROUNDS_MAX: usize = 5;

/// Pages of what is read whole: more than anything has.
const PAGES_MAX: usize = 1000;

/// What a step reads.
#[derive(Clone, Debug, Default)]
pub struct Wants {
    keys: HashSet<EntityKey>,
    collections: Vec<Collection>,
}

impl Wants {
    /// This thing, if it is there.
    pub fn key(&mut self, key: EntityKey) {
        self.keys.insert(key);
    }

    /// What this query finds.
    pub fn collection(&mut self, collection: Collection) {
        self.collections.push(collection);
    }

    fn is_empty(&self) -> bool {
        self.keys.is_empty() && self.collections.is_empty()
    }
}

/// What a query found.
#[derive(Clone, Debug)]
struct Found {
    collection: Collection,
    positions: Vec<Position>,
    has_more: bool,
}

/// What was read, and which keys were found empty.
#[derive(Clone, Debug, Default)]
pub struct Loaded {
    items: HashMap<Position, Item>,
    read: HashSet<Position>,
    collections: Vec<Found>,
    /// What reading took.
    pub capacity: Capacity,
}

impl Loaded {
    /// The thing under this key, if it was there.
    pub fn get<T: DeserializeOwned>(&self, key: &EntityKey) -> Result<Option<T>, StoreError> {
        self.items.get(&Position::of(key)).map(item::decode).transpose()
    }

    /// Whether something was there.
    pub fn contains(&self, key: &EntityKey) -> bool {
        self.items.contains_key(&Position::of(key))
    }

    /// What the query found, in its order.
    pub fn all<T: DeserializeOwned>(&self, collection: &Collection) -> Result<Vec<T>, StoreError> {
        let positions = self.found(collection).iter();
        positions.filter_map(|position| self.items.get(position)).map(item::decode).collect()
    }

    /// Whether the query stopped at its limit, or the table's, with more behind it.
    pub fn has_more(&self, collection: &Collection) -> bool {
        self.collections.iter().any(|found| found.collection == *collection && found.has_more)
    }

    /// Where the query found something.
    pub(crate) fn found(&self, collection: &Collection) -> &[Position] {
        let found = self.collections.iter().find(|found| found.collection == *collection);
        found.map(|found| found.positions.as_slice()).unwrap_or_default()
    }

    pub(crate) fn item(&self, position: &Position) -> Option<&Item> {
        self.items.get(position)
    }

    fn merge(&mut self, other: Self) {
        self.items.extend(other.items);
        self.read.extend(other.read);
        self.collections.extend(other.collections);
        self.capacity += other.capacity;
    }
}

impl Table {
    /// Reads all of it in one step and adds it to what was read before. Keys read before are not read again.
    pub async fn load(&self, wants: &Wants, into: &mut Loaded) -> Result<(), StoreError> {
        if wants.is_empty() {
            return Ok(());
        }
        let positions: Vec<Position> =
            wants.keys.iter().map(Position::of).filter(|position| !into.read.contains(position)).collect();
        let batches = try_join_all(positions.chunks(BATCH_MAX).map(|chunk| self.batch(chunk)));
        let queries = try_join_all(wants.collections.iter().map(|collection| self.query(collection)));
        let (batches, queries) = try_join(batches, queries).await?;
        for part in batches.into_iter().chain(queries) {
            into.merge(part);
        }
        Ok(())
    }

    /// Reads page after page, each behind the last thing of the one before, and adds them to what was read before.
    pub async fn load_all<T: DeserializeOwned>(
        &self,
        page: impl Fn(Option<&T>) -> Collection,
        into: &mut Loaded,
    ) -> Result<Vec<T>, StoreError> {
        let mut found: Vec<T> = Vec::new();
        for _ in 0..PAGES_MAX {
            let page = page(found.last());
            found.extend(self.load_page::<T>(&page, into).await?);
            if !into.has_more(&page) {
                break;
            }
        }
        Ok(found)
    }

    /// Reads page after page, and keeps of each thing but what this makes of it.
    pub async fn fold_all<T: DeserializeOwned, A>(
        &self,
        page: impl Fn(Option<&T>) -> Collection,
        capacity: &mut Capacity,
        mut all: A,
        see: impl Fn(A, &T) -> A,
    ) -> Result<A, StoreError> {
        let mut last: Option<T> = None;
        for _ in 0..PAGES_MAX {
            let (page, mut loaded) = (page(last.as_ref()), Loaded::default());
            let found: Vec<T> = self.load_page(&page, &mut loaded).await?;
            *capacity += loaded.capacity;
            all = found.iter().fold(all, &see);
            if !loaded.has_more(&page) {
                break;
            }
            last = found.into_iter().next_back();
        }
        Ok(all)
    }

    async fn load_page<T: DeserializeOwned>(
        &self,
        page: &Collection,
        into: &mut Loaded,
    ) -> Result<Vec<T>, StoreError> {
        let mut wants = Wants::default();
        wants.collection(page.clone());
        self.load(&wants, into).await?;
        into.all(page)
    }

    pub(crate) async fn batch(&self, positions: &[Position]) -> Result<Loaded, StoreError> {
        let mut loaded = Loaded { read: positions.iter().cloned().collect(), ..Loaded::default() };
        let mut unread: Vec<Item> = positions.iter().map(item::key_of).collect();
        for _ in 0..BATCH_ROUNDS_MAX {
            if unread.is_empty() {
                return Ok(loaded);
            }
            let keys = KeysAndAttributes::builder().set_keys(Some(unread)).consistent_read(true).build();
            let keys = keys.map_err(|error| StoreError::Misuse(error.to_string()))?;
            let answer = self
                .client
                .batch_get_item()
                .request_items(&self.name, keys)
                .return_consumed_capacity(ReturnConsumedCapacity::Total)
                .send()
                .await
                .map_err(StoreError::of)?;
            loaded.capacity.read += total(answer.consumed_capacity());
            for found in answer.responses.into_iter().flatten().flat_map(|(_, items)| items) {
                loaded.items.insert(item::position(&found), found);
            }
            unread = answer
                .unprocessed_keys
                .and_then(|mut tables| tables.remove(&self.name))
                .map(|keys| keys.keys)
                .unwrap_or_default();
        }
        if unread.is_empty() {
            return Ok(loaded);
        }
        Err(StoreError::Transient(format!("{} keys stayed unread", unread.len()).into()))
    }

    async fn query(&self, collection: &Collection) -> Result<Loaded, StoreError> {
        let range = Range::of(collection);
        let start = range.after.map(|sk| item::key_of(&Position { pk: range.pk.clone(), sk }));
        let answer = self
            .client
            .query()
            .table_name(&self.name)
            .consistent_read(true)
            .key_condition_expression("#pk = :pk AND #sk BETWEEN :first AND :last")
            .expression_attribute_names("#pk", item::PK)
            .expression_attribute_names("#sk", item::SK)
            .expression_attribute_values(":pk", AttributeValue::S(range.pk))
            .expression_attribute_values(":first", AttributeValue::S(range.first))
            .expression_attribute_values(":last", AttributeValue::S(range.last))
            .scan_index_forward(range.order == Order::Ascending)
            .set_exclusive_start_key(start)
            .limit(range.limit)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(StoreError::of)?;
        let mut loaded = Loaded::default();
        loaded.capacity.read += total(answer.consumed_capacity.as_slice());
        let has_more = answer.last_evaluated_key.is_some();
        let items = answer.items.unwrap_or_default();
        let positions: Vec<Position> = items.iter().map(item::position).collect();
        loaded.read.extend(positions.iter().cloned());
        loaded.items.extend(positions.iter().cloned().zip(items));
        loaded.collections.push(Found { collection: collection.clone(), positions, has_more });
        Ok(loaded)
    }
}

pub(crate) fn total(consumed: &[ConsumedCapacity]) -> f64 {
    consumed.iter().filter_map(ConsumedCapacity::capacity_units).sum()
}
