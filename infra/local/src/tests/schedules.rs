//! Schedules on the shared clock: what ticks when, in which order, and what a restart does to it.

mod by_hand;
mod restarts;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::BoxFuture;
use runtime::{Fault, Function, Host};
use serde_json::{Value, json};

use super::fakes::{Folder, aws, fake, operator};
use crate::state::State;
use crate::template::Template;
use crate::{Options, Stack, schedules};

/// A rate begins with the stack, some moments after this: nothing here looks at seconds.
const BEGIN: &str = "2027-01-01T00:00:20Z";
const MINUTE: &str = "%Y-%m-%dT%H:%M";
/// Turns that are long for a function.
const LONG: usize = 5000;
/// One function swept by a rate, which works over bus and queue, and one on a calendar.
const TEMPLATE: &str = r#"
Resources:
  Api: { Type: AWS::Serverless::HttpApi }
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      AttributeDefinitions:
        - { AttributeName: pk, AttributeType: S }
        - { AttributeName: due, AttributeType: S }
        - { AttributeName: due_at, AttributeType: S }
      KeySchema: [{ AttributeName: pk, KeyType: HASH }]
      GlobalSecondaryIndexes:
        - IndexName: {index}
          KeySchema: [{ AttributeName: due, KeyType: HASH }, { AttributeName: due_at, KeyType: RANGE }]
          Projection: { ProjectionType: KEYS_ONLY }
  Bus: { Type: AWS::Events::EventBus }
  Rule:
    Type: AWS::Events::Rule
    Properties:
      EventBusName: !Ref Bus
      EventPattern: { source: [swept] }
      Targets: [{ Id: q, Arn: !GetAtt Work.Arn }]
  Work: { Type: AWS::SQS::Queue }
  Dead: { Type: AWS::SQS::Queue }
  Sweep:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: x/sweep
      EventInvokeConfig:
        MaximumRetryAttempts: 1
        DestinationConfig: { OnFailure: { Type: SQS, Destination: !GetAtt Dead.Arn } }
      Policies:
        - Statement:
            - { Effect: Allow, Action: [dynamodb:UpdateItem, dynamodb:DeleteItem], Resource: !GetAtt Table.Arn }
            - { Effect: Allow, Action: dynamodb:Scan, Resource: !Sub "${Table.Arn}/index/*" }
            - { Effect: Allow, Action: events:PutEvents, Resource: !GetAtt Bus.Arn }
      Events:
        Often: { Type: ScheduleV2, Properties: { ScheduleExpression: {rate} } }
        Off: { Type: ScheduleV2, Properties: { ScheduleExpression: rate(1 minute), State: DISABLED } }
  Settle:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: x/settle
      Policies:
        - Statement: [{ Effect: Allow, Action: dynamodb:DeleteItem, Resource: !GetAtt Table.Arn }]
      Events:
        Queue:
          Type: SQS
          Properties:
            Queue: !GetAtt Work.Arn
            FunctionResponseTypes: [ReportBatchItemFailures]
  Review:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: x/review
      Events:
        Monthly:
          Type: ScheduleV2
          Properties:
            ScheduleExpression: cron(0 6 1 * ? *)
            Name: monthly-review
            Input: '{"month":"<aws.scheduler.scheduled-time>","by":"<aws.scheduler.schedule-arn>"}'
            FlexibleTimeWindow: { Mode: OFF }
            RetryPolicy: { MaximumRetryAttempts: 3 }
            DeadLetterConfig: { Arn: !GetAtt Dead.Arn }
"#;

const FUNCTIONS: [Function; 3] = [
    Function::of_events("sweep", |host| Ok(fake(host.clone(), sweep))),
    Function::of_events("settle", |host| Ok(fake(host.clone(), settle))),
    Function::of_events("review", |host| Ok(fake(host.clone(), review))),
];

/// Puts everything that is due on the bus, and says when it ran.
fn sweep(host: Host, event: Value, _: usize) -> BoxFuture<'static, Result<Value, Fault>> {
    Box::pin(async move {
        let now = host.clock.now();
        say(&host, "sweep", &event["time"]);
        let scan = json!({ "TableName": "Table", "IndexName": "due" });
        let items = aws(&host, "dynamodb", "DynamoDB_20120810.Scan", "-", &scan).await.unwrap_or_default();
        for item in items["Items"].as_array().into_iter().flatten() {
            let at: DateTime<Utc> = item["due_at"]["S"].as_str().unwrap().parse()?;
            let name = item["pk"]["S"].as_str().unwrap();
            if at > now || name == "left" {
                continue;
            }
            if name == "broken" {
                return Err("it is broken".into());
            }
            let entry = json!({ "Source": "swept", "DetailType": "x", "EventBusName": "Bus",
                "Detail": json!({ "name": name }).to_string() });
            aws(&host, "events", "AWSEvents.PutEvents", "-", &json!({ "Entries": [entry] })).await?;
        }
        Ok(Value::Null)
    })
}

/// Handles what was put on the bus.
fn settle(host: Host, event: Value, _: usize) -> BoxFuture<'static, Result<Value, Fault>> {
    Box::pin(async move {
        for record in event["Records"].as_array().unwrap() {
            let body: Value = serde_json::from_str(record["body"].as_str().unwrap())?;
            // It takes a while, in which the clock has to stand.
            for _ in 0..LONG {
                tokio::task::yield_now().await;
            }
            let name = &body["detail"]["name"];
            say(&host, "settle", name);
            let delete = json!({ "TableName": "Table", "Key": { "pk": { "S": name } } });
            aws(&host, "dynamodb", "DynamoDB_20120810.DeleteItem", "-", &delete).await?;
        }
        Ok(json!({ "batchItemFailures": [] }))
    })
}

fn review(host: Host, event: Value, _: usize) -> BoxFuture<'static, Result<Value, Fault>> {
    Box::pin(async move {
        say(&host, "review", &event["month"]);
        Ok(event)
    })
}

/// Who did what, and the minute in which it was done.
fn say(host: &Host, who: &str, what: &Value) {
    let now = host.clock.now().format(MINUTE);
    let what = what.as_str().unwrap_or("?");
    let what = what.parse().map_or(what.to_owned(), |at: DateTime<Utc>| at.format(MINUTE).to_string());
    (host.output)(&format!("{who} {what} at {now}"));
}

fn options(data: Option<&Folder>, rate: &str, index: &str) -> Options {
    Options {
        template: TEMPLATE.replace("{rate}", rate).replace("{index}", index),
        functions: FUNCTIONS.to_vec(),
        data: data.map(|folder| folder.0.clone()),
        clock: Some(BEGIN.parse().unwrap()),
        ..Options::default()
    }
}

async fn start(rate: &str) -> Stack {
    Stack::start(options(None, rate, "due")).await.unwrap()
}

/// Moves the clock, which has to arrive.
async fn advance(stack: &Stack, by: &str) {
    let before = stack.clock().now();
    let (status, body) = post(stack, "/_local/clock", &json!({ "advance": by })).await;
    assert_eq!(status, 200, "{body}");
    let now: DateTime<Utc> = body["now"].as_str().unwrap().parse().unwrap();
    let days: i64 = by.trim_end_matches('d').parse().unwrap_or_default();
    assert!(now - before >= TimeDelta::days(days));
}

async fn post(stack: &Stack, path: &str, body: &Value) -> (u16, Value) {
    let reply = reqwest::Client::new().post(format!("{}{path}", stack.url())).body(body.to_string());
    let reply = reply.send().await.unwrap();
    (reply.status().as_u16(), reply.json().await.unwrap())
}

/// What was said so far, in order.
fn said(stack: &Stack) -> Vec<String> {
    stack.logs().into_iter().map(|(_, line)| line).filter(|line| line.contains(" at ")).collect()
}

/// Something that is due at an instant.
async fn put(stack: &Stack, name: &str, due_at: &str) {
    let item = json!({ "pk": { "S": name }, "due": { "S": format!("x#{}", name.len()) }, "due_at": { "S": due_at } });
    let body = json!({ "TableName": "Table", "Item": item });
    operator(stack, "dynamodb", "DynamoDB_20120810.PutItem", body).await.unwrap();
}

#[tokio::test]
async fn what_falls_due_on_the_way_runs_in_order_at_the_first_tick_after_it() {
    let stack = start("rate(5 minutes)").await;
    put(&stack, "third", "2027-02-01T06:01:00Z").await;
    put(&stack, "second", "2027-01-20T12:01:00Z").await;
    put(&stack, "first", "2027-01-20T11:59:00Z").await;
    advance(&stack, "40d").await;
    let expected = [
        "review 2027-01-01T06:00 at 2027-01-01T06:00",
        "sweep 2027-01-20T12:00 at 2027-01-20T12:00",
        "settle first at 2027-01-20T12:00",
        "sweep 2027-01-20T12:05 at 2027-01-20T12:05",
        "settle second at 2027-01-20T12:05",
        "review 2027-02-01T06:00 at 2027-02-01T06:00",
        "sweep 2027-02-01T06:05 at 2027-02-01T06:05",
        "settle third at 2027-02-01T06:05",
        "sweep 2027-02-10T00:00 at 2027-02-10T00:00",
    ];
    assert_eq!(said(&stack), expected);
    advance(&stack, "1d").await;
    assert_eq!(said(&stack)[expected.len()..], ["sweep 2027-02-11T00:00 at 2027-02-11T00:00"]);
}

#[tokio::test]
async fn a_year_with_nothing_due_takes_one_tick_of_a_rate_and_every_tick_of_a_cron() {
    let stack = start("rate(5 minutes)").await;
    // Nobody ever handles this one, and a tick that leaves it as it is is no reason for another.
    put(&stack, "left", "2027-03-03T03:03:00Z").await;
    advance(&stack, "365d").await;
    let review = |month: u32| format!("review 2027-{month:02}-01T06:00 at 2027-{month:02}-01T06:00");
    let mut expected: Vec<String> = (1..=12).map(review).collect();
    expected.insert(3, "sweep 2027-03-03T03:05 at 2027-03-03T03:05".to_owned());
    expected.push("sweep 2028-01-01T00:00 at 2028-01-01T00:00".to_owned());
    assert_eq!(said(&stack), expected);
}

#[tokio::test]
async fn what_a_tick_left_is_a_reason_for_another_once_the_table_was_written() {
    let stack = start("rate(1 hour)").await;
    put(&stack, "left", "2027-01-01T00:30:00Z").await;
    advance(&stack, "4h").await;
    put(&stack, "much later", "2029-01-01T00:00:00Z").await;
    advance(&stack, "4h").await;
    let hour = |hour: u32| format!("sweep 2027-01-01T0{hour}:00 at 2027-01-01T0{hour}:00");
    let mut said = said(&stack);
    said.retain(|line| line.starts_with("sweep"));
    assert_eq!(said, [hour(1), hour(4), hour(5), hour(8)]);
}

#[tokio::test]
async fn where_nobody_knows_what_is_due_every_tick_runs() {
    let stack = Stack::start(options(None, "rate(2 hours)", "other")).await.unwrap();
    advance(&stack, "1d").await;
    let tick =
        |hours: i64| (BEGIN.parse::<DateTime<Utc>>().unwrap() + TimeDelta::hours(hours)).format(MINUTE);
    let expected: Vec<String> = (1..=12).map(|n| format!("sweep {0} at {0}", tick(2 * n))).collect();
    let mut said = said(&stack);
    said.retain(|line| line.starts_with("sweep"));
    assert_eq!(said, expected);
}

#[tokio::test]
async fn a_tick_that_fails_is_tried_again_then_told_to_the_dead_letters_and_the_next_tick_runs() {
    let folder = Folder::new();
    let stack = Stack::start(options(Some(&folder), "rate(1 hour)", "due")).await.unwrap();
    put(&stack, "broken", "2027-01-01T00:30:00Z").await;
    advance(&stack, "3h").await;
    let hour = |hour: u32| format!("sweep 2027-01-01T0{hour}:00 at 2027-01-01T0{hour}:00");
    assert_eq!(said(&stack), [hour(1), hour(1), hour(2), hour(2), hour(3), hour(3)]);
    stack.stop().await;
    let state = State::open(Some(&folder.0.join("stack.sqlite"))).unwrap();
    let dead = state.messages(&state.queued("Dead").unwrap()).unwrap();
    assert_eq!(dead.len(), 3);
    let body: Value = serde_json::from_str(&dead[0].body).unwrap();
    assert_eq!(body["requestContext"]["condition"], "RetriesExhausted");
    assert_eq!(body["requestContext"]["approximateInvokeCount"], 2);
    assert_eq!(body["requestPayload"]["detail-type"], "Scheduled Event");
    assert_eq!(body["responsePayload"]["errorMessage"], "it is broken");
    assert_eq!(state.invocations().unwrap().len(), 0);
}

#[test]
fn a_schedule_sends_what_scheduler_sends() {
    let text = TEMPLATE.replace("{rate}", "rate(1 hour)").replace("{index}", "due");
    let template = Template::read(&text, &Options::default().parameters).unwrap();
    let event = |name: &str| {
        let mut schedules = template.functions.iter().flat_map(|function| &function.schedules);
        let schedule = schedules.find(|schedule| schedule.name == name).unwrap();
        schedules::event(schedule, "2027-02-01T06:00:00Z".parse().unwrap())
    };
    let arn = |name: &str| format!("arn:aws:scheduler:us-east-1:000000000000:schedule/default/{name}");
    let with_input = event("monthly-review");
    assert_eq!(with_input, json!({ "month": "2027-02-01T06:00:00Z", "by": arn("monthly-review") }));
    let mut without = event("SweepOften");
    assert!(without["id"].take().is_string());
    let expected = json!({
        "version": "0", "id": null, "detail-type": "Scheduled Event", "source": "aws.scheduler",
        "account": "000000000000", "time": "2027-02-01T06:00:00Z", "region": "us-east-1",
        "resources": [arn("SweepOften")], "detail": "{}",
    });
    assert_eq!(without, expected);
}

#[tokio::test]
async fn the_clock_waits_for_a_batch_under_way_before_it_moves() {
    let stack = start("rate(1 hour)").await;
    let world = stack.world();
    let batch = world.work.batch();
    let target = BEGIN.parse::<DateTime<Utc>>().unwrap() + TimeDelta::minutes(30);
    let mut moving = Box::pin(schedules::move_clock(world, target));
    for _ in 0..100 {
        assert!(futures_util::poll!(&mut moving).is_pending());
        tokio::task::yield_now().await;
    }
    assert!(stack.clock().now() < target);
    drop(batch);
    moving.await.unwrap();
    assert!(stack.clock().now() >= target);
}
