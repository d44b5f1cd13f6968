//! Requests by chance, always the same ones, through the reader of every operation: each is read or refused, with
//! codes that the operation declares and an answer of bounded size. RULE: AP-09

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use fastrand::Rng;
use runtime::{Describe, Failure};
use serde_json::{Map, Value, json};
use tests::{Route, routes};

const SEED: u64 = 0x5EA7;
const REQUESTS_PER_OPERATION: usize = 2000;
const DEPTH_MAX: usize = 20;
const MEMBERS_MAX: usize = 6;
const SURPLUS_MAX: usize = 100;
/// A refusal names at most every field, twenty unknown ones and the key.
const ERRORS_MAX: usize = 40;
const FIELD_CHARS_MAX: usize = 100;
/// Room for the names of all events.
const DETAIL_CHARS_MAX: usize = 1000;
const CREDENTIAL: &str = "ros_ses_032Jm1YcuUUmbW7gZsEQXB032Jm1YcuUUmbW7gZsEQXC032Jm1YcuUUmbW7gZsEQXE01tuWckR0Qgud2DqqiTysq0WD82KoFgALaufX7m9RJr61dEI8F";

/// Texts that readers stumble over.
const TEXTS: &[&str] = &[
    "",
    " ",
    "\0",
    "\n",
    "null",
    "true",
    "false",
    "0",
    "-0",
    "1e999",
    "NaN",
    "..",
    "%00",
    "\u{202e}",
    "\u{feff}",
    "\u{fffd}",
    "\u{1f469}\u{200d}\u{1f680}",
    "e\u{301}",
    "\u{130}",
    "@",
    "a@b",
    "ann@acme.test",
    "ann@xn--.test",
    "\"@\"@x.test",
    "usr_",
    "usr_01KG9MFMM0BVPG000000000003",
    "usr_ZZZZZZZZZZZZZZZZZZZZZZZZZZ",
    "acc_01KG9MFMM0BVPG000000000001",
    "root",
    "pending",
    "other",
    "2026-01-31T00:00:00Z",
    "+262142-12-31T23:59:60Z",
    "0000-00-00T00:00:00Z",
    "9999-12-31T23:59:59.999999999-23:59",
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "1",
    "200",
    "18446744073709551616",
    "vex-tungsten-quail",
];

fn text(rng: &mut Rng) -> String {
    match rng.u8(..8) {
        0 => (0..rng.usize(..30)).map(|_| rng.char(..)).collect(),
        1 => TEXTS[rng.usize(..TEXTS.len())].repeat(rng.usize(..300)),
        2 => TEXTS[rng.usize(..TEXTS.len())].to_owned() + TEXTS[rng.usize(..TEXTS.len())],
        _ => TEXTS[rng.usize(..TEXTS.len())].to_owned(),
    }
}

fn value(rng: &mut Rng, depth: usize) -> Value {
    let kinds = if depth == 0 { 6 } else { 8 };
    match rng.usize(..kinds) {
        0 => Value::Null,
        1 => json!(rng.bool()),
        2 => json!(rng.i64(..)),
        3 => json!(f64::from_bits(rng.u64(..))),
        4 | 5 => json!(text(rng)),
        6 => (0..rng.usize(..MEMBERS_MAX)).map(|_| value(rng, depth - 1)).collect(),
        _ => {
            Value::Object((0..rng.usize(..MEMBERS_MAX)).map(|_| (text(rng), value(rng, depth - 1))).collect())
        }
    }
}

/// Fields of the route, some of them, some fitting, and now and then one that is none of it.
fn fields(rng: &mut Rng, route: &Route) -> Map<String, Value> {
    let mut fields = Map::new();
    for (name, _, schema) in &route.fields {
        if rng.u8(..8) == 0 {
            continue;
        }
        let value = match rng.u8(..8) {
            0 => value(rng, 2),
            1 => json!(text(rng)),
            _ => route.fitting_value(name, schema, "usr_01KG9MFMM0BVPG000000000003"),
        };
        fields.insert(name.clone(), value);
    }
    if rng.u8(..8) == 0 {
        fields.insert(text(rng), value(rng, 3));
    }
    if rng.u8(..16) == 0 {
        fields.extend((0..rng.usize(..SURPLUS_MAX)).map(|n| (format!("{n}{}", text(rng)), Value::Null)));
    }
    fields
}

fn body(rng: &mut Rng, route: &Route) -> Vec<u8> {
    let mut bytes = match rng.u8(..8) {
        0 => (0..rng.usize(..200)).map(|_| rng.u8(..)).collect(),
        1 => value(rng, DEPTH_MAX).to_string().into_bytes(),
        2 => vec![[b'[', b'{', b' ', b'"'][rng.usize(..4)]; rng.usize(..70_000)],
        _ => Value::Object(fields(rng, route)).to_string().into_bytes(),
    };
    // Half of them with some bytes cut out, doubled or turned.
    for _ in 0..rng.usize(..4).saturating_sub(1) {
        if bytes.is_empty() {
            break;
        }
        let (from, to) = (rng.usize(..bytes.len()), rng.usize(..bytes.len()));
        match rng.u8(..3) {
            0 => drop(bytes.drain(from.min(to)..from.max(to))),
            1 => bytes.extend_from_within(from.min(to)..from.max(to)),
            _ => bytes[from] ^= 1 << rng.u8(..8),
        }
    }
    bytes
}

fn event(rng: &mut Rng, route: &Route) -> Value {
    let key = format!("{} {}", route.method, route.path);
    let mut headers =
        json!({ "authorization": format!("Bearer {CREDENTIAL}"), "content-type": "application/json" });
    for name in ["authorization", "content-type", "idempotency-key", "if-match"] {
        if rng.u8(..8) == 0 {
            headers[name] = text(rng).into();
        }
    }
    let mut event = json!({
        "routeKey": key,
        "headers": headers,
        "pathParameters": {
            "user_id": text(rng), "kind": text(rng), "id": text(rng), "key_id": text(rng), "session_id": text(rng),
        },
        "requestContext": {
            "requestId": "r",
            "http": { "method": route.method, "sourceIp": "192.0.2.10", "userAgent": text(rng) },
        },
    });
    if route.has_body {
        let body = body(rng, route);
        let text = String::from_utf8(body.clone());
        event["isBase64Encoded"] = text.is_err().into();
        event["body"] = text.unwrap_or_else(|_| STANDARD.encode(body)).into();
    } else {
        let texts = fields(rng, route).into_iter().map(|(name, value)| {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            (name, Value::String(text))
        });
        event["queryStringParameters"] = Value::Object(texts.collect());
    }
    event
}

/// What is wrong with how a request was answered, or nothing; and the code of its refusal.
fn judged(describe: Describe, event: Value, declared: &[&str]) -> Result<&'static str, String> {
    let read =
        catch_unwind(AssertUnwindSafe(|| (describe.read)(event))).map_err(|_| "it panicked".to_owned())?;
    let refusal = match read {
        Ok(()) => return Ok("read"),
        Err(Failure::Refused(refusal)) => refusal,
        Err(failure) => return Err(format!("{failure:?}")),
    };
    let code = refusal.code();
    let errors = refusal.members().get("errors").and_then(Value::as_array).cloned().unwrap_or_default();
    let chars = |error: &Value, name: &str| error[name].as_str().map_or(0, |text| text.chars().count());
    let long =
        |error: &Value| chars(error, "field") > FIELD_CHARS_MAX || chars(error, "detail") > DETAIL_CHARS_MAX;
    if !declared.contains(&code) {
        return Err(format!("{code} is not declared"));
    }
    if (code == "validation_failed") == errors.is_empty() {
        return Err(format!("{code} with {} errors", errors.len()));
    }
    if errors.len() > ERRORS_MAX
        || errors.iter().any(long)
        || refusal.detail().chars().count() > DETAIL_CHARS_MAX
    {
        return Err(format!("{code} says too much"));
    }
    Ok(code)
}

// RULE: AP-09, AP-01
#[test]
fn whatever_is_sent_is_read_or_refused() {
    let routes = routes();
    let operations = local::functions::ALL.iter().flat_map(|one| one.interface.operations(one.name));
    for (name, describe) in operations {
        let route = routes.iter().find(|route| route.name == name).expect("a route");
        let declared = (describe.document)(&route.method, &mut schemars::SchemaGenerator::default()).refuses;
        let mut rng = Rng::with_seed(SEED);
        let mut met = BTreeSet::new();
        for n in 0..REQUESTS_PER_OPERATION {
            let event = event(&mut rng, route);
            match judged(describe, event.clone(), &declared) {
                Ok(outcome) => drop(met.insert(outcome)),
                Err(problem) => {
                    panic!("{name}, request {n} of seed {SEED:#x}: {problem}\n{event:#}")
                }
            }
        }
        // The chance is no good that never leads to one of these.
        let expected: &[&str] = if route.has_body {
            &["malformed", "read", "unsupported_media_type", "validation_failed"]
        } else {
            &["read", "validation_failed"]
        };
        assert!(expected.iter().all(|outcome| met.contains(outcome)), "{name}: only {met:?}");
    }
}
