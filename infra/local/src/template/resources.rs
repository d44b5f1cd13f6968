//! Tables, keys, rules and queues.

use std::time::Duration;

use serde_json::{Value, json};

use super::node::Node;
use super::pattern::Pattern;
use super::{Index, Queue, Rule, Table, TemplateError, fault};

/// What SQS takes where the template says nothing.
const VISIBILITY_TIMEOUT_SECONDS: u32 = 30;

/// One `AWS::DynamoDB::Table`.
pub(super) fn table(name: String, properties: &Node) -> Result<Table, TemplateError> {
    properties.only(
        &[
            "TableName",
            "BillingMode",
            "AttributeDefinitions",
            "KeySchema",
            "GlobalSecondaryIndexes",
            "StreamSpecification",
            "TimeToLiveSpecification",
            "PointInTimeRecoverySpecification",
            "DeletionProtectionEnabled",
            "SSESpecification",
        ],
        "AWS::DynamoDB::Table",
    )?;
    let key_schema = properties.need("KeySchema")?;
    let key_names = key_schema
        .items()?
        .iter()
        .map(|key| key.need("AttributeName")?.text())
        .collect::<Result<Vec<_>, _>>()?;
    let stream_view = match properties.get("StreamSpecification") {
        None => None,
        Some(stream) => {
            let view = stream.need("StreamViewType")?;
            match view.text()?.as_str() {
                "NEW_IMAGE" => Some("NEW_IMAGE".to_owned()),
                other => return Err(fault(view.line, format!("the stream view {other} is not understood"))),
            }
        }
    };
    let ttl = properties.get("TimeToLiveSpecification");
    let indexes = match properties.get("GlobalSecondaryIndexes") {
        None => Vec::new(),
        Some(indexes) => indexes.items()?.iter().map(index).collect::<Result<Vec<_>, _>>()?,
    };
    let mut create = json!({
        "TableName": name,
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": properties.need("AttributeDefinitions")?.json(),
        "KeySchema": key_schema.json(),
    });
    if !indexes.is_empty() {
        create["GlobalSecondaryIndexes"] = indexes.iter().map(|index| index.create.clone()).collect();
    }
    Ok(Table {
        create,
        name,
        key_names,
        ttl_attribute: ttl.map(|ttl| ttl.need("AttributeName")?.text()).transpose()?,
        stream_view,
        indexes,
    })
}

/// One of the `GlobalSecondaryIndexes`.
fn index(properties: &Node) -> Result<Index, TemplateError> {
    properties.only(&["IndexName", "KeySchema", "Projection"], "a secondary index")?;
    let mut sort_name = None;
    let key_schema = properties.need("KeySchema")?;
    for key in key_schema.items()? {
        key.only(&["AttributeName", "KeyType"], "a key")?;
        if key.need("KeyType")?.text()? == "RANGE" {
            sort_name = Some(key.need("AttributeName")?.text()?);
        }
    }
    let projection = properties.need("Projection")?;
    projection.only(&["ProjectionType", "NonKeyAttributes"], "Projection")?;
    let kind = projection.need("ProjectionType")?;
    if !matches!(kind.text()?.as_str(), "ALL" | "KEYS_ONLY" | "INCLUDE") {
        return Err(fault(kind.line, "ALL, KEYS_ONLY or INCLUDE is expected here".to_owned()));
    }
    let name = properties.need("IndexName")?.text()?;
    let create = json!({
        "IndexName": name,
        "KeySchema": key_schema.json(),
        "Projection": projection.json(),
    });
    Ok(Index { name, sort_name, create })
}

/// One `AWS::KMS::Key`: only HMAC keys of 256 bits.
pub(super) fn key(name: String, properties: &Node) -> Result<String, TemplateError> {
    properties.only(&["Description", "KeySpec", "KeyUsage", "KeyPolicy"], "AWS::KMS::Key")?;
    let spec = properties.need("KeySpec")?;
    let usage = properties.need("KeyUsage")?;
    if spec.text()? != "HMAC_256" {
        return Err(fault(spec.line, "the only key understood is HMAC_256".to_owned()));
    }
    if usage.text()? != "GENERATE_VERIFY_MAC" {
        return Err(fault(usage.line, "the only use understood is GENERATE_VERIFY_MAC".to_owned()));
    }
    Ok(name)
}

/// One `AWS::Events::Rule`.
pub(super) fn rule(properties: &Node) -> Result<Rule, TemplateError> {
    properties
        .only(&["Name", "Description", "EventBusName", "EventPattern", "Targets"], "AWS::Events::Rule")?;
    let pattern = properties.need("EventPattern")?;
    let mut target_arns = Vec::new();
    for target in properties.need("Targets")?.items()? {
        target.only(&["Id", "Arn"], "a target")?;
        let arn = target.need("Arn")?;
        match arn.text()? {
            text if super::queue_name(&text).is_some() => target_arns.push(text),
            text => return Err(fault(arn.line, format!("the target {text} is not understood; a queue is"))),
        }
    }
    Ok(Rule {
        bus: properties.get("EventBusName").map_or(Ok(super::DEFAULT_BUS.to_owned()), Node::text)?,
        pattern: Pattern::read(&pattern.json(), pattern.line)?,
        pattern_json: pattern.json(),
        target_arns,
    })
}

/// One `AWS::SQS::Queue`.
pub(super) fn queue(name: String, properties: &Node) -> Result<Queue, TemplateError> {
    properties.only(
        &[
            "QueueName",
            "VisibilityTimeout",
            "RedrivePolicy",
            "MessageRetentionPeriod",
            "SqsManagedSseEnabled",
        ],
        "AWS::SQS::Queue",
    )?;
    let seconds = properties.get("VisibilityTimeout").map_or(Ok(VISIBILITY_TIMEOUT_SECONDS), Node::number)?;
    let redrive = match properties.get("RedrivePolicy") {
        None => None,
        Some(policy) => {
            policy.only(&["deadLetterTargetArn", "maxReceiveCount"], "RedrivePolicy")?;
            let target = policy.need("deadLetterTargetArn")?.text()?;
            Some((target, policy.need("maxReceiveCount")?.number()?))
        }
    };
    Ok(Queue { name, visibility_timeout: Duration::from_secs(seconds.into()), redrive })
}

/// One `AWS::CloudWatch::Alarm`, which nothing here sets off.
pub(super) fn alarm(properties: &Node) -> Result<(), TemplateError> {
    properties.only(
        &[
            "AlarmName",
            "AlarmDescription",
            "Namespace",
            "MetricName",
            "Dimensions",
            "Statistic",
            "Period",
            "EvaluationPeriods",
            "Threshold",
            "ComparisonOperator",
            "TreatMissingData",
            "AlarmActions",
            "OKActions",
        ],
        "AWS::CloudWatch::Alarm",
    )
}

/// The keys of an item, out of the item.
pub(crate) fn keys_of(table: &Table, item: &Value) -> Value {
    let pairs = table.key_names.iter().map(|name| (name.clone(), item[name.as_str()].clone()));
    Value::Object(pairs.collect())
}
