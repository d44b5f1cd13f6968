//! Jobs: functions that work through a batch of messages, each alone. RULE: EV-05

use std::future::Future;
use std::sync::Arc;
use std::time::Instant as Stopwatch;

use futures_util::future::{BoxFuture, join_all};
use serde::Deserialize;
use serde_json::{Value, json};

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
    dynamodb: Option<StreamRecord>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct StreamRecord {
    sequence_number: String,
    new_image: Option<Value>,
}

impl EventRecord {
    fn into_message(self) -> Result<Message, Fault> {
        if let (Some(id), Some(body)) = (self.message_id, &self.body) {
            // A body that is no JSON is a poison message: it fails alone and ends in the dead-letter queue.
            return Ok(Message { id, body: serde_json::from_str(body).unwrap_or(Value::Null) });
        }
        let record = self.dynamodb.ok_or("a record is neither a queue's nor a stream's")?;
        Ok(Message { id: record.sequence_number, body: record.new_image.unwrap_or(Value::Null) })
    }
}

/// The function of a job.
pub const fn job<J: Job>() -> Function {
    Function::of_events(J::NAME, start::<J>)
}

struct JobHandler<J> {
    env: Env,
    job: J,
}

fn start<J: Job>(host: &Host) -> Result<Arc<dyn Handler>, StartError> {
    let env = Env::new(J::NAME, host, J::SETTINGS)?;
    let job = J::start(&env)?;
    Ok(Arc::new(JobHandler { env, job }))
}

impl<J: Job> Handler for JobHandler<J> {
    fn call(&self, event: Value) -> BoxFuture<'_, Result<Value, Fault>> {
        Box::pin(async move {
            let stopwatch = Stopwatch::now();
            let event: Event = serde_json::from_value(event)?;
            let batch: Result<Vec<Message>, Fault> =
                event.records.into_iter().map(EventRecord::into_message).collect();
            let batch = batch?;
            let mut record = Record::new(request_id_of(&batch), "batch".into());
            let reply =
                crate::REQUEST_ID.scope(record.request_id.clone(), self.job.work(&self.env, batch)).await;
            if let Some((_, reason)) = reply.failures.first() {
                record.outcome = "fault";
                record.fault = Some(format!("{} failed, first: {reason}", reply.failures.len()));
            }
            record.duration_ms = stopwatch.elapsed().as_millis();
            record.write(&self.env);
            let failures: Vec<Value> =
                reply.failures.iter().map(|(id, _)| json!({ "itemIdentifier": id })).collect();
            Ok(json!({ "batchItemFailures": failures }))
        })
    }
}

/// The request that led to the messages, where they agree on one.
fn request_id_of(batch: &[Message]) -> String {
    let of = |message: &Message| {
        let body = &message.body;
        let named = body.pointer("/detail/request_id").or_else(|| body.pointer("/request_id/S"));
        named.and_then(Value::as_str).map(str::to_owned)
    };
    let mut ids = batch.iter().map(of);
    match (ids.next().flatten(), ids.next()) {
        (Some(id), None) => id,
        _ => "-".into(),
    }
}
