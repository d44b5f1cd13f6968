//! SQS: queues that feed functions, with receive counts and dead-letter queues.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::Semaphore;

use super::holds::{Holds, Visible};
use crate::World;
use crate::faults::{Kind, QUEUE};
use crate::state::Message;
use crate::template::{Queue, QueueSource, REGION, queue_name};

/// Until a failed message is visible again: this, and four times as long each further time, but never
/// longer than the queue's visibility timeout. On one machine nobody wants to wait a minute for the second attempt.
const RETRY_FIRST: Duration = Duration::from_millis(100);

/// Feeds one function from one queue until the stack ends.
pub(crate) async fn feed(world: Arc<World>, function: String, source: QueueSource) {
    let Some(name) = queue_name(&source.queue_arn).map(str::to_owned) else { return };
    let Some(notify) = world.queues.get(&name).cloned() else { return };
    let Some(queue) = world.template.queue(&source.queue_arn).cloned() else { return };
    let permits = Arc::new(Semaphore::new(source.concurrency_max));
    loop {
        let Ok(permit) = permits.clone().acquire_owned().await else { return };
        if world.work.is_stopping() {
            return;
        }
        let Received { batch, fault, next } = receive(&world, &function, &queue, source.batch_size);
        if batch.is_empty() {
            drop(permit);
            match next {
                Some(left) => drop(tokio::time::timeout(left, notify.notified()).await),
                None => notify.notified().await,
            }
            continue;
        }
        let (world, function, source) = (world.clone(), function.clone(), source.clone());
        let notify = notify.clone();
        tokio::spawn(async move {
            let _running = world.work.batch();
            let event = json!({ "Records": batch.iter().map(|m| record(m, &source)).collect::<Vec<_>>() });
            let failed = match world.functions().invoke(&function, event).await {
                Ok(answer) => failed(&batch, &answer),
                Err(_) => batch.iter().map(|message| message.message_id.clone()).collect(),
            };
            if fault == Some(Kind::Duplicate) {
                // Delivered, and not known to be: it comes again.
                world.holds.free(&world.work, batch.iter().map(|message| message.id));
            } else if let Err(error) = finish(&world, &source, &batch, &failed) {
                world.logs.take(&function, &format!("the queue failed: {error}"));
            }
            drop(permit);
            notify.notify_one();
        });
    }
}

/// What is taken from a queue at a time.
struct Received {
    batch: Vec<Message>,
    fault: Option<Kind>,
    /// How long until the next of the others becomes visible.
    next: Option<Duration>,
}

/// The next visible messages, counted as received.
fn receive(world: &World, function: &str, queue: &Queue, size: usize) -> Received {
    let now_ms = world.clock.now().timestamp_millis();
    let list = || world.state.queued(&queue.name).unwrap_or_default();
    let (mut ids, next_ms) = visible(&world.holds, list, now_ms);
    let next = next_ms.map(|at_ms| Duration::from_millis(u64::try_from(at_ms - now_ms).unwrap_or_default()));
    let fault = if ids.is_empty() { None } else { world.faults.hit(function, QUEUE) };
    if fault == Some(Kind::Reorder) {
        ids.reverse();
    }
    ids.truncate(size);
    let is_any_visible = !ids.is_empty();
    let mut batch = world.state.messages(&ids).unwrap_or_default();
    for message in &mut batch {
        message.receive_count += 1;
    }
    let ids: Vec<i64> = batch.iter().map(|message| message.id).collect();
    let held_until_ms = now_ms + milliseconds(queue.visibility_timeout);
    if world.state.receive(&ids, now_ms, held_until_ms).is_err() {
        return Received { batch: Vec::new(), fault: None, next: Some(RETRY_FIRST) };
    }
    world.holds.take(&world.work, &ids);
    // What was visible may be gone by now, and others are there.
    let next = if is_any_visible && batch.is_empty() { Some(RETRY_FIRST) } else { next };
    Received { batch, fault, next }
}

/// The messages that are visible, and when the next of the others will be.
fn visible(holds: &Holds, list: impl FnOnce() -> Vec<i64>, now_ms: i64) -> (Vec<i64>, Option<i64>) {
    let mut next_ms: Option<i64> = None;
    // Looked at before the list: what a function is done with in between may still be listed, and is still held.
    let held = holds.now();
    let mut ids = list();
    ids.retain(|id| match held.visible(*id, now_ms) {
        Visible::Now => true,
        Visible::At(at_ms) => {
            next_ms = Some(next_ms.map_or(at_ms, |next_ms| next_ms.min(at_ms)));
            false
        }
        Visible::Unknown => false,
    });
    (ids, next_ms)
}

fn milliseconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

/// The message ids that an answer says failed; one that names no message of the batch means all.
fn failed(batch: &[Message], answer: &Value) -> Vec<String> {
    let failures = answer["batchItemFailures"].as_array().into_iter().flatten();
    let named: Vec<String> =
        failures.map(|failure| failure["itemIdentifier"].as_str().unwrap_or_default().to_owned()).collect();
    if named.iter().all(|id| batch.iter().any(|message| message.message_id == *id)) {
        return named;
    }
    batch.iter().map(|message| message.message_id.clone()).collect()
}

fn finish(world: &World, source: &QueueSource, batch: &[Message], failed: &[String]) -> rusqlite::Result<()> {
    let Some(queue) = world.template.queue(&source.queue_arn) else { return Ok(()) };
    let now_ms = world.clock.now().timestamp_millis();
    let mut done = Vec::new();
    for message in batch {
        if !failed.contains(&message.message_id) {
            done.push(message.id);
            continue;
        }
        let redrive =
            queue.redrive.as_ref().filter(|(_, receives_max)| message.receive_count >= *receives_max);
        if let Some(dead_letters) = redrive.and_then(|(arn, _)| queue_name(arn)) {
            world.state.redrive(message.id, dead_letters)?;
            world.holds.free(&world.work, [message.id]);
            match world.queues.get(dead_letters) {
                Some(notify) => notify.notify_one(),
                None => world.work.done(1),
            }
            continue;
        }
        let pause = RETRY_FIRST.saturating_mul(4_u32.saturating_pow(message.receive_count.saturating_sub(1)));
        let until_ms = now_ms + milliseconds(pause.min(queue.visibility_timeout));
        world.holds.until(&world.work, message.id, now_ms, until_ms);
    }
    world.state.delete(&done)?;
    world.holds.free(&world.work, done.iter().copied());
    world.work.done(done.len());
    Ok(())
}

/// One record as Lambda hands it to a function.
fn record(message: &Message, source: &QueueSource) -> Value {
    json!({
        "messageId": message.message_id,
        "receiptHandle": format!("{}#{}", message.message_id, message.receive_count),
        "body": message.body,
        "attributes": {
            "ApproximateReceiveCount": message.receive_count.to_string(),
            "SentTimestamp": message.sent_at_ms.to_string(),
            "SenderId": "AIDALOCAL",
            "ApproximateFirstReceiveTimestamp": message.first_received_at_ms.unwrap_or(message.sent_at_ms).to_string(),
        },
        "messageAttributes": {},
        "md5OfBody": format!("{:x}", md5::compute(&message.body)),
        "eventSource": "aws:sqs",
        "eventSourceARN": source.queue_arn,
        "awsRegion": REGION,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::work::Work;

    // RULE: EV-03
    #[test]
    fn what_a_function_is_done_with_during_a_look_at_its_queue_is_not_handed_out_again() {
        let (holds, work) = (Holds::default(), Work::new(1));
        holds.take(&work, &[1]);
        let listed_and_then_done = || {
            holds.free(&work, [1]);
            vec![1]
        };
        assert!(visible(&holds, listed_and_then_done, 0).0.is_empty());
        assert_eq!(visible(&holds, || vec![1], 0).0.len(), 1, "what nobody holds is visible");
    }
}
