//! The table as it stands, for what HTTP does not show: audit entries, counters, epochs.

use local::OPERATOR_ACCESS_KEY_ID;
use serde_json::{Map, Value, json};

use crate::Roster;

/// The operator's way to the table.
#[derive(Clone)]
pub struct Table {
    http: reqwest::Client,
    url: String,
    name: String,
}

impl Roster {
    /// The operator's way to the table.
    pub fn table(&self) -> Table {
        let http = reqwest::Client::builder().no_proxy().build().expect("a client");
        Table { http, url: self.stack.aws_url().to_owned(), name: self.stack.table_name().to_owned() }
    }

    /// The events of an account, the oldest first.
    pub async fn events(&self, account_id: &str) -> Vec<Value> {
        self.stack.settle().await;
        let items = self.table().partition(&format!("E#{account_id}")).await;
        items.into_iter().map(without_own_attributes).collect()
    }

    /// Every item but the counts of requests, which each request moves.
    pub async fn dump(&self) -> Vec<Value> {
        let mut items = self.whole_dump().await;
        items.retain(|item| !is_count(item));
        items
    }

    /// Every item of the table with its keys, in the order of the keys: what a dump would hold.
    pub async fn whole_dump(&self) -> Vec<Value> {
        self.stack.settle().await;
        let mut items = Vec::new();
        let table = self.table();
        let mut scan = json!({ "TableName": table.name, "ConsistentRead": true });
        loop {
            let mut page = table.call("Scan", &scan).await;
            items.extend(page["Items"].as_array().expect("items").iter().map(plain));
            if page["LastEvaluatedKey"].is_null() {
                break;
            }
            scan["ExclusiveStartKey"] = page["LastEvaluatedKey"].take();
        }
        items.sort_by_key(|item| format!("{} {}", item["pk"], item["sk"]));
        items
    }

    /// The account's audit entries, each a fact with its actor, in the order of their identifiers.
    pub async fn facts(&self, account_id: &str) -> Vec<Value> {
        self.stack.settle().await;
        let events = self.table().partition(&format!("E#{account_id}")).await;
        let facts = events.iter().flat_map(|event| {
            let facts = event["facts"].as_array().cloned().unwrap_or_default();
            facts.into_iter().map(|mut fact| {
                fact["actor"] = event["actor"].clone();
                fact
            })
        });
        facts.collect()
    }

    /// Disables a key of the template, as the operator would.
    pub async fn disable_key(&self, name: &str) {
        self.table().ask("kms", "TrentService.DisableKey", &json!({ "KeyId": name })).await;
    }

    /// What the account counts is what there is. RULE: PS-01, RO-06
    pub async fn assert_counts_hold(&self, account_id: &str) {
        let items = self.table().partition(&format!("A#{account_id}")).await;
        let users: Vec<&Value> = items.iter().filter(|item| sort_key(item).starts_with("U#")).collect();
        let account = items.iter().find(|item| sort_key(item) == "A").expect("the account");
        let count = |is: &dyn Fn(&Value) -> bool| users.iter().filter(|user| is(user)).count();
        for status in ["pending", "active", "suspended"] {
            assert_eq!(account[status], json!(count(&|user| user["status"] == status)), "{status}");
        }
        let roots = count(&|user| user["role"] == "root" && user["status"] == "active");
        assert_eq!(account["active_roots"], json!(roots), "active Roots");
    }
}

/// What the table knows of an item beside the thing itself.
fn without_own_attributes(mut item: Value) -> Value {
    if let Some(members) = item.as_object_mut() {
        members.retain(|name, _| {
            !["pk", "sk", "revision", "schema", "ttl", "due", "due_at", "due_failures"]
                .contains(&name.as_str())
        });
    }
    item
}

/// A resource's sort key begins as that of a count of requests does, in another partition.
fn is_count(item: &Value) -> bool {
    item["pk"].as_str().is_some_and(|pk| pk.starts_with("L#")) && sort_key(item).starts_with("R#")
}

fn sort_key(item: &Value) -> &str {
    item["sk"].as_str().unwrap_or_default()
}

impl Table {
    /// All items of a partition, as of one instant.
    pub async fn partition(&self, pk: &str) -> Vec<Value> {
        let query = json!({
            "TableName": self.name,
            "ConsistentRead": true,
            "KeyConditionExpression": "pk = :pk",
            "ExpressionAttributeValues": { ":pk": { "S": pk } },
        });
        let reply = self.call("Query", &query).await;
        assert_eq!(reply["LastEvaluatedKey"], Value::Null, "a partition that fits into one page");
        reply["Items"].as_array().expect("items").iter().map(plain).collect()
    }

    /// These items of an account's partition, as of one instant: the local table reads a batch in one go.
    pub async fn items(&self, account_id: &str, sort_keys: &[String]) -> Vec<Value> {
        let pk = format!("A#{account_id}");
        let keys: Vec<Value> =
            sort_keys.iter().map(|sk| json!({ "pk": { "S": pk }, "sk": { "S": sk } })).collect();
        let request = json!({ "RequestItems": { &self.name: { "Keys": keys, "ConsistentRead": true } } });
        let reply = self.call("BatchGetItem", &request).await;
        reply["Responses"][&self.name].as_array().expect("items").iter().map(plain).collect()
    }

    /// Makes an item one that no code can read, as a later version would write it, or one that it can.
    pub async fn set_schema(&self, pk: &str, sk: &str, schema: u32) {
        self.set_number(pk, sk, "schema", schema.into()).await;
    }

    /// Makes a number of an item another one, as no code would.
    pub async fn set_number(&self, pk: &str, sk: &str, name: &str, number: u64) {
        let update = json!({
            "TableName": self.name,
            "Key": { "pk": { "S": pk }, "sk": { "S": sk } },
            "UpdateExpression": "SET #name = :number",
            "ConditionExpression": "attribute_exists(pk)",
            "ExpressionAttributeNames": { "#name": name },
            "ExpressionAttributeValues": { ":number": { "N": number.to_string() } },
        });
        self.call("UpdateItem", &update).await;
    }

    /// Any call of the table's interface, with the operator's access key.
    pub async fn call(&self, operation: &str, body: &Value) -> Value {
        self.ask("dynamodb", &format!("DynamoDB_20120810.{operation}"), body).await
    }

    /// Asks a service.
    async fn ask(&self, service: &str, target: &str, body: &Value) -> Value {
        let credential = format!(
            "AWS4-HMAC-SHA256 Credential={OPERATOR_ACCESS_KEY_ID}/20260101/us-east-1/{service}/aws4_request, SignedHeaders=host, Signature=0"
        );
        let request = self.http.post(&self.url).header("authorization", credential);
        let request = request.header("x-amz-target", target);
        let request = request.header("x-amz-date", "20260101T000000Z");
        let request = request.header("content-type", "application/x-amz-json-1.0").body(body.to_string());
        let reply = request.send().await.expect("an answer");
        let status = reply.status();
        let reply: Value = reply.json().await.expect("JSON");
        assert!(status.is_success(), "{reply:#}");
        reply
    }
}

/// An item without the table's types.
fn plain(item: &Value) -> Value {
    let members = item.as_object().into_iter().flatten();
    Value::Object(members.map(|(name, value)| (name.clone(), untyped(value))).collect::<Map<_, _>>())
}

fn untyped(value: &Value) -> Value {
    let Some((kind, value)) = value.as_object().and_then(|object| object.iter().next()) else {
        return Value::Null;
    };
    match (kind.as_str(), value) {
        ("N", Value::String(number)) => serde_json::from_str(number).expect("a number"),
        ("L", Value::Array(values)) => values.iter().map(untyped).collect(),
        ("M", map) => plain(map),
        ("NULL", _) => Value::Null,
        (_, value) => value.clone(),
    }
}
