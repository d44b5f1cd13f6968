//! What a write rests on, as the table is asked it.

use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_dynamodb::types::builders::ConditionCheckBuilder;
use domain::Reliance;

use crate::item::{self, Item, number};

pub(crate) const IS_NEW: &str = "attribute_not_exists(pk)";
pub(crate) const AS_READ: &str = "revision = :revision_read";
/// The attribute that says until when a count of failures is locked.
const LOCK: &str = "locked_until";

/// A check of an item that is not written, as it was read.
pub(crate) fn condition(
    check: ConditionCheckBuilder,
    reliance: &Reliance,
    read: Option<&Item>,
) -> ConditionCheckBuilder {
    match (reliance, read) {
        (Reliance::Unchanged(_), None) => check.condition_expression(IS_NEW),
        (Reliance::Unchanged(_), Some(item)) => check
            .condition_expression(AS_READ)
            .expression_attribute_values(":revision_read", number(item::revision(item))),
        (Reliance::SameLock(_), read) => match read.and_then(|item| item.get(LOCK)) {
            Some(lock) => check
                .condition_expression(format!("{LOCK} = :lock_read"))
                .expression_attribute_values(":lock_read", lock.clone()),
            None => check.condition_expression(format!("attribute_not_exists({LOCK})")),
        },
        (Reliance::Actor { status, role, session_epoch, key_epoch, .. }, _) => {
            let who = "#status = :status AND #role = :role AND session_epoch = :epoch";
            let check = match key_epoch {
                None => check.condition_expression(who),
                // Where no keys ended yet, nothing is stored.
                Some(0) => check.condition_expression(format!("{who} AND attribute_not_exists(key_epoch)")),
                Some(epoch) => check
                    .condition_expression(format!("{who} AND key_epoch = :key_epoch"))
                    .expression_attribute_values(":key_epoch", number(*epoch)),
            };
            check
                .expression_attribute_names("#status", "status")
                .expression_attribute_names("#role", "role")
                .expression_attribute_values(":status", AttributeValue::S(status.name().into()))
                .expression_attribute_values(":role", AttributeValue::S(role.name().into()))
                .expression_attribute_values(":epoch", number(*session_epoch))
        }
    }
}
