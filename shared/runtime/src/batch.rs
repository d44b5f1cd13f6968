//! Jobs: functions that work through a batch of messages, each alone. RULE: EV-05

use std::future::Future;
use std::sync::Arc;
use std::time::Instant as Stopwatch;

use chrono::DateTime;
use domain::Instant;
use futures_util::future::{BoxFuture, join_all};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::dead_letters::{DEAD_LETTERS_URL, DeadLetters, Letter, Tried};
use crate::record::{Record, chain};
use crate::{Env, Fault, Function, Handler, Host, StartError};

/// Something that works on messages.
pub trait Job: Sized + Send + Sync + 'static {
    /// The name of its function.
    const NAME: &'static str;
    /// The settings that it cannot start without, beside the table's name.
    const SETTINGS: &'static [&'static str] = &[];

    /// Makes its clients, once.
    fn start(env: &Env) -> Result<Self, StartError>;

    /// Works on a batch; what it names as failed is delivered again, alone.
    fn work(&self, env: &Env, batch: Vec<Message>) -> impl Future<Output = BatchReply> + Send;

    /// Works on messages one by one, all at once.
    fn each<'a, F>(
        batch: Vec<Message>,
        work: impl Fn(Message) -> F,
    ) -> impl Future<Output = BatchReply> + Send + 'a
    where
        F: Future<Output = Result<(), Fault>> + Send + 'a,
    {
        let tasks: Vec<_> = batch
            .into_iter()
            .map(|message| {
                let id = message.id.clone();
                let task = work(message);
                async move { task.await.map_err(|error| (id, chain(error.as_ref()))) }
            })
            .collect();
        async move { BatchReply { failures: join_all(tasks).await.into_iter().filter_map(Result::err).collect() } }
    }
}

/// One message of a queue, or one record of a stream.
#[derive(Clone, Debug)]
pub struct Message {
    /// What names it in the reply.
    pub id: String,
    /// What it carries: a queue message's body read as JSON, a stream record's new image.
    pub body: Value,
}

/// Which messages failed, and why.
#[derive(Debug, Default)]
pub struct BatchReply {
    /// Identifier and reason.
    pub failures: Vec<(String, String)>,
}

#[derive(Deserialize)]
struct Event {
    #[serde(rename = "Records")]
    records: Vec<EventRecord>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct EventRecord {
    message_id: Option<String>,
    body: Option<String>,
    #[serde(default)]
    attributes: Attributes,
    #[serde(default, rename = "eventSourceARN")]
    source: String,
    dynamodb: Option<StreamRecord>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Attributes {
    approximate_receive_count: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct StreamRecord {
    sequence_number: String,
    #[serde(default)]
    keys: Value,
    new_image: Option<Value>,
    /// Seconds.
    approximate_creation_date_time: Option<f64>,
}

impl EventRecord {
    fn into_message(self) -> Result<(Message, Letter), Fault> {
        let source = self.source;
        if let (Some(id), Some(text)) = (self.message_id, self.body) {
            // A body that is no JSON is a poison message: it fails alone and ends in the dead-letter queue.
            let body = serde_json::from_str(&text).unwrap_or(Value::Null);
            let times = self.attributes.approximate_receive_count.and_then(|count| count.parse().ok());
            let tried = times.map_or(Tried::ByHand, Tried::Times);
            return Ok((Message { id: id.clone(), body }, Letter { id, source, body: text, tried }));
        }
        let record = self.dynamodb.ok_or("a record is neither a queue's nor a stream's")?;
        let tried =
            record.approximate_creation_date_time.and_then(instant).map_or(Tried::ByHand, Tried::Since);
        let id = record.sequence_number;
        let letter = Letter::of_change(id.clone(), source, &record.keys, tried);
        Ok((Message { id, body: record.new_image.unwrap_or(Value::Null) }, letter))
    }
}

#[allow(clippy::cast_possible_truncation)] // instants of this age fit
fn instant(seconds: f64) -> Option<Instant> {
    DateTime::from_timestamp_millis((seconds * 1000.0) as i64)
}

/// The function of a job.
pub const fn job<J: Job>() -> Function {
    Function::of_events(J::NAME, start::<J>)
}

struct JobHandler<J> {
    env: Env,
    job: J,
    dead_letters: DeadLetters,
}

pub(crate) fn start<J: Job>(host: &Host) -> Result<Arc<dyn Handler>, StartError> {
    let settings: Vec<&'static str> = J::SETTINGS.iter().copied().chain([DEAD_LETTERS_URL]).collect();
    let env = Env::new(J::NAME, host, &settings)?;
    let job = J::start(&env)?;
    Ok(Arc::new(JobHandler { env, job, dead_letters: DeadLetters::default() }))
}

impl<J: Job> JobHandler<J> {
    /// Works on a batch. What failed and is not given up is to be delivered again.
    async fn work(&self, batch: Vec<Message>, letters: &[Letter], record: &mut Record) -> Vec<String> {
        let reply = self.job.work(&self.env, batch).await;
        if let Some((_, reason)) = reply.failures.first() {
            record.failed(format!("{} failed, first: {reason}", reply.failures.len()));
        }
        let mut again = Vec::new();
        for (id, reason) in reply.failures {
            let letter = letters.iter().find(|letter| letter.id == id);
            let given_up = match letter {
                Some(letter) => self.dead_letters.take(&self.env, letter, &reason).await,
                None => Ok(false),
            };
            match given_up {
                Ok(true) => record.dead_letters += 1,
                Ok(false) => again.push(id),
                Err(error) => {
                    record.failed_besides(&format!("the dead-letter queue: {}", chain(error.as_ref())));
                    again.push(id);
                }
            }
        }
        again
    }
}

impl<J: Job> Handler for JobHandler<J> {
    fn call(&self, event: Value) -> BoxFuture<'_, Result<Value, Fault>> {
        Box::pin(async move {
            let stopwatch = Stopwatch::now();
            let event: Event = serde_json::from_value(event)?;
            let batch: Result<Vec<(Message, Letter)>, Fault> =
                event.records.into_iter().map(EventRecord::into_message).collect();
            let (batch, letters): (Vec<Message>, Vec<Letter>) = batch?.into_iter().unzip();
            let mut record = Record::new(request_id_of(&batch), "batch".into());
            let request_id = record.request_id.clone();
            let again = crate::REQUEST_ID.scope(request_id, self.work(batch, &letters, &mut record)).await;
            record.duration_ms = stopwatch.elapsed().as_millis();
            record.write(&self.env);
            let failures: Vec<Value> = again.iter().map(|id| json!({ "itemIdentifier": id })).collect();
            Ok(json!({ "batchItemFailures": failures }))
        })
    }
}

/// The request that led to the messages, where they agree on one.
fn request_id_of(batch: &[Message]) -> String {
    let of = |message: &Message| {
        let body = &message.body;
        // Of a fact, of a change of the table, of a mail that the mail service reports on.
        let named = ["/detail/request_id", "/request_id/S", "/detail/mail/tags/request_id/0"];
        named.iter().find_map(|path| body.pointer(path)).and_then(Value::as_str).map(str::to_owned)
    };
    let mut ids = batch.iter().map(of);
    match (ids.next().flatten(), ids.next()) {
        (Some(id), None) => id,
        _ => "-".into(),
    }
}
