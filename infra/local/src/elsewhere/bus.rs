//! Events on a bus that is elsewhere, and what comes out of the queues at its end.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use serde_json::{Value, json};
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::{Elsewhere, text};
use crate::World;
use crate::client::{Answer, ClientError, Service};

/// Messages taken at a time, and seconds that the queue waits for the first.
const MESSAGES_MAX: usize = 10;
const WAIT_SECONDS: u64 = 5;
/// Between two attempts where the queue did not answer.
const RETRY_PAUSE: Duration = Duration::from_secs(1);
/// How long an event may take to come out of its queue before nobody waits for it any more.
const AWAITED_LONGEST: Duration = Duration::from_secs(30);

/// What the rules here expect to come out, by queue and event, and since when.
#[derive(Default)]
pub(super) struct Awaited(Mutex<HashMap<(String, String), Instant>>);

impl Elsewhere {
    /// Puts events onto the bus. The rules are that bus's to match; by those here it is known what to wait for, as the
    /// number of an entry and the queue it should come to.
    pub(crate) async fn events(
        &self,
        world: &World,
        body: Bytes,
        expected: Vec<(usize, String)>,
    ) -> Result<Answer, ClientError> {
        // Held until it is noted what is awaited: it may come out before the answer is here.
        let mut awaited = self.awaited.0.lock().await;
        let answer = self.client.send(Service::Events, "PutEvents", body).await?;
        let said: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        for (entry, queue) in expected {
            if let Some(event) = said["Entries"][entry]["EventId"].as_str() {
                awaited.insert((queue, event.to_owned()), Instant::now());
                world.work.add(1);
            }
        }
        Ok(answer)
    }

    /// An event came out of a queue; whether somebody waited for it.
    async fn came(&self, queue: &str, body: &str) -> bool {
        let event: Value = serde_json::from_str(body).unwrap_or_default();
        let mut awaited = self.awaited.0.lock().await;
        awaited.remove(&(queue.to_owned(), text(&event["id"]))).is_some()
    }

    /// Stops waiting for what should have come long ago: the endpoint and the rules here do not agree.
    async fn give_up(&self, world: &World) {
        let mut awaited = self.awaited.0.lock().await;
        awaited.retain(|(queue, event), since| {
            let is_awaited = since.elapsed() < AWAITED_LONGEST;
            if !is_awaited {
                eprintln!("event {event} did not come to {queue} at {}", self.client.endpoint());
                world.work.done(1);
            }
            is_awaited
        });
    }
}

/// Takes events out of a queue that is elsewhere and puts them into the one here, which feeds the function.
pub(crate) async fn carry(world: Arc<World>, queue: String, url: String) {
    let Some(elsewhere) = &world.elsewhere else { return };
    let wanted =
        json!({ "QueueUrl": url, "MaxNumberOfMessages": MESSAGES_MAX, "WaitTimeSeconds": WAIT_SECONDS });
    loop {
        let received = match elsewhere.client.call(Service::Sqs, "ReceiveMessage", &wanted).await {
            Ok(received) => received,
            Err(error) => {
                world.logs.take("elsewhere", &error.to_string());
                tokio::time::sleep(RETRY_PAUSE).await;
                Value::Null
            }
        };
        for message in received["Messages"].as_array().into_iter().flatten() {
            let body = text(&message["Body"]);
            let was_awaited = elsewhere.came(&queue, &body).await;
            // Into the queue here first: work that leads to other work is done after that is known.
            let taken = world.send(&[(queue.clone(), body)]);
            world.work.done(usize::from(was_awaited));
            if taken.is_err() {
                continue;
            }
            let receipt = json!({ "QueueUrl": url, "ReceiptHandle": message["ReceiptHandle"] });
            if let Err(error) = elsewhere.client.call(Service::Sqs, "DeleteMessage", &receipt).await {
                world.logs.take("elsewhere", &error.to_string());
            }
        }
        elsewhere.give_up(&world).await;
    }
}
