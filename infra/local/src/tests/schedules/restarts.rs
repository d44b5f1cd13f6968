//! What a restart does to schedules.

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::BoxFuture;
use runtime::{Fault, Function, Host};
use serde_json::{Value, json};

use super::super::fakes::{Folder, aws, fake, operator};
use super::{BEGIN, FUNCTIONS, MINUTE, advance, options, post, put, said};
use crate::state::State;
use crate::{Options, Stack};

/// The ticks of `sweep` that were noted in the table, in order, each with how often.
async fn noted(stack: &Stack) -> Vec<(String, String)> {
    let scan = json!({ "TableName": "Table" });
    let page = operator(stack, "dynamodb", "DynamoDB_20120810.Scan", scan).await.unwrap();
    let note = |item: &Value| {
        let text = |name: &str, kind: &str| item[name][kind].as_str().unwrap().to_owned();
        (text("pk", "S"), text("times", "N"))
    };
    let mut notes: Vec<_> = page["Items"].as_array().unwrap().iter().map(note).collect();
    notes.sort();
    notes
}

#[tokio::test]
async fn a_restart_amid_a_jump_neither_repeats_a_tick_nor_loses_one() {
    let folder = Folder::new();
    let first = FUNCTIONS.map(|function| match function.name {
        "sweep" => Function { start: |host| Ok(fake(host.clone(), note)), ..function },
        _ => function,
    });
    let with = |clock| Options {
        functions: first.to_vec(),
        clock,
        ..options(Some(&folder), "rate(1 hour)", "other")
    };
    let stack = Stack::start(with(Some(BEGIN.parse().unwrap()))).await.unwrap();
    let (url, clock) = (format!("{}/_local/clock", stack.url()), stack.clock().clone());
    let jump = reqwest::Client::new().post(url).body(json!({ "advance": "40d" }).to_string());
    let jump = tokio::spawn(async move {
        let reply = jump.send().await.unwrap();
        (reply.status().as_u16(), reply.text().await.unwrap())
    });
    let begin: DateTime<Utc> = BEGIN.parse().unwrap();
    while clock.now() < begin + TimeDelta::days(3) {
        tokio::task::yield_now().await;
    }
    stack.stop().await;
    let (status, problem) = jump.await.unwrap();
    assert_eq!(status, 503, "{problem}");
    assert!(problem.contains("the clock stands at 2027-01-"), "{problem}");
    let stack = Stack::start(with(None)).await.unwrap();
    assert!(stack.clock().now() < begin + TimeDelta::days(40));
    let (status, body) = post(&stack, "/_local/clock", &json!({ "to": "2027-02-10T00:30:00Z" })).await;
    assert_eq!(status, 200, "{body}");
    let tick = |hours: i64| (begin + TimeDelta::hours(hours)).format(MINUTE).to_string();
    let expected: Vec<_> = (1..=40 * 24).map(|hours| (tick(hours), "1".to_owned())).collect();
    assert_eq!(noted(&stack).await, expected);
}

/// Counts in the table how often a tick ran.
fn note(host: Host, event: Value, _: usize) -> BoxFuture<'static, Result<Value, Fault>> {
    Box::pin(async move {
        let at: DateTime<Utc> = event["time"].as_str().unwrap().parse()?;
        let update = json!({
            "TableName": "Table", "Key": { "pk": { "S": at.format(MINUTE).to_string() } },
            "UpdateExpression": "ADD times :one", "ExpressionAttributeValues": { ":one": { "N": "1" } },
        });
        aws(&host, "dynamodb", "DynamoDB_20120810.UpdateItem", "-", &update).await
    })
}

#[tokio::test]
async fn a_tick_that_a_crash_cut_off_runs_at_the_next_start_and_what_fell_due_meanwhile_as_well() {
    let folder = Folder::new();
    let stack = Stack::start(options(Some(&folder), "rate(1 hour)", "due")).await.unwrap();
    stack.stop().await;
    let state = State::open(Some(&folder.0.join("stack.sqlite"))).unwrap();
    let at: DateTime<Utc> = "2027-02-01T06:00:00Z".parse().unwrap();
    let event = json!({ "month": "2027-02-01T06:00:00Z" });
    state.tick("monthly-review", at.timestamp_millis(), "review", &event).unwrap();
    drop(state);
    // It was down for two months.
    let clock = Some("2027-03-01T07:00:00Z".parse().unwrap());
    let stack =
        Stack::start(Options { clock, ..options(Some(&folder), "rate(1 hour)", "due") }).await.unwrap();
    advance(&stack, "0d").await;
    let expected = [
        "review 2027-02-01T06:00 at 2027-03-01T07:00",
        "review 2027-03-01T06:00 at 2027-03-01T07:00",
        "sweep 2027-03-01T06:00 at 2027-03-01T07:00",
    ];
    assert_eq!(said(&stack), expected);
}

#[tokio::test]
async fn a_message_that_waits_is_there_before_the_next_tick() {
    let folder = Folder::new();
    let stack = Stack::start(options(Some(&folder), "rate(1 hour)", "other")).await.unwrap();
    let now_ms = stack.clock().now().timestamp_millis();
    stack.stop().await;
    let state = State::open(Some(&folder.0.join("stack.sqlite"))).unwrap();
    let body = json!({ "detail": { "name": "held" } }).to_string();
    state.send(&[("Work".to_owned(), body)], None, now_ms).unwrap();
    let until: DateTime<Utc> = "2027-01-01T01:30:20Z".parse().unwrap();
    state.receive(&[1], now_ms, until.timestamp_millis()).unwrap();
    drop(state);
    let stack = Stack::start(Options { clock: None, ..options(Some(&folder), "rate(1 hour)", "other") })
        .await
        .unwrap();
    advance(&stack, "2h").await;
    let expected = [
        "sweep 2027-01-01T01:00 at 2027-01-01T01:00",
        "settle held at 2027-01-01T02:00",
        "sweep 2027-01-01T02:00 at 2027-01-01T02:00",
    ];
    assert_eq!(said(&stack), expected);
}

#[tokio::test]
async fn a_schedule_that_says_something_new_begins_anew() {
    let folder = Folder::new();
    let stack = Stack::start(options(Some(&folder), "rate(10 hours)", "due")).await.unwrap();
    advance(&stack, "9h").await;
    stack.stop().await;
    let again = |rate| Options { clock: None, ..options(Some(&folder), rate, "due") };
    let stack = Stack::start(again("rate(10 hours)")).await.unwrap();
    advance(&stack, "1h").await;
    assert_eq!(said(&stack), ["sweep 2027-01-01T10:00 at 2027-01-01T10:00"], "it goes on where it was");
    stack.stop().await;
    let stack = Stack::start(again("rate(4 hours)")).await.unwrap();
    advance(&stack, "4h").await;
    assert_eq!(said(&stack), ["sweep 2027-01-01T14:00 at 2027-01-01T14:00"]);
}

#[tokio::test]
async fn a_table_of_an_earlier_start_gets_the_index_that_the_template_has_by_now() {
    let folder = Folder::new();
    let stack = Stack::start(options(Some(&folder), "rate(1 hour)", "other")).await.unwrap();
    put(&stack, "first", "2027-01-05T00:30:00Z").await;
    stack.stop().await;
    let stack =
        Stack::start(Options { clock: None, ..options(Some(&folder), "rate(1 hour)", "due") }).await.unwrap();
    advance(&stack, "10d").await;
    let expected = [
        "review 2027-01-01T06:00 at 2027-01-01T06:00",
        "sweep 2027-01-05T01:00 at 2027-01-05T01:00",
        "settle first at 2027-01-05T01:00",
        "sweep 2027-01-11T00:00 at 2027-01-11T00:00",
    ];
    assert_eq!(said(&stack), expected);
}
