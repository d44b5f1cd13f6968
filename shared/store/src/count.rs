//! Counting requests: one unconditional update, whatever else is at the item.

use aws_sdk_dynamodb::types::{ReturnConsumedCapacity, ReturnValue};
use domain::RateWindow;

use crate::item::{self, SCHEMA, SCHEMA_ATTRIBUTE, TTL, number};
use crate::key::Position;
use crate::load::total;
use crate::{Capacity, StoreError, Table};

const REQUESTS: &str = "requests";

impl Table {
    /// Counts one more request of the window, and answers how many there were with it. RULE: AP-08
    pub async fn count(&self, window: &RateWindow) -> Result<(u64, Capacity), StoreError> {
        let position = Position::of_rate_window(window);
        let answer = self
            .client
            .update_item()
            .table_name(&self.name)
            .set_key(Some(item::key_of(&position)))
            .update_expression("SET #schema = :schema, #ttl = :ttl ADD #requests :one")
            .expression_attribute_names("#schema", SCHEMA_ATTRIBUTE)
            .expression_attribute_names("#ttl", TTL)
            .expression_attribute_names("#requests", REQUESTS)
            .expression_attribute_values(":schema", number(SCHEMA))
            .expression_attribute_values(":ttl", number(window.ends_at().timestamp()))
            .expression_attribute_values(":one", number(1))
            .return_values(ReturnValue::UpdatedNew)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(StoreError::of)?;
        let capacity = Capacity { read: 0.0, write: total(answer.consumed_capacity.as_slice()) };
        let counted =
            answer.attributes.as_ref().and_then(|item| item.get(REQUESTS)?.as_n().ok()?.parse().ok());
        let unreadable = || StoreError::Unreadable { key: position.to_string(), problem: "no count".into() };
        Ok((counted.ok_or_else(unreadable)?, capacity))
    }
}
