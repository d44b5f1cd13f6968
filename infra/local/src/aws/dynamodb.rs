//! `DynamoDB`: dynoxide behind its own HTTP front, so that requests meet its validation of the wire format. This
//! front passes them on and takes the table stream's records from the writes that pass.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::atomic::Ordering;
use std::thread::JoinHandle;

use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderName, StatusCode};
use dynoxide::Database;
use runtime::Fault;
use serde_json::{Value, json};
use tokio::sync::oneshot;

use super::transactions::Begun;
use super::{AwsReply, AwsRequest, REPLY_HEADERS};
use crate::invoke::OPERATOR_ACCESS_KEY_ID;
use crate::state::Change;
use crate::template::{REGION, Table, Template};
use crate::{StackError, World, outbox};

/// What functions and operators may ask for. Tables come from the template alone.
const OPERATIONS: &[&str] = &[
    "BatchGetItem",
    "BatchWriteItem",
    "DeleteItem",
    "DescribeTable",
    "DescribeTimeToLive",
    "GetItem",
    "ListTables",
    "PutItem",
    "Query",
    "Scan",
    "TransactGetItems",
    "TransactWriteItems",
    "UpdateItem",
];
/// Those that change an item.
const WRITES: &[&str] = &["BatchWriteItem", "DeleteItem", "PutItem", "TransactWriteItems", "UpdateItem"];

/// The running database.
pub(crate) struct Tables {
    url: String,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Tables {
    /// Opens the file, or memory, creates the template's tables that are missing and serves them on loopback. The
    /// server has a thread of its own, because a request blocks it.
    pub(crate) fn start(file: Option<&Path>, template: &Template) -> Result<Self, StackError> {
        let database = match file {
            Some(path) => Database::new(&path.to_string_lossy()),
            None => Database::memory(),
        }
        .map_err(|error| StackError::Data(error.to_string()))?;
        for table in &template.tables {
            create(&database, table)?;
        }
        let listener = std::net::TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))?;
        listener.set_nonblocking(true)?;
        let url = format!("http://{}/", listener.local_addr()?);
        let (stop, stopped) = oneshot::channel::<()>();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let serve = async move {
            let listener = tokio::net::TcpListener::from_std(listener).map_err(|error| error.to_string())?;
            dynoxide::server::serve_with_shutdown(listener, database, async {
                // A dropped sender stops it as well.
                let _ = stopped.await;
            })
            .await
        };
        let thread = std::thread::Builder::new().name("table".to_owned()).spawn(move || {
            if let Err(error) = runtime.block_on(serve) {
                eprintln!("the table stopped: {error}");
            }
        })?;
        Ok(Self { url, stop: Some(stop), thread: Some(thread) })
    }

    /// Where it answers.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Ends it when its last request has ended.
    pub(crate) fn stop(&mut self) -> Option<JoinHandle<()>> {
        self.stop.take();
        self.thread.take()
    }
}

fn create(database: &Database, table: &Table) -> Result<(), StackError> {
    let data = |problem: String| StackError::Data(format!("table {}: {problem}", table.name));
    let exists = database.get_table_metadata(&table.name).map_err(|error| data(error.to_string()))?;
    if let Some(metadata) = exists {
        return add_indexes(database, table, metadata.gsi_definitions.as_deref()).map_err(data);
    }
    let request = serde_json::from_value(table.create.clone()).map_err(|error| data(error.to_string()))?;
    database.create_table(request).map_err(|error| data(error.to_string()))?;
    if let Some(attribute) = &table.ttl_attribute {
        let ttl = json!({
            "TableName": table.name,
            "TimeToLiveSpecification": { "AttributeName": attribute, "Enabled": true },
        });
        let request = serde_json::from_value(ttl).map_err(|error| data(error.to_string()))?;
        database.update_time_to_live(request).map_err(|error| data(error.to_string()))?;
    }
    Ok(())
}

/// Gives a table of an earlier start the indexes that the template has by now, as `CloudFormation` would.
fn add_indexes(database: &Database, table: &Table, definitions: Option<&str>) -> Result<(), String> {
    let there: Value =
        serde_json::from_str(definitions.unwrap_or("[]")).map_err(|error| error.to_string())?;
    let is_there =
        |name: &str| there.as_array().into_iter().flatten().any(|index| index["IndexName"] == name);
    for index in table.indexes.iter().filter(|index| !is_there(&index.name)) {
        let request = json!({
            "TableName": table.name,
            "AttributeDefinitions": table.create["AttributeDefinitions"],
            "GlobalSecondaryIndexUpdates": [{ "Create": index.create }],
        });
        let request = serde_json::from_value(request).map_err(|error| error.to_string())?;
        database.update_table(request).map_err(|error| error.to_string())?;
    }
    Ok(())
}

/// Another transaction is at the first item that this one writes.
pub(super) fn conflict(request: &AwsRequest) -> AwsReply {
    const MESSAGE: &str = "Transaction is ongoing for the item";
    if request.operation != "TransactWriteItems" {
        return AwsReply::error(StatusCode::BAD_REQUEST, "TransactionConflictException", MESSAGE);
    }
    let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
    let items = body["TransactItems"].as_array().map_or(1, Vec::len);
    let mut reasons = vec![json!({ "Code": "None" }); items];
    reasons[0] = json!({ "Code": "TransactionConflict", "Message": MESSAGE });
    let codes: Vec<&str> = reasons.iter().filter_map(|reason| reason["Code"].as_str()).collect();
    let message = format!(
        "Transaction cancelled, please refer cancellation reasons for specific reasons [{}]",
        codes.join(", ")
    );
    let body = json!({
        "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
        "Message": message,
        "CancellationReasons": reasons,
    });
    AwsReply { status: StatusCode::BAD_REQUEST, headers: Vec::new(), body: body.to_string().into() }
}

/// Answers one request.
pub(super) async fn answer(world: &World, request: &AwsRequest) -> AwsReply {
    if !OPERATIONS.contains(&request.operation.as_str()) {
        return AwsReply::unknown(request);
    }
    // Elsewhere it is remembered there.
    let is_remembered = request.operation == "TransactWriteItems" && world.elsewhere.is_none();
    let begun = is_remembered.then(|| world.transactions.begin(&request.body)).flatten();
    match begun {
        None => pass_on(world, request).await,
        Some(Begun::Answered(reply)) => reply,
        Some(Begun::Now(underway, body)) => {
            let reply = pass_on(world, &AwsRequest { body, ..request.clone() }).await;
            underway.end(&reply);
            reply
        }
    }
}

async fn pass_on(world: &World, request: &AwsRequest) -> AwsReply {
    let changes = match outbox::changes(world, &request.operation, &request.body) {
        Ok(changes) => changes,
        Err(problem) => {
            return AwsReply::error(StatusCode::NOT_IMPLEMENTED, "UnknownOperationException", &problem);
        }
    };
    if changes.is_empty() {
        return forward(world, request).await.unwrap_or_else(|error| AwsReply::failure(error.as_ref()));
    }
    write(world, request, changes).await
}

/// Writes what the stream is to carry: noted before, released or forgotten after.
async fn write(world: &World, request: &AwsRequest, mut changes: Vec<Change>) -> AwsReply {
    match world.state.intend(&changes) {
        Ok(sequences) => {
            for (change, sequence) in changes.iter_mut().zip(sequences) {
                change.sequence = sequence;
            }
        }
        Err(error) => return AwsReply::failure(&error),
    }
    world.work.add(changes.len());
    let reply = forward(world, request).await;
    let sequences: Vec<i64> = changes.iter().map(|change| change.sequence).collect();
    let resolved = match &reply {
        Ok(reply) if reply.status.is_success() => world.state.release(&sequences),
        Ok(reply) if reply.status.is_client_error() => {
            world.work.done(sequences.len());
            world.state.forget(&sequences)
        }
        _ => outbox::resolve(world, changes).await,
    };
    world.wake();
    match (reply, resolved) {
        (Ok(reply), Ok(())) => reply,
        (Err(error), _) => AwsReply::failure(error.as_ref()),
        (_, Err(error)) => AwsReply::failure(&error),
    }
}

/// Passes the request on as it came.
async fn forward(world: &World, request: &AwsRequest) -> Result<AwsReply, Fault> {
    let mut headers = HeaderMap::new();
    for name in ["content-type", "x-amz-target", "authorization", "x-amz-date"] {
        if let Some(value) = request.headers.get(name) {
            headers.insert(name, value.clone());
        }
    }
    let reply = match &world.elsewhere {
        Some(elsewhere) => AwsReply::of(elsewhere.table(&request.operation, request.body.clone()).await),
        None => send(world, headers, request.body.clone()).await,
    };
    // Also where the answer tells nothing: once too often is no harm.
    if WRITES.contains(&request.operation.as_str()) && !is_refusal(&reply) {
        world.table_writes.fetch_add(1, Ordering::SeqCst);
    }
    reply
}

fn is_refusal(reply: &Result<AwsReply, Fault>) -> bool {
    reply.as_ref().is_ok_and(|reply| reply.status.is_client_error())
}

async fn send(world: &World, headers: HeaderMap, body: Bytes) -> Result<AwsReply, Fault> {
    let response = world.http.post(&world.tables_url).headers(headers).body(body).send().await?;
    let kept =
        |name: &&'static str| Some((HeaderName::from_static(name), response.headers().get(*name)?.clone()));
    let headers = REPLY_HEADERS.iter().filter_map(kept).collect();
    Ok(AwsReply { status: response.status(), headers, body: response.bytes().await? })
}

/// The item with these keys, read by the stack itself.
pub(crate) async fn item(world: &World, table: &str, keys: &Value) -> Result<Option<Value>, String> {
    let body = json!({ "TableName": table, "Key": keys, "ConsistentRead": true });
    Ok(ask(world, "GetItem", &body).await?.get("Item").cloned())
}

/// A request of the stack itself.
pub(crate) async fn ask(world: &World, operation: &str, body: &Value) -> Result<Value, String> {
    let scope = format!(
        "AWS4-HMAC-SHA256 Credential={OPERATOR_ACCESS_KEY_ID}/20260101/{REGION}/dynamodb/aws4_request, SignedHeaders=host, Signature=0"
    );
    let target = format!("DynamoDB_20120810.{operation}");
    let mut headers = HeaderMap::new();
    for (name, value) in [
        ("content-type", "application/x-amz-json-1.0"),
        ("x-amz-target", target.as_str()),
        ("x-amz-date", "20260101T000000Z"),
        ("authorization", scope.as_str()),
    ] {
        headers.insert(name, value.parse().map_err(|_| format!("bad header {name}"))?);
    }
    let body = body.to_string();
    let reply = match &world.elsewhere {
        Some(elsewhere) => AwsReply::of(elsewhere.table(operation, body.into()).await),
        None => send(world, headers, body.into()).await,
    };
    let reply = reply.map_err(|error| runtime::chain(error.as_ref()))?;
    let text = String::from_utf8_lossy(&reply.body).into_owned();
    if !reply.status.is_success() {
        return Err(text);
    }
    serde_json::from_str(&text).map_err(|error| error.to_string())
}
