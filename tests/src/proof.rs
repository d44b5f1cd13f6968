//! Words for what tests compare: replies that must look the same, the effort behind them, what was written.

use serde_json::{Value, json};

use crate::{Reply, Roster};

impl Reply {
    /// Status and body, but for what names the request: two of these are equal where nobody can tell the
    /// replies apart.
    pub fn alike(&self) -> Value {
        let mut body = self.body.clone();
        if let Some(members) = body.as_object_mut() {
            members.remove("request_id");
        }
        json!({ "status": self.status, "body": body })
    }

    /// The fields that a refusal names, each with its code.
    pub fn bad_fields(&self) -> Vec<(&str, &str)> {
        let errors = self.body["errors"].as_array().into_iter().flatten();
        errors
            .map(|error| (error["field"].as_str().unwrap_or("?"), error["code"].as_str().unwrap_or("?")))
            .collect()
    }

    /// The request's identifier.
    pub fn request_id(&self) -> &str {
        self.header("x-request-id").expect("every reply of a function names its request")
    }

    /// A text in the body.
    pub fn text(&self, name: &str) -> &str {
        self.body[name].as_str().unwrap_or_else(|| panic!("no text {name} in {:#}", self.body))
    }
}

impl Roster {
    /// The AWS calls that a request led to, in the order of their names: which of two that run beside each other came
    /// first is chance.
    pub async fn effort(&self, reply: &Reply) -> Vec<String> {
        let path = format!("/_local/calls?request_id={}", reply.request_id());
        let requests = self.caller().get(&path).await.expect(200).body["data"].take();
        // Later deliveries of its event run under the same identifier, in functions of their own.
        let first = requests.as_array().and_then(|requests| requests.last().cloned()).unwrap_or_default();
        let calls = first["calls"].as_array().cloned().unwrap_or_default();
        let text = |call: &Value, name: &str| call[name].as_str().unwrap_or_default().to_owned();
        let line = |call: &Value| format!("{} {}", text(call, "service"), text(call, "operation"));
        let mut effort: Vec<String> = calls.iter().map(line).collect();
        effort.sort();
        effort
    }

    /// Moves the clock to this instant.
    pub async fn advance_to(&self, instant: &str) {
        self.caller().post("/_local/clock", json!({ "to": instant })).await.expect(200);
    }

    /// Moves the clock to some seconds before this instant.
    pub async fn advance_to_before(&self, instant: &str, seconds: i64) {
        let instant = chrono::DateTime::parse_from_rfc3339(instant).expect("an instant");
        let before = instant - chrono::TimeDelta::seconds(seconds);
        self.advance_to(&before.to_rfc3339()).await;
    }

    /// The facts of an account, the oldest first: each with what its event says of actor and request.
    pub async fn history(&self, account_id: &str) -> Vec<Value> {
        let mut history = Vec::new();
        for event in self.events(account_id).await {
            for mut fact in event["facts"].as_array().cloned().unwrap_or_default() {
                for name in ["at", "actor", "ip", "user_agent", "request_id"] {
                    fact[name] = event[name].clone();
                }
                history.push(fact);
            }
        }
        history
    }

    /// The facts of an account that are of this type.
    pub async fn facts_of(&self, account_id: &str, kind: &str) -> Vec<Value> {
        let mut facts = self.history(account_id).await;
        facts.retain(|fact| fact["type"] == kind);
        facts
    }
}
