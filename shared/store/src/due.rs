//! The wheel of timers: what is due, and what has to wait longer because it failed.

use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity};
use chrono::TimeDelta;
use domain::{DueKind, EntityKey, Instant};

use crate::item::{self, DUE, DUE_AT, DUE_FAILURES, number};
use crate::key::{self, Position};
use crate::load::total;
use crate::{Capacity, StoreError, Table};

/// The sparse index by kind, shard and instant.
const INDEX: &str = "due";
/// How long something that failed waits before it is tried again; twice as long after each further failure.
const POSTPONED_FIRST: TimeDelta = TimeDelta::minutes(5);
/// No longer than 2 to this power times that: some five hours.
const DOUBLINGS_MAX: u32 = 6;

/// Something that the index says is due. The index is behind the table by a moment: what it names is read before
/// anything is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueItem {
    position: Position,
    at: String,
    /// What it is; none where this version of the code knows nothing of the kind that is ever due.
    pub key: Option<EntityKey>,
}

impl std::fmt::Display for DueItem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.position.fmt(f)
    }
}

impl DueItem {
    /// What stands at a place, named as it is shown: there, whether it is due is told by reading it.
    pub fn named(place: &str) -> Option<Self> {
        let (pk, sk) = place.split_once('/')?;
        let position = Position { pk: pk.to_owned(), sk: sk.to_owned() };
        let key = position.key_of_due();
        Some(Self { position, at: String::new(), key })
    }
}

impl Table {
    /// What is due by now in a part of the wheel, the longest overdue first; at most so many.
    pub async fn due(
        &self,
        kind: DueKind,
        shard: u8,
        now: Instant,
        limit: i32,
    ) -> Result<(Vec<DueItem>, Capacity), StoreError> {
        let answer = self
            .client
            .query()
            .table_name(&self.name)
            .index_name(INDEX)
            .key_condition_expression("#due = :due AND #due_at <= :now")
            .expression_attribute_names("#due", DUE)
            .expression_attribute_names("#due_at", DUE_AT)
            .expression_attribute_values(":due", AttributeValue::S(key::due_partition(kind, shard)))
            .expression_attribute_values(":now", AttributeValue::S(item::instant(now)))
            .limit(limit)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(StoreError::of)?;
        let capacity = Capacity { read: total(answer.consumed_capacity.as_slice()), write: 0.0 };
        let due = answer.items.unwrap_or_default().iter().map(due_item).collect();
        Ok((due, capacity))
    }

    /// Puts off what could not be dealt with, so that what comes behind it has its turn; how often it failed by now, or
    /// nothing, where somebody has written it meanwhile. RULE: BI-09
    pub async fn postpone(&self, due: &DueItem, now: Instant) -> Result<Option<u32>, StoreError> {
        let failures = self.failures(due).await?;
        let pause = POSTPONED_FIRST * 2_i32.pow(failures.min(DOUBLINGS_MAX));
        let put_off = self
            .client
            .update_item()
            .table_name(&self.name)
            .set_key(Some(item::key_of(&due.position)))
            .update_expression("SET #due_at = :until, #failures = :failures")
            .condition_expression("#due_at = :read")
            .expression_attribute_names("#due_at", DUE_AT)
            .expression_attribute_names("#failures", DUE_FAILURES)
            .expression_attribute_values(":until", AttributeValue::S(item::instant(now + pause)))
            .expression_attribute_values(":failures", number(failures + 1))
            .expression_attribute_values(":read", AttributeValue::S(due.at.clone()));
        match put_off.send().await {
            Ok(_) => Ok(Some(failures + 1)),
            // Somebody has written it since: then it is due when that says.
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(UpdateItemError::is_conditional_check_failed_exception) =>
            {
                Ok(None)
            }
            Err(error) => Err(StoreError::of(error)),
        }
    }

    async fn failures(&self, due: &DueItem) -> Result<u32, StoreError> {
        let found = self.batch(std::slice::from_ref(&due.position)).await?;
        let failures =
            found.item(&due.position).and_then(|item| item.get(DUE_FAILURES)?.as_n().ok()?.parse().ok());
        Ok(failures.unwrap_or_default())
    }
}

fn due_item(found: &item::Item) -> DueItem {
    let position = item::position(found);
    let at = found.get(DUE_AT).and_then(|at| at.as_s().ok()).cloned().unwrap_or_default();
    let key = position.key_of_due();
    DueItem { position, at, key }
}

#[cfg(test)]
mod tests {
    use domain::{AccountId, TimerKind};

    use super::*;

    // RULE: EV-05
    #[test]
    fn what_is_due_is_found_again_by_how_it_is_shown() {
        let key = EntityKey::Timer(AccountId::from_bits(7), TimerKind::Reviews);
        let item = DueItem { position: Position::of(&key), at: String::new(), key: Some(key) };
        assert_eq!(DueItem::named(&item.to_string()), Some(item));
        assert_eq!(DueItem::named("nothing"), None);
    }
}
