//! The same call twice, under one key, where it is about one's own access: it is done once, and a secret in its answer is
//! shown once.

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use tests::{Caller, PASSWORD, Reply, Roster, app_code};

type Call = (Method, String, Option<Value>);

fn keyed(caller: &Caller, key: &str) -> Caller {
    caller.with_header("idempotency-key", key)
}

fn is_replayed(reply: &Reply) -> bool {
    reply.header("idempotent-replayed") == Some("true")
}

fn post(path: &str, body: Value) -> Call {
    (Method::POST, path.to_owned(), Some(body))
}

/// What a reply says that is said nowhere else.
fn secrets(reply: &Reply) -> Vec<String> {
    let one = ["secret", "token"].iter().filter_map(|name| reply.body[name].as_str());
    let many = ["codes", "recovery_codes"].iter().filter_map(|name| reply.body[name].as_array()).flatten();
    let many = many.map(|code| code.as_str().expect("a code"));
    one.chain(many).map(str::to_owned).collect()
}

/// Does it once with a secret for an answer, and never again under its key.
async fn shown_once(roster: &Roster, caller: &Caller, (method, path, body): Call, status: u16) -> Reply {
    let caller = keyed(caller, &format!("once {path}"));
    let first = caller.call(method.clone(), &path, body.clone()).await.expect(status);
    assert!(!is_replayed(&first), "{path}");
    let after = roster.dump().await;
    let shown = secrets(&first);
    assert!(!shown.is_empty(), "{path}: {:#}", first.body);
    assert!(
        shown.iter().all(|secret| !json!(after).to_string().contains(secret)),
        "{path}: the table holds it"
    );
    for _ in 0..2 {
        let again = caller.call(method.clone(), &path, body.clone()).await;
        again.refused(409, "secret_already_shown");
    }
    assert_eq!(roster.dump().await, after, "{path}");
    first
}

// RULE: AP-02, AC-07, RC-02, RO-08
#[tokio::test]
async fn an_answer_with_a_secret_is_shown_once_and_kept_nowhere() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await.on_pro().await;
    let ann = team.member("ann@acme.test", "developer").await;
    shown_once(&roster, &ann.caller, post("/v1/me/mfa/totp", json!({})), 200).await;
    // The app is set up with what a second call tells: another key stands for another enrolment.
    let enrolled = keyed(&ann.caller, "another").post("/v1/me/mfa/totp", json!({})).await.expect(200);
    let code = app_code(&roster, enrolled.text("secret"), 0);
    let confirm = post("/v1/me/mfa/totp/confirm", json!({ "code": code }));
    shown_once(&roster, &ann.caller, confirm, 200).await;
    // Which code it was is no part of which call it was.
    let other = keyed(&ann.caller, "once /v1/me/mfa/totp/confirm");
    let other = other.post("/v1/me/mfa/totp/confirm", json!({ "code": "000000" })).await;
    other.refused(409, "secret_already_shown");

    shown_once(&roster, &ann.caller, post("/v1/me/recovery-codes", json!({})), 200).await;
    shown_once(&roster, &ann.caller, post("/v1/me/recovery-codes/view", json!({})), 200).await;
    shown_once(&roster, &ann.caller, post("/v1/me/api-keys", json!({ "name": "ci" })), 201).await;
    let theirs = format!("/v1/users/{}/recovery-codes", ann.id);
    let root = &team.root.caller;
    shown_once(&roster, root, post(&theirs, json!({ "confirm": true })), 200).await;
    shown_once(&roster, root, post(&format!("{theirs}/view"), json!({})), 200).await;

    let once = keyed(&ann.caller, "once /v1/me/api-keys");
    let other = once.post("/v1/me/api-keys", json!({ "name": "other" })).await;
    other.refused(422, "idempotency_mismatch");
    assert_eq!(
        ann.caller.get("/v1/me/api-keys").await.expect(200).body["data"].as_array().map(Vec::len),
        Some(1)
    );
}

// RULE: AP-02, AC-07
#[tokio::test]
async fn of_twins_that_ask_for_a_secret_one_is_told_it() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let root = keyed(&team.root.caller, "twins");
    let twins = join_all((0..10).map(|_| root.post("/v1/me/api-keys", json!({ "name": "ci" })))).await;
    let (told, others): (Vec<Reply>, Vec<Reply>) = twins.into_iter().partition(|reply| reply.status == 201);
    assert_eq!(told.len(), 1);
    assert!(others.iter().all(|reply| reply.code() == "secret_already_shown"), "{others:#?}");
    let keys = team.root.caller.get("/v1/me/api-keys").await.expect(200).body;
    assert_eq!(keys["data"].as_array().map(Vec::len), Some(1));
    // A day later it stands for another call.
    roster.advance("24h").await;
    let root = keyed(&roster.sign_in(&team.root.email).await.caller, "twins");
    root.post("/v1/me/api-keys", json!({ "name": "other" })).await.expect(201);
}

// RULE: AP-02, SE-04, SE-07, AC-06
#[tokio::test]
async fn what_is_done_to_ones_own_access_is_done_once_and_answered_alike_under_one_key() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await.on_pro().await;
    let ann = team.member("ann@acme.test", "developer").await;
    roster.enroll(&ann).await;
    let other = roster.sign_in("ann@acme.test").await.caller;
    let other = other.get("/v1/me/sessions").await.expect(200).body["data"][0]["id"].clone();
    let other = other.as_str().expect("an identifier").to_owned();
    let (own, taken) = (ann.key("own").await.id, ann.key("taken").await.id);
    ann.key("kept").await;
    let code = roster.authenticators.code("ann@acme.test");
    let password = json!({ "current_password": PASSWORD, "new_password": "quartz-lattice-heron-7" });
    let theirs = format!("/v1/users/{}/api-keys", ann.id);
    let (by_ann, by_root) = (&ann.caller, &team.root.caller);
    let delete = |path: String| (Method::DELETE, path, None);
    let calls = [
        (by_ann, (Method::PATCH, "/v1/me".to_owned(), Some(json!({ "first_name": "Anna" }))), 200),
        (by_ann, post("/v1/sessions/current/step-up", json!({ "code": code })), 200),
        (by_ann, delete(format!("/v1/me/sessions/{other}")), 204),
        (by_ann, delete("/v1/me/sessions".to_owned()), 200),
        (by_ann, delete(format!("/v1/me/api-keys/{own}")), 204),
        (by_root, delete(format!("{theirs}/{taken}")), 204),
        (by_root, delete(theirs.clone()), 204),
        (by_ann, (Method::PUT, "/v1/me/password".to_owned(), Some(password)), 204),
        (by_ann, delete("/v1/me/mfa/totp".to_owned()), 204),
    ];
    for (n, (by, (method, path, body), status)) in calls.into_iter().enumerate() {
        let by = keyed(by, &format!("call {n}"));
        let first = by.call(method.clone(), &path, body.clone()).await.expect(status);
        assert!(!is_replayed(&first), "{path}");
        let after = roster.dump().await;
        for _ in 0..2 {
            let again = by.call(method.clone(), &path, body.clone()).await.expect(status);
            assert!(is_replayed(&again), "{path}");
            assert_eq!(
                (again.body, again.headers.len()),
                (first.body.clone(), first.headers.len() + 1),
                "{path}"
            );
        }
        assert_eq!(roster.dump().await, after, "{path}");
    }
    assert_eq!(by_root.get(&theirs).await.expect(200).body["data"], json!([]));
}

// RULE: AP-02, SE-04, AC-06
#[tokio::test]
async fn what_is_done_to_one_session_is_done_for_each_that_asks_under_the_same_key() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let second = roster.sign_in(&team.root.email).await;
    roster.advance("1m").await;
    for caller in [&team.root.caller, &second.caller] {
        let body = json!({ "code": roster.authenticators.code(&team.root.email) });
        let reply = keyed(caller, "again").post("/v1/sessions/current/step-up", body).await.expect(200);
        assert!(!is_replayed(&reply));
    }
    let ended = keyed(&team.root.caller, "others").delete("/v1/me/sessions").await.expect(200);
    assert_eq!(ended.body["sessions_ended"], 1);
    second.caller.get("/v1/me").await.refused(401, "unauthenticated");
}
