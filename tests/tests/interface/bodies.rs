//! Bodies that are refused, and leave nothing behind.

use reqwest::Method;
use serde_json::{Value, json};
use tests::{Roster, invitee};

const JSON: &str = "application/json";
const BODY_BYTES_MAX: usize = 64 * 1024;

fn padded(bytes: usize) -> Vec<u8> {
    let mut body = invitee("ann@acme.test", "monitor").to_string().into_bytes();
    body.resize(bytes, b' ');
    body
}

// RULE: AP-09, AP-01
#[tokio::test]
async fn a_body_that_is_not_one_plain_json_object_is_malformed_and_nothing_is_written() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let before = roster.dump().await;
    let good = invitee("ann@acme.test", "monitor").to_string();
    let with = |member: &str| good.replacen('{', &format!("{{{member},"), 1).into_bytes();
    let deep = format!("{}{}", "[".repeat(16), "]".repeat(16));
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("cut off", good.as_bytes()[..good.len() - 1].to_vec()),
        ("two bodies", format!("{good}{good}").into_bytes()),
        ("a list", format!("[{good}]").into_bytes()),
        ("a text", b"\"ann@acme.test\"".to_vec()),
        ("null", b"null".to_vec()),
        ("a form", b"email=ann@acme.test".to_vec()),
        ("one key twice", with("\"email\":\"eve@acme.test\"")),
        ("one key twice, spelt differently", with("\"em\\u0061il\":\"eve@acme.test\"")),
        ("one key twice, deep down", with("\"x\":{\"a\":1,\"a\":1}")),
        ("too deep", with(&format!("\"x\":{deep}"))),
        ("far too deep", with(&format!("\"x\":{}", "[".repeat(30_000)))),
        ("a number beyond all", with("\"x\":1e999")),
        ("not a number", with("\"x\":NaN")),
        ("half a character", with("\"x\":\"\\ud800\"")),
        ("a byte order mark", [b"\xef\xbb\xbf", good.as_bytes()].concat()),
        ("bad UTF-8", [good.as_bytes(), b"\xff"].concat()),
        ("bad UTF-8 in a name", good.as_bytes().iter().map(|b| if *b == b'v' { 0xc3 } else { *b }).collect()),
        ("UTF-16", good.encode_utf16().flat_map(u16::to_le_bytes).collect()),
    ];
    for (what, bytes) in cases {
        let reply = team.root.caller.raw(Method::POST, "/v1/users", Some((bytes, JSON))).await;
        assert_eq!((reply.status, reply.code()), (400, "malformed"), "{what}: {:#}", reply.body);
    }
    assert_eq!(roster.dump().await, before);
    assert_eq!(team.seats().await["total"], 1);
}

// RULE: AP-09
#[tokio::test]
async fn a_body_has_64_kib_and_not_a_byte_more() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let root = &team.root.caller;
    for bytes in [BODY_BYTES_MAX + 1, BODY_BYTES_MAX * 10] {
        let reply = root.raw(Method::POST, "/v1/users", Some((padded(bytes), JSON))).await;
        reply.refused(413, "payload_too_large");
    }
    assert_eq!(team.seats().await["total"], 1);
    root.raw(Method::POST, "/v1/users", Some((padded(BODY_BYTES_MAX), JSON))).await.expect(201);
}

// RULE: AP-09, AP-01
#[tokio::test]
async fn a_body_says_that_it_is_json() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let root = &team.root.caller;
    for media_type in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/jsonp",
        "text/json",
        "application/json; charset=utf-16",
        "",
    ] {
        let reply = root.raw(Method::POST, "/v1/users", Some((padded(300), media_type))).await;
        reply.refused(415, "unsupported_media_type");
    }
    let coded = root.with_header("content-encoding", "gzip");
    let reply = coded.raw(Method::POST, "/v1/users", Some((padded(300), "application/json"))).await;
    reply.refused(415, "unsupported_media_type");
    assert_eq!(team.seats().await["total"], 1);
    let media_type = "Application/JSON ; charset=utf-8";
    root.raw(Method::POST, "/v1/users", Some((padded(300), media_type))).await.expect(201);
}

// RULE: AP-09, IN-01
#[tokio::test]
async fn fields_of_the_wrong_type_size_or_name_are_all_named_and_nothing_is_written() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let before = roster.dump().await;
    let huge = "n".repeat(10_000);
    let root = &team.root.caller;
    for wrong in [json!(1), json!(true), json!([]), json!({}), json!(["a"]), json!(1e300), json!(0.1)] {
        let body = json!({ "email": wrong, "first_name": wrong, "last_name": wrong, "role": wrong, "message": wrong });
        let reply = root.post("/v1/users", body).await.refused(422, "validation_failed");
        let expected =
            ["email", "first_name", "last_name", "message", "role"].map(|field| (field, "wrong_type"));
        assert_eq!(reply.bad_fields(), expected, "{wrong}");
    }
    let body = json!({
        "email": format!("{huge}@x.test"), "first_name": huge, "last_name": huge, "role": huge, "Email": "ann@x.test",
        "__proto__": {}, "id": "usr_1",
    });
    let reply = root.post("/v1/users", body).await.refused(422, "validation_failed");
    let mut bad: Vec<&str> = reply.bad_fields().iter().map(|(field, _)| *field).collect();
    bad.sort_unstable();
    assert_eq!(bad, ["Email", "__proto__", "email", "first_name", "id", "last_name", "role"]);
    assert!(reply.body.to_string().len() < 2000, "what was sent is not sent back");
    let null = json!({ "email": null, "first_name": null, "last_name": null, "role": null, "message": null });
    let reply = root.post("/v1/users", null).await.refused(422, "validation_failed");
    assert_eq!(reply.bad_fields().len(), 4, "an optional field may be null");
    let many: Value =
        (0..500).map(|n| (format!("field{n}"), json!(n))).collect::<serde_json::Map<_, _>>().into();
    root.post("/v1/users", many).await.refused(422, "validation_failed");
    let body = json!({ "account_name": huge, "email": "x", "first_name": 1, "plan": "pro" });
    let reply = roster.caller().post("/v1/accounts", body).await.refused(422, "validation_failed");
    assert_eq!(
        reply.bad_fields(),
        [
            ("account_name", "too_long"),
            ("email", "invalid_email"),
            ("first_name", "wrong_type"),
            ("last_name", "required"),
            ("plan", "unknown_field"),
        ]
    );
    assert_eq!(roster.dump().await, before);
    assert_eq!(root.get("/v1/users").await.expect(200).body["data"].as_array().map(Vec::len), Some(1));
}

// RULE: AP-09
#[tokio::test]
async fn routes_without_fields_take_none() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let ann = team.member("ann@acme.test", "monitor").await;
    let root = &team.root.caller;
    for path in [
        "/v1/me?x=1",
        "/v1/seats?limit=1",
        "/v1/me/sessions?current=true",
        "/v1/me/api-keys?limit=1",
        &format!("/v1/users/{}?expand=all", ann.id),
        &format!("/v1/users/{}/api-keys?limit=1", ann.id),
    ] {
        let reply = root.get(path).await.refused(422, "validation_failed");
        assert_eq!(reply.bad_fields()[0].1, "unknown_field", "{path}");
    }
    let path = format!("/v1/users/{}/reactivate", ann.id);
    for path in [&path, "/v1/me/mfa/totp", "/v1/me/recovery-codes", "/v1/me/recovery-codes/view"] {
        let reply = root.post(path, json!({ "confirm": true })).await.refused(422, "validation_failed");
        assert_eq!(reply.bad_fields(), [("confirm", "unknown_field")], "{path}");
    }
    for path in [&path, "/v1/me/mfa/totp", "/v1/me/recovery-codes"] {
        root.call(Method::POST, path, None).await.expect(200);
    }
    // Nor does a method whose fields stand in the query take a body, which could mean that it is not to be done.
    let path = format!("/v1/users/{}?confirm=true", ann.id);
    for body in [r#"{"confirm":false}"#, "garbage", "[]"] {
        let reply = root.raw(Method::DELETE, &path, Some((body.into(), JSON))).await;
        assert_eq!(
            reply.refused(422, "validation_failed").bad_fields(),
            [("body", "unknown_field")],
            "{body}"
        );
    }
    let of_get = root.raw(Method::GET, "/v1/me", Some((b"[1]".to_vec(), JSON))).await;
    of_get.refused(422, "validation_failed");
    root.raw(Method::DELETE, &path, Some((b"{}".to_vec(), JSON))).await.expect(204);
}
