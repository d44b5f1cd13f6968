//! SQS: queues that feed functions, with receive counts and dead-letter queues.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::Semaphore;
use tokio::time::Instant;

use crate::World;
use crate::faults::{Kind, QUEUE};
use crate::state::Message;
use crate::template::{Queue, QueueSource, REGION, queue_name};

/// Real time until a failed message is visible again: this, and four times as long each further time, but never
/// longer than the queue's visibility timeout. On one machine nobody wants to wait a minute for the second attempt.
const RETRY_FIRST: Duration = Duration::from_millis(100);

/// What holds messages back.
type Held = Mutex<HashMap<i64, Hold>>;

/// Why a message is not visible.
#[derive(Clone, Copy)]
enum Hold {
    WithFunction,
    /// It failed, and is tried again at this real time.
    Failed(Instant),
    /// It was with a function when an earlier run of the stack ended, and is visible again at this instant of the
    /// stack's clock, in milliseconds.
    LeftOver(i64),
}

impl Hold {
    /// When to look again, in real time; at once if it holds nothing back any more.
    fn until(self, now: Instant, now_ms: i64) -> Option<Instant> {
        match self {
            Self::WithFunction => None,
            Self::Failed(at) => Some(at),
            Self::LeftOver(at_ms) => {
                let left = u64::try_from(at_ms - now_ms).unwrap_or_default();
                Some(now + Duration::from_millis(left))
            }
        }
    }
}

/// Feeds one function from one queue until the stack ends.
pub(crate) async fn feed(world: Arc<World>, function: String, source: QueueSource) {
    let Some(name) = queue_name(&source.queue_arn).map(str::to_owned) else { return };
    let Some(notify) = world.queues.get(&name).cloned() else { return };
    let Some(queue) = world.template.queue(&source.queue_arn).cloned() else { return };
    let held = Arc::new(Held::new(left_over(&world)));
    let permits = Arc::new(Semaphore::new(source.concurrency_max));
    loop {
        let Ok(permit) = permits.clone().acquire_owned().await else { return };
        if world.work.is_stopping() {
            return;
        }
        let Received { batch, fault, next } = receive(&world, &function, &queue, source.batch_size, &held);
        if batch.is_empty() {
            drop(permit);
            match next {
                Some(at) => drop(tokio::time::timeout_at(at, notify.notified()).await),
                None => notify.notified().await,
            }
            continue;
        }
        let (world, function, source) = (world.clone(), function.clone(), source.clone());
        let (held, notify) = (held.clone(), notify.clone());
        tokio::spawn(async move {
            let _running = world.work.batch();
            let event = json!({ "Records": batch.iter().map(|m| record(m, &source)).collect::<Vec<_>>() });
            let failed = match world.functions().invoke(&function, event).await {
                Ok(answer) => failed(&batch, &answer),
                Err(_) => batch.iter().map(|message| message.message_id.clone()).collect(),
            };
            if fault == Some(Kind::Duplicate) {
                // Delivered, and not known to be: it comes again.
                again(&batch, &held);
            } else if let Err(error) = finish(&world, &source, &batch, &failed, &held) {
                world.logs.take(&function, &format!("the queue failed: {error}"));
            }
            drop(permit);
            notify.notify_one();
        });
    }
}

/// Nobody is at work any more on what was with a function when the stack ended, but as on AWS it stays invisible for
/// its time: attempts that follow each other at once would use up what the dead-letter queue allows.
fn left_over(world: &World) -> HashMap<i64, Hold> {
    let holds = world.state.holds().unwrap_or_default();
    holds.into_iter().map(|(message, until_ms)| (message, Hold::LeftOver(until_ms))).collect()
}

/// What is taken from a queue at a time.
struct Received {
    batch: Vec<Message>,
    fault: Option<Kind>,
    /// When the next of the others becomes visible.
    next: Option<Instant>,
}

/// The next visible messages, counted as received.
fn receive(world: &World, function: &str, queue: &Queue, size: usize, held: &Held) -> Received {
    let mut held = held.lock().unwrap_or_else(PoisonError::into_inner);
    let (now, now_ms) = (Instant::now(), world.clock.now().timestamp_millis());
    let mut next: Option<Instant> = None;
    let mut batch = Vec::new();
    for message in world.state.messages(&queue.name).unwrap_or_default() {
        if let Some(hold) = held.get(&message.id) {
            let Some(at) = hold.until(now, now_ms) else { continue };
            if at > now {
                next = Some(next.map_or(at, |next| next.min(at)));
                continue;
            }
        }
        batch.push(message);
    }
    let fault = if batch.is_empty() { None } else { world.faults.hit(function, QUEUE) };
    if fault == Some(Kind::Reorder) {
        batch.reverse();
    }
    batch.truncate(size);
    for message in &mut batch {
        message.receive_count += 1;
    }
    let ids: Vec<i64> = batch.iter().map(|message| message.id).collect();
    let held_until_ms = now_ms + i64::try_from(queue.visibility_timeout.as_millis()).unwrap_or_default();
    if world.state.receive(&ids, now_ms, held_until_ms).is_err() {
        return Received { batch: Vec::new(), fault: None, next: Some(now + RETRY_FIRST) };
    }
    held.extend(ids.into_iter().map(|id| (id, Hold::WithFunction)));
    Received { batch, fault, next }
}

fn again(batch: &[Message], held: &Held) {
    let mut held = held.lock().unwrap_or_else(PoisonError::into_inner);
    for message in batch {
        held.remove(&message.id);
    }
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

fn finish(
    world: &World,
    source: &QueueSource,
    batch: &[Message],
    failed: &[String],
    held: &Held,
) -> rusqlite::Result<()> {
    let Some(queue) = world.template.queue(&source.queue_arn) else { return Ok(()) };
    let mut held = held.lock().unwrap_or_else(PoisonError::into_inner);
    let mut done = Vec::new();
    for message in batch {
        if !failed.contains(&message.message_id) {
            held.remove(&message.id);
            done.push(message.id);
            continue;
        }
        let redrive =
            queue.redrive.as_ref().filter(|(_, receives_max)| message.receive_count >= *receives_max);
        if let Some(dead_letters) = redrive.and_then(|(arn, _)| queue_name(arn)) {
            world.state.redrive(message.id, dead_letters)?;
            held.remove(&message.id);
            match world.queues.get(dead_letters) {
                Some(notify) => notify.notify_one(),
                None => world.work.done(1),
            }
            continue;
        }
        let pause = RETRY_FIRST.saturating_mul(4_u32.saturating_pow(message.receive_count.saturating_sub(1)));
        held.insert(message.id, Hold::Failed(Instant::now() + pause.min(queue.visibility_timeout)));
    }
    world.state.delete(&done)?;
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
