//! What API Gateway asks a Lambda authorizer of an HTTP API (payload format 2.0), and the simple response. It is put as the
//! question of `POST /v1/authorize`, so that there is one code and one answer.
//!
//! The action is the stage variable `roster_action` where the asking API has one; else the method says it: GET and HEAD
//! read resources, DELETE deletes them, all others write.

use std::collections::BTreeMap;

use domain::Action;
use runtime::Fault;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Authorization;

/// The header that the credential comes in, whatever else the asking API calls an identity.
const AUTHORIZATION: &str = "authorization";
/// The statuses that mean no: a dead credential, and one that has used up its requests of the minute.
const REFUSED: [u64; 3] = [401, 403, 429];
const OK: u64 = 200;

/// What the gateway of another API asks.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Authorizer {
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default)]
    stage_variables: Option<BTreeMap<String, String>>,
    request_context: Context,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Context {
    request_id: String,
    http: Http,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Http {
    method: String,
    source_ip: String,
    #[serde(default)]
    user_agent: String,
}

impl Authorizer {
    /// Whether an event is such a question, and no request of this API.
    pub(crate) fn is_asked(event: &Value) -> bool {
        event["type"] == "REQUEST"
    }

    fn action(&self) -> &str {
        let named = self.stage_variables.as_ref().and_then(|variables| variables.get("roster_action"));
        let by_method = match self.request_context.http.method.as_str() {
            "GET" | "HEAD" => Action::ReadResources,
            "DELETE" => Action::DeleteResources,
            _ => Action::WriteResources,
        };
        named.map_or(by_method.name(), String::as_str)
    }

    /// The same, as a request of this API. Nothing of the other request is taken over but who asks and from where.
    pub(crate) fn question(&self) -> Value {
        let mut headers = json!({ "content-type": "application/json" });
        if let Some(credential) = self.headers.get(AUTHORIZATION) {
            headers[AUTHORIZATION] = credential.as_str().into();
        }
        let Context { request_id, http } = &self.request_context;
        json!({
            "version": "2.0",
            "routeKey": "authorizer",
            "headers": headers,
            "requestContext": {
                "requestId": request_id,
                "http": { "method": "POST", "sourceIp": http.source_ip, "userAgent": http.user_agent },
            },
            "body": json!({ "action": self.action() }).to_string(),
            "isBase64Encoded": false,
        })
    }

    /// Yes or no, and who it is. Whatever is neither, such as a stage variable that names no action, is a fault: then
    /// the gateway lets nobody through and answers 500.
    pub(crate) fn answer(answer: &Value) -> Result<Value, Fault> {
        let body = answer["body"].as_str().unwrap_or_default();
        match answer["statusCode"].as_u64() {
            Some(OK) => {
                let Authorization { allowed, user_id, role, account_id } = serde_json::from_str(body)?;
                let context = json!({ "user_id": user_id, "role": role, "account_id": account_id });
                Ok(json!({ "isAuthorized": allowed, "context": context }))
            }
            Some(status) if REFUSED.contains(&status) => Ok(json!({ "isAuthorized": false })),
            _ => Err(format!("the question was not answered: {body}").into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(method: &str, variables: &Value) -> Authorizer {
        let event = json!({
            "type": "REQUEST",
            "headers": { "authorization": "Bearer x", "if-match": "\"1\"", "content-encoding": "gzip" },
            "stageVariables": variables,
            "requestContext": { "requestId": "r", "http": { "method": method, "sourceIp": "192.0.2.10" } },
        });
        assert!(Authorizer::is_asked(&event));
        serde_json::from_value(event).unwrap()
    }

    // RULE: RS-02
    #[test]
    fn the_stage_says_what_is_asked_and_where_it_does_not_the_method_does() {
        for (method, variables, action) in [
            ("GET", Value::Null, "resources.read"),
            ("HEAD", json!({}), "resources.read"),
            ("DELETE", json!({ "other": "x" }), "resources.delete"),
            ("POST", Value::Null, "resources.write"),
            ("PUT", Value::Null, "resources.write"),
            ("OPTIONS", Value::Null, "resources.write"),
            ("GET", json!({ "roster_action": "resources.run" }), "resources.run"),
            ("DELETE", json!({ "roster_action": "no.action" }), "no.action"),
        ] {
            let question = asked(method, &variables).question();
            assert_eq!(question["body"], json!({ "action": action }).to_string(), "{method} {variables}");
            let headers = json!({ "authorization": "Bearer x", "content-type": "application/json" });
            assert_eq!(question["headers"], headers, "nothing else of the other request comes with it");
        }
    }

    // RULE: RS-02, SE-02
    #[test]
    fn whatever_is_no_yes_lets_nobody_through() {
        for status in [401, 403, 429] {
            let answer = Authorizer::answer(&json!({ "statusCode": status, "body": "{}" })).unwrap();
            assert_eq!(answer, json!({ "isAuthorized": false }));
        }
        for status in [422, 500, 503] {
            assert!(Authorizer::answer(&json!({ "statusCode": status, "body": "{}" })).is_err(), "{status}");
        }
        assert!(Authorizer::answer(&json!({ "statusCode": 200, "body": "{}" })).is_err());
        assert!(Authorizer::answer(&json!({})).is_err());
    }
}
