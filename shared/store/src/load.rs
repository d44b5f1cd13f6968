//! Reading: one strongly consistent batch, and the queries that run beside it.

use std::collections::{HashMap, HashSet};

use aws_sdk_dynamodb::types::{AttributeValue, ConsumedCapacity, KeysAndAttributes, ReturnConsumedCapacity};
use domain::{AccountId, AddressKey, EntityKey, EventId, Instant, ResourceKey, ResourceKind, UserId};
use futures_util::future::{try_join, try_join_all};
use serde::de::DeserializeOwned;

use crate::item::{self, Item};
use crate::key::{self, Position};
use crate::{Capacity, StoreError, Table};

/// Keys in one call.
const BATCH_MAX: usize = 100;
/// Calls for keys that the table left unread, before it is called unwell.
const BATCH_ROUNDS_MAX: usize = 5;
/// Sessions that are counted: more than fit into the megabyte that a query reads at most.
const SESSIONS_MAX: i32 = 5000;
/// Committed calls of a day that are looked through.
const REPLAYS_MAX: i32 = 1000;
/// Accounts of one address that a sign-in without an account looks through: what one batch then reads.
const MEMBERSHIPS_MAX: i32 = 100;

/// Things that are read by a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Collection {
    /// Sessions of a user that were not tidied away yet, the newest first.
    Sessions(AccountId, UserId),
    /// The accounts that know an address.
    Memberships(AddressKey),
    /// Events of an account, the newest first.
    Events {
        /// The account.
        account_id: AccountId,
        /// From this instant on.
        from: Option<Instant>,
        /// Before this instant.
        to: Option<Instant>,
        /// This one and what is older.
        not_after: Option<EventId>,
        /// At most so many.
        limit: i32,
    },
    /// A part of an account's partition, in the order of its sort keys.
    Owned {
        /// The account.
        account_id: AccountId,
        /// Which part of it.
        part: Part,
        /// At most so many.
        limit: i32,
    },
    /// Committed calls of a user that were not tidied away yet.
    Replays(AccountId, UserId),
    /// Users of an account in the order of their identifiers.
    Users {
        /// The account.
        account_id: AccountId,
        /// Those behind this one.
        after: Option<UserId>,
        /// At most so many.
        limit: i32,
    },
    /// Resources of an account in the order of kind and identifier.
    Resources {
        /// The account.
        account_id: AccountId,
        /// Of this kind alone.
        kind: Option<ResourceKind>,
        /// Those behind this one, which is of that kind.
        after: Option<ResourceKey>,
        /// At most so many.
        limit: i32,
    },
}

/// A part of an account's partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Departures.
    Departures,
    /// Resources.
    Resources,
    /// Sessions of all users.
    Sessions,
    /// Users.
    Users,
    /// What remains of users who are gone.
    Tombstones,
}

impl Part {
    /// All that names somebody.
    pub const ALL: [Self; 5] =
        [Self::Departures, Self::Resources, Self::Sessions, Self::Users, Self::Tombstones];

    const fn prefix(self) -> &'static str {
        match self {
            Self::Departures => key::DEPARTURES_PREFIX,
            Self::Resources => key::RESOURCES_PREFIX,
            Self::Sessions => key::SESSIONS_PREFIX,
            Self::Users => key::USERS_PREFIX,
            Self::Tombstones => key::TOMBSTONES_PREFIX,
        }
    }
}

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

/// Which sort keys of a partition a query reads.
struct Range {
    pk: String,
    first: String,
    last: String,
    after: Option<String>,
    order: Order,
    limit: i32,
}

#[derive(PartialEq, Eq)]
enum Order {
    Ascending,
    Descending,
}

impl Range {
    fn of(collection: &Collection) -> Self {
        match collection {
            Collection::Sessions(account, user) => {
                let prefix = key::sessions_prefix(*user);
                let newest_first = Order::Descending;
                Self {
                    order: newest_first,
                    ..Self::under(key::account_partition(*account), &prefix, SESSIONS_MAX)
                }
            }
            Collection::Memberships(address) => {
                Self::under(key::memberships_partition(address), "A#", MEMBERSHIPS_MAX)
            }
            Collection::Owned { account_id, part, limit } => {
                Self::under(key::account_partition(*account_id), part.prefix(), *limit)
            }
            Collection::Replays(account, user) => {
                Self::under(key::replays_partition(*account, *user), "", REPLAYS_MAX)
            }
            Collection::Users { account_id, after, limit } => Self {
                after: after.map(key::user_sort_key),
                ..Self::under(key::account_partition(*account_id), key::USERS_PREFIX, *limit)
            },
            Collection::Resources { account_id, kind, after, limit } => {
                let prefix = kind.map_or_else(|| key::RESOURCES_PREFIX.to_owned(), key::resources_prefix);
                Self {
                    after: after.as_ref().map(key::resource_sort_key),
                    ..Self::under(key::account_partition(*account_id), &prefix, *limit)
                }
            }
            Collection::Events { account_id, from, to, not_after, limit } => {
                let before = to.map(EventId::before);
                let last = [before, *not_after].into_iter().flatten().min();
                let first = from.map_or(EventId::from_bits(0), EventId::first_of);
                Self {
                    pk: key::events_partition(*account_id),
                    first: first.to_string(),
                    // A span that ends before it begins is empty; the table would call it an error.
                    last: last.unwrap_or(EventId::from_bits(u128::MAX)).max(first).to_string(),
                    after: None,
                    order: Order::Descending,
                    limit: *limit,
                }
            }
        }
    }

    /// All sort keys with a prefix. What follows a prefix are identifiers, all of whose characters come before `~`.
    fn under(pk: String, prefix: &str, limit: i32) -> Self {
        // A key is never empty; all of ours begin behind the first printable character.
        let first = if prefix.is_empty() { "!" } else { prefix };
        let (first, last) = (first.to_owned(), format!("{prefix}~"));
        Self { pk, first, last, after: None, order: Order::Ascending, limit }
    }
}

pub(crate) fn total(consumed: &[ConsumedCapacity]) -> f64 {
    consumed.iter().filter_map(ConsumedCapacity::capacity_units).sum()
}
