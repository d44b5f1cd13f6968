//! Every operation of the OpenAPI document, and a request of it that fits.

use data_encoding::BASE64URL_NOPAD;
use reqwest::Method;
use serde_json::{Map, Value, json};

use crate::contract::document;

/// What an operation takes one of, as a code of the app or a recovery code: where it is no required field, it stands for
/// the others.
const ONE_OF_THEM: [&str; 2] = ["code", "add_users"];

/// An operation as the document has it.
#[derive(Clone, Debug)]
pub struct Route {
    /// What it is called, which is its function's name.
    pub name: String,
    /// Such as `POST`.
    pub method: String,
    /// Such as `/v1/users/{user_id}`.
    pub path: String,
    /// Whether its fields stand in a body, else in the query.
    pub has_body: bool,
    /// Its fields: each one's name, whether it must be there, and its schema.
    pub fields: Vec<(String, bool, Value)>,
    /// Whether it takes an Idempotency-Key.
    pub takes_key: bool,
    /// Whether anybody may call it, with no credential.
    pub is_public: bool,
    /// The codes that it may refuse with.
    pub codes: Vec<String>,
}

/// What stands in a path.
#[derive(Clone, Debug, Default)]
pub struct Places {
    /// Whom it is done to.
    pub user_id: String,
    /// An API key of theirs.
    pub key_id: String,
    /// A session of whoever calls.
    pub session_id: String,
    /// A passkey of whoever calls.
    pub passkey_id: String,
    /// A webhook of the account.
    pub webhook_id: String,
    /// An invoice of the account.
    pub invoice_id: String,
    /// A review of the account.
    pub review_id: String,
}

/// Every operation that reads a request; files do not.
pub fn routes() -> Vec<Route> {
    let paths = document()["paths"].as_object().expect("paths").iter();
    let operations = paths.flat_map(|(path, item)| {
        item.as_object().expect("methods").iter().map(move |(method, operation)| (path, method, operation))
    });
    let reading = operations.filter(|(.., operation)| !operation["responses"]["422"].is_null());
    reading.map(|(path, method, operation)| Route::of(path, method, operation)).collect()
}

impl Route {
    fn of(path: &str, method: &str, operation: &Value) -> Self {
        let body = &operation["requestBody"]["content"]["application/json"]["schema"];
        let parameters = operation["parameters"].as_array().expect("parameters");
        let members = body["properties"].as_object().into_iter().flatten().map(|(name, schema)| {
            let is_required = body["required"].as_array().expect("names").contains(&json!(name));
            (name.clone(), is_required, schema.clone())
        });
        let query = parameters.iter().filter(|parameter| parameter["in"] == "query").map(|parameter| {
            let name = parameter["name"].as_str().expect("a name").to_owned();
            (name, parameter["required"] == true, parameter["schema"].clone())
        });
        let key = json!({ "$ref": "#/components/parameters/Idempotency-Key" });
        let responses = operation["responses"].as_object().expect("responses");
        Self {
            name: operation["operationId"].as_str().expect("a name").to_owned(),
            method: method.to_uppercase(),
            path: path.to_owned(),
            has_body: !body.is_null(),
            fields: members.chain(query).collect(),
            takes_key: parameters.contains(&key),
            is_public: operation["security"].as_array().is_none_or(Vec::is_empty),
            codes: responses.values().flat_map(codes).collect(),
        }
    }

    /// Its fields that must be there, each with a value that it takes.
    pub fn fitting(&self, user_id: &str) -> Map<String, Value> {
        let needed = self
            .fields
            .iter()
            .filter(|(name, is_required, _)| *is_required || ONE_OF_THEM.contains(&name.as_str()));
        needed.map(|(name, _, schema)| (name.clone(), self.fitting_value(name, schema, user_id))).collect()
    }

    /// A value that a field takes.
    pub fn fitting_value(&self, name: &str, schema: &Value, user_id: &str) -> Value {
        if schema["type"] == "array" || schema["type"][0] == "array" {
            if schema["items"]["type"] == "string" {
                return json!([self.fitting_value(name, &schema["items"], user_id)]);
            }
            let row = schema["items"]["properties"].as_object().expect("fields").iter();
            let required = schema["items"]["required"].as_array().expect("names");
            let row = row.filter(|(name, _)| required.contains(&json!(name)));
            let row = row.map(|(name, schema)| (name.clone(), self.fitting_value(name, schema, user_id)));
            return json!([row.collect::<Map<_, _>>()]);
        }
        if schema["type"] == "object" {
            return fitting_answer();
        }
        let choice = &schema["enum"][0];
        let text = match (name, schema["format"].as_str(), schema["pattern"].as_str()) {
            ("code", ..) => "000000",
            ("url", ..) => "https://localhost/hook",
            ("recovery_code", ..) => "7Q4KM-0XHZ2",
            (_, Some("date-time"), _) => "2026-01-31T00:00:00Z",
            (_, Some("idn-email"), _) => "eve@acme.test",
            (.., Some(pattern)) if pattern.starts_with("^usr_") => user_id,
            (.., Some(_)) => "acc_01KG9MFMM0BVPG000000000001",
            _ => "vex-tungsten-quail",
        };
        let kind = schema["type"].as_str().or_else(|| schema["type"][0].as_str());
        match kind {
            Some("boolean") if self.has_body => json!(true),
            Some("boolean") => json!("true"),
            Some("integer") if !self.has_body => json!("1"),
            Some("integer") => json!(1),
            _ if choice.is_string() => choice.clone(),
            _ => json!(text),
        }
    }

    /// Its path, with these in it.
    pub fn path_to(&self, places: &Places) -> String {
        let path = self.path.replace("{user_id}", &places.user_id).replace("{key_id}", &places.key_id);
        let path = path.replace("{session_id}", &places.session_id);
        let path = path.replace("{passkey_id}", &places.passkey_id);
        let path = path.replace("{webhook_id}", &places.webhook_id);
        let path = path.replace("{invoice_id}", &places.invoice_id);
        let path = path.replace("{review_id}", &places.review_id);
        let path = path.replace("{kind}", "agents").replace("{id}", "support-bot");
        assert!(!path.contains('{'), "{path}: say what stands there");
        path
    }

    /// A request that is read, with these fields in a body or in the query.
    pub fn call(&self, places: &Places, fields: Map<String, Value>) -> (Method, String, Option<Value>) {
        let (method, path) = (self.method.parse().expect("a method"), self.path_to(places));
        if self.has_body {
            return (method, path, Some(Value::Object(fields)));
        }
        let pairs =
            fields.iter().map(|(name, value)| format!("{name}={}", encoded(value.as_str().expect("a text"))));
        let query = pairs.collect::<Vec<_>>().join("&");
        (method, format!("{path}{}{query}", if fields.is_empty() { "" } else { "?" }), None)
    }
}

/// What reads as a passkey's answer, and proves nothing.
fn fitting_answer() -> Value {
    let data =
        json!({ "type": "webauthn.get", "challenge": BASE64URL_NOPAD.encode(&[7; 32]), "origin": "none" });
    let data = BASE64URL_NOPAD.encode(data.to_string().as_bytes());
    let id = BASE64URL_NOPAD.encode(&[7; 16]);
    json!({ "id": id, "rawId": id, "type": "public-key", "response": { "clientDataJSON": data } })
}

fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |all, byte| all + &format!("%{byte:02X}"))
}

/// The codes of the problems that a response stands for.
fn codes(response: &Value) -> Vec<String> {
    let named = response["$ref"].as_str().and_then(|reference| reference.rsplit('/').next());
    let examples = response["content"]["application/problem+json"]["examples"].as_object();
    let several = examples.into_iter().flatten().map(|(code, _)| code.clone());
    several.chain(named.map(snake_case)).collect()
}

/// `StepUpRequired` is `step_up_required`.
fn snake_case(name: &str) -> String {
    let parts =
        name.chars().map(|c| if c.is_uppercase() { format!("_{}", c.to_lowercase()) } else { c.into() });
    parts.collect::<String>().trim_start_matches('_').to_owned()
}
