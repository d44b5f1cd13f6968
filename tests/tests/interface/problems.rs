//! Problem documents, headers, and what the gateway answers by itself.

use local::Options;
use reqwest::Method;
use serde_json::{Value, json};
use tests::{Reply, Roster, invitee};

// RULE: AP-01, AC-10
#[tokio::test]
async fn what_went_wrong_on_our_side_is_told_to_the_log_and_not_to_the_caller() {
    let mut options = Options::default();
    let (before, function) = options.template.split_once("  GetProfileFunction:").expect("the function");
    let broken = function.replacen("dynamodb:BatchGetItem", "dynamodb:GetItem", 1);
    options.template = format!("{before}  GetProfileFunction:{broken}");
    let roster = Roster::start_with(options).await;
    let team = roster.team("acme").await;
    let reply = team.root.caller.get("/v1/me").await.refused(500, "internal_error");
    let detail = "Something went wrong on our side. It was recorded under the request_id.";
    assert_eq!(reply.body["detail"], detail);
    assert_eq!(reply.body.as_object().map(serde_json::Map::len), Some(6), "{:#}", reply.body);
    let request_id = reply.text("request_id").to_owned();
    let is_told = |(name, line): &(String, String)| {
        name == "get-profile" && line.contains(&request_id) && line.contains("AccessDenied")
    };
    assert!(roster.stack.logs().iter().any(is_told), "{:#?}", roster.stack.logs());
}

// RULE: AP-01
#[tokio::test]
async fn every_refusal_is_a_problem_document_with_a_code_and_the_requests_identifier() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let mona = team.member("mona@acme.test", "monitor").await;
    let root = &team.root.caller;
    let gone = team.pending("gone@acme.test", "monitor").await;
    root.delete(&format!("/v1/users/{gone}?confirm=true")).await.expect(204);
    let raw = |bytes: &[u8], media_type: &'static str| Some((bytes.to_vec(), media_type));
    let cookie = roster.caller().with_header("cookie", &format!("roster_session={}", root.token()));
    let large = vec![b' '; 64 * 1024 + 1];
    let replies = [
        root.raw(Method::POST, "/v1/users", raw(b"{", "application/json")).await.refused(400, "malformed"),
        roster.caller().get("/v1/me").await.refused(401, "unauthenticated"),
        cookie.post("/v1/users", json!({})).await.refused(403, "cross_origin"),
        mona.caller.get("/v1/users").await.refused(403, "insufficient_role"),
        root.get("/v1/users/nobody").await.refused(404, "not_found"),
        team.invite("mona@acme.test", "monitor").await.refused(409, "user_exists"),
        root.get(&format!("/v1/users/{gone}")).await.refused(410, "user_deleted"),
        root.raw(Method::POST, "/v1/users", raw(&large, "application/json"))
            .await
            .refused(413, "payload_too_large"),
        root.raw(Method::POST, "/v1/users", raw(b"{}", "text/plain"))
            .await
            .refused(415, "unsupported_media_type"),
        root.post("/v1/users", json!({})).await.refused(422, "validation_failed"),
    ];
    are_problems(&replies);
    let codes: Vec<Value> = replies.iter().map(Reply::alike).collect();
    insta::assert_json_snapshot!("problems", tests::masked(&Value::Array(codes)));
}

fn are_problems(replies: &[Reply]) {
    let mut ids = Vec::new();
    for reply in replies {
        let code = reply.code();
        assert_eq!(reply.header("content-type"), Some("application/problem+json"), "{code}");
        assert_eq!(reply.header("cache-control"), Some("no-store"), "{code}");
        assert_eq!(reply.body["status"], reply.status, "{code}");
        assert_eq!(reply.body["request_id"], reply.request_id(), "{code}");
        assert_eq!(reply.body["type"], format!("urn:roster:problem:{code}"));
        for member in ["title", "detail"] {
            assert!(reply.body[member].as_str().is_some_and(|text| text.len() > 3), "{code} {member}");
        }
        ids.push(reply.request_id());
    }
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), replies.len(), "each request has its own");
}

// RULE: AP-01, RO-04, RO-08, AC-06, AC-07, RC-04
#[tokio::test]
async fn every_refusal_of_access_is_one_as_well_and_says_what_to_do() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await.on_pro().await;
    let (ruth, dan) =
        (team.member("ruth@acme.test", "root").await, team.member("dan@acme.test", "developer").await);
    let (root, dev, anyone) = (&team.root.caller, &dan.caller, roster.caller());
    let key = dan.key("one").await.caller;
    for n in 1..25 {
        dan.key(&format!("{n} more")).await;
    }
    let once = root.with_header("idempotency-key", "k");
    let made = || once.post("/v1/me/api-keys", json!({ "name": "k" }));
    made().await.expect(201);
    let user = |id: &str, what: &str| format!("/v1/users/{id}{what}");
    let code = json!({ "code": "000000" });
    let (none, wrong) = (json!({}), json!({ "email": dan.email, "password": "wrong" }));
    let reset = json!({ "token": "none", "password": "quartz-lattice-heron-7" });
    let challenge = json!({ "challenge": "none", "code": "000000" });
    let mut replies = vec![
        anyone.post("/v1/sessions", wrong.clone()).await.refused(401, "invalid_credentials"),
        anyone.post("/v1/sessions/mfa", challenge).await.refused(401, "challenge_invalid"),
        root.post("/v1/sessions/current/step-up", code.clone()).await.refused(401, "invalid_code"),
        key.get("/v1/me/sessions").await.refused(403, "session_required"),
        root.post(&user(&ruth.id, "/recovery-codes/view"), none.clone())
            .await
            .refused(403, "root_codes_private"),
        anyone.post("/v1/password-resets/confirm", reset).await.refused(404, "token_invalid"),
        dev.post("/v1/me/recovery-codes", none.clone()).await.refused(409, "mfa_not_enabled"),
        root.delete("/v1/me/mfa/totp").await.refused(409, "mfa_required_for_role"),
        dev.post("/v1/me/mfa/totp/confirm", code).await.refused(409, "no_enrolment"),
        root.post("/v1/me/recovery-codes/view", none).await.refused(409, "codes_not_viewable"),
        made().await.refused(409, "secret_already_shown"),
        dev.post("/v1/me/api-keys", json!({ "name": "k" })).await.refused(409, "too_many_keys"),
    ];
    while anyone.post("/v1/sessions", wrong.clone()).await.status == 401 {}
    replies.push(anyone.post("/v1/sessions", wrong).await.refused(429, "locked"));
    root.put(&user(&dan.id, "/role"), json!({ "role": "admin" })).await.expect(200);
    replies.push(dev.get("/v1/users").await.refused(403, "mfa_enrollment_required"));
    roster.advance("16m").await;
    replies.push(root.delete("/v1/account?confirm=true").await.refused(403, "step_up_required"));
    are_problems(&replies);
    let codes: Vec<Value> = replies.iter().map(Reply::alike).collect();
    insta::assert_json_snapshot!("problems_of_access", tests::masked(&Value::Array(codes)));
}

// RULE: AP-01, RC-06
#[tokio::test]
async fn every_reply_names_its_request_and_is_kept_by_no_cache() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let id = team.pending("ann@acme.test", "monitor").await;
    let root = &team.root.caller;
    let token = json!({ "token": roster.token_for("ann@acme.test").await });
    // Codes as a text, for whoever would rather print them.
    let text = root.with_header("accept", "text/plain");
    let codes = text.post("/v1/me/recovery-codes", json!({})).await.expect(200);
    assert_eq!(codes.header("cache-control"), Some("no-store"));
    assert_eq!(codes.header("content-type"), Some("text/plain; charset=utf-8"));
    for reply in [
        root.post("/v1/me/recovery-codes", json!({})).await.expect(200),
        root.post("/v1/me/mfa/totp", json!({})).await.expect(200),
        root.post("/v1/me/api-keys", json!({ "name": "k" })).await.expect(201),
        root.get("/v1/me/api-keys").await.expect(200),
        root.get("/v1/me/sessions").await.expect(200),
        root.get("/v1/me").await.expect(200),
        root.get("/v1/users").await.expect(200),
        root.get("/v1/seats").await.expect(200),
        root.get(&format!("/v1/users/{id}")).await.expect(200),
        roster.caller().post("/v1/invitations/lookup", token).await.expect(200),
        root.post("/v1/users", invitee("bob@acme.test", "monitor")).await.expect(201),
        root.delete(&format!("/v1/users/{id}?confirm=true")).await.expect(204),
    ] {
        assert_eq!(reply.header("cache-control"), Some("no-store"));
        assert_eq!(reply.header("apigw-requestid"), Some(reply.request_id()));
        let media_type = (reply.status != 204).then_some("application/json");
        assert_eq!(reply.header("content-type"), media_type);
    }
}

// RULE: AP-01
#[tokio::test]
async fn what_is_no_route_is_answered_by_the_gateway() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let root = &team.root.caller;
    for (method, path) in [
        (Method::GET, "/"),
        (Method::GET, "/v1/nothing"),
        (Method::GET, "/v1/users/"),
        (Method::GET, "//v1/users"),
        (Method::GET, "/V1/users"),
        (Method::PATCH, "/v1/users"),
        (Method::PUT, "/v1/accounts"),
        (Method::OPTIONS, "/v1/users"),
        (Method::GET, "/v1/users/a/b"),
    ] {
        let reply = root.call(method.clone(), path, None).await.expect(404);
        assert_eq!(reply.body, json!({ "message": "Not Found" }), "{method} {path}");
        assert!(reply.header("apigw-requestid").is_some());
    }
    let head = root.call(Method::HEAD, "/v1/users", None).await.expect(404);
    assert_eq!(head.body, Value::Null);
}
