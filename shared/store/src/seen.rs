//! Noting when a credential was last used: beside everything else, so that it stands in nobody's way.

use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity};
use domain::{EntityKey, Instant};

use crate::item;
use crate::key::Position;
use crate::load::total;
use crate::{Capacity, StoreError, Table};

/// As it is named in sessions and keys.
const LAST_SEEN_AT: &str = "last_seen_at";

impl Table {
    /// Notes that this credential was used now, if it is still there. Its revision does not move: what others decide on it
    /// stays as it was. RULE: SE-04, AC-07
    pub async fn note_seen(&self, key: &EntityKey, now: Instant) -> Result<Capacity, StoreError> {
        let position = Position::of(key);
        let answer = self
            .client
            .update_item()
            .table_name(&self.name)
            .set_key(Some(item::key_of(&position)))
            .update_expression("SET #seen = :now")
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_names("#seen", LAST_SEEN_AT)
            .expression_attribute_values(":now", AttributeValue::S(now.to_rfc3339()))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(StoreError::of)?;
        Ok(Capacity { read: 0.0, write: total(answer.consumed_capacity.as_slice()) })
    }
}
