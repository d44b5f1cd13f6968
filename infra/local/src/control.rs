//! `/_local/*`: what only the local stack has. Nothing here switches a rule of the product off.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use chrono::{DateTime, TimeDelta, Utc};
use runtime::Host;
use serde_json::{Value, json};

use crate::invoke::{OPERATOR_ACCESS_KEY_ID, credentials};
use crate::stack::OFFSET;
use crate::{World, aws, gateway, inbox, instant, plan};

/// How long a look at the mails waits for those under way.
const MAIL_WAIT: Duration = Duration::from_secs(5);
/// How long a move of the clock waits for what it led to.
const CLOCK_WAIT: Duration = Duration::from_mins(1);

/// The public listener: the stack's own paths, and the HTTP API for all others.
pub(crate) fn router(world: Arc<World>) -> Router {
    Router::new()
        .route("/_local/mail", get(mail))
        .route("/_local/inbox", get(inbox))
        .route("/_local/clock", get(clock).post(move_clock))
        .route("/_local/calls", get(calls).delete(clear_calls))
        .route("/_local/faults", get(faults).post(add_fault).delete(clear_faults))
        .route("/_local/plan", post(set_plan))
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

async fn clock(State(world): State<Arc<World>>) -> Response {
    reply(StatusCode::OK, &json!({ "now": instant(world.clock.now()) }))
}

async fn move_clock(State(world): State<Arc<World>>, body: Bytes) -> Response {
    if world.time_is_real {
        return refuse(StatusCode::CONFLICT, "the functions are processes of their own, whose time is real");
    }
    let by = match serde_json::from_slice(&body).map(|body| distance(&body, world.clock.now())) {
        Ok(Ok(by)) => by,
        Ok(Err(problem)) => return refuse(StatusCode::UNPROCESSABLE_ENTITY, problem),
        Err(error) => return refuse(StatusCode::BAD_REQUEST, &error.to_string()),
    };
    if let Err(error) = advance(&world, by) {
        return refuse(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string());
    }
    if tokio::time::timeout(CLOCK_WAIT, world.work.settled()).await.is_err() {
        return refuse(
            StatusCode::SERVICE_UNAVAILABLE,
            "the clock was moved, but something is still under way",
        );
    }
    reply(StatusCode::OK, &json!({ "now": instant(world.clock.now()) }))
}

/// Moves the clock for everyone, kept first: a restart must not go back.
fn advance(world: &World, by: TimeDelta) -> rusqlite::Result<()> {
    let mut offset_ms = world.offset_ms.lock().unwrap_or_else(PoisonError::into_inner);
    let moved = offset_ms.saturating_add(by.num_milliseconds());
    world.state.keep(OFFSET, &moved.to_string())?;
    *offset_ms = moved;
    world.clock.advance(by);
    world.clock_moved();
    Ok(())
}

/// How far a request moves the clock.
fn distance(body: &Value, now: DateTime<Utc>) -> Result<TimeDelta, &'static str> {
    const SHAPE: &str = r#"send {"advance": "31d"} in s, m, h or d, or {"to": an instant}"#;
    let by = match (body["advance"].as_str(), body["to"].as_str()) {
        (Some(text), None) => {
            let unit = text.chars().last().ok_or(SHAPE)?;
            let number: i64 = text[..text.len() - unit.len_utf8()].parse().map_err(|_| SHAPE)?;
            match unit {
                's' => TimeDelta::try_seconds(number),
                'm' => TimeDelta::try_minutes(number),
                'h' => TimeDelta::try_hours(number),
                'd' => TimeDelta::try_days(number),
                _ => None,
            }
            .ok_or(SHAPE)?
        }
        (None, Some(text)) => DateTime::parse_from_rfc3339(text).map_err(|_| SHAPE)?.to_utc() - now,
        _ => return Err(SHAPE),
    };
    if by < TimeDelta::zero() {
        return Err("time does not go back");
    }
    // Beyond this the dates of the product have no meaning.
    if now.checked_add_signed(by).is_none_or(|then| then.timestamp() > 253_402_300_799) {
        return Err("time ends with the year 9999");
    }
    Ok(by)
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

async fn set_plan(State(world): State<Arc<World>>, body: Bytes) -> Response {
    let body: Value = match serde_json::from_slice(&body) {
        Ok(body) => body,
        Err(error) => return refuse(StatusCode::BAD_REQUEST, &error.to_string()),
    };
    match plan::set(&operator(&world), &body).await {
        Ok(()) => reply(StatusCode::OK, &body),
        Err(problem) => refuse(StatusCode::UNPROCESSABLE_ENTITY, &problem),
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
