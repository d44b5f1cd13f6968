//! Asynchronous invocations: what a schedule sends, the attempts, and what becomes of those that fail.

use std::time::Duration;

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};

use crate::World;
use crate::state::Invocation;
use crate::template::{
    ACCOUNT_ID, ATTEMPT_NUMBER, Asynchronous, EXECUTION_ID, REGION, SCHEDULE_ARN, SCHEDULED_TIME, Schedule,
    function_arn, queue_name,
};

/// Real time until the second attempt, and four times as long until the third. AWS waits minutes.
const RETRY_FIRST: Duration = Duration::from_millis(100);

/// What a schedule sends at a tick.
pub(crate) fn event(schedule: &Schedule, at: DateTime<Utc>) -> Value {
    let (arn, id) = (schedule.arn(), crate::ids::uuid());
    let time = at.to_rfc3339_opts(SecondsFormat::Secs, true);
    match &schedule.input {
        Some(input) => {
            let filled = input
                .replace(SCHEDULED_TIME, &time)
                .replace(SCHEDULE_ARN, &arn)
                .replace(EXECUTION_ID, &id)
                .replace(ATTEMPT_NUMBER, "1");
            serde_json::from_str(&filled).unwrap_or_default()
        }
        None => json!({
            "version": "0",
            "id": id,
            "detail-type": "Scheduled Event",
            "source": "aws.scheduler",
            "account": ACCOUNT_ID,
            "time": time,
            "region": REGION,
            "resources": [arn],
            "detail": "{}",
        }),
    }
}

/// Invokes until the function answers or the attempts are used up; whether it answered. If the stack stops first, the
/// next start does it again.
pub(super) async fn invoke(world: &World, invocation: &Invocation) -> rusqlite::Result<bool> {
    // Begun before the look at `stopping`, so that a stop either waits for this or prevents it.
    let _running = world.work.batch();
    let function = &invocation.function;
    let resource = world.template.functions.iter().find(|resource| resource.name == *function);
    let asynchronous = resource.map_or_else(Asynchronous::default, |resource| resource.asynchronous.clone());
    let mut pause = RETRY_FIRST;
    let mut attempts = 0;
    let has_answered = loop {
        if world.work.is_stopping() {
            return Ok(false);
        }
        attempts += 1;
        match world.functions().invoke(function, invocation.event.clone()).await {
            Ok(_) => break true,
            Err(_) if attempts <= asynchronous.retries_max => {
                tokio::select! {
                    () = tokio::time::sleep(pause) => {}
                    () = world.work.stopping() => {}
                }
                pause *= 4;
            }
            Err(problem) => {
                give_up(world, invocation, &asynchronous, attempts, &problem.0)?;
                break false;
            }
        }
    };
    world.state.invoked(invocation.id)?;
    world.work.done(1);
    Ok(has_answered)
}

/// Tells the failure queue, in the form that Lambda has for it.
fn give_up(
    world: &World,
    invocation: &Invocation,
    asynchronous: &Asynchronous,
    attempts: u32,
    problem: &str,
) -> rusqlite::Result<()> {
    let Some(queue) = asynchronous.on_failure_arn.as_deref().and_then(queue_name) else { return Ok(()) };
    let body = json!({
        "version": "1.0",
        "timestamp": crate::instant(world.clock.now()),
        "requestContext": {
            "requestId": crate::ids::uuid(),
            "functionArn": function_arn(&invocation.function),
            "condition": "RetriesExhausted",
            "approximateInvokeCount": attempts,
        },
        "requestPayload": invocation.event,
        "responseContext": { "statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled" },
        "responsePayload": { "errorMessage": problem },
    });
    world.send(&[(queue.to_owned(), body.to_string())])
}
