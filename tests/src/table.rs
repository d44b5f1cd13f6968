//! A look into the table itself, as the operator has it: for what no route shows yet.

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
        let scope = format!("{}/20260101/us-east-1/dynamodb/aws4_request", local::OPERATOR_ACCESS_KEY_ID);
        let answer = reqwest::Client::builder()
            .no_proxy()
            .build()
            .expect("a client")
            .post(self.stack.aws_url())
            .header("x-amz-target", "DynamoDB_20120810.Query")
            .header("content-type", "application/x-amz-json-1.0")
            .header("x-amz-date", "20260101T000000Z")
            .header(
                "authorization",
                format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"),
            )
            .body(query.to_string())
            .send()
            .await
            .expect("the table answers");
        let answer: Value = serde_json::from_slice(&answer.bytes().await.expect("a body")).expect("JSON");
        let items = answer["Items"].as_array().unwrap_or_else(|| panic!("{answer}"));
        items.iter().map(|item| without_own_attributes(plain(&json!({ "M": item })))).collect()
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
