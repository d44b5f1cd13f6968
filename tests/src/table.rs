//! A look into the table itself, as the operator has it: for what no route shows yet.

use local::OPERATOR_ACCESS_KEY_ID;
use serde_json::{Map, Value, json};

use crate::Roster;

impl Roster {
    /// The events of an account, the oldest first, as plain JSON.
    pub async fn events(&self, account_id: &str) -> Vec<Value> {
        self.stack.settle().await;
        let query = json!({
            "TableName": "Table",
            "KeyConditionExpression": "pk = :pk",
            "ExpressionAttributeValues": { ":pk": { "S": format!("E#{account_id}") } },
        });
        let answer = self.dynamodb("Query", query).await;
        let items = answer["Items"].as_array().unwrap_or_else(|| panic!("{answer}"));
        items.iter().map(|item| without_own_attributes(plain(&json!({ "M": item })))).collect()
    }

    /// Every item of the table with its keys, as plain JSON, in the order of the keys: what a dump would hold.
    pub async fn dump(&self) -> Vec<Value> {
        self.stack.settle().await;
        let mut items = Vec::new();
        let mut scan = json!({ "TableName": "Table", "ConsistentRead": true });
        loop {
            let mut answer = self.dynamodb("Scan", scan.clone()).await;
            let page = answer["Items"].as_array().unwrap_or_else(|| panic!("{answer}"));
            items.extend(page.iter().map(|item| plain(&json!({ "M": item }))));
            if answer["LastEvaluatedKey"].is_null() {
                break;
            }
            scan["ExclusiveStartKey"] = answer["LastEvaluatedKey"].take();
        }
        items.sort_by_key(|item| format!("{} {}", item["pk"], item["sk"]));
        items
    }

    /// Any call of the table's interface, with the operator's access key.
    pub async fn dynamodb(&self, operation: &str, body: Value) -> Value {
        let scope = format!("{OPERATOR_ACCESS_KEY_ID}/20260101/us-east-1/dynamodb/aws4_request");
        let signature = format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0");
        let http = reqwest::Client::builder().no_proxy().build().expect("a client");
        let request = http
            .post(self.stack.aws_url())
            .header("x-amz-target", format!("DynamoDB_20120810.{operation}"))
            .header("content-type", "application/x-amz-json-1.0")
            .header("x-amz-date", "20260101T000000Z")
            .header("authorization", signature);
        let answer = request.body(body.to_string()).send().await.expect("the table answers");
        let status = answer.status();
        let answer: Value = serde_json::from_slice(&answer.bytes().await.expect("a body")).expect("JSON");
        assert!(status.is_success(), "{answer}");
        answer
    }
}

/// What the table knows of an item beside the thing itself.
fn without_own_attributes(mut item: Value) -> Value {
    if let Some(members) = item.as_object_mut() {
        members.retain(|name, _| !["pk", "sk", "revision", "schema", "ttl"].contains(&name.as_str()));
    }
    item
}

/// An attribute value without its types.
fn plain(value: &Value) -> Value {
    let Some((kind, value)) = value.as_object().and_then(|object| object.iter().next()) else {
        return Value::Null;
    };
    match (kind.as_str(), value) {
        ("M", Value::Object(members)) => Value::Object(
            members.iter().map(|(name, value)| (name.clone(), plain(value))).collect::<Map<_, _>>(),
        ),
        ("L", Value::Array(values)) => Value::Array(values.iter().map(plain).collect()),
        ("N", Value::String(number)) => serde_json::from_str(number).unwrap_or(Value::Null),
        ("NULL", _) => Value::Null,
        (_, value) => value.clone(),
    }
}
