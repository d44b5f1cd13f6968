//! A template, its functions, and hands to work on the stack with.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::future::BoxFuture;
use runtime::{Fault, Function, Handler, Host, StartError};
use serde_json::{Value, json};

use crate::invoke::OPERATOR_ACCESS_KEY_ID;
use crate::{Options, Stack};

pub(super) const TEMPLATE: &str = r#"
Parameters:
  ConsoleUrl: { Type: String }
Resources:
  Api: { Type: AWS::Serverless::HttpApi }
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      AttributeDefinitions: [{ AttributeName: pk, AttributeType: S }, { AttributeName: sk, AttributeType: S }]
      KeySchema: [{ AttributeName: pk, KeyType: HASH }, { AttributeName: sk, KeyType: RANGE }]
      StreamSpecification: { StreamViewType: NEW_IMAGE }
      TimeToLiveSpecification: { AttributeName: ttl, Enabled: true }
  Key: { Type: AWS::KMS::Key, Properties: { KeySpec: HMAC_256, KeyUsage: GENERATE_VERIFY_MAC } }
  Bus: { Type: AWS::Events::EventBus }
  Rule:
    Type: AWS::Events::Rule
    Properties:
      EventBusName: !Ref Bus
      EventPattern: { detail-type: [mailed] }
      Targets: [{ Id: q, Arn: !GetAtt Mails.Arn }]
  Mails:
    Type: AWS::SQS::Queue
    Properties: { RedrivePolicy: { deadLetterTargetArn: !GetAtt Dead.Arn, maxReceiveCount: 2 } }
  Dead: { Type: AWS::SQS::Queue }
  Echo:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: x/echo
      Environment: { Variables: { TABLE_NAME: !Ref Table, CONSOLE_URL: !Ref ConsoleUrl } }
      Events:
        One: { Type: HttpApi, Properties: { ApiId: !Ref Api, Method: POST, Path: '/echo/{id}' } }
        Two: { Type: HttpApi, Properties: { ApiId: !Ref Api, Method: GET, Path: /echo/fixed } }
  Calls:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: x/calls
      Policies:
        - Statement:
            - { Effect: Allow, Action: dynamodb:GetItem, Resource: !GetAtt Table.Arn }
            - { Effect: Allow, Action: kms:GenerateMac, Resource: !GetAtt Key.Arn }
      Events:
        One: { Type: HttpApi, Properties: { ApiId: !Ref Api, Method: GET, Path: /calls } }
  Publish:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: x/publish
      Policies:
        - Statement: [{ Effect: Allow, Action: events:PutEvents, Resource: !GetAtt Bus.Arn }]
      Events:
        Stream:
          Type: DynamoDB
          Properties:
            Stream: !GetAtt Table.StreamArn
            StartingPosition: TRIM_HORIZON
            BatchSize: 10
            MaximumRetryAttempts: 2
            BisectBatchOnFunctionError: true
            FunctionResponseTypes: [ReportBatchItemFailures]
            FilterCriteria:
              Filters: [{ Pattern: '{"eventName":["INSERT"],"dynamodb":{"Keys":{"pk":{"S":[{"prefix":"E#"}]}}}}' }]
            DestinationConfig: { OnFailure: { Type: SQS, Destination: !GetAtt Dead.Arn } }
  Send:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: x/send
      Policies:
        - Statement:
            - { Effect: Allow, Action: ses:SendEmail, Resource: 'arn:aws:ses:us-east-1:000000000000:identity/*' }
      Events:
        Queue:
          Type: SQS
          Properties:
            Queue: !GetAtt Mails.Arn
            BatchSize: 10
            FunctionResponseTypes: [ReportBatchItemFailures]
"#;

pub(super) type Run = fn(Host, Value, usize) -> BoxFuture<'static, Result<Value, Fault>>;

pub(super) struct Fake {
    host: Host,
    run: Run,
    count: AtomicUsize,
}

impl Handler for Fake {
    fn call(&self, event: Value) -> BoxFuture<'_, Result<Value, Fault>> {
        (self.run)(self.host.clone(), event, self.count.fetch_add(1, Ordering::SeqCst))
    }
}

pub(super) fn fake(host: Host, run: Run) -> Arc<dyn Handler> {
    Arc::new(Fake { host, run, count: AtomicUsize::new(0) })
}

pub(super) const FUNCTIONS: [Function; 4] = [
    Function::of_events("echo", |host| Ok::<_, StartError>(fake(host.clone(), echo))),
    Function::of_events("calls", |host| Ok(fake(host.clone(), calls))),
    Function::of_events("publish", |host| Ok(fake(host.clone(), publish))),
    Function::of_events("send", |host| Ok(fake(host.clone(), send))),
];

pub(super) fn echo(_: Host, event: Value, _: usize) -> BoxFuture<'static, Result<Value, Fault>> {
    Box::pin(async move {
        match event["body"].as_str() {
            Some("panic") => panic!("as asked"),
            Some("fault") => Err("as asked".into()),
            Some("base64") => Ok(json!({ "statusCode": 201, "body": "aGk=", "isBase64Encoded": true,
                "headers": { "x-a": "1" }, "cookies": ["a=1", "b=2"] })),
            _ => Ok(json!({ "statusCode": 200, "body": event.to_string() })),
        }
    })
}

/// A load of two calls side by side, then a commit.
pub(super) fn calls(host: Host, event: Value, _: usize) -> BoxFuture<'static, Result<Value, Fault>> {
    Box::pin(async move {
        let id = event["requestContext"]["requestId"].as_str().unwrap_or_default().to_owned();
        let get = json!({ "TableName": "Table", "Key": key("A#1"), "ReturnConsumedCapacity": "TOTAL" });
        let mac = json!({ "KeyId": "Key", "Message": "aGk=", "MacAlgorithm": "HMAC_SHA_256" });
        futures_util::try_join!(
            aws(&host, "dynamodb", "DynamoDB_20120810.GetItem", &id, &get),
            aws(&host, "kms", "TrentService.GenerateMac", &id, &mac)
        )?;
        aws(&host, "dynamodb", "DynamoDB_20120810.GetItem", &id, &get).await?;
        Ok(json!({ "request_id": id }))
    })
}

/// Publishes each record; one named `poison` fails always, one named `flaky` the first time.
pub(super) fn publish(host: Host, event: Value, count: usize) -> BoxFuture<'static, Result<Value, Fault>> {
    Box::pin(async move {
        let mut failures = Vec::new();
        for record in event["Records"].as_array().unwrap() {
            assert_eq!(record["eventName"], "INSERT");
            let name = record["dynamodb"]["NewImage"]["name"]["S"].as_str().unwrap();
            if name == "poison" || name == "flaky" && count == 0 {
                failures.push(json!({ "itemIdentifier": record["dynamodb"]["SequenceNumber"] }));
                break;
            }
            let detail = json!({ "name": name, "record": record }).to_string();
            let entry =
                json!({ "Source": "t", "DetailType": "mailed", "Detail": detail, "EventBusName": "Bus" });
            aws(&host, "events", "AWSEvents.PutEvents", "-", &json!({ "Entries": [entry] })).await?;
        }
        Ok(json!({ "batchItemFailures": failures }))
    })
}

/// Mails each message; `late` fails the first time, `never` always.
pub(super) fn send(host: Host, event: Value, _: usize) -> BoxFuture<'static, Result<Value, Fault>> {
    Box::pin(async move {
        let mut failures = Vec::new();
        for record in event["Records"].as_array().unwrap() {
            let body: Value = serde_json::from_str(record["body"].as_str().unwrap())?;
            let name = body["detail"]["name"].as_str().unwrap().to_owned();
            let received = record["attributes"]["ApproximateReceiveCount"].as_str().unwrap();
            if name == "never" || name == "late" && received == "1" {
                failures.push(json!({ "itemIdentifier": record["messageId"] }));
                continue;
            }
            let mail = json!({
                "FromEmailAddress": "a@b.c",
                "Destination": { "ToAddresses": [format!("{name}@example.com")] },
                "Content": { "Simple": { "Subject": { "Data": received },
                    "Body": { "Text": { "Data": record.to_string() } } } },
            });
            aws(&host, "ses", "/v2/email/outbound-emails", "-", &mail).await?;
        }
        Ok(json!({ "batchItemFailures": failures }))
    })
}

pub(super) fn key(pk: &str) -> Value {
    json!({ "pk": { "S": pk }, "sk": { "S": "1" } })
}

/// One call of the emulated AWS, by target or by path.
pub(super) async fn aws(
    host: &Host,
    service: &str,
    target: &str,
    request_id: &str,
    body: &Value,
) -> Result<Value, Fault> {
    let environment = &host.environment;
    call(
        &environment["AWS_ENDPOINT_URL"],
        &environment["AWS_ACCESS_KEY_ID"],
        service,
        target,
        request_id,
        body,
    )
    .await
}

pub(super) async fn call(
    url: &str,
    id: &str,
    service: &str,
    target: &str,
    request: &str,
    body: &Value,
) -> Result<Value, Fault> {
    let scope = format!(
        "AWS4-HMAC-SHA256 Credential={id}/20260101/us-east-1/{service}/aws4_request, SignedHeaders=host, Signature=0"
    );
    let path = if target.starts_with('/') { target } else { "/" };
    let mut post = reqwest::Client::new().post(format!("{url}{path}")).header("authorization", scope);
    post = post.header("content-type", "application/x-amz-json-1.0").header("x-amz-date", "20260101T000000Z");
    if path == "/" {
        post = post.header("x-amz-target", target);
    }
    let response = post.header("x-request-id", request).body(body.to_string()).send().await?;
    let ok = response.status().is_success();
    let text = response.text().await?;
    if ok { Ok(serde_json::from_str(&text)?) } else { Err(text.into()) }
}

pub(super) fn options(data: Option<PathBuf>) -> Options {
    Options { template: TEMPLATE.to_owned(), functions: FUNCTIONS.to_vec(), data, ..Options::default() }
}

pub(super) async fn memory() -> Stack {
    Stack::start(options(None)).await.unwrap()
}

pub(super) async fn operator(
    stack: &Stack,
    service: &str,
    target: &str,
    body: Value,
) -> Result<Value, Fault> {
    call(stack.aws_url(), OPERATOR_ACCESS_KEY_ID, service, target, "-", &body).await
}

pub(super) fn item(pk: &str, name: &str) -> Value {
    json!({ "pk": { "S": pk }, "sk": { "S": "1" }, "name": { "S": name } })
}

pub(super) async fn put(stack: &Stack, pk: &str, name: &str) {
    let put = json!({ "Put": { "TableName": "Table", "Item": item(pk, name) } });
    let body = json!({ "TransactItems": [put] });
    operator(stack, "dynamodb", "DynamoDB_20120810.TransactWriteItems", body).await.unwrap();
}

pub(super) async fn get(stack: &Stack, path: &str) -> Value {
    reqwest::get(format!("{}{path}", stack.url())).await.unwrap().json().await.unwrap()
}

pub(super) async fn recipients(stack: &Stack) -> Vec<String> {
    let mails = get(stack, "/_local/mail").await;
    mails["data"].as_array().unwrap().iter().map(|m| m["to"][0].as_str().unwrap().to_owned()).collect()
}

/// A folder of its own for a test, removed at the end.
pub(super) struct Folder(pub(super) PathBuf);

impl Folder {
    pub(super) fn new() -> Self {
        Self(std::env::temp_dir().join(format!("roster-{}", crate::ids::uuid())))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
