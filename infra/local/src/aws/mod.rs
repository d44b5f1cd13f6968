//! The emulated AWS: one endpoint for all services. Who calls, and which service, stands in the credential scope
//! of the signature; the signature itself is not verified.

pub(crate) mod access;
mod dynamodb;
mod events;
mod holds;
mod keys;
mod lambda;
pub(crate) mod mail;
pub(crate) mod queues;
mod reports;
mod sqs;
mod transactions;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
pub(crate) use dynamodb::{Tables, ask, item as read_item};
pub(crate) use holds::Holds;
pub(crate) use keys::Keys;
use serde_json::{Value, json};
pub(crate) use sqs::Received;
pub(crate) use transactions::Transactions;

use runtime::Fault;

use crate::World;
use crate::client::{Answer, ClientError, Service};
use crate::faults::Kind;
use crate::invoke::{OPERATOR_ACCESS_KEY_ID, access_key_id};
use crate::template::FunctionResource;

/// How long nothing is answered: longer than any client here waits.
const NO_ANSWER: Duration = Duration::from_secs(6);
/// The largest request any of the services takes.
const BODY_BYTES_MAX: usize = 16 * 1024 * 1024;

/// Headers that an answer keeps; SDKs check the body against the second.
const REPLY_HEADERS: &[&str] = &["x-amzn-requestid", "x-amz-crc32"];

/// A request to a service.
#[derive(Clone)]
pub(crate) struct AwsRequest {
    pub(crate) service: String,
    pub(crate) operation: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// What a service answers.
#[derive(Clone)]
pub(crate) struct AwsReply {
    pub(crate) status: StatusCode,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    pub(crate) body: Bytes,
}

impl AwsReply {
    /// A success.
    pub(crate) fn ok(body: &Value) -> Self {
        Self { status: StatusCode::OK, headers: Vec::new(), body: body.to_string().into() }
    }

    /// What a service said that is elsewhere.
    fn of(answer: Result<Answer, ClientError>) -> Result<Self, Fault> {
        let answer = answer?;
        let kept = |name: &&'static str| {
            let (_, value) = answer.headers.iter().find(|(header, _)| header == name)?;
            Some((HeaderName::from_static(name), value.parse().ok()?))
        };
        let headers = REPLY_HEADERS.iter().filter_map(kept).collect();
        Ok(Self { status: StatusCode::from_u16(answer.status)?, headers, body: answer.body })
    }

    /// The same, where its silence is an answer too.
    fn of_elsewhere(answer: Result<Answer, ClientError>) -> Self {
        Self::of(answer).unwrap_or_else(|error| Self::failure(error.as_ref()))
    }

    /// A refusal with the code that SDKs read.
    pub(crate) fn error(status: StatusCode, code: &str, message: &str) -> Self {
        let errortype = HeaderName::from_static("x-amzn-errortype");
        let headers = code.parse().map(|code| vec![(errortype, code)]).unwrap_or_default();
        Self { status, headers, body: json!({ "__type": code, "message": message }).to_string().into() }
    }

    /// The stack's own failure, such as a full disk.
    pub(crate) fn failure(error: &dyn std::error::Error) -> Self {
        Self::error(StatusCode::INTERNAL_SERVER_ERROR, "InternalServerError", &error.to_string())
    }

    /// Nothing of the closed list.
    pub(crate) fn unknown(request: &AwsRequest) -> Self {
        let message = format!("the local stack has no {} of {}", request.operation, request.service);
        Self::error(StatusCode::NOT_IMPLEMENTED, "UnknownOperationException", &message)
    }
}

/// The endpoint.
pub(crate) fn router(world: Arc<World>) -> Router {
    Router::new().fallback(serve).with_state(world)
}

async fn serve(State(world): State<Arc<World>>, request: Request<Body>) -> Response {
    // A task of its own: a caller that goes away must not leave a write without its outbox row resolved.
    match tokio::spawn(answer(world, request)).await {
        Ok(reply) => {
            let mut response = (reply.status, reply.body).into_response();
            response.headers_mut().extend(reply.headers);
            let json = HeaderValue::from_static("application/x-amz-json-1.0");
            response.headers_mut().insert(header::CONTENT_TYPE, json);
            response
        }
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

async fn answer(world: Arc<World>, request: Request<Body>) -> AwsReply {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, BODY_BYTES_MAX).await else {
        return AwsReply::error(
            StatusCode::PAYLOAD_TOO_LARGE,
            "RequestEntityTooLarge",
            "the request is too large",
        );
    };
    let Some((access_key, service)) = credential(&parts.headers) else {
        let message = "the request carries no signature with a credential scope";
        return AwsReply::error(StatusCode::FORBIDDEN, "MissingAuthenticationTokenException", message);
    };
    let Some(caller) = Caller::of(&world, &access_key) else {
        let message = format!("no function of the stack has the access key {access_key}");
        return AwsReply::error(StatusCode::FORBIDDEN, "UnrecognizedClientException", &message);
    };
    let operation = operation(&parts.method, parts.uri.path(), &parts.headers);
    let request = AwsRequest { service, operation, headers: parts.headers, body };
    let request_id = request.headers.get("x-request-id").and_then(|id| id.to_str().ok()).unwrap_or("-");
    let begun = world.calls.begin(request_id, caller.name(), &request.service, &request.operation);
    let fault = world.faults.hit(caller.name(), (&request.service, &request.operation));
    let (reply, ()) = tokio::join!(with_fault(&world, &caller, &request, fault), latency(&world));
    world.calls.end(&begun, reply.status.as_u16(), consumed_capacity(&reply.body), fault);
    reply
}

/// The call as it goes on a bad day.
async fn with_fault(
    world: &World,
    caller: &Caller<'_>,
    request: &AwsRequest,
    fault: Option<Kind>,
) -> AwsReply {
    let failure = || failed(&request.service);
    match fault {
        None | Some(Kind::Reorder) => allowed(world, caller, request).await,
        Some(Kind::Duplicate) => {
            allowed(world, caller, request).await;
            allowed(world, caller, request).await
        }
        Some(Kind::Before) => failure(),
        Some(Kind::Throttle) => throttled(&request.service),
        Some(Kind::Conflict) => dynamodb::conflict(request),
        Some(Kind::Timeout) => {
            tokio::time::sleep(NO_ANSWER).await;
            failure()
        }
        Some(Kind::After) => {
            allowed(world, caller, request).await;
            failure()
        }
        Some(Kind::AppliedTimeout) => {
            allowed(world, caller, request).await;
            tokio::time::sleep(NO_ANSWER).await;
            failure()
        }
    }
}

/// The service's own trouble, in its own words.
fn failed(service: &str) -> AwsReply {
    let code = match service {
        "events" => "InternalException",
        "kms" => "KMSInternalException",
        "ses" => "InternalServiceErrorException",
        _ => "InternalServerError",
    };
    AwsReply::error(StatusCode::INTERNAL_SERVER_ERROR, code, "as asked for")
}

/// More than the service takes at the moment, in its own words.
fn throttled(service: &str) -> AwsReply {
    match service {
        "ses" => AwsReply::error(StatusCode::TOO_MANY_REQUESTS, "TooManyRequestsException", "as asked for"),
        _ => AwsReply::error(StatusCode::BAD_REQUEST, "ThrottlingException", "as asked for"),
    }
}

/// Held to the policies of the function; the operator may do everything.
async fn allowed(world: &World, caller: &Caller<'_>, request: &AwsRequest) -> AwsReply {
    if let Caller::Function(function) = caller
        && let Some(denial) = access::check(world, function, request)
    {
        return denial;
    }
    dispatch(world, request).await
}

async fn dispatch(world: &World, request: &AwsRequest) -> AwsReply {
    match (request.service.as_str(), request.operation.as_str()) {
        ("dynamodb", _) => dynamodb::answer(world, request).await,
        ("events", "PutEvents") => events::put_events(world, &request.body).await,
        ("kms", operation @ ("GenerateMac" | "VerifyMac" | "DisableKey"))
            if world.is_elsewhere(Service::Kms) =>
        {
            keys::ask(world, operation, &request.body).await
        }
        ("kms", "GenerateMac") => world.keys.generate_mac(&request.body),
        ("kms", "VerifyMac") => world.keys.verify_mac(&request.body),
        ("kms", "DisableKey") => world.keys.disable(&world.state, &request.body),
        ("sqs", _) => sqs::answer(world, request),
        ("lambda", operation) => match lambda::invoked(operation) {
            Some(function) => lambda::invoke(world, function, &request.body).await,
            None => AwsReply::unknown(request),
        },
        ("ses", "SendEmail") => mail::send_email(world, &request.body),
        _ => AwsReply::unknown(request),
    }
}

/// Holds an answer back for the latency that was asked for.
async fn latency(world: &World) {
    if !world.aws_latency.is_zero() {
        tokio::time::sleep(world.aws_latency).await;
    }
}

/// Access key id and service, out of `Credential=<id>/<date>/<region>/<service>/aws4_request`.
fn credential(headers: &HeaderMap) -> Option<(String, String)> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let scope = value.split_once("Credential=")?.1.split(',').next()?;
    let mut parts = scope.trim().split('/');
    let access_key = parts.next()?.to_owned();
    let service = parts.nth(2)?.to_owned();
    Some((access_key, service))
}

/// Who calls.
enum Caller<'a> {
    Operator,
    Function(&'a FunctionResource),
}

impl<'a> Caller<'a> {
    /// Whoever has this access key.
    fn of(world: &'a World, access_key: &str) -> Option<Self> {
        if access_key == OPERATOR_ACCESS_KEY_ID {
            return Some(Self::Operator);
        }
        let mut functions = world.template.functions.iter();
        functions.find(|function| access_key_id(&function.name) == access_key).map(Self::Function)
    }

    fn name(&self) -> &'a str {
        match self {
            Self::Operator => "operator",
            Self::Function(function) => &function.name,
        }
    }
}

/// The operation: by target header for the JSON protocols, by path for SES.
fn operation(method: &Method, path: &str, headers: &HeaderMap) -> String {
    if let Some(target) = headers.get("x-amz-target").and_then(|target| target.to_str().ok()) {
        return target.rsplit('.').next().unwrap_or_default().to_owned();
    }
    match (method, path) {
        (&Method::POST, "/v2/email/outbound-emails") => "SendEmail".to_owned(),
        _ => lambda::operation(path).unwrap_or_else(|| format!("{method} {path}")),
    }
}

/// The capacity units of the base table, or of all, in an answer that states them.
fn consumed_capacity(body: &[u8]) -> Option<f64> {
    const FIELD: &[u8] = b"\"ConsumedCapacity\"";
    if !body.windows(FIELD.len()).any(|window| window == FIELD) {
        return None;
    }
    let body: Value = serde_json::from_slice(body).ok()?;
    // The table's own units, where those of its indexes stand beside them.
    let units = |entry: &Value| {
        let own = entry["Table"]["CapacityUnits"].as_f64();
        own.or_else(|| entry["CapacityUnits"].as_f64())
    };
    match &body["ConsumedCapacity"] {
        Value::Array(tables) => Some(tables.iter().filter_map(units).sum()),
        one => units(one),
    }
}

/// Reads a request's JSON.
pub(crate) fn body_json(body: &[u8]) -> Result<Value, AwsReply> {
    serde_json::from_slice(body).map_err(|error| {
        AwsReply::error(StatusCode::BAD_REQUEST, "SerializationException", &error.to_string())
    })
}
