//! How a thing becomes an item and comes back.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use chrono::SecondsFormat;
use domain::{Entity, Instant};
use serde::de::DeserializeOwned;

use crate::StoreError;
use crate::key::{Position, due_partition};

pub(crate) type Item = HashMap<String, AttributeValue>;

/// The shape of items that this code writes. A greater one is a later version's, and is not guessed at.
pub(crate) const SCHEMA: u32 = 1;

pub(crate) const PK: &str = "pk";
pub(crate) const SK: &str = "sk";
pub(crate) const REVISION: &str = "revision";
pub(crate) const SCHEMA_ATTRIBUTE: &str = "schema";
pub(crate) const TTL: &str = "ttl";
/// The keys of the index `due`.
pub(crate) const DUE: &str = "due";
pub(crate) const DUE_AT: &str = "due_at";
/// How often what is due has failed since it was last written.
pub(crate) const DUE_FAILURES: &str = "due_failures";
/// What the table knows of an item beside the thing itself.
const OWN_ATTRIBUTES: [&str; 8] = [PK, SK, REVISION, SCHEMA_ATTRIBUTE, TTL, DUE, DUE_AT, DUE_FAILURES];

pub(crate) fn number(n: impl std::fmt::Display) -> AttributeValue {
    AttributeValue::N(n.to_string())
}

/// An instant as the index sorts it: to the millisecond, all of one length.
pub(crate) fn instant(at: Instant) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// The item of a thing, without its revision.
pub(crate) fn encode(entity: &Entity) -> Result<Item, StoreError> {
    let position = Position::of(&entity.key());
    let encoded = match entity {
        Entity::Account(account) => serde_dynamo::to_item(account),
        Entity::User(user) => serde_dynamo::to_item(user),
        Entity::Tombstone(tombstone) => serde_dynamo::to_item(tombstone),
        Entity::Membership(membership) => serde_dynamo::to_item(membership),
        Entity::Session(session) => serde_dynamo::to_item(session),
        Entity::ApiKey(key) => serde_dynamo::to_item(key),
        Entity::Factors(factors) => serde_dynamo::to_item(factors),
        Entity::Challenge(challenge) => serde_dynamo::to_item(challenge),
        Entity::Attempts(attempts) => serde_dynamo::to_item(attempts),
        Entity::MailWindow(window) => serde_dynamo::to_item(window),
        Entity::Event(event) => serde_dynamo::to_item(event),
        Entity::Dispatch(dispatch) => serde_dynamo::to_item(dispatch),
        Entity::Replay(replay) => serde_dynamo::to_item(replay),
        Entity::Departure(departure) => serde_dynamo::to_item(departure),
        Entity::Resource(resource) => serde_dynamo::to_item(resource),
        Entity::Timer(timer) => serde_dynamo::to_item(timer),
        Entity::Invoice(invoice) => serde_dynamo::to_item(invoice),
        Entity::HistoryEntry(entry) => serde_dynamo::to_item(entry),
        Entity::Review(review) => serde_dynamo::to_item(review),
        Entity::Webhook(webhook) => serde_dynamo::to_item(webhook),
        Entity::WebhookDelivery(delivery) => serde_dynamo::to_item(delivery),
    };
    let mut item: Item = encoded
        .map_err(|error| StoreError::Unreadable { key: position.to_string(), problem: error.to_string() })?;
    if let Some(name) = OWN_ATTRIBUTES.iter().find(|name| item.contains_key(**name)) {
        return Err(StoreError::Misuse(format!("{position} has a field {name}, which is the table's own")));
    }
    if let Some(forgotten_at) = entity.forgotten_at() {
        item.insert(TTL.into(), number(forgotten_at.timestamp()));
    }
    if let Some(due) = entity.due() {
        item.insert(DUE.into(), AttributeValue::S(due_partition(due.kind, due.shard)));
        item.insert(DUE_AT.into(), AttributeValue::S(instant(due.at)));
    }
    item.insert(PK.into(), AttributeValue::S(position.pk));
    item.insert(SK.into(), AttributeValue::S(position.sk));
    item.insert(SCHEMA_ATTRIBUTE.into(), number(SCHEMA));
    Ok(item)
}

/// The thing of an item.
pub(crate) fn decode<T: DeserializeOwned>(item: &Item) -> Result<T, StoreError> {
    let unreadable = |problem: String| StoreError::Unreadable { key: position(item).to_string(), problem };
    let schema = integer(item, SCHEMA_ATTRIBUTE).unwrap_or_default();
    if schema == 0 || schema > u64::from(SCHEMA) {
        return Err(unreadable(format!("its schema {schema} is not one that this version knows")));
    }
    let own = item.iter().filter(|(name, _)| !OWN_ATTRIBUTES.contains(&name.as_str()));
    let own: Item = own.map(|(name, value)| (name.clone(), value.clone())).collect();
    serde_dynamo::from_item(own).map_err(|error| unreadable(error.to_string()))
}

pub(crate) fn revision(item: &Item) -> u64 {
    integer(item, REVISION).unwrap_or_default()
}

pub(crate) fn position(item: &Item) -> Position {
    let text = |name: &str| item.get(name).and_then(|value| value.as_s().ok()).cloned().unwrap_or_default();
    Position { pk: text(PK), sk: text(SK) }
}

pub(crate) fn key_of(position: &Position) -> Item {
    Item::from([
        (PK.to_owned(), AttributeValue::S(position.pk.clone())),
        (SK.to_owned(), AttributeValue::S(position.sk.clone())),
    ])
}

fn integer(item: &Item, name: &str) -> Option<u64> {
    item.get(name)?.as_n().ok()?.parse().ok()
}

/// The event of a stream record's new image, in the JSON that the stream writes.
pub fn event_of_image(image: serde_json::Value) -> Result<domain::Event, StoreError> {
    let unreadable = |problem: String| StoreError::Unreadable { key: "a stream record".into(), problem };
    let image: serde_dynamo::Item =
        serde_json::from_value(image).map_err(|error| unreadable(error.to_string()))?;
    decode(&image.into())
}
