//! The HTTP API's payload of version 2.0, in and out, and problem documents (RFC 9457).

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::{FieldError, Format, IfMatch, Refusal, Rendered, SessionCookie, UserId};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::files::FILE_HEADERS;
use crate::idempotency::Answer;
use crate::site::Site;
use crate::{Fault, Fields, json};

const BODY_BYTES_MAX: usize = 64 * 1024;
pub(crate) const NO_CONTENT: u16 = 204;
const UNAUTHORIZED: u16 = 401;
const PROBLEM: &str = "application/problem+json";
const JSON: &str = "application/json";
/// The headers of a reply as a page, which brings its own looks and does, loads and tells nothing.
pub const PAGE_HEADERS: [(&str, &str); 3] = [
    (
        "content-security-policy",
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    FILE_HEADERS[0],
    FILE_HEADERS[1],
];

/// The headers that a reply in this form has beside those of every reply.
pub(crate) const fn headers_of(format: Format) -> &'static [(&'static str, &'static str)] {
    match format {
        Format::Html => &PAGE_HEADERS,
        Format::Pdf | Format::Csv => &FILE_HEADERS,
        Format::Text => &[],
    }
}

/// Whether a method's fields stand in a body.
pub(crate) fn has_body(method: &str) -> bool {
    matches!(method, "POST" | "PUT" | "PATCH")
}

/// Whether a method is one that changes something.
pub(crate) fn is_mutation(method: &str) -> bool {
    !matches!(method, "GET" | "HEAD")
}

/// What the shell reads of a request.
pub(crate) struct Request {
    pub(crate) id: String,
    pub(crate) route: String,
    pub(crate) source_ip: String,
    pub(crate) user_agent: String,
    method: String,
    domain_name: Option<String>,
    headers: BTreeMap<String, String>,
    cookies: Vec<String>,
    query: BTreeMap<String, String>,
    path: BTreeMap<String, String>,
    body: Vec<u8>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Event {
    #[serde(default)]
    route_key: String,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default)]
    cookies: Option<Vec<String>>,
    #[serde(default)]
    query_string_parameters: BTreeMap<String, String>,
    #[serde(default)]
    path_parameters: BTreeMap<String, String>,
    request_context: Context,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    is_base64_encoded: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Context {
    request_id: String,
    #[serde(default)]
    domain_name: Option<String>,
    http: HttpContext,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct HttpContext {
    method: String,
    source_ip: String,
    #[serde(default)]
    user_agent: String,
}

impl Request {
    pub(crate) fn read(event: Value) -> Result<Self, Fault> {
        // What serde says quotes what it found, which may be a secret. RULE: AC-10
        let event: Event = serde_json::from_value(event)
            .map_err(|error| format!("this is no event of an HTTP API: {:?}", error.classify()))?;
        let body = event.body.unwrap_or_default();
        let body = if event.is_base64_encoded { STANDARD.decode(body)? } else { body.into_bytes() };
        Ok(Self {
            id: event.request_context.request_id,
            route: event.route_key,
            source_ip: event.request_context.http.source_ip,
            user_agent: event.request_context.http.user_agent,
            method: event.request_context.http.method,
            domain_name: event.request_context.domain_name,
            headers: event.headers,
            cookies: event.cookies.unwrap_or_default(),
            query: event.query_string_parameters,
            path: event.path_parameters,
            body,
        })
    }

    /// The fields: of the body where the method has one, else of the query. RULE: AP-09
    pub(crate) fn fields(&self) -> Result<Fields, Refusal> {
        if !has_body(&self.method) {
            // Whoever says more than the route reads may mean something else by it.
            if !matches!(self.body.trim_ascii(), b"" | b"{}") {
                let detail = "This call takes no body.".to_owned();
                return Err(Refusal::Validation(vec![FieldError {
                    field: "body".into(),
                    code: "unknown_field",
                    detail,
                }]));
            }
            return Ok(Fields::of_query(self.query.clone()));
        }
        if self.body.len() > BODY_BYTES_MAX {
            return Err(Refusal::PayloadTooLarge);
        }
        if self.body.is_empty() {
            return Ok(Fields::of_body(Map::new()).beside(&self.query));
        }
        if !self.header("content-type").is_some_and(is_json)
            || self.header("content-encoding").is_some_and(is_coded)
        {
            return Err(Refusal::UnsupportedMediaType);
        }
        Ok(Fields::of_body(json::read_object(&self.body)?).beside(&self.query))
    }

    /// A header, by its name in any case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(&name.to_ascii_lowercase()).map(String::as_str)
    }

    /// The path's parameters.
    pub(crate) const fn path(&self) -> &BTreeMap<String, String> {
        &self.path
    }

    /// Whether the method is one that changes something.
    pub(crate) fn is_mutation(&self) -> bool {
        is_mutation(&self.method)
    }

    /// The versions that the caller goes by. RULE: AP-03
    pub(crate) fn if_match(&self) -> IfMatch {
        self.header("if-match").map_or(IfMatch::Any, IfMatch::parse)
    }

    /// The user that the path names, if it is an identifier at all.
    pub(crate) fn target(&self) -> Option<UserId> {
        self.path.get("user_id").and_then(|text| UserId::parse(text))
    }

    /// The site that it came to.
    pub(crate) fn site(&self) -> Site {
        Site::read(self.header("host").or(self.domain_name.as_deref()))
    }

    /// A cookie. The gateway puts them beside the headers; `cargo lambda watch` leaves them there.
    pub(crate) fn cookie(&self, name: &str) -> Option<&str> {
        let in_header = self.header("cookie").into_iter().flat_map(|cookies| cookies.split(';'));
        let pairs = self.cookies.iter().map(String::as_str).chain(in_header);
        pairs
            .filter_map(|pair| pair.trim().split_once('='))
            .find(|(known, _)| *known == name)
            .map(|(_, value)| value)
    }
}

/// A problem document, in the order of RFC 9457.
#[derive(Serialize)]
struct Problem<'a> {
    #[serde(rename = "type")]
    kind: String,
    title: &'a str,
    status: u16,
    detail: String,
    code: &'a str,
    request_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
    #[serde(flatten)]
    members: Map<String, Value>,
}

/// What goes back to the gateway.
pub(crate) struct Response {
    pub(crate) status: u16,
    headers: BTreeMap<&'static str, String>,
    cookies: Vec<String>,
    body: Rendered,
}

impl Response {
    pub(crate) fn success(status: u16, answer: Answer, request: &Request) -> Self {
        let status = answer.status_half_way.unwrap_or(status);
        // RULE: RC-06, BI-15
        let (format, body) = match answer.rendered {
            Some((format, body)) => (Some(format), body),
            None => (None, Rendered::Text(answer.body)),
        };
        let mut response = if status == NO_CONTENT {
            Self::new(status, None, Rendered::Text(String::new()), &request.id)
        } else {
            Self::new(status, Some(format.map_or(JSON, Format::media_type)), body, &request.id)
        };
        let headers = format.map(headers_of).unwrap_or_default();
        response.headers.extend(headers.iter().map(|(name, value)| (*name, (*value).to_owned())));
        if let Some(cookie) = answer.cookie
            && (cookie != SessionCookie::Cleared || request.is_by_cookie())
        {
            response.cookies.push(request.site().set_cookie(&cookie));
        }
        if let Some(version) = answer.version {
            response.headers.insert("etag", format!("\"{version}\""));
        }
        if let Some(next) = answer.next {
            response.headers.insert("link", format!("<{next}>; rel=\"next\""));
        }
        if answer.is_replayed {
            response.headers.insert("idempotent-replayed", "true".into());
        }
        response
    }

    /// RULE: AP-01
    pub(crate) fn refusal(refusal: &Refusal, request_id: &str) -> Result<Self, Fault> {
        let (status, code, title) = refusal.row();
        let problem = Problem {
            kind: format!("urn:roster:problem:{code}"),
            title,
            status,
            detail: refusal.detail(),
            code,
            request_id,
            hint: refusal.hint(),
            members: refusal.members(),
        };
        let body = Rendered::Text(serde_json::to_string(&problem)?);
        let mut response = Self::new(status, Some(PROBLEM), body, request_id);
        if let Some(seconds) = refusal.retry_after_seconds() {
            response.headers.insert("retry-after", seconds.to_string());
        }
        if status == UNAUTHORIZED {
            response.headers.insert("www-authenticate", "Bearer".into());
        }
        Ok(response)
    }

    /// Something failed that the caller cannot mend; what it was is in the log under the request's identifier.
    pub(crate) fn fault(request_id: &str) -> Self {
        let problem = json!({
            "type": "urn:roster:problem:internal_error",
            "title": "Internal error",
            "status": 500,
            "detail": "Something went wrong on our side. It was recorded under the request_id.",
            "code": "internal_error",
            "request_id": request_id,
        });
        Self::new(500, Some(PROBLEM), Rendered::Text(problem.to_string()), request_id)
    }

    fn new(status: u16, media_type: Option<&str>, body: Rendered, request_id: &str) -> Self {
        let mut headers = BTreeMap::from([
            ("cache-control", "no-store".to_owned()),
            ("x-request-id", request_id.to_owned()),
        ]);
        if let Some(media_type) = media_type {
            headers.insert("content-type", media_type.into());
        }
        Self { status, headers, cookies: Vec::new(), body }
    }

    pub(crate) fn into_event(self) -> Value {
        let (body, is_base64_encoded) = match self.body {
            Rendered::Text(text) => (text, false),
            Rendered::Binary(bytes) => (STANDARD.encode(bytes), true),
        };
        json!({
            "statusCode": self.status,
            "headers": self.headers,
            "body": body,
            "isBase64Encoded": is_base64_encoded,
            "cookies": self.cookies,
        })
    }
}

/// JSON is UTF-8; a media type that says otherwise names something else.
fn is_json(content_type: &str) -> bool {
    let mut parts = content_type.split(';').map(str::trim);
    let is_json = parts.next().is_some_and(|media_type| media_type.eq_ignore_ascii_case("application/json"));
    let is_utf8 = |parameter: &str| match parameter.split_once('=') {
        Some((name, value)) if name.trim().eq_ignore_ascii_case("charset") => {
            value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8")
        }
        _ => true,
    };
    is_json && parts.all(is_utf8)
}

fn is_coded(content_encoding: &str) -> bool {
    !content_encoding.trim().eq_ignore_ascii_case("identity")
}
