//! `EventBridge`: `PutEvents`, the template's rules, queues as targets.

use axum::body::Bytes;
use axum::http::StatusCode;
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};

use super::{AwsReply, body_json};
use crate::World;
use crate::client::Service;
use crate::template::{ACCOUNT_ID, DEFAULT_BUS, REGION, queue_name};

/// The most entries of a call, as on AWS.
const ENTRIES_MAX: usize = 10;

/// Takes events and puts what the rules match into the queues, all of a call at once.
pub(super) async fn put_events(world: &World, bytes: &Bytes) -> AwsReply {
    let body = match body_json(bytes) {
        Ok(body) => body,
        Err(refusal) => return refusal,
    };
    let entries = body["Entries"].as_array().map(Vec::as_slice).unwrap_or_default();
    if entries.is_empty() || entries.len() > ENTRIES_MAX {
        let message = format!("Entries must have 1 to {ENTRIES_MAX} members, not {}", entries.len());
        return AwsReply::error(StatusCode::BAD_REQUEST, "ValidationException", &message);
    }
    // The entry each message comes from stands beside it.
    let (mut messages, mut expected) = (Vec::new(), Vec::new());
    let mut failed = 0;
    let mut answers = Vec::new();
    for entry in entries {
        match envelope(world, entry) {
            Ok((bus, event)) => {
                answers.push(json!({ "EventId": event["id"] }));
                for queue in targets(world, &bus, &event) {
                    expected.push((answers.len() - 1, queue.to_owned()));
                    messages.push((queue.to_owned(), event.to_string()));
                }
            }
            Err((code, message)) => {
                failed += 1;
                answers.push(json!({ "ErrorCode": code, "ErrorMessage": message }));
            }
        }
    }
    if let Some(elsewhere) = world.elsewhere.as_ref().filter(|elsewhere| elsewhere.has(Service::Events)) {
        return AwsReply::of_elsewhere(elsewhere.events(world, bytes.clone(), expected).await);
    }
    match world.send(&messages) {
        Ok(()) => AwsReply::ok(&json!({ "FailedEntryCount": failed, "Entries": answers })),
        Err(error) => AwsReply::failure(&error),
    }
}

/// The queues into which the rules of a bus put an event.
pub(super) fn targets<'a>(world: &'a World, bus: &str, event: &Value) -> Vec<&'a str> {
    let rules = world.template.rules.iter();
    let rules = rules.filter(|rule| rule.bus == bus && rule.pattern.matches(event));
    rules.flat_map(|rule| rule.target_arns.iter().filter_map(|arn| queue_name(arn))).collect()
}

/// The bus and the event in the form in which rules and targets see it.
fn envelope(world: &World, entry: &Value) -> Result<(String, Value), (&'static str, String)> {
    let text = |name: &str| match entry[name].as_str() {
        Some(text) if !text.is_empty() => Ok(text),
        _ => Err((
            "InvalidArgument",
            format!("Parameter {name} is not valid. Reason: {name} is a required argument."),
        )),
    };
    let (source, detail_type, detail) = (text("Source")?, text("DetailType")?, text("Detail")?);
    let detail: Value = match serde_json::from_str(detail) {
        Ok(detail @ Value::Object(_)) => detail,
        _ => return Err(("MalformedDetail", "Detail is malformed.".to_owned())),
    };
    let bus = entry["EventBusName"].as_str().unwrap_or(DEFAULT_BUS);
    let bus = bus.rsplit('/').next().unwrap_or(bus);
    if bus != DEFAULT_BUS && !world.template.buses.iter().any(|known| known == bus) {
        return Err(("ResourceNotFoundException", format!("there is no event bus {bus}")));
    }
    // The JSON protocol carries instants as seconds.
    let at = entry["Time"].as_f64().and_then(milliseconds).unwrap_or_else(|| world.clock.now());
    let resources = entry.get("Resources").cloned().unwrap_or_else(|| json!([]));
    Ok((bus.to_owned(), event(source, detail_type, at, &resources, &detail)))
}

/// An event as rules and targets see it.
pub(super) fn event(
    source: &str,
    detail_type: &str,
    at: DateTime<Utc>,
    resources: &Value,
    detail: &Value,
) -> Value {
    json!({
        "version": "0",
        "id": crate::ids::uuid(),
        "detail-type": detail_type,
        "source": source,
        "account": ACCOUNT_ID,
        "time": at.to_rfc3339_opts(SecondsFormat::Secs, true),
        "region": REGION,
        "resources": resources,
        "detail": detail,
    })
}

#[allow(clippy::cast_possible_truncation)] // instants of this age fit
fn milliseconds(seconds: f64) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp_millis((seconds * 1000.0) as i64)
}
