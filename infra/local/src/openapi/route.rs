//! What the document says of one route.

use std::collections::BTreeMap;

use domain::Format;
use runtime::{Described, FILE_HEADERS, Field, File, PAGE_HEADERS};
use serde_json::{Map, Value, json};

use super::problems::{self, Problems};

const JSON: &str = "application/json";
const PROBLEM: &str = "application/problem+json";
/// Statuses that the gateway may answer by itself, as well as a function.
const GATEWAY: [(u16, &str); 3] =
    [(413, "Payload Too Large"), (500, "Internal Server Error"), (503, "Service Unavailable")];

/// What a reply does to the session's cookie.
const COOKIE: &str =
    "^(__Host-)?roster_session=[0-9A-Za-z_]*; Path=/; Max-Age=[0-9]+; HttpOnly; SameSite=Strict(; Secure)?$";

/// Those that are described below.
const PATH_PARAMETERS: [&str; 9] =
    ["user_id", "kind", "id", "session_id", "key_id", "passkey_id", "invoice_id", "review_id", "webhook_id"];

/// What routes are grouped by: `/v1/users/{user_id}` belongs to `users`.
pub(super) fn tag(path: &str) -> &str {
    path.trim_start_matches('/').split('/').nth(1).unwrap_or("roster").trim_end_matches(".json")
}

/// An operation on a path.
pub(super) fn operation(path: &str, described: &Described, problems: &Problems) -> Result<Value, String> {
    let mut operation = json!({
        "operationId": described.name,
        "summary": described.about,
        "tags": [tag(path)],
        "security": if described.has_credential { json!([{ "session": [] }, { "cookie": [] }]) } else { json!([]) },
        "parameters": operation_parameters(path, described)?,
        "responses": responses(described, problems)?,
    });
    let who = match (described.has_credential, described.needs) {
        (false, _) => "Anyone may call it.".to_owned(),
        (true, None) => "Whoever is signed in may call it.".to_owned(),
        (true, Some(permission)) => format!("{} may call it.", permission.holders()),
    };
    operation["description"] = who.into();
    if described.has_body {
        operation["requestBody"] = body(described);
    }
    Ok(operation)
}

/// A file on a path.
pub(super) fn file(path: &str, file: &File) -> Value {
    let schema =
        if file.media_type == JSON { json!({ "type": "object" }) } else { json!({ "type": "string" }) };
    let mut headers = Map::new();
    for name in ["X-Request-Id", "Cache-Control", "Apigw-Requestid"] {
        headers.insert(name.to_owned(), header(name));
    }
    for (name, value) in FILE_HEADERS {
        let schema = json!({ "type": "string", "const": value });
        let about = "Nobody guesses what it is, and nobody is told where a reader came from.";
        headers.insert(name.to_owned(), json!({ "required": true, "description": about, "schema": schema }));
    }
    if let Some(policy) = file.content_security_policy {
        let schema = json!({ "type": "string", "const": policy });
        let about = "What the page may load and do.";
        let header = json!({ "required": true, "description": about, "schema": schema });
        headers.insert("Content-Security-Policy".to_owned(), header);
    }
    let mut responses = json!({
        "200": { "description": file.about, "headers": headers, "content": { file.media_type: { "schema": schema } } },
    });
    for (status, title) in GATEWAY.into_iter().filter(|(status, _)| *status >= 500) {
        let mut response =
            json!({ "description": title, "headers": reply_headers(status, &[]), "content": {} });
        add_gateway(&mut response);
        responses[status.to_string()] = response;
    }
    json!({
        "operationId": path.trim_start_matches("/v1/").replace(['/', '.'], "-"),
        "summary": file.about,
        "description": "Anyone may call it.",
        "tags": [tag(path)],
        "security": [],
        "parameters": [],
        "responses": responses,
    })
}

fn operation_parameters(path: &str, described: &Described) -> Result<Vec<Value>, String> {
    let mut parameters = Vec::new();
    for segment in path.split('/') {
        if let Some(name) = segment.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
            if !PATH_PARAMETERS.contains(&name) {
                return Err(format!("say what the path's {{{name}}} is, in {}", file!()));
            }
            parameters.push(json!({ "$ref": format!("#/components/parameters/{name}") }));
        }
    }
    for field in described.fields.iter().filter(|_| !described.has_body) {
        parameters.push(json!({
            "name": field.name,
            "in": "query",
            "required": field.is_required,
            "description": field.schema["description"],
            "schema": field.schema,
        }));
    }
    if described.takes_key() {
        parameters.push(json!({ "$ref": "#/components/parameters/Idempotency-Key" }));
    }
    if described.refuses.contains(&"version_mismatch") {
        parameters.push(json!({ "$ref": "#/components/parameters/If-Match" }));
    }
    Ok(parameters)
}

fn body(described: &Described) -> Value {
    let schema = Field::object(&described.fields);
    let is_required = described.fields.iter().any(|field| field.is_required);
    json!({ "required": is_required, "content": { JSON: { "schema": schema } } })
}

fn responses(described: &Described, problems: &Problems) -> Result<Value, String> {
    let mut success = json!({ "description": described.about });
    success["headers"] = reply_headers(described.success, &described.headers);
    if let Some(reply) = &described.reply {
        success["content"] = json!({ JSON: { "schema": reply } });
        for format in described.formats {
            let about = "The same for download and print, where Accept would rather have it.";
            let mut schema = json!({ "type": "string", "description": about });
            if *format == Format::Pdf {
                schema["contentMediaType"] = format.media_type().into();
            }
            success["content"][format.media_type()] = json!({ "schema": schema });
        }
    }
    let mut responses = json!({ described.success.to_string(): success });
    if let Some((status, schema)) = &described.half_way {
        responses[status.to_string()] = json!({
            "description": "One step more is asked for.",
            "headers": reply_headers(*status, &[]),
            "content": { JSON: { "schema": schema } },
        });
    }
    let mut by_status: BTreeMap<u16, Vec<&str>> = BTreeMap::new();
    for code in described.refuses.iter().copied().chain(["internal_error"]) {
        by_status.entry(problems.get(code)?.status).or_default().push(code);
    }
    for (status, codes) in by_status {
        responses[status.to_string()] = match codes.as_slice() {
            [one] => json!({ "$ref": format!("#/components/responses/{}", problems::name(one)) }),
            _ => refusal(status, &codes),
        };
    }
    Ok(responses)
}

/// Replies that refuse with one code: several operations share most of them.
pub(super) fn refusals(problems: &Problems) -> Map<String, Value> {
    problems.all().map(|(code, problem)| (problems::name(code), refusal(problem.status, &[code]))).collect()
}

fn refusal(status: u16, codes: &[&str]) -> Value {
    let schema = match codes {
        [one] => problem_reference(one),
        _ => json!({ "oneOf": codes.iter().map(|code| problem_reference(code)).collect::<Vec<_>>() }),
    };
    let example =
        |code: &&str| ((*code).to_owned(), json!({ "$ref": format!("#/components/examples/{code}") }));
    let examples: Map<String, Value> = codes.iter().map(example).collect();
    let names: &[&str] = match status {
        401 => &["WWW-Authenticate"],
        429 | 503 => &["Retry-After"],
        _ => &[],
    };
    let mut response = json!({
        "description": codes.iter().map(|code| format!("`{code}`")).collect::<Vec<_>>().join(", "),
        "headers": reply_headers(status, names),
        "content": { PROBLEM: { "schema": schema, "examples": examples } },
    });
    if GATEWAY.iter().any(|(own, _)| *own == status) {
        add_gateway(&mut response);
    }
    response
}

fn problem_reference(code: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{}", problems::schema_name(code)) })
}

fn add_gateway(response: &mut Value) {
    response["content"][JSON] = json!({ "schema": { "$ref": "#/components/schemas/GatewayMessage" } });
}

/// The headers of every reply, and these. Where the gateway may answer, none but its own is certain.
fn reply_headers(status: u16, names: &[&str]) -> Value {
    let always = ["Apigw-Requestid", "Cache-Control", "X-Request-Id"];
    let is_gateways = GATEWAY.iter().any(|(own, _)| *own == status);
    let headers = always.iter().chain(names).map(|name| {
        let mut header = header(name);
        if is_gateways && *name != "Apigw-Requestid" {
            header = json!({ "$ref": format!("#/components/headers/{name}.Optional") });
        }
        ((*name).to_owned(), header)
    });
    Value::Object(headers.collect())
}

fn header(name: &str) -> Value {
    json!({ "$ref": format!("#/components/headers/{name}") })
}

/// The headers that replies carry. Those that a reply of the gateway's own lacks are there a second time.
pub(super) fn headers() -> Value {
    let text = json!({ "type": "string" });
    let rows = [
        ("Apigw-Requestid", true, "The gateway's name for the request.", text.clone()),
        ("Cache-Control", true, "How long the reply may be kept: `no-store` but for files.", text.clone()),
        ("X-Request-Id", true, "What the log has the request under.", text.clone()),
        (
            "ETag",
            true,
            "The version of what the reply shows, for If-Match.",
            json!({ "type": "string", "pattern": "^\"[0-9]+\"$" }),
        ),
        (
            "Idempotent-Replayed",
            false,
            "The call was done before, under the same Idempotency-Key.",
            json!({ "type": "string", "const": "true" }),
        ),
        (
            "Link",
            false,
            "Where the next page is, while there is one (RFC 8288).",
            json!({ "type": "string", "pattern": "^</v1/[^<>]+>; rel=\"next\"$" }),
        ),
        (
            "Set-Cookie",
            false,
            "The session's cookie, set where it was asked for, cleared where the session that came in it is over.",
            json!({ "type": "string", "pattern": COOKIE }),
        ),
        (
            "Retry-After",
            true,
            "Whole seconds until it is worth trying again.",
            json!({ "type": "integer", "minimum": 1 }),
        ),
        ("WWW-Authenticate", true, "How to authenticate.", json!({ "type": "string", "const": "Bearer" })),
    ];
    let of_pages = PAGE_HEADERS.map(|(name, value)| {
        let about = "Where the reply is a page: what it may load, do and tell.";
        (name, false, about, json!({ "type": "string", "const": value }))
    });
    let mut headers = Map::new();
    for (name, required, about, schema) in rows.into_iter().chain(of_pages) {
        let header = |required| json!({ "required": required, "description": about, "schema": schema });
        headers.insert(name.to_owned(), header(required));
        if ["Cache-Control", "X-Request-Id", "Retry-After"].contains(&name) {
            headers.insert(format!("{name}.Optional"), header(false));
        }
    }
    Value::Object(headers)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use schemars::SchemaGenerator;

    use super::*;

    // RULE: RC-06, BI-15, AP-07
    #[test]
    fn a_reply_has_all_its_forms_in_the_document() {
        let mut generator = SchemaGenerator::default();
        let problems = Problems::new(&mut generator);
        let function = crate::functions::ALL.iter().find(|function| function.name == "get-profile").unwrap();
        let describe = function.interface.describe("GET /v1/me").unwrap();
        let mut described = (describe.document)("GET", &mut generator);
        for formats in [&[][..], &[Format::Text], &[Format::Html, Format::Pdf]] {
            described.formats = formats;
            let operation = operation("/v1/me", &described, &problems).unwrap();
            let content = operation["responses"]["200"]["content"].as_object().unwrap();
            let media_types: BTreeSet<&str> = content.keys().map(String::as_str).collect();
            let forms = formats.iter().map(|format| format.media_type());
            assert_eq!(media_types, forms.chain([JSON]).collect());
        }
    }
}
