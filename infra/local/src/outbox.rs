//! The table's stream: what is written under an event source's filter reaches its function at least once, whatever
//! ends in between.
//!
//! Before a write is passed to the table its stream records are noted as intents; the answer releases or forgets
//! them. An intent without an answer is resolved by reading the item.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, SecondsFormat};
use serde_json::{Value, json};

use crate::World;
use crate::faults::{Kind, STREAM};
use crate::state::Change;
use crate::template::{FunctionResource, REGION, StreamSource, function_arn, keys_of, queue_name};

/// Real time between two attempts: the first, and the longest.
const RETRY_FIRST: Duration = Duration::from_millis(50);
const RETRY_LONGEST: Duration = Duration::from_secs(5);
/// Attempts after which a record is given up where the template sets no limit.
const RETRIES_MAX: u32 = 100;

/// The stream records a write would lead to, one per event source whose filter takes it.
pub(crate) fn changes(world: &World, operation: &str, body: &[u8]) -> Result<Vec<Change>, String> {
    if !matches!(operation, "PutItem" | "TransactWriteItems" | "BatchWriteItem" | "UpdateItem") {
        return Ok(Vec::new());
    }
    // Whatever is no JSON is the table's to refuse.
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let mut changes = Vec::new();
    for (table, written, is_put) in writes(operation, &body) {
        for (function, source) in sources(world) {
            let Some(of) = world.template.table_of_stream(&source.stream_arn) else { continue };
            if of.name != table {
                continue;
            }
            let keys = if is_put { keys_of(of, written) } else { written.clone() };
            let record = json!({ "eventName": "INSERT", "dynamodb": { "Keys": keys, "NewImage": written } });
            if !source.filters.is_empty() && !source.filters.iter().any(|filter| filter.matches(&record)) {
                continue;
            }
            if !is_put {
                return Err(format!("the local stack's stream carries puts only: update of {keys}"));
            }
            changes.push(Change {
                sequence: 0,
                source: function.name.clone(),
                table: table.to_owned(),
                keys,
                image: written.clone(),
                written_at_ms: world.clock.now().timestamp_millis(),
            });
        }
    }
    Ok(changes)
}

/// (table, item or key, whether it is a put) of everything a request writes.
fn writes<'a>(operation: &str, body: &'a Value) -> Vec<(&'a str, &'a Value, bool)> {
    let table = |of: &'a Value| of["TableName"].as_str().unwrap_or_default();
    match operation {
        "PutItem" => vec![(table(body), &body["Item"], true)],
        "UpdateItem" => vec![(table(body), &body["Key"], false)],
        "TransactWriteItems" => {
            let items = body["TransactItems"].as_array().into_iter().flatten();
            let write = |item: &'a Value| match (item.get("Put"), item.get("Update")) {
                (Some(put), _) => Some((table(put), &put["Item"], true)),
                (_, Some(update)) => Some((table(update), &update["Key"], false)),
                _ => None,
            };
            items.filter_map(write).collect()
        }
        _ => {
            let tables = body["RequestItems"].as_object().into_iter().flatten();
            tables
                .flat_map(|(name, requests)| {
                    let requests = requests.as_array().into_iter().flatten();
                    requests
                        .filter_map(move |r| Some((name.as_str(), r.get("PutRequest")?.get("Item")?, true)))
                })
                .collect()
        }
    }
}

fn sources(world: &World) -> impl Iterator<Item = (&FunctionResource, &StreamSource)> {
    world.template.functions.iter().flat_map(|f| f.streams.iter().map(move |source| (f, source)))
}

/// Finds out by reading which of these were written.
pub(crate) async fn resolve(world: &World, changes: Vec<Change>) -> rusqlite::Result<()> {
    for change in changes {
        match crate::aws::read_item(world, &change.table, &change.keys).await {
            // That it is there decides: the table may spell a number otherwise than the request did.
            Ok(Some(_)) => world.state.release(&[change.sequence])?,
            Ok(None) => {
                world.state.forget(&[change.sequence])?;
                world.work.done(1);
            }
            // It stays an intent, and the next start asks again.
            Err(problem) => {
                world.logs.take(&change.source, &format!("an outbox row is unresolved: {problem}"));
            }
        }
    }
    Ok(())
}

/// Delivers the stream to one function, batch after batch, until the stack ends.
pub(crate) async fn deliver(world: Arc<World>, function: String, source: StreamSource) {
    let Some(notify) = world.streams.get(&function) else { return };
    let mut attempts = 0;
    let mut size = source.batch_size;
    loop {
        // Begun before the look at `stopping`, so that a stop either waits for this batch or prevents it.
        let batch_running = world.work.batch();
        if world.work.is_stopping() {
            return;
        }
        let batch = world.state.ready(&function, size).unwrap_or_default();
        if batch.is_empty() {
            drop(batch_running);
            tokio::select! {
                () = notify.notified() => {}
                () = world.work.stopping() => {}
            }
            continue;
        }
        let event = json!({ "Records": batch.iter().map(|c| record(c, &source)).collect::<Vec<_>>() });
        let answer = world.functions().invoke(&function, event).await;
        let delivered = answer.as_ref().map_or(0, |answer| delivered(&batch, answer));
        if world.faults.hit(&function, STREAM) == Some(Kind::Duplicate) {
            // Delivered, and not known to be: it comes again.
            continue;
        }
        finish(&world, &batch[..delivered]);
        if delivered == batch.len() {
            (attempts, size) = (0, source.batch_size);
            continue;
        }
        // The first record that failed holds up the others, as in a shard.
        attempts = if delivered == 0 { attempts + 1 } else { 1 };
        size = if source.bisect || answer.is_ok() { (size / 2).max(1) } else { size };
        if attempts > source.retries_max.unwrap_or(RETRIES_MAX) {
            give_up(&world, &function, &source, &batch[delivered..=delivered], attempts);
            (attempts, size) = (0, source.batch_size);
            continue;
        }
        drop(batch_running);
        let pause = RETRY_FIRST.saturating_mul(1 << attempts.min(10)).min(RETRY_LONGEST);
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = world.work.stopping() => {}
        }
    }
}

/// How many records from the start of the batch an answer says were handled.
fn delivered(batch: &[Change], answer: &Value) -> usize {
    let failures = answer["batchItemFailures"].as_array().into_iter().flatten();
    let failed = |failure: &Value| {
        let identifier = failure["itemIdentifier"].as_str().unwrap_or_default();
        // A failure that names no record means the whole batch.
        batch.iter().position(|change| sequence_number(change) == identifier).unwrap_or(0)
    };
    failures.map(failed).min().unwrap_or(batch.len())
}

fn finish(world: &World, changes: &[Change]) {
    let sequences: Vec<i64> = changes.iter().map(|change| change.sequence).collect();
    if world.state.forget(&sequences).is_ok() {
        world.work.done(sequences.len());
    }
}

/// Tells the failure queue which records are given up, in the form that Lambda has for it.
fn give_up(world: &World, function: &str, source: &StreamSource, batch: &[Change], attempts: u32) {
    let (Some(first), Some(last)) = (batch.first(), batch.last()) else { return };
    if let Some(queue) = source.on_failure_arn.as_deref().and_then(queue_name) {
        let body = json!({
            "requestContext": {
                "requestId": crate::ids::uuid(),
                "functionArn": function_arn(function),
                "condition": "RetryAttemptsExhausted",
                "approximateInvokeCount": attempts,
            },
            "responseContext": { "statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled" },
            "version": "1.0",
            "timestamp": crate::instant(world.clock.now()),
            "DDBStreamBatchInfo": {
                "shardId": "shardId-00000000000000000000-00000001",
                "startSequenceNumber": sequence_number(first),
                "endSequenceNumber": sequence_number(last),
                "approximateArrivalOfFirstRecord": arrival(first),
                "approximateArrivalOfLastRecord": arrival(last),
                "batchSize": batch.len(),
                "streamArn": source.stream_arn,
            },
        });
        if let Err(error) = world.send(&[(queue.to_owned(), body.to_string())]) {
            world.logs.take(function, &format!("the failure queue did not take a record: {error}"));
            return;
        }
    }
    finish(world, batch);
}

/// To the second, as Lambda has it.
fn arrival(change: &Change) -> Option<String> {
    let at = DateTime::from_timestamp_millis(change.written_at_ms)?;
    Some(at.to_rfc3339_opts(SecondsFormat::Secs, true))
}

fn sequence_number(change: &Change) -> String {
    format!("{:021}", change.sequence)
}

/// One record as the stream has it.
fn record(change: &Change, source: &StreamSource) -> Value {
    json!({
        "eventID": format!("{:032x}", change.sequence),
        "eventName": "INSERT",
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": REGION,
        "dynamodb": {
            "ApproximateCreationDateTime": change.written_at_ms / 1000,
            "Keys": change.keys,
            "NewImage": change.image,
            "SequenceNumber": sequence_number(change),
            "SizeBytes": change.keys.to_string().len() + change.image.to_string().len(),
            "StreamViewType": "NEW_IMAGE",
        },
        "eventSourceARN": source.stream_arn,
    })
}
