//! `/_local/*`: what only the local stack has. Nothing here switches a rule of the product off.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use runtime::Host;
use serde_json::{Value, json};

use crate::invoke::{OPERATOR_ACCESS_KEY_ID, credentials};
use crate::schedules::{self, Stopped};
use crate::{World, aws, clock, gateway, inbox, instant, totp};

/// How long a look at the mails waits for those under way.
const MAIL_WAIT: Duration = Duration::from_secs(5);

/// The public listener: the stack's own paths, and the HTTP API for all others.
pub(crate) fn router(world: Arc<World>) -> Router {
    Router::new()
        .route("/_local/mail", get(mail))
        .route("/_local/inbox", get(inbox))
        .route("/_local/clock", get(now).post(move_clock))
        .route("/_local/calls", get(calls).delete(clear_calls))
        .route("/_local/faults", get(faults).post(add_fault).delete(clear_faults))
        .route("/_local/run/{function}", post(run))
        .route("/_local/totp", post(totp_code))
        .fallback(gateway::serve)
        .with_state(world)
}

fn reply(status: StatusCode, body: &Value) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}

fn refuse(status: StatusCode, message: &str) -> Response {
    reply(status, &json!({ "message": message }))
}

fn parameter(query: Option<&str>, name: &str) -> Option<String> {
    gateway::query(query.unwrap_or_default()).get(name)?.as_str().map(str::to_owned)
}

async fn mail(State(world): State<Arc<World>>, RawQuery(query): RawQuery) -> Response {
    world.work.delivered_within(MAIL_WAIT).await;
    match aws::mail::list(&world, parameter(query.as_deref(), "to").as_deref()) {
        Ok(mails) => reply(StatusCode::OK, &json!({ "data": mails })),
        Err(error) => refuse(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string()),
    }
}

async fn inbox(State(world): State<Arc<World>>) -> Response {
    world.work.delivered_within(MAIL_WAIT).await;
    match aws::mail::list(&world, None) {
        Ok(mails) => {
            ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], inbox::page(&mails)).into_response()
        }
        Err(error) => refuse(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string()),
    }
}

async fn now(State(world): State<Arc<World>>) -> Response {
    reply(StatusCode::OK, &json!({ "now": instant(world.clock.now()) }))
}

async fn move_clock(State(world): State<Arc<World>>, body: Bytes) -> Response {
    if world.time_is_real {
        return refuse(StatusCode::CONFLICT, "the functions are processes of their own, whose time is real");
    }
    let target = match serde_json::from_slice(&body).map(|body| clock::target(&body, world.clock.now())) {
        Ok(Ok(target)) => target,
        Ok(Err(problem)) => return refuse(StatusCode::UNPROCESSABLE_ENTITY, problem),
        Err(error) => return refuse(StatusCode::BAD_REQUEST, &error.to_string()),
    };
    // A task of its own: a caller that goes away must not leave a tick half done.
    let moving = {
        let world = world.clone();
        tokio::spawn(async move { schedules::move_clock(&world, target).await })
    };
    let now = || instant(world.clock.now());
    match moving.await {
        Ok(Ok(())) => reply(StatusCode::OK, &json!({ "now": now() })),
        Ok(Err(Stopped::State(error))) => refuse(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string()),
        Ok(Err(stopped)) => {
            refuse(StatusCode::SERVICE_UNAVAILABLE, &format!("the clock stands at {}: {stopped}", now()))
        }
        Err(error) => refuse(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string()),
    }
}

async fn calls(State(world): State<Arc<World>>, RawQuery(query): RawQuery) -> Response {
    let request_id = parameter(query.as_deref(), "request_id");
    reply(StatusCode::OK, &json!({ "data": world.calls.list(request_id.as_deref()) }))
}

async fn faults(State(world): State<Arc<World>>) -> Response {
    reply(StatusCode::OK, &json!({ "data": world.faults.list() }))
}

async fn add_fault(State(world): State<Arc<World>>, body: Bytes) -> Response {
    let body: Value = match serde_json::from_slice(&body) {
        Ok(body) => body,
        Err(error) => return refuse(StatusCode::BAD_REQUEST, &error.to_string()),
    };
    match world.faults.add(&body) {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(problem) => refuse(StatusCode::UNPROCESSABLE_ENTITY, &problem),
    }
}

async fn clear_faults(State(world): State<Arc<World>>) -> StatusCode {
    world.faults.clear();
    StatusCode::NO_CONTENT
}

async fn clear_calls(State(world): State<Arc<World>>) -> StatusCode {
    world.calls.clear();
    StatusCode::NO_CONTENT
}

/// Calls a function with the event in the body.
async fn run(State(world): State<Arc<World>>, Path(function): Path<String>, body: Bytes) -> Response {
    if !world.template.functions.iter().any(|known| known.name == function) {
        return refuse(StatusCode::NOT_FOUND, &format!("template.yaml has no function {function}"));
    }
    let event: Value = match serde_json::from_slice(&body) {
        Ok(event) => event,
        Err(error) => return refuse(StatusCode::BAD_REQUEST, &format!("send an event: {error}")),
    };
    let _running = world.work.request();
    match world.functions().invoke(&function, event).await {
        Ok(answer) => reply(StatusCode::OK, &answer),
        Err(problem) => refuse(StatusCode::BAD_GATEWAY, &problem.0),
    }
}

/// What an authenticator shows now.
async fn totp_code(State(world): State<Arc<World>>, body: Bytes) -> Response {
    let body: Value = match serde_json::from_slice(&body) {
        Ok(body) => body,
        Err(error) => return refuse(StatusCode::BAD_REQUEST, &error.to_string()),
    };
    let code = body["secret"].as_str().and_then(|secret| totp::code(secret, world.clock.now()));
    match code {
        Some(code) => reply(StatusCode::OK, &json!({ "code": code })),
        None => refuse(StatusCode::UNPROCESSABLE_ENTITY, r#"send {"secret": base32 as in an otpauth URI}"#),
    }
}

/// What the operator's code runs with: the variables of all functions, and an access key of its own.
pub(crate) fn operator(world: &Arc<World>) -> Host {
    let variables = world.template.functions.iter().flat_map(|function| function.environment.clone());
    let mut environment: BTreeMap<String, String> = variables.collect();
    environment.extend(credentials(OPERATOR_ACCESS_KEY_ID, &world.aws_url));
    let logs = world.logs.clone();
    Host {
        environment,
        clock: world.clock.clone(),
        output: Arc::new(move |line: &str| logs.take("operator", line)),
    }
}
