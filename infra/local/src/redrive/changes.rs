//! Changes of the table that were given up: the items are read again, and the function is handed them once more.

use chrono::{DateTime, TimeDelta, Utc};
use domain::EventId;
use serde_json::{Value, json};

use crate::client::{Client, Service};

/// Items in one call of the function.
const BATCH_MAX: usize = 10;
/// An event is named by the instant its request began, before it was written.
const REQUEST_LONGEST: TimeDelta = TimeDelta::seconds(30);
/// Lambda tells instants to the second, and only about.
const ARRIVAL_ERROR: TimeDelta = TimeDelta::seconds(5);
/// Pages of a look through the whole table.
const PAGES_MAX: usize = 100_000;

/// The table in the ARN of its stream.
pub(super) fn table_of(stream_arn: Option<&str>) -> Result<String, String> {
    let name = stream_arn.and_then(|arn| arn.split("table/").nth(1)?.split('/').next());
    name.map(str::to_owned).ok_or_else(|| "it does not name its table".to_owned())
}

/// The function in an ARN, which may end in a version.
pub(super) fn function_name(arn: &str) -> Option<String> {
    arn.split(":function:").nth(1)?.split(':').next().map(str::to_owned)
}

/// The item with these keys.
pub(super) async fn with_keys(
    client: &Client,
    table: Result<String, String>,
    keys: &Value,
) -> Result<Vec<Value>, String> {
    let body = json!({ "TableName": table?, "Key": keys, "ConsistentRead": true });
    let mut found =
        client.call(Service::DynamoDb, "GetItem", &body).await.map_err(|error| error.to_string())?;
    match found["Item"].take() {
        Value::Null => Err("the item is not in the table any more".to_owned()),
        item => Ok(vec![item]),
    }
}

/// All events of all accounts of the span that Lambda names: more than were given up, but whoever hears of an event
/// twice drops the second. It reads the whole table.
pub(super) async fn made_between(
    client: &Client,
    table: Result<String, String>,
    info: &Value,
) -> Result<Vec<Value>, String> {
    let at = |name: &str| {
        let at = info[name].as_str().and_then(|text| DateTime::parse_from_rfc3339(text).ok());
        at.map(|at| at.to_utc()).ok_or_else(|| format!("it has no {name}"))
    };
    let first: DateTime<Utc> = at("approximateArrivalOfFirstRecord")? - REQUEST_LONGEST;
    let last = at("approximateArrivalOfLastRecord")? + ARRIVAL_ERROR;
    let mut scan = json!({
        "TableName": table?,
        "ConsistentRead": true,
        "FilterExpression": "begins_with(pk, :events) AND sk BETWEEN :first AND :last",
        "ExpressionAttributeValues": {
            ":events": { "S": "E#" },
            ":first": { "S": EventId::first_of(first).to_string() },
            ":last": { "S": EventId::first_of(last).to_string() },
        },
    });
    let mut items = Vec::new();
    for _ in 0..PAGES_MAX {
        let mut page =
            client.call(Service::DynamoDb, "Scan", &scan).await.map_err(|error| error.to_string())?;
        if let Value::Array(found) = page["Items"].take() {
            items.extend(found);
        }
        if page["LastEvaluatedKey"].is_null() {
            return if items.is_empty() { Err("no event is of that time".to_owned()) } else { Ok(items) };
        }
        scan["ExclusiveStartKey"] = page["LastEvaluatedKey"].take();
    }
    Err(format!("the table has more than {PAGES_MAX} pages"))
}

/// Hands the items to the function as the stream would. Without an instant the function tells what fails and does not
/// give it up by itself.
pub(super) async fn publish(
    client: &Client,
    function: Option<String>,
    items: Vec<Value>,
) -> Result<String, String> {
    let function = function.ok_or("it does not name its function")?;
    for batch in items.chunks(BATCH_MAX) {
        let records: Vec<Value> = batch.iter().enumerate().map(|(n, item)| record(n, item)).collect();
        let answer = client.invoke(&function, &json!({ "Records": records })).await;
        let answer = answer.map_err(|error| error.to_string())?;
        if answer["batchItemFailures"].as_array().is_none_or(|failures| !failures.is_empty()) {
            return Err(format!("{function} failed again; its log tells why"));
        }
    }
    Ok(format!("handed to {function} again, events: {}", items.len()))
}

fn record(n: usize, item: &Value) -> Value {
    json!({
        "eventName": "INSERT",
        "eventSource": "aws:dynamodb",
        "dynamodb": {
            "Keys": { "pk": item["pk"], "sk": item["sk"] },
            "NewImage": item,
            "SequenceNumber": n.to_string(),
            "StreamViewType": "NEW_IMAGE",
        },
    })
}
