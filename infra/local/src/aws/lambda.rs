//! Lambda: calling a function by its name, as its operator may.

use axum::http::{HeaderName, HeaderValue, StatusCode};
use serde_json::json;

use super::{AwsReply, body_json};
use crate::World;

/// What stands before a function's name in the operation that calls it.
const INVOKE: &str = "Invoke ";

/// The operation of a path, if it calls a function.
pub(super) fn operation(path: &str) -> Option<String> {
    let function = path.strip_prefix("/2015-03-31/functions/")?.strip_suffix("/invocations")?;
    Some(format!("{INVOKE}{function}"))
}

/// The function that an operation calls.
pub(super) fn invoked(operation: &str) -> Option<&str> {
    operation.strip_prefix(INVOKE)
}

/// Calls a function, as whoever may invoke it can.
pub(super) async fn invoke(world: &World, function: &str, body: &[u8]) -> AwsReply {
    let event = match body_json(body) {
        Ok(event) => event,
        Err(refusal) => return refusal,
    };
    if world.template.functions.iter().all(|known| known.name != function) {
        let message = format!("Function not found: {function}");
        return AwsReply::error(StatusCode::NOT_FOUND, "ResourceNotFoundException", &message);
    }
    if let Ok(answer) = world.functions().invoke(function, event).await {
        return AwsReply::ok(&answer);
    }
    let failed = (HeaderName::from_static("x-amz-function-error"), HeaderValue::from_static("Unhandled"));
    let reply = AwsReply::ok(&json!({ "errorMessage": "the invocation failed; its log tells why" }));
    AwsReply { headers: vec![failed], ..reply }
}
