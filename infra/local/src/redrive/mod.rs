//! `cargo xtask redrive`: what was given up is shown with its reason and tried again, at the local stack or on AWS.
//! A message leaves the dead-letter queue only when its repeat was accepted. RULE: EV-05
//!
//! Three kinds of messages lie there: those that a function put there, with reason and origin; those that a queue moved
//! there, which say nothing; and what Lambda says of changes of the table, which names only when they were made.

mod changes;

use std::collections::BTreeSet;
use std::io::Write;

use aws_credential_types::Credentials;
use serde_json::{Value, json};

use crate::client::{Client, ClientError, Service, is_loopback};
use crate::template::{REGION, queue_name};
use crate::{OPERATOR_ACCESS_KEY_ID, instant};

/// Messages taken at a time, and seconds to wait for the first.
const MESSAGES_MAX: usize = 10;
const WAIT_SECONDS: u64 = 1;
/// How long a message is ours: longer than its repeat may take.
const HIDDEN_SECONDS: u64 = 120;
/// Messages in one run; the rest is for the next.
const RUN_MAX: usize = 10_000;

/// Why the tool cannot go on. What is wrong with single messages does not end it.
#[derive(Debug, thiserror::Error)]
pub enum RedriveError {
    /// A call failed.
    #[error(transparent)]
    Call(#[from] ClientError),
    /// The name of a queue means none, or several.
    #[error("{0}")]
    Queue(String),
    /// What is to be read by somebody could not be written.
    #[error(transparent)]
    Output(#[from] std::io::Error),
}

/// What to do with the messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Say what is there.
    Show,
    /// Try each again.
    Repeat,
}

/// How many messages became what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Shown, or tried in vain: they are still there.
    pub kept: usize,
    /// Of those, tried in vain.
    pub failed: usize,
    /// Accepted again, and gone from the queue.
    pub repeated: usize,
}

/// A client of the stack on this machine, or of AWS with the access key of the environment.
pub fn client(endpoint: Option<&str>) -> Result<Client, ClientError> {
    match endpoint {
        Some(here) if is_loopback(here) => {
            let credentials = Credentials::new(OPERATOR_ACCESS_KEY_ID, "local", None, None, "local");
            Ok(Client::new(here, REGION, credentials))
        }
        Some(endpoint) => Client::from_environment(endpoint),
        None => Client::of_aws(),
    }
}

/// Works through a queue, named by its address, its name, or a part of its name that no other queue has.
pub async fn run(
    client: &Client,
    queue: &str,
    mode: Mode,
    out: &mut impl Write,
) -> Result<Tally, RedriveError> {
    let url = find(client, queue).await?;
    let mut tally = Tally::default();
    let (mut seen, mut kept) = (BTreeSet::new(), Vec::new());
    // What fails again may be back before this ends; and of what lies there twice once is enough.
    let mut repeated = BTreeSet::new();
    while seen.len() < RUN_MAX {
        let messages = receive(client, &url).await?;
        let fresh: Vec<&Value> =
            messages.iter().filter(|message| seen.insert(text(&message["MessageId"]))).collect();
        if fresh.is_empty() {
            break;
        }
        for message in fresh {
            writeln!(out, "{}", described(message))?;
            let handle = json!({ "QueueUrl": url, "ReceiptHandle": message["ReceiptHandle"] });
            if mode == Mode::Show {
                kept.push(handle);
                continue;
            }
            if !repeated.insert(text(&message["Body"])) {
                kept.push(handle);
                writeln!(out, "  stays here: the same was tried a moment ago")?;
                continue;
            }
            match repeat(client, &url, message).await {
                Ok(how) => {
                    client.call(Service::Sqs, "DeleteMessage", &handle).await?;
                    tally.repeated += 1;
                    writeln!(out, "  {how}, and deleted here")?;
                }
                Err(problem) => {
                    kept.push(handle);
                    tally.failed += 1;
                    writeln!(out, "  stays here: {problem}")?;
                }
            }
        }
    }
    tally.kept = kept.len();
    release(client, kept).await?;
    Ok(tally)
}

/// What stays is visible again for whoever looks next.
async fn release(client: &Client, kept: Vec<Value>) -> Result<(), RedriveError> {
    for mut handle in kept {
        handle["VisibilityTimeout"] = 0.into();
        client.call(Service::Sqs, "ChangeMessageVisibility", &handle).await?;
    }
    Ok(())
}

async fn receive(client: &Client, url: &str) -> Result<Vec<Value>, RedriveError> {
    let body = json!({
        "QueueUrl": url,
        "MaxNumberOfMessages": MESSAGES_MAX,
        "VisibilityTimeout": HIDDEN_SECONDS,
        "WaitTimeSeconds": WAIT_SECONDS,
        "AttributeNames": ["All"],
        "MessageAttributeNames": ["All"],
    });
    let mut received = client.call(Service::Sqs, "ReceiveMessage", &body).await?;
    Ok(match received["Messages"].take() {
        Value::Array(messages) => messages,
        _ => Vec::new(),
    })
}

/// The address of a queue.
async fn find(client: &Client, queue: &str) -> Result<String, RedriveError> {
    if queue.contains("://") {
        return Ok(queue.to_owned());
    }
    let listed = client.call(Service::Sqs, "ListQueues", &json!({ "MaxResults": 1000 })).await?;
    let urls: Vec<String> = listed["QueueUrls"].as_array().into_iter().flatten().map(text).collect();
    let name = |url: &str| url.rsplit('/').next().unwrap_or_default().to_owned();
    if let Some(url) = urls.iter().find(|url| name(url) == queue) {
        return Ok(url.clone());
    }
    let found: Vec<&String> = urls.iter().filter(|url| name(url).contains(queue)).collect();
    if let [url] = found.as_slice() {
        return Ok((*url).clone());
    }
    let names: Vec<String> = urls.iter().map(|url| name(url)).collect();
    let problem = if found.is_empty() { "no queue is" } else { "several queues are" };
    Err(RedriveError::Queue(format!("{problem} called {queue}; there are {}", names.join(", "))))
}

/// One line for whoever decides what to do.
fn described(message: &Value) -> String {
    let sent_at = message["Attributes"]["SentTimestamp"].as_str().and_then(|text| text.parse().ok());
    let sent_at = sent_at.and_then(chrono::DateTime::from_timestamp_millis).map(instant).unwrap_or_default();
    let body: Value = body_of(message);
    let what = if let Some(kind) = body["detail-type"].as_str() {
        format!("{kind} {}", text(&body["detail"]["id"]))
    } else if body["keys"].is_object() {
        format!("{} {}", text(&body["keys"]["pk"]["S"]), text(&body["keys"]["sk"]["S"]))
    } else if let Some(batch) = body.get("DDBStreamBatchInfo") {
        format!(
            "{} changes of the table, {}",
            batch["batchSize"],
            text(&batch["approximateArrivalOfFirstRecord"])
        )
    } else {
        format!("a message of {} bytes", message["Body"].as_str().map_or(0, str::len))
    };
    let reason =
        attribute(message, "reason").unwrap_or_else(|| match body["requestContext"]["condition"].as_str() {
            Some(condition) => format!("{condition}; the log of the function tells more"),
            None => "no reason was given; the log of the function tells it".to_owned(),
        });
    format!("{sent_at}  {what}\n  {reason}")
}

/// Has what the message is about done again, and says how.
async fn repeat(client: &Client, url: &str, message: &Value) -> Result<String, String> {
    let body = body_of(message);
    let of_change = |function: Option<String>, what| changes::publish(client, function, what);
    if let Some(info) = body.get("DDBStreamBatchInfo") {
        let function = body["requestContext"]["functionArn"].as_str().and_then(changes::function_name);
        let table = changes::table_of(info["streamArn"].as_str());
        let found = changes::made_between(client, table, info).await?;
        return of_change(function, found).await;
    }
    let source = attribute(message, "source");
    if body["keys"].is_object() {
        let table = changes::table_of(source.as_deref());
        let found = changes::with_keys(client, table, &body["keys"]).await?;
        return of_change(attribute(message, "function"), found).await;
    }
    let queue = match source.as_deref().and_then(queue_name) {
        Some(name) => find(client, name).await.map_err(|error| error.to_string())?,
        None => source_of(client, url).await?,
    };
    let sent = json!({ "QueueUrl": queue, "MessageBody": message["Body"] });
    client.call(Service::Sqs, "SendMessage", &sent).await.map_err(|error| error.to_string())?;
    Ok(format!("sent to {} again", queue.rsplit('/').next().unwrap_or_default()))
}

/// The one queue whose messages end in this one.
async fn source_of(client: &Client, url: &str) -> Result<String, String> {
    let asked = client.call(Service::Sqs, "ListDeadLetterSourceQueues", &json!({ "QueueUrl": url })).await;
    let asked = asked.map_err(|error| error.to_string())?;
    match asked["queueUrls"].as_array().map(Vec::as_slice) {
        Some([queue]) => Ok(text(queue)),
        _ => Err("it does not say where it came from, and not just one queue ends here".to_owned()),
    }
}

fn body_of(message: &Value) -> Value {
    message["Body"].as_str().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
}

fn attribute(message: &Value, name: &str) -> Option<String> {
    message["MessageAttributes"][name]["StringValue"].as_str().map(str::to_owned)
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
