//! SQS as functions and operators call it: sending anywhere, and receiving from queues that feed no function. What
//! feeds functions is in `queues`.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use axum::http::StatusCode;
use serde_json::{Map, Value, json};

use super::{AwsReply, AwsRequest, body_json};
use crate::World;
use crate::state::Message;
use crate::template::{ACCOUNT_ID, Queue, REGION, queue_name};

/// Messages in one answer, as on AWS.
const MESSAGES_MAX: usize = 10;
/// The names of queues in one answer, as on AWS.
const QUEUES_MAX: usize = 1000;

/// Until when messages are with somebody who received them, in milliseconds of the stack's clock.
#[derive(Default)]
pub(crate) struct Received(Mutex<HashMap<i64, i64>>);

impl Received {
    fn is_hidden(&self, message: i64, now_ms: i64) -> bool {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&message)
            .is_some_and(|until| *until > now_ms)
    }

    fn hide(&self, message: i64, until_ms: i64) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(message, until_ms);
    }

    fn forget(&self, message: i64) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&message);
    }
}

/// Answers one request.
pub(super) fn answer(world: &World, request: &AwsRequest) -> AwsReply {
    let body = match body_json(&request.body) {
        Ok(body) => body,
        Err(refusal) => return refusal,
    };
    let answer = match request.operation.as_str() {
        "GetQueueUrl" => find(world, &body["QueueName"]).map(|queue| Ok(json!({ "QueueUrl": url(queue) }))),
        "ListQueues" => Some(Ok(list(world, &body))),
        "ListDeadLetterSourceQueues" => of(world, &body).map(|queue| Ok(sources(world, queue))),
        "SendMessage" => of(world, &body).map(|queue| send(world, queue, &body)),
        "ReceiveMessage" => match of(world, &body) {
            Some(queue) if world.queues.contains_key(&queue.name) => return AwsReply::unknown(request),
            queue => queue.map(|queue| receive(world, queue, &body)),
        },
        "ChangeMessageVisibility" => of(world, &body).map(|_| {
            let until_ms = now_ms(world) + body["VisibilityTimeout"].as_i64().unwrap_or_default() * 1000;
            message_id(&body).inspect(|id| world.received.hide(*id, until_ms));
            Ok(json!({}))
        }),
        "DeleteMessage" => of(world, &body).map(|_| {
            let id = message_id(&body).inspect(|id| world.received.forget(*id));
            world.state.delete(id.as_slice()).map(|()| json!({}))
        }),
        _ => return AwsReply::unknown(request),
    };
    match answer {
        Some(Ok(answer)) => AwsReply::ok(&answer),
        Some(Err(error)) => AwsReply::failure(&error),
        None => AwsReply::error(
            StatusCode::BAD_REQUEST,
            "com.amazonaws.sqs#QueueDoesNotExist",
            "The specified queue does not exist.",
        ),
    }
}

fn url(queue: &Queue) -> String {
    format!("https://sqs.{REGION}.amazonaws.com/{ACCOUNT_ID}/{}", queue.name)
}

fn find<'a>(world: &'a World, name: &Value) -> Option<&'a Queue> {
    world.template.queues.iter().find(|queue| *name == queue.name)
}

/// The queue that a request names by its address.
fn of<'a>(world: &'a World, body: &Value) -> Option<&'a Queue> {
    let name = body["QueueUrl"].as_str()?.rsplit('/').next()?;
    find(world, &name.into())
}

fn list(world: &World, body: &Value) -> Value {
    let prefix = body["QueueNamePrefix"].as_str().unwrap_or_default();
    let queues = world.template.queues.iter().filter(|queue| queue.name.starts_with(prefix));
    json!({ "QueueUrls": queues.take(QUEUES_MAX).map(url).collect::<Vec<_>>() })
}

/// The queues whose messages end in this one.
fn sources(world: &World, dead_letters: &Queue) -> Value {
    let ends_here = |queue: &&Queue| {
        let target = queue.redrive.as_ref().and_then(|(arn, _)| queue_name(arn));
        target == Some(&dead_letters.name)
    };
    json!({ "queueUrls": world.template.queues.iter().filter(ends_here).map(url).collect::<Vec<_>>() })
}

fn send(world: &World, queue: &Queue, body: &Value) -> rusqlite::Result<Value> {
    let text = body["MessageBody"].as_str().unwrap_or_default();
    let message_id = world.send_one(&queue.name, text, &body["MessageAttributes"])?;
    Ok(json!({ "MessageId": message_id, "MD5OfMessageBody": format!("{:x}", md5::compute(text)) }))
}

fn receive(world: &World, queue: &Queue, body: &Value) -> rusqlite::Result<Value> {
    let now_ms = now_ms(world);
    let max = body["MaxNumberOfMessages"].as_u64().and_then(|max| usize::try_from(max).ok()).unwrap_or(1);
    let seconds = body["VisibilityTimeout"].as_i64();
    let until_ms = now_ms
        + seconds.map_or_else(
            || i64::try_from(queue.visibility_timeout.as_millis()).unwrap_or_default(),
            |seconds| seconds * 1000,
        );
    let mut ids = world.state.queued(&queue.name)?;
    ids.retain(|id| !world.received.is_hidden(*id, now_ms));
    ids.truncate(max.min(MESSAGES_MAX));
    let mut messages = world.state.messages(&ids)?;
    for message in &mut messages {
        message.receive_count += 1;
        world.received.hide(message.id, until_ms);
    }
    let ids: Vec<i64> = messages.iter().map(|message| message.id).collect();
    world.state.receive(&ids, now_ms, until_ms)?;
    let messages: rusqlite::Result<Vec<Value>> =
        messages.iter().map(|message| shown(world, message)).collect();
    Ok(json!({ "Messages": messages? }))
}

fn shown(world: &World, message: &Message) -> rusqlite::Result<Value> {
    let mut shown = json!({
        "MessageId": message.message_id,
        "ReceiptHandle": format!("{}#{}", message.id, message.receive_count),
        "Body": message.body,
        "MD5OfBody": format!("{:x}", md5::compute(&message.body)),
        "Attributes": {
            "ApproximateReceiveCount": message.receive_count.to_string(),
            "SentTimestamp": message.sent_at_ms.to_string(),
        },
    });
    let attributes = world.state.attributes(message.id)?;
    if attributes.as_object().is_some_and(|attributes: &Map<String, Value>| !attributes.is_empty()) {
        shown["MessageAttributes"] = attributes;
    }
    Ok(shown)
}

/// The message of a receipt handle.
fn message_id(body: &Value) -> Option<i64> {
    body["ReceiptHandle"].as_str()?.split('#').next()?.parse().ok()
}

fn now_ms(world: &World) -> i64 {
    world.clock.now().timestamp_millis()
}
