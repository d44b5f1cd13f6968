//! Deleting many items that nobody relies on any more, without conditions and at half the price of a transaction.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{DeleteRequest, ReturnConsumedCapacity, WriteRequest};
use domain::EntityKey;

use crate::item;
use crate::key::Position;
use crate::load::total;
use crate::{Capacity, Collection, Loaded, StoreError, Table};

/// Items in one call.
const BATCH_MAX: usize = 25;
/// Calls for items that the table left undone, before it is called unwell.
const BATCH_ROUNDS_MAX: usize = 5;

impl Table {
    /// Deletes what a query found; how many that were.
    pub async fn erase_found(
        &self,
        loaded: &Loaded,
        collection: &Collection,
    ) -> Result<(usize, Capacity), StoreError> {
        let positions = loaded.found(collection);
        Ok((positions.len(), self.erase_at(positions).await?))
    }

    /// Deletes these, there or not.
    pub async fn erase(&self, keys: &[EntityKey]) -> Result<Capacity, StoreError> {
        let positions: Vec<Position> = keys.iter().map(Position::of).collect();
        self.erase_at(&positions).await
    }

    async fn erase_at(&self, positions: &[Position]) -> Result<Capacity, StoreError> {
        let mut capacity = Capacity::default();
        for chunk in positions.chunks(BATCH_MAX) {
            let mut left = chunk.iter().map(request).collect::<Result<Vec<_>, _>>()?;
            for _ in 0..BATCH_ROUNDS_MAX {
                if left.is_empty() {
                    break;
                }
                let answer = self
                    .client
                    .batch_write_item()
                    .set_request_items(Some(HashMap::from([(self.name.clone(), left)])))
                    .return_consumed_capacity(ReturnConsumedCapacity::Total)
                    .send()
                    .await
                    .map_err(StoreError::of)?;
                capacity.write += total(answer.consumed_capacity());
                left = answer
                    .unprocessed_items
                    .and_then(|mut tables| tables.remove(&self.name))
                    .unwrap_or_default();
            }
            if !left.is_empty() {
                return Err(StoreError::Transient(format!("{} items stayed", left.len()).into()));
            }
        }
        Ok(capacity)
    }
}

fn request(position: &Position) -> Result<WriteRequest, StoreError> {
    let delete = DeleteRequest::builder().set_key(Some(item::key_of(position))).build();
    let delete = delete.map_err(|error| StoreError::Misuse(error.to_string()))?;
    Ok(WriteRequest::builder().delete_request(delete).build())
}
