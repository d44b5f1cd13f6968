//! The HTTP API in front of the functions, as API Gateway is: the same events, the same answers of its own.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use crate::World;
use crate::template::{ACCOUNT_ID, REGION};

/// The largest request API Gateway takes.
const BODY_BYTES_MAX: usize = 10 * 1024 * 1024;
/// How long API Gateway waits for a function.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Answers whatever is no path of the local stack itself.
pub(crate) async fn serve(
    State(world): State<Arc<World>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request<Body>,
) -> Response {
    let _running = world.work.request();
    let request_id = crate::ids::request_id();
    let timeout = TIMEOUT + world.functions().patience();
    let mut response = match tokio::time::timeout(timeout, answer(&world, &peer, &request_id, request)).await
    {
        Ok(response) => response,
        Err(_) => own(StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable"),
    };
    if let Ok(value) = request_id.parse() {
        response.headers_mut().insert("apigw-requestid", value);
    }
    response
}

async fn answer(world: &World, peer: &SocketAddr, request_id: &str, request: Request<Body>) -> Response {
    let (parts, body) = request.into_parts();
    let Some((function, route, path_parameters)) = find(world, parts.method.as_str(), parts.uri.path())
    else {
        return own(StatusCode::NOT_FOUND, "Not Found");
    };
    let Ok(body) = to_bytes(body, BODY_BYTES_MAX).await else {
        return own(StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large");
    };
    let event = event(world, peer, request_id, &route, path_parameters, &parts, &body);
    // Waiting here counts against the gateway's time-out, as waiting for a free sandbox does.
    let Ok(_permit) = world.sandboxes.acquire().await else {
        return own(StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable");
    };
    match world.functions().invoke(&function, event).await {
        Ok(answer) => response(&answer)
            .unwrap_or_else(|| own(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error")),
        Err(_) => own(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error"),
    }
}

/// An answer of the gateway's own.
fn own(status: StatusCode, message: &str) -> Response {
    let body = json!({ "message": message }).to_string();
    (status, [(header::CONTENT_TYPE, "application/json")], body).into_response()
}

/// The function, route key and path parameters for a request. A literal segment goes before a parameter.
fn find(world: &World, method: &str, path: &str) -> Option<(String, String, Map<String, Value>)> {
    let routes = world.template.functions.iter().flat_map(|f| f.routes.iter().map(move |route| (f, route)));
    let matching = routes.filter(|(_, route)| route.method == method).filter_map(|(function, route)| {
        let parameters = match_path(&route.path, path)?;
        Some((parameters.len(), function, route, parameters))
    });
    let (_, function, route, parameters) = matching.min_by_key(|(parameters, ..)| *parameters)?;
    Some((function.name.clone(), format!("{} {}", route.method, route.path), parameters))
}

/// The path parameters when a path fits a route's path.
fn match_path(route: &str, path: &str) -> Option<Map<String, Value>> {
    let (mut wanted, mut given) = (route.split('/'), path.split('/'));
    let mut parameters = Map::new();
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return Some(parameters),
            (Some(wanted), Some(given)) => {
                match wanted.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
                    Some(name) if !given.is_empty() => {
                        parameters.insert(name.to_owned(), Value::from(decode(given, false)));
                    }
                    None if wanted == given => {}
                    _ => return None,
                }
            }
            _ => return None,
        }
    }
}

/// Undoes percent-encoding; in a query `+` is a space.
pub(crate) fn decode(text: &str, query: bool) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let hex = |digit: &u8| char::from(*digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        rest = tail;
        match (first, tail) {
            (b'%', [high, low, after @ ..]) if hex(high).is_some() && hex(low).is_some() => {
                bytes.push(hex(high).unwrap_or(0) << 4 | hex(low).unwrap_or(0));
                rest = after;
            }
            (b'+', _) if query => bytes.push(b' '),
            (byte, _) => bytes.push(*byte),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The names and values of a query, those of one name joined by commas.
pub(crate) fn query(raw: &str) -> Map<String, Value> {
    let mut parameters = Map::new();
    for pair in raw.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        join(&mut parameters, decode(name, true), &decode(value, true));
    }
    parameters
}

fn join(map: &mut Map<String, Value>, name: String, value: &str) {
    match map.get_mut(&name) {
        Some(Value::String(known)) => {
            known.push(',');
            known.push_str(value);
        }
        _ => drop(map.insert(name, Value::from(value))),
    }
}

/// The event, in version 2.0 of the payload.
fn event(
    world: &World,
    peer: &SocketAddr,
    request_id: &str,
    route_key: &str,
    path_parameters: Map<String, Value>,
    parts: &Parts,
    body: &Bytes,
) -> Value {
    let mut headers = Map::new();
    let mut cookies = Vec::new();
    for (name, value) in &parts.headers {
        let value = String::from_utf8_lossy(value.as_bytes());
        if name == header::COOKIE {
            let pairs = value.split(';').map(str::trim).filter(|pair| !pair.is_empty());
            cookies.extend(pairs.map(Value::from));
        } else {
            join(&mut headers, name.as_str().to_owned(), &value);
        }
    }
    let now = world.clock.now();
    let domain_name = format!("{}.execute-api.{REGION}.amazonaws.com", world.template.api_id);
    let raw_query = parts.uri.query().unwrap_or_default();
    let user_agent = headers.get("user-agent").cloned().unwrap_or_else(|| json!(""));
    let mut event = json!({
        "version": "2.0",
        "routeKey": route_key,
        "rawPath": parts.uri.path(),
        "rawQueryString": raw_query,
        "headers": headers,
        "requestContext": {
            "accountId": ACCOUNT_ID,
            "apiId": world.template.api_id,
            "domainName": domain_name,
            "domainPrefix": world.template.api_id,
            "http": {
                "method": parts.method.as_str(),
                "path": parts.uri.path(),
                "protocol": "HTTP/1.1",
                "sourceIp": peer.ip().to_string(),
                "userAgent": user_agent,
            },
            "requestId": request_id,
            "routeKey": route_key,
            "stage": "$default",
            "time": now.format("%d/%b/%Y:%H:%M:%S +0000").to_string(),
            "timeEpoch": now.timestamp_millis(),
        },
        "isBase64Encoded": false,
    });
    // What is empty is left out, as API Gateway does.
    for (name, value) in [("queryStringParameters", query(raw_query)), ("pathParameters", path_parameters)] {
        if !value.is_empty() {
            event[name] = Value::Object(value);
        }
    }
    if !cookies.is_empty() {
        event["cookies"] = Value::Array(cookies);
    }
    if !body.is_empty() {
        let text = std::str::from_utf8(body);
        event["isBase64Encoded"] = Value::Bool(text.is_err());
        event["body"] = text.map_or_else(|_| Value::from(STANDARD.encode(body)), Value::from);
    }
    event
}

/// The response a function's answer asks for, or nothing where it has no meaning.
fn response(answer: &Value) -> Option<Response> {
    let Some(status) = answer.get("statusCode") else {
        // Without a status the whole answer is the body.
        let json = [(header::CONTENT_TYPE, "application/json")];
        return Some((StatusCode::OK, json, answer.to_string()).into_response());
    };
    let status = StatusCode::from_u16(u16::try_from(status.as_u64()?).ok()?).ok()?;
    let body = match answer.get("body").and_then(Value::as_str) {
        Some(body) if answer["isBase64Encoded"] == true => STANDARD.decode(body).ok()?,
        Some(body) => body.as_bytes().to_vec(),
        None => Vec::new(),
    };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    for (name, value) in answer["headers"].as_object().into_iter().flatten() {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        response.headers_mut().insert(name.parse::<HeaderName>().ok()?, text.parse::<HeaderValue>().ok()?);
    }
    for cookie in answer["cookies"].as_array().into_iter().flatten() {
        response.headers_mut().append(header::SET_COOKIE, cookie.as_str()?.parse().ok()?);
    }
    Some(response)
}
