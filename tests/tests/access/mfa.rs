//! Second factors: who owes one, how it is set up, and what it takes to sign in with it.

use serde_json::{Value, json};
use tests::{Caller, PASSWORD, Person, Roster, app_code};

/// The first half of a sign-in; the challenge.
async fn challenge(roster: &Roster, email: &str) -> String {
    let body = json!({ "email": email, "password": PASSWORD });
    let reply = roster.caller().post("/v1/sessions", body).await.expect(200).body;
    assert_eq!(reply["token"], Value::Null, "half of it is no session");
    reply["challenge"].as_str().expect("a challenge").to_owned()
}

fn answered(challenge: &str, code: &str) -> Value {
    json!({ "challenge": challenge, "code": code })
}

async fn verify(roster: &Roster, challenge: &str, code: &str) -> tests::Reply {
    roster.caller().post("/v1/sessions/mfa", answered(challenge, code)).await
}

/// Begins an enrolment; the secret.
async fn begin(caller: &Caller) -> String {
    let reply = caller.post("/v1/me/mfa/totp", json!({})).await.expect(200).body;
    reply["secret"].as_str().expect("a secret").to_owned()
}

/// A code that is none of those around now.
fn wrong(roster: &Roster, secret: &str) -> String {
    let near: Vec<String> = (-2..=2).map(|step| app_code(roster, secret, step)).collect();
    let code = (0..10).map(|n| format!("{n:06}")).find(|code| !near.contains(code));
    code.expect("five of ten are none of them")
}

/// Somebody without a second factor, who needs none.
async fn developer(roster: &Roster) -> Person {
    let team = roster.team("acme").await;
    team.member("dev@acme.test", "developer").await
}

// RULE: RO-08, AC-05, RC-01
#[tokio::test]
async fn a_root_does_nothing_but_enrol_until_a_second_factor_is_confirmed() {
    let roster = Roster::start().await;
    let body =
        json!({ "account_name": "Acme", "email": "root@acme.test", "first_name": "R", "last_name": "R" });
    roster.caller().post("/v1/accounts", body).await.expect(202);
    let token = roster.token_for("root@acme.test").await;
    let accept = json!({ "token": token, "password": PASSWORD });
    roster.caller().post("/v1/invitations/accept", accept).await.expect(201);
    let sign_in = json!({ "email": "root@acme.test", "password": PASSWORD });
    let session = roster.caller().post("/v1/sessions", sign_in).await.expect(201).body;
    assert_eq!(session["restricted"], true);
    assert_eq!(session["user"]["allowed_actions"], json!([]));
    let root = roster.caller().with_token(session["token"].as_str().unwrap());
    for path in ["/v1/users", "/v1/seats", "/v1/account", "/v1/events", "/v1/me/sessions"] {
        root.get(path).await.refused(403, "mfa_enrollment_required");
    }
    let me = root.get("/v1/me").await.expect(200).body;
    assert_eq!(me["mfa_enabled"], false);
    let secret = begin(&root).await;
    assert_eq!(me["last_login_at"], Value::Null, "what opens nothing but this is no full authentication");
    root.get("/v1/users").await.refused(403, "mfa_enrollment_required");
    roster.advance("1h").await;
    let secret_again = begin(&root).await;
    assert_ne!(secret, secret_again, "each enrolment has a secret of its own");
    let old = json!({ "code": app_code(&roster, &secret, 0) });
    root.post("/v1/me/mfa/totp/confirm", old).await.refused(401, "invalid_code");
    let code = json!({ "code": app_code(&roster, &secret_again, 0) });
    let confirmed = root.post("/v1/me/mfa/totp/confirm", code).await.expect(200).body;
    assert_eq!(confirmed["recovery_codes"].as_array().map(Vec::len), Some(10));
    let users = root.get("/v1/users").await.expect(200).body;
    let me = &users["data"][0];
    assert_eq!(me["mfa_enabled"], true);
    let now = roster.stack.clock().now();
    let login: chrono::DateTime<chrono::Utc> = me["last_login_at"].as_str().unwrap().parse().unwrap();
    assert!(now - login < chrono::TimeDelta::minutes(1), "confirming is a full authentication");
    let invite = tests::invitee("ann@acme.test", "admin");
    root.post("/v1/users", invite).await.expect(201);
}

// RULE: RO-08, RO-05
#[tokio::test]
async fn a_promoted_user_without_a_factor_does_nothing_as_admin_by_session_or_key() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let dev = team.member("dev@acme.test", "developer").await;
    let key = dev.caller.post("/v1/me/api-keys", json!({ "name": "ci" })).await.expect(201).body;
    let key = roster.caller().with_token(key["token"].as_str().unwrap());
    key.get("/v1/resources").await.expect(200);
    let role = json!({ "role": "admin" });
    team.root.caller.put(&format!("/v1/users/{}/role", dev.id), role).await.expect(200);
    for by in [&dev.caller, &key] {
        for path in ["/v1/users", "/v1/resources"] {
            by.get(path).await.refused(403, "mfa_enrollment_required");
        }
        by.get("/v1/me").await.expect(200);
        let question = json!({ "action": "users.manage" });
        by.post("/v1/authorize", question).await.refused(403, "mfa_enrollment_required");
    }
    roster.enroll(&dev).await;
    dev.caller.get("/v1/users").await.expect(200);
    key.get("/v1/users").await.expect(200);
}

// RULE: AC-04, AC-05
#[tokio::test]
async fn a_sign_in_takes_a_code_and_neither_code_nor_challenge_is_good_twice() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let (email, root) = (&team.root.email, &team.root);
    let before = root.caller.get("/v1/me").await.expect(200).body["last_login_at"].clone();
    roster.advance("2m").await;
    let first = challenge(&roster, email).await;
    assert_eq!(root.caller.get("/v1/me").await.expect(200).body["last_login_at"], before, "half is none");
    let code = roster.authenticators.code(email);
    let session = verify(&roster, &first, &code).await.expect(201).body;
    assert_eq!(session["restricted"], false);
    let signed_in = roster.caller().with_token(session["token"].as_str().unwrap());
    assert_ne!(signed_in.get("/v1/me").await.expect(200).body["last_login_at"], before);
    let next = roster.authenticators.code(email);
    verify(&roster, &first, &next).await.refused(401, "challenge_invalid");
    let second = challenge(&roster, email).await;
    verify(&roster, &second, &code).await.refused(401, "invalid_code");
    verify(&roster, &second, &next).await.expect(201);
}

// RULE: AC-04
#[tokio::test]
async fn a_code_is_good_a_step_early_and_a_step_late() {
    let roster = Roster::start().await;
    let dev = developer(&roster).await;
    roster.enroll(&dev).await;
    let secret = roster.authenticators.secret(&dev.email);
    roster.advance("10m").await;
    for (steps_off, is_good) in [(-2, false), (2, false), (-1, true), (0, true), (1, true)] {
        let challenge = challenge(&roster, &dev.email).await;
        let reply = verify(&roster, &challenge, &app_code(&roster, &secret, steps_off)).await;
        assert_eq!(reply.status, if is_good { 201 } else { 401 }, "{steps_off} steps off");
    }
}

// RULE: AC-04, AC-03
#[tokio::test]
async fn a_challenge_is_good_for_five_minutes_and_five_codes() {
    let roster = Roster::start().await;
    let dev = developer(&roster).await;
    roster.enroll(&dev).await;
    let secret = roster.authenticators.secret(&dev.email);
    roster.advance("1h").await;
    let late = challenge(&roster, &dev.email).await;
    let in_time = challenge(&roster, &dev.email).await;
    roster.advance("4m").await;
    roster.advance("57s").await;
    verify(&roster, &in_time, &app_code(&roster, &secret, 0)).await.expect(201);
    roster.advance("3s").await;
    verify(&roster, &late, &app_code(&roster, &secret, 1)).await.refused(401, "challenge_invalid");

    roster.advance("1m").await;
    let tried = challenge(&roster, &dev.email).await;
    for _ in 0..5 {
        verify(&roster, &tried, &wrong(&roster, &secret)).await.refused(401, "invalid_code");
    }
    verify(&roster, &tried, &app_code(&roster, &secret, 0)).await.refused(401, "challenge_invalid");
    let other = challenge(&roster, &dev.email).await;
    verify(&roster, &other, &app_code(&roster, &secret, 0)).await.expect(201);
}

// RULE: AC-03, EV-01
#[tokio::test]
async fn ten_wrong_codes_in_an_hour_lock_the_user_until_it_is_over_whatever_was_right_in_between() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let dev = team.member("dev@acme.test", "developer").await;
    roster.enroll(&dev).await;
    let secret = roster.authenticators.secret(&dev.email);
    roster.advance("1h").await;
    let session = roster.sign_in(&dev.email).await;
    for round in 0..2 {
        let challenge = challenge(&roster, &dev.email).await;
        for _ in 0..5 {
            verify(&roster, &challenge, &wrong(&roster, &secret)).await.refused(401, "invalid_code");
        }
        if round == 0 {
            let other = self::challenge(&roster, &dev.email).await;
            let mut right = roster.authenticators.answer(&dev.email);
            right["challenge"] = other.into();
            roster.caller().post("/v1/sessions/mfa", right).await.expect(201);
        }
    }
    let next = challenge(&roster, &dev.email).await;
    let code = app_code(&roster, &secret, 1);
    let locked = verify(&roster, &next, &code).await.refused(429, "locked");
    let seconds: i64 = locked.header("retry-after").unwrap().parse().unwrap();
    assert!((3500..=3600).contains(&seconds), "{seconds}");
    let step_up = json!({ "code": code });
    session.caller.post("/v1/sessions/current/step-up", step_up).await.refused(429, "locked");
    let log = team.root.caller.get("/v1/events?type=mfa.locked").await.expect(200).body;
    assert_eq!(log["data"].as_array().map(Vec::len), Some(1), "{log:#}");
    assert_eq!(log["data"][0]["target"], dev.id.as_str());
    roster.advance("1h").await;
    let after = challenge(&roster, &dev.email).await;
    verify(&roster, &after, &app_code(&roster, &secret, 0)).await.expect(201);
}

// RULE: RO-08, AC-06
#[tokio::test]
async fn another_authenticator_takes_the_place_of_the_first_and_ends_every_other_session() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let old = roster.authenticators.secret(&team.root.email);
    roster.advance("1h").await;
    let other = roster.sign_in(&team.root.email).await;
    let stale = team.root.caller.post("/v1/me/mfa/totp", json!({})).await;
    stale.refused(403, "step_up_required");
    roster.enroll(&other).await;
    team.root.caller.get("/v1/me").await.refused(401, "unauthenticated");
    other.caller.get("/v1/users").await.expect(200);
    let challenge = challenge(&roster, &team.root.email).await;
    verify(&roster, &challenge, &app_code(&roster, &old, 1)).await.refused(401, "invalid_code");
    roster.sign_in(&team.root.email).await;
}

// RULE: RO-08, AC-06
#[tokio::test]
async fn a_factor_can_be_removed_but_not_the_last_one_of_an_admin_or_a_root() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    team.root.caller.delete("/v1/me/mfa/totp").await.refused(409, "mfa_required_for_role");
    let dev = team.member("dev@acme.test", "developer").await;
    dev.caller.delete("/v1/me/mfa/totp").await.refused(409, "mfa_not_enabled");
    roster.enroll(&dev).await;
    roster.advance("16m").await;
    dev.caller.delete("/v1/me/mfa/totp").await.refused(403, "step_up_required");
    roster.step_up(&dev).await;
    dev.caller.delete("/v1/me/mfa/totp").await.expect(204);
    let me = dev.caller.get("/v1/me").await.expect(200).body;
    assert_eq!(me["mfa_enabled"], false);
    let body = json!({ "email": dev.email, "password": PASSWORD });
    roster.caller().post("/v1/sessions", body).await.expect(201);
}

// RULE: AC-04, AC-03
#[tokio::test]
async fn an_enrolment_waits_a_quarter_of_an_hour_for_its_first_code_and_wrong_ones_count() {
    let roster = Roster::start().await;
    let dev = developer(&roster).await;
    let confirm = |code: String| dev.caller.post("/v1/me/mfa/totp/confirm", json!({ "code": code }));
    confirm("123456".into()).await.refused(409, "no_enrolment");
    let secret = begin(&dev.caller).await;
    roster.advance("15m").await;
    roster.step_up(&dev).await;
    confirm(app_code(&roster, &secret, 0)).await.refused(409, "no_enrolment");
    let secret = begin(&dev.caller).await;
    for _ in 0..10 {
        confirm(wrong(&roster, &secret)).await.refused(401, "invalid_code");
    }
    confirm(app_code(&roster, &secret, 0)).await.refused(429, "locked");
}

// RULE: AC-06
#[tokio::test]
async fn with_a_second_factor_a_step_up_takes_a_code_and_never_a_password_alone() {
    let roster = Roster::start().await;
    let dev = developer(&roster).await;
    let step_up = |body: Value| dev.caller.post("/v1/sessions/current/step-up", body);
    step_up(json!({ "password": PASSWORD })).await.expect(200);
    step_up(json!({ "password": "wrong" })).await.refused(401, "invalid_credentials");
    step_up(json!({ "code": "123456" })).await.refused(409, "mfa_not_enabled");
    roster.enroll(&dev).await;
    let refused = step_up(json!({ "password": PASSWORD })).await.refused(422, "validation_failed");
    assert_eq!(refused.body["errors"][0]["field"], "code");
    let code = roster.authenticators.code(&dev.email);
    step_up(json!({ "code": code, "password": PASSWORD })).await.expect(200);
    step_up(json!({ "code": code })).await.refused(401, "invalid_code");
}

// RULE: AP-04
#[tokio::test]
async fn a_list_is_narrowed_to_those_with_or_without_a_factor() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let dev = team.member("dev@acme.test", "developer").await;
    let ids = |list: Value| -> Vec<Value> {
        list["data"].as_array().unwrap().iter().map(|user| user["id"].clone()).collect()
    };
    let list =
        async |query: &str| ids(team.root.caller.get(&format!("/v1/users?{query}")).await.expect(200).body);
    assert_eq!(list("mfa=true").await, [team.root.id.as_str()]);
    assert_eq!(list("mfa=false").await, [dev.id.as_str()]);
}
