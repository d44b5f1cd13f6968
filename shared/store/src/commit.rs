//! Writing: one transaction under the revisions that were read, or nothing.

use std::collections::HashMap;

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    AttributeValue, CancellationReason, ConditionCheck, Delete, Put, ReturnConsumedCapacity,
    TransactWriteItem, Update,
};
use domain::{Entity, Reliance, Removal, UserId};

use crate::condition::{AS_READ, IS_NEW, condition};
use crate::error::is_transient;
use crate::item::{self, Item, REVISION, number};
use crate::key::Position;
use crate::load::total;
use crate::{Capacity, Loaded, StoreError, Table};

/// What a transaction may hold.
const ITEMS_MAX: usize = 100;
const CONTENTION_CODES: [&str; 4] =
    ["ConditionalCheckFailed", "TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"];

/// What is to be written, and what must hold for it.
#[derive(Clone, Copy, Debug)]
pub struct Writes<'a> {
    /// What is to be as given.
    pub puts: &'a [Entity],
    /// What is to be gone.
    pub deletes: &'a [Removal],
    /// What must not have changed.
    pub reliances: &'a [Reliance],
}

/// How a commit ended.
#[derive(Debug)]
pub enum Outcome {
    /// All of it is written.
    Committed,
    /// Somebody else was quicker; nothing is written.
    Contended,
    /// No answer came: it is written, or it is not.
    Unknown(StoreError),
}

/// One operation on one item.
enum Action {
    Create(Item),
    Update {
        from: Item,
        to: Item,
    },
    Delete {
        revision: u64,
    },
    DeleteOf(UserId),
    /// Whatever is there.
    DeleteAnything,
    Check(Reliance),
}

impl Table {
    /// Commits. Items that were read are written under their revision, others only if they are new.
    pub async fn commit(
        &self,
        writes: Writes<'_>,
        loaded: &Loaded,
    ) -> Result<(Outcome, Capacity), StoreError> {
        let actions = plan(writes, loaded)?;
        match actions.as_slice() {
            [] => Ok((Outcome::Committed, Capacity::default())),
            [(_, Action::Create(new))] => self.create(new).await,
            _ => self.transact(actions, loaded).await,
        }
    }

    /// A single new item needs no transaction, at half the price.
    async fn create(&self, new: &Item) -> Result<(Outcome, Capacity), StoreError> {
        let put = self
            .client
            .put_item()
            .table_name(&self.name)
            .set_item(Some(with_revision(new, 1)))
            .condition_expression(IS_NEW)
            .return_consumed_capacity(ReturnConsumedCapacity::Indexes);
        match put.send().await {
            Ok(answer) => {
                let write = total(answer.consumed_capacity.as_slice());
                Ok((Outcome::Committed, Capacity { read: 0.0, write }))
            }
            Err(error) if error.as_service_error().is_some_and(is_contended) => {
                Ok((Outcome::Contended, Capacity::default()))
            }
            Err(error) if is_transient(&error) => {
                Ok((Outcome::Unknown(StoreError::of(error)), Capacity::default()))
            }
            Err(error) => Err(StoreError::of(error)),
        }
    }

    async fn transact(
        &self,
        actions: Vec<(Position, Action)>,
        loaded: &Loaded,
    ) -> Result<(Outcome, Capacity), StoreError> {
        if actions.len() > ITEMS_MAX {
            return Err(StoreError::Misuse(format!(
                "{} items are too many for a transaction",
                actions.len()
            )));
        }
        let positions: Vec<Position> = actions.iter().map(|(position, _)| position.clone()).collect();
        let items: Result<Vec<TransactWriteItem>, StoreError> = actions
            .into_iter()
            .map(|(position, action)| self.write_item(&position, action, loaded))
            .collect();
        let call = self
            .client
            .transact_write_items()
            .set_transact_items(Some(items?))
            .return_consumed_capacity(ReturnConsumedCapacity::Indexes);
        match call.send().await {
            Ok(answer) => {
                let write = total(answer.consumed_capacity());
                Ok((Outcome::Committed, Capacity { read: 0.0, write }))
            }
            Err(error) => outcome_of(error, &positions).map(|outcome| (outcome, Capacity::default())),
        }
    }

    fn write_item(
        &self,
        position: &Position,
        action: Action,
        loaded: &Loaded,
    ) -> Result<TransactWriteItem, StoreError> {
        let builder = TransactWriteItem::builder();
        let misuse = |error: aws_sdk_dynamodb::error::BuildError| StoreError::Misuse(error.to_string());
        Ok(match action {
            Action::Create(new) => {
                let put = Put::builder().table_name(&self.name).set_item(Some(with_revision(&new, 1)));
                builder.put(put.condition_expression(IS_NEW).build().map_err(misuse)?)
            }
            Action::Update { from, to } => builder.update(self.update(position, &from, &to).map_err(misuse)?),
            Action::Delete { revision } => {
                let delete = Delete::builder().table_name(&self.name).set_key(Some(item::key_of(position)));
                let delete = delete.condition_expression(AS_READ);
                let delete = delete.expression_attribute_values(":revision_read", number(revision));
                builder.delete(delete.build().map_err(misuse)?)
            }
            Action::DeleteAnything => {
                let delete = Delete::builder().table_name(&self.name).set_key(Some(item::key_of(position)));
                builder.delete(delete.build().map_err(misuse)?)
            }
            Action::DeleteOf(user_id) => {
                let delete = Delete::builder().table_name(&self.name).set_key(Some(item::key_of(position)));
                let delete = delete.condition_expression("user_id = :user_id");
                let user_id = AttributeValue::S(user_id.to_string());
                builder
                    .delete(delete.expression_attribute_values(":user_id", user_id).build().map_err(misuse)?)
            }
            Action::Check(reliance) => {
                let check =
                    ConditionCheck::builder().table_name(&self.name).set_key(Some(item::key_of(position)));
                let check = condition(check, &reliance, loaded.item(position));
                builder.condition_check(check.build().map_err(misuse)?)
            }
        }
        .build())
    }

    /// Only what changed is written.
    fn update(
        &self,
        position: &Position,
        from: &Item,
        to: &Item,
    ) -> Result<Update, aws_sdk_dynamodb::error::BuildError> {
        let mut names = HashMap::new();
        let mut values = HashMap::new();
        let mut set = vec!["revision = :revision_next".to_owned()];
        let mut remove = Vec::new();
        let mut attributes: Vec<&String> = from.keys().chain(to.keys()).collect();
        attributes.sort();
        attributes.dedup();
        for (n, attribute) in
            attributes.into_iter().filter(|a| *a != REVISION && from.get(*a) != to.get(*a)).enumerate()
        {
            names.insert(format!("#a{n}"), attribute.clone());
            match to.get(attribute) {
                Some(value) => {
                    set.push(format!("#a{n} = :a{n}"));
                    values.insert(format!(":a{n}"), value.clone());
                }
                None => remove.push(format!("#a{n}")),
            }
        }
        let mut expression = format!("SET {}", set.join(", "));
        if !remove.is_empty() {
            expression += &format!(" REMOVE {}", remove.join(", "));
        }
        let revision = item::revision(from);
        values.insert(":revision_read".into(), number(revision));
        values.insert(":revision_next".into(), number(revision + 1));
        Update::builder()
            .table_name(&self.name)
            .set_key(Some(item::key_of(position)))
            .update_expression(expression)
            .condition_expression(AS_READ)
            .set_expression_attribute_names((!names.is_empty()).then_some(names))
            .set_expression_attribute_values(Some(values))
            .build()
    }
}

/// One operation an item; a write absorbs the check of the same item, since it holds only for the revision read.
fn plan(writes: Writes<'_>, loaded: &Loaded) -> Result<Vec<(Position, Action)>, StoreError> {
    let mut actions: Vec<(Position, Action)> = Vec::new();
    for entity in writes.puts {
        let to = item::encode(entity)?;
        let position = item::position(&to);
        match loaded.item(&position) {
            None => actions.push((position, Action::Create(to))),
            Some(from) if differs(from, &to) => {
                actions.push((position, Action::Update { from: from.clone(), to }));
            }
            Some(_) => {}
        }
    }
    for removal in writes.deletes {
        let position = Position::of(&removal.key());
        let action = match (removal, loaded.item(&position)) {
            (_, Some(item)) => Action::Delete { revision: item::revision(item) },
            (Removal::Membership(membership), None) => Action::DeleteOf(membership.user_id),
            (Removal::Attempts(_), None) => Action::DeleteAnything,
            (Removal::AsRead(_), None) => {
                return Err(StoreError::Misuse(format!("{position} is to be deleted and was not read")));
            }
        };
        actions.push((position, action));
    }
    if actions.is_empty() {
        return Ok(actions);
    }
    for reliance in writes.reliances {
        let position = Position::of(reliance.key());
        if !actions.iter().any(|(written, _)| *written == position) {
            actions.push((position, Action::Check(reliance.clone())));
        }
    }
    Ok(actions)
}

fn differs(from: &Item, to: &Item) -> bool {
    from.iter().any(|(name, value)| name != REVISION && to.get(name) != Some(value))
        || to.keys().any(|name| !from.contains_key(name))
}

fn with_revision(item: &Item, revision: u64) -> Item {
    let mut item = item.clone();
    item.insert(REVISION.into(), number(revision));
    item
}

/// Every reason is read by its position: only contention is worth another attempt.
fn outcome_of<R>(
    error: SdkError<TransactWriteItemsError, R>,
    positions: &[Position],
) -> Result<Outcome, StoreError>
where
    R: std::fmt::Debug + Send + Sync + 'static,
{
    if is_transient(&error) {
        return Ok(Outcome::Unknown(StoreError::of(error)));
    }
    let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) = error.as_service_error()
    else {
        return Err(StoreError::of(error));
    };
    let hopeless =
        cancelled.cancellation_reasons().iter().zip(positions).find(|(reason, _)| !is_contention(reason));
    match hopeless {
        None => Ok(Outcome::Contended),
        Some((reason, position)) => Err(StoreError::Misuse(format!(
            "{position} cannot be written: {} {}",
            reason.code().unwrap_or("no code"),
            reason.message().unwrap_or_default()
        ))),
    }
}

/// Somebody has created it, or a transaction is at it.
fn is_contended(error: &PutItemError) -> bool {
    error.is_conditional_check_failed_exception() || error.is_transaction_conflict_exception()
}

fn is_contention(reason: &CancellationReason) -> bool {
    reason.code().is_none_or(|code| code == "None" || CONTENTION_CODES.contains(&code))
}
