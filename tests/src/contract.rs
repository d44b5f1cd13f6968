//! Every reply that a test gets is held to the OpenAPI document: route, status, media type, headers, body. What the
//! document does not know ends the test and is named. RULE: AP-07

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex};

use jsonschema::Validator;
use serde_json::{Value, json};

use crate::Reply;

/// Headers of the connection, not of the interface.
const OF_THE_CONNECTION: [&str; 4] = ["connection", "content-length", "content-type", "date"];

static CONTRACT: LazyLock<Contract> = LazyLock::new(Contract::new);

/// Why a reply is not one of the document, or nothing.
pub(crate) fn broken(method: &str, path: &str, reply: &Reply) -> Option<String> {
    let path = path.split(['?', '#']).next().unwrap_or_default();
    if path.starts_with("/_local/") {
        return None;
    }
    let problem = CONTRACT.check(method, path, reply).err()?;
    Some(format!(
        "{method} {path} answered {}, and the OpenAPI document {problem}\n{:#}",
        reply.status, reply.body
    ))
}

/// The document itself.
pub(crate) fn document() -> &'static Value {
    &CONTRACT.document
}

/// The document, and what was made of its schemas so far.
struct Contract {
    document: Value,
    validators: Mutex<HashMap<String, Arc<Validator>>>,
}

impl Contract {
    fn new() -> Self {
        let document = local::openapi().expect("a document");
        Self { document: serde_json::from_str(&document).expect("JSON"), validators: Mutex::default() }
    }

    fn check(&self, method: &str, path: &str, reply: &Reply) -> Result<(), String> {
        let Some(operation) = self.operation(method, path) else {
            let own =
                reply.status == 404 && (reply.body == json!({ "message": "Not Found" }) || method == "HEAD");
            return if own { Ok(()) } else { Err("has no such route".into()) };
        };
        let response = &operation["responses"][reply.status.to_string()];
        if response.is_null() {
            return Err(format!("has no such status: {}", names(&operation["responses"])));
        }
        let response = self.resolved(response);
        self.check_headers(&response["headers"], reply)?;
        self.check_body(&response["content"], reply)
    }

    /// The operation of a path: a literal segment goes before a parameter.
    fn operation(&self, method: &str, path: &str) -> Option<&Value> {
        let paths = self.document["paths"].as_object()?;
        let fits = |template: &str| {
            let same = template.split('/').count() == path.split('/').count();
            let segments = template.split('/').zip(path.split('/'));
            same && segments.into_iter().all(|(t, p)| t == p || t.starts_with('{') && !p.is_empty())
        };
        let matching = paths.iter().filter(|(template, _)| fits(template));
        let having =
            matching.filter_map(|(template, item)| Some((template, item.get(method.to_lowercase())?)));
        having.min_by_key(|(template, _)| template.matches('{').count()).map(|(_, operation)| operation)
    }

    fn resolved<'a>(&'a self, value: &'a Value) -> &'a Value {
        match value["$ref"].as_str() {
            Some(reference) => {
                self.document.pointer(&reference[1..]).expect("a reference that leads somewhere")
            }
            None => value,
        }
    }

    fn check_headers(&self, documented: &Value, reply: &Reply) -> Result<(), String> {
        for (name, value) in &reply.headers {
            let header = documented.as_object().and_then(|headers| {
                headers
                    .iter()
                    .find(|(documented, _)| documented.eq_ignore_ascii_case(name))
                    .map(|(_, header)| header)
            });
            match header {
                Some(header) => self.check_header(name, value, self.resolved(header))?,
                None if OF_THE_CONNECTION.contains(&name.as_str()) => {}
                None => return Err(format!("has no header {name} there")),
            }
        }
        for (name, header) in documented.as_object().into_iter().flatten() {
            let is_there = reply.header(&name.to_lowercase()).is_some();
            if self.resolved(header)["required"] == true && !is_there {
                return Err(format!("promises the header {name}"));
            }
        }
        Ok(())
    }

    fn check_header(&self, name: &str, value: &str, header: &Value) -> Result<(), String> {
        let schema = &header["schema"];
        let value = match value.parse::<i64>() {
            Ok(number) if schema["type"] == "integer" => json!(number),
            _ => json!(value),
        };
        self.validate(schema, &value).map_err(|problem| format!("has another {name}: {problem}"))
    }

    fn check_body(&self, documented: &Value, reply: &Reply) -> Result<(), String> {
        match (reply.header("content-type"), documented.as_object()) {
            (None, None) if reply.body.is_null() => Ok(()),
            (None, None) => Err("has no body there".into()),
            (None, Some(_)) => Err(format!("promises a body of {}", names(documented))),
            (Some(media_type), _) => match documented.get(media_type) {
                Some(content) => self.validate(&content["schema"], &reply.body),
                None => Err(format!("has no {media_type} there")),
            },
        }
    }

    fn validate(&self, schema: &Value, value: &Value) -> Result<(), String> {
        let validator = self.validator(schema);
        let problems: Vec<String> = validator
            .iter_errors(value)
            .map(|error| format!("at {:?}: {error}", error.instance_path().to_string()))
            .collect();
        if problems.is_empty() { Ok(()) } else { Err(format!("says otherwise: {}", problems.join("; "))) }
    }

    fn validator(&self, schema: &Value) -> Arc<Validator> {
        let mut validators = self.validators.lock().expect("no test ended while it made one");
        let made = validators.entry(schema.to_string()).or_insert_with(|| {
            // The components stand beside it, where its references lead.
            let whole = json!({
                "$schema": "https://json-schema.org/draft/2020-12/schema",
                "allOf": [schema],
                "components": { "schemas": self.document["components"]["schemas"] },
            });
            let options = jsonschema::options().should_validate_formats(true);
            Arc::new(options.build(&whole).unwrap_or_else(|error| panic!("{error}")))
        });
        made.clone()
    }
}

fn names(object: &Value) -> String {
    object.as_object().map(|object| object.keys().cloned().collect::<Vec<_>>().join(", ")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "usr_01KG9MFMM0BVPG000000000003";

    fn reply(status: u16, headers: &[(&str, &str)], body: Value) -> Reply {
        let always = [("apigw-requestid", "r"), ("x-request-id", "r"), ("cache-control", "no-store")];
        let headers =
            always.iter().chain(headers).map(|(name, value)| ((*name).into(), (*value).into())).collect();
        Reply { status, headers, body, bytes: Vec::new() }
    }

    fn not_found() -> Reply {
        let body = json!({
            "type": "urn:roster:problem:not_found", "title": "Not found", "status": 404, "code": "not_found",
            "detail": "There is nothing here under this identifier.", "request_id": "r",
        });
        reply(404, &[("content-type", "application/problem+json")], body)
    }

    fn logged_out() -> Reply {
        let body = json!({ "user_id": ID, "sessions_ended": 1 });
        reply(200, &[("content-type", "application/json")], body)
    }

    fn changed(mut reply: Reply, change: impl FnOnce(&mut Reply)) -> Reply {
        change(&mut reply);
        reply
    }

    // RULE: RC-06, AP-07
    #[test]
    fn a_reply_may_be_the_text_that_the_document_has_beside_the_json() {
        let documented = json!({
            "application/json": { "schema": { "type": "object" } },
            "text/plain; charset=utf-8": { "schema": { "type": "string" } },
        });
        let checked = |media_type, body| {
            CONTRACT.check_body(&documented, &reply(200, &[("content-type", media_type)], body))
        };
        assert_eq!(checked("text/plain; charset=utf-8", json!("abcd-efgh\n")), Ok(()));
        assert_eq!(checked("application/json", json!({})), Ok(()));
        assert!(checked("application/json", json!("abcd-efgh\n")).is_err());
        assert!(checked("text/plain", json!("abcd-efgh\n")).is_err());
    }

    // RULE: AP-07
    #[test]
    fn a_reply_that_the_document_does_not_know_is_named() {
        let logout = format!("/v1/users/{ID}/logout");
        assert_eq!(broken("POST", &logout, &not_found()), None);
        assert_eq!(broken("POST", &logout, &logged_out()), None);
        let cases: [(&str, &str, Reply, &str); 11] = [
            ("GET", "/v1/nothing", not_found(), "no such route"),
            ("POST", &logout, changed(not_found(), |reply| reply.status = 418), "no such status"),
            ("GET", "/v1/seats", not_found(), "no such status"),
            (
                "POST",
                &logout,
                changed(not_found(), |reply| reply.body["code"] = "token_invalid".into()),
                "/code",
            ),
            ("POST", &logout, changed(not_found(), |reply| reply.body["hint"] = "Look.".into()), "hint"),
            ("POST", &logout, changed(logged_out(), |reply| reply.body["more"] = 1.into()), "more"),
            ("POST", &logout, changed(logged_out(), |reply| reply.body["user_id"] = "usr_1".into()), "usr_1"),
            (
                "POST",
                &logout,
                changed(logged_out(), |reply| reply.body = json!({ "user_id": ID })),
                "sessions_ended",
            ),
            (
                "POST",
                &logout,
                changed(logged_out(), |reply| drop(reply.headers.remove(0))),
                "Apigw-Requestid",
            ),
            ("POST", &logout, reply(200, &[("content-type", "text/html")], json!("<p>")), "no text/html"),
            (
                "POST",
                &logout,
                changed(logged_out(), |reply| reply.headers.push(("x-new".into(), "1".into()))),
                "no header x-new",
            ),
        ];
        for (method, path, reply, problem) in cases {
            let named = broken(method, path, &reply).unwrap_or_else(|| panic!("{problem} was not seen"));
            assert!(named.contains(problem), "{problem}: {named}");
        }
    }
}
