//! Wrong input on every route that the OpenAPI document has: a clear refusal that names the field, and nothing written.
//! RULE: AP-09

use reqwest::Method;
use serde_json::{Map, Value, json};
use tests::{Caller, Places, Reply, Roster, Route, routes};

const JSON: &str = "application/json";
const BODY_BYTES_MAX: usize = 64 * 1024;
const LONG_CHARS: usize = 10_000;
/// A refusal names what is wrong and does not send it back.
const REPLY_BYTES_MAX: usize = 4096;

/// A caller and somebody they may act on.
struct Bench {
    caller: Caller,
    places: Places,
}

impl Bench {
    fn new(caller: Caller, user_id: &str) -> Self {
        let key_id = "key_01KG9MFMM0BVPG000000000001".to_owned();
        let passkey_id = "psk_01KG9MFMM0BVPG000000000001".to_owned();
        let session_id = "ses_01KG9MFMM0BVPG000000000001".to_owned();
        let webhook_id = "whk_01KG9MFMM0BVPG000000000001".to_owned();
        let invoice_id = "inv_01KG9MFMM0BVPG000000000001".to_owned();
        let review_id = "rev_01KG9MFMM0BVPG000000000001".to_owned();
        let user_id = user_id.to_owned();
        Self {
            caller,
            places: Places { user_id, key_id, session_id, passkey_id, webhook_id, invoice_id, review_id },
        }
    }

    /// Fields of the route that are right.
    fn fitting(&self, route: &Route) -> Map<String, Value> {
        route.fitting(&self.places.user_id)
    }

    /// Sends this to a route.
    async fn send(&self, route: &Route, query: &str, body: Option<(Vec<u8>, &str)>) -> Reply {
        let path = route.path_to(&self.places);
        let method: Method = route.method.parse().expect("a method");
        let reply = self.caller.raw(method, &format!("{path}{query}"), body).await;
        measured(route, reply)
    }

    /// Sends fields, in a body or in the query.
    async fn fields(&self, route: &Route, fields: Map<String, Value>) -> Reply {
        let (method, path, body) = route.call(&self.places, fields);
        measured(route, self.caller.call(method, &path, body).await)
    }
}

fn measured(route: &Route, reply: Reply) -> Reply {
    let bytes = reply.body.to_string().len();
    assert!(bytes < REPLY_BYTES_MAX, "{}: a reply of {bytes} bytes", route.name);
    reply
}

/// Values that a field does not take, by what its schema says.
fn unfitting(route: &Route, schema: &Value, is_required: bool) -> Vec<Value> {
    let is_nullable_list = schema["type"][0] == "array";
    if schema["type"] == "array" || is_nullable_list {
        let row = route.fitting_value("", schema, "")[0].take();
        let max = schema["maxItems"].as_u64().and_then(|max| usize::try_from(max).ok()).expect("a limit");
        let wrong = [json!([]), json!(vec![row.clone(); max + 1]), row, json!("a"), json!(1), json!(true)];
        return wrong.into_iter().chain((!is_nullable_list).then_some(Value::Null)).collect();
    }
    let is_opaque =
        ["enum", "format", "pattern", "maxLength", "maximum"].iter().all(|limit| schema[limit].is_null());
    let mut wrong: Vec<Value> = Vec::new();
    if !is_opaque {
        wrong.extend([json!("n".repeat(LONG_CHARS)), json!("\u{fffd}".repeat(LONG_CHARS / 2))]);
    }
    if let Some(max) = schema["maxLength"].as_u64() {
        wrong.push(json!("n".repeat(usize::try_from(max).expect("small") + 1)));
    }
    if let Some(min) = schema["minLength"].as_u64() {
        wrong.push(json!("n".repeat(usize::try_from(min).expect("small") - 1)));
    }
    if ["enum", "format", "pattern", "maximum"].iter().any(|limit| !schema[limit].is_null()) {
        wrong.extend(
            ["", " ", "nonsense", "null", "usr_1", "-1", "1e9", "0", "99999999999999999999", "a,b"]
                .map(Into::into),
        );
    }
    if schema["type"] == "boolean" {
        wrong.extend([json!("false"), json!("TRUE")]);
    }
    if route.has_body {
        // A whole number is right where one is asked for.
        wrong.extend(schema["maximum"].is_null().then(|| json!(1)));
        wrong.extend([
            json!(-1),
            json!(0.1),
            json!(1e300),
            json!(u64::MAX),
            json!([]),
            json!({}),
            json!([{}]),
        ]);
        let is_switch = schema["type"][0] == "boolean";
        wrong.extend((!is_switch).then(|| json!(schema["type"] != "boolean")));
        wrong.extend(is_required.then_some(Value::Null));
    }
    wrong
}

/// What it is, its bytes, its media type, and what it is refused with.
type Broken = (&'static str, Vec<u8>, &'static str, (u16, &'static str));

/// Bodies that are none.
fn broken_bodies() -> Vec<Broken> {
    let malformed = (400, "malformed");
    let large = [b"{\"x\":\"", "n".repeat(BODY_BYTES_MAX).as_bytes(), b"\"}"].concat();
    vec![
        ("not JSON", b"confirm=true".to_vec(), JSON, malformed),
        ("a list", b"[]".to_vec(), JSON, malformed),
        ("null", b"null".to_vec(), JSON, malformed),
        ("cut off", b"{\"confirm\":".to_vec(), JSON, malformed),
        ("one key twice", b"{\"confirm\":true,\"confirm\":true}".to_vec(), JSON, malformed),
        ("bad UTF-8", b"{\"confirm\":\"\xff\"}".to_vec(), JSON, malformed),
        (
            "too deep",
            format!("{{\"confirm\":{}{}}}", "[".repeat(16), "]".repeat(16)).into_bytes(),
            JSON,
            malformed,
        ),
        ("far too deep", "[".repeat(60_000).into_bytes(), JSON, malformed),
        ("a number beyond all", b"{\"confirm\":1e999}".to_vec(), JSON, malformed),
        ("too large", large, JSON, (413, "payload_too_large")),
        ("too much of nothing", vec![b' '; BODY_BYTES_MAX + 1], JSON, (413, "payload_too_large")),
        ("no JSON by its own word", b"{}".to_vec(), "text/plain", (415, "unsupported_media_type")),
        ("no word at all", b"{}".to_vec(), "", (415, "unsupported_media_type")),
    ]
}

// RULE: AP-09, AP-01
#[tokio::test]
async fn wrong_input_is_refused_on_every_route_with_the_field_named_and_nothing_written() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let target = team.pending("ann@acme.test", "monitor").await;
    let bench = Bench::new(team.root.caller.clone(), &target);
    let before = roster.dump().await;
    let mut refused = 0;
    for route in routes() {
        refused += wrong_as_a_whole(&bench, &route).await + wrong_fields(&bench, &route).await;
        // The next route, in the next minute: the limit of requests stays what it is.
        roster.advance("1m").await;
    }
    assert!(refused > 300, "only {refused} requests were made of the document");
    assert_eq!(roster.dump().await, before, "something was written");
}

async fn wrong_as_a_whole(bench: &Bench, route: &Route) -> usize {
    let mut refused = 1;
    let mut fields = bench.fitting(route);
    fields.insert("surplus".into(), json!("1"));
    let reply = bench.fields(route, fields.clone()).await.refused(422, "validation_failed");
    assert_eq!(reply.bad_fields(), [("surplus", "unknown_field")], "{}", route.name);
    if route.has_body {
        // Fields that are right, and a parameter that nothing reads.
        fields.remove("surplus");
        let body = Some((Value::Object(fields.clone()).to_string().into_bytes(), JSON));
        let reply = bench.send(route, "?dry_run=true", body).await.refused(422, "validation_failed");
        assert_eq!(reply.bad_fields(), [("dry_run", "unknown_field")], "{}", route.name);
        refused += 1;
    }
    if route.takes_key {
        let long = "k".repeat(LONG_CHARS);
        let caller = bench.caller.with_header("idempotency-key", &long);
        let keyed = Bench { caller, places: bench.places.clone() };
        let reply = keyed.fields(route, fields).await.refused(422, "validation_failed");
        assert_eq!(reply.bad_fields()[0], ("Idempotency-Key", "out_of_range"), "{}", route.name);
        refused += 1;
    }
    for (what, bytes, media_type, expected) in broken_bodies().into_iter().filter(|_| route.has_body) {
        let reply = bench.send(route, "", Some((bytes, media_type))).await;
        assert_eq!((reply.status, reply.code()), expected, "{}: {what}: {:#}", route.name, reply.body);
        refused += 1;
    }
    refused
}

async fn wrong_fields(bench: &Bench, route: &Route) -> usize {
    let mut refused = 0;
    for (name, is_required, schema) in &route.fields {
        for wrong in unfitting(route, schema, *is_required) {
            let mut fields = bench.fitting(route);
            fields.insert(name.clone(), wrong.clone());
            let reply = bench.fields(route, fields).await;
            let shown = wrong.to_string().chars().take(40).collect::<String>();
            let named: Vec<&str> = reply.bad_fields().into_iter().map(|(field, _)| field).collect();
            let found = (reply.status, reply.code(), named);
            assert_eq!(
                found,
                (422, "validation_failed", vec![name.as_str()]),
                "{}: {name} {shown}",
                route.name
            );
            refused += 1;
        }
    }
    refused
}

// RULE: AP-09, AP-05
#[tokio::test]
async fn a_path_that_names_nobody_is_not_found_however_it_is_spelt() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let before = roster.dump().await;
    for route in routes().into_iter().filter(|route| route.path.contains("{user_id}")) {
        for nobody in ["0", "%00", "%ff%fe", "usr_", "null", &"n".repeat(LONG_CHARS), &team.account_id] {
            let bench = Bench::new(team.root.caller.clone(), nobody);
            bench.fields(&route, route.fitting(&team.root.id)).await.refused(404, "not_found");
        }
    }
    assert_eq!(roster.dump().await, before, "something was written");
}
