//! Finding out what an endpoint has, and making there what the template needs.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use axum::body::Bytes;
use serde_json::json;

use super::{rule_name, rules, target_ids, text};
use crate::StackError;
use crate::client::{Client, Service};
use crate::template::{Template, queue_name};

/// What may be elsewhere, with a question that shows whether it is there.
const PROBES: [(Service, &str, &str); 4] = [
    (Service::DynamoDb, "ListTables", r#"{"Limit":1}"#),
    (Service::Kms, "ListKeys", r#"{"Limit":1}"#),
    (Service::Events, "ListEventBuses", r#"{"Limit":1}"#),
    (Service::Sqs, "ListQueues", r#"{"MaxResults":1}"#),
];
/// Looks at a new table until it can be used, and the pause between them.
const TABLE_LOOKS_MAX: usize = 60;
const TABLE_PAUSE: Duration = Duration::from_secs(1);
/// What of all that may be elsewhere an endpoint has.
pub(super) async fn services_of(client: &Client) -> Result<BTreeSet<Service>, StackError> {
    let mut services = BTreeSet::new();
    for (service, operation, body) in PROBES {
        match client.send(service, operation, Bytes::from_static(body.as_bytes())).await {
            Ok(answer) if answer.status == 200 => _ = services.insert(service),
            Ok(answer) if service == Service::DynamoDb => {
                let text = String::from_utf8_lossy(&answer.body);
                return Err(StackError::Data(format!("{} has no table: {text}", client.endpoint())));
            }
            // The table is what this is about; the others may have no address there.
            Err(error) if service == Service::DynamoDb => return Err(error.into()),
            _ => {}
        }
    }
    // A bus is of use only with a queue at its end.
    if !(services.contains(&Service::Events) && services.contains(&Service::Sqs)) {
        services.remove(&Service::Events);
        services.remove(&Service::Sqs);
    }
    Ok(services)
}

/// The names of what an endpoint has.
pub async fn probe(endpoint: &str) -> Result<Vec<&'static str>, StackError> {
    let services = services_of(&Client::from_environment(endpoint)?).await?;
    Ok(services.into_iter().map(Service::name).collect())
}

/// Tables, and waits until they can be used.
pub(super) async fn make_tables(client: &Client, template: &Template) -> Result<(), StackError> {
    for table in &template.tables {
        let named = json!({ "TableName": table.name });
        if client.call(Service::DynamoDb, "DescribeTable", &named).await.is_err() {
            client.call(Service::DynamoDb, "CreateTable", &table.create).await?;
        }
        let mut looks = 0;
        loop {
            let described = client.call(Service::DynamoDb, "DescribeTable", &named).await?;
            if described["Table"]["TableStatus"] == "ACTIVE" {
                break;
            }
            looks += 1;
            if looks == TABLE_LOOKS_MAX {
                return Err(StackError::Data(format!("the table {} does not become active", table.name)));
            }
            tokio::time::sleep(TABLE_PAUSE).await;
        }
    }
    Ok(())
}

/// Buses, rules and the queues at their ends. All of these calls may be repeated.
pub(super) async fn make_bus(
    client: &Client,
    template: &Template,
) -> Result<BTreeMap<String, String>, StackError> {
    for bus in &template.buses {
        if client.call(Service::Events, "DescribeEventBus", &json!({ "Name": bus })).await.is_err() {
            client.call(Service::Events, "CreateEventBus", &json!({ "Name": bus })).await?;
        }
    }
    let mut queues = BTreeMap::new();
    for (n, rule) in rules(template) {
        let name = rule_name(n);
        let body =
            json!({ "Name": name, "EventBusName": rule.bus, "EventPattern": rule.pattern_json.to_string() });
        let rule_arn = text(&client.call(Service::Events, "PutRule", &body).await?["RuleArn"]);
        let mut targets = Vec::new();
        for (queue, id) in
            rule.target_arns.iter().filter_map(|arn| queue_name(arn)).zip(target_ids(&rule.target_arns))
        {
            let made = client.call(Service::Sqs, "CreateQueue", &json!({ "QueueName": queue })).await?;
            let url = text(&made["QueueUrl"]);
            let asked = json!({ "QueueUrl": url, "AttributeNames": ["QueueArn"] });
            let arn = text(
                &client.call(Service::Sqs, "GetQueueAttributes", &asked).await?["Attributes"]["QueueArn"],
            );
            let policy = json!({ "Version": "2012-10-17", "Statement": [{
                "Effect": "Allow", "Principal": { "Service": "events.amazonaws.com" },
                "Action": "sqs:SendMessage", "Resource": arn,
                "Condition": { "ArnEquals": { "aws:SourceArn": rule_arn } } }] });
            let body = json!({ "QueueUrl": url, "Attributes": { "Policy": policy.to_string() } });
            client.call(Service::Sqs, "SetQueueAttributes", &body).await?;
            targets.push(json!({ "Id": id, "Arn": arn }));
            queues.insert(queue.to_owned(), url);
        }
        let body = json!({ "Rule": name, "EventBusName": rule.bus, "Targets": targets });
        let put = client.call(Service::Events, "PutTargets", &body).await?;
        if put["FailedEntryCount"] != 0 {
            return Err(StackError::Data(format!("the targets of a rule were refused: {put}")));
        }
    }
    Ok(queues)
}
