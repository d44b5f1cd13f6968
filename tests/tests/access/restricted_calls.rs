//! Every operation, called by an Admin or a Root who owes a second factor: by session and by API key. RULE: RO-08

use serde_json::{Value, json};
use tests::{Caller, Key, Person, Places, Reply, Roster, Route, Team, routes};

/// What is open to them.
const OPEN: [&str; 6] =
    ["get-profile", "sign-out", "enroll-mfa", "confirm-mfa", "begin-passkey", "add-passkey"];

/// What is there to be called, so that nothing is refused for want of it.
async fn places(team: &Team<'_>) -> Places {
    let root = &team.root.caller;
    let ann = team.member("ann@acme.test", "developer").await;
    let key_id = ann.key("hers").await.id;
    root.put("/v1/resources/agents/support-bot", json!({ "name": "Bot" })).await.expect(200);
    root.post(&format!("/v1/users/{}/departure", ann.id), json!({})).await.expect(200);
    let invoices = root.get("/v1/invoices").await.expect(200).body;
    let invoice_id = invoices["data"][0]["id"].as_str().expect("an invoice").to_owned();
    let hook = json!({ "url": "https://localhost/", "event_types": ["account.closed"] });
    let webhook_id = root.post("/v1/webhooks", hook).await.expect(201).text("id").to_owned();
    team.roster.review(&team.account_id, 31).await;
    let review_id = team.roster.newest_review(&team.account_id, domain::ReviewKind::Inactivity).await;
    let passkey_id = "none".into();
    Places { user_id: ann.id, key_id, passkey_id, webhook_id, invoice_id, review_id, ..Places::default() }
}

/// Somebody who was a developer with an API key, and is this now.
async fn promoted(team: &Team<'_>, role: &str) -> (Person, Key, String) {
    let person = team.member(&format!("promoted-{role}@acme.test"), "developer").await;
    let key = person.key("from before").await;
    let sessions = person.caller.get("/v1/me/sessions").await.expect(200).body;
    let session_id = sessions["data"][0]["id"].as_str().expect("an identifier").to_owned();
    let path = format!("/v1/users/{}/role", person.id);
    team.root.caller.put(&path, json!({ "role": role })).await.expect(200);
    (person, key, session_id)
}

async fn called(by: &Caller, route: &Route, places: &Places) -> Reply {
    let (method, path, body) = route.call(places, route.fitting(&places.user_id));
    by.call(method, &path, body).await
}

/// The table but for what was written down of the attempts.
async fn state(roster: &Roster) -> Vec<Value> {
    let mut items = roster.dump().await;
    items.retain(|item| !item["pk"].as_str().unwrap_or_default().starts_with("E#"));
    items
}

/// What everything that is not open answers.
async fn refused(by: &Caller, places: &Places, by_key: Option<&str>) -> usize {
    let mut refused = 0;
    for route in routes().into_iter().filter(|route| !route.is_public && !OPEN.contains(&&*route.name)) {
        let is_for_sessions = route.codes.iter().any(|code| code == "session_required");
        let code = by_key.filter(|_| is_for_sessions).unwrap_or("mfa_enrollment_required");
        let reply = called(by, &route, places).await;
        assert_eq!((reply.status, reply.code()), (403, code), "{}: {:#}", route.name, reply.body);
        assert!(route.codes.iter().any(|known| known == "mfa_enrollment_required"), "{}", route.name);
        refused += 1;
    }
    refused
}

// RULE: RO-08, AC-07
#[tokio::test]
async fn whoever_owes_a_second_factor_does_nothing_but_set_one_up_read_themselves_and_sign_out() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await.on_pro().await;
    let places = places(&team).await;
    for role in ["admin", "root"] {
        // A minute's requests of the account's keys are limited.
        roster.advance("1m").await;
        let (person, Key { caller: key, .. }, session_id) = promoted(&team, role).await;
        let places = Places { session_id, ..places.clone() };
        let session = &person.caller;
        for by in [session, &key] {
            let me = by.get("/v1/me").await.expect(200).body;
            assert_eq!((&me["role"], &me["allowed_actions"]), (&json!(role), &json!([])));
        }
        let before = state(&roster).await;
        assert!(refused(session, &places, None).await > 30, "all but a few are not open");
        refused(&key, &places, Some("session_required")).await;
        assert_eq!(state(&roster).await, before, "something was done");
        // What is open to them is open to a session, and a key reads its owner.
        for name in OPEN.into_iter().filter(|name| *name != "get-profile") {
            let route = routes().into_iter().find(|route| route.name == name).expect("a route");
            called(&key, &route, &places).await.refused(403, "session_required");
            assert!(!route.codes.iter().any(|code| code == "mfa_enrollment_required"), "{name}");
        }
        roster.enroll(&person).await;
        for path in ["/v1/users", "/v1/events", "/v1/resources", "/v1/account", "/v1/seats"] {
            session.get(path).await.expect(200);
            key.get(path).await.expect(200);
        }
        session.get("/v1/me/sessions").await.expect(200);
    }
}

// RULE: RO-08
#[tokio::test]
async fn whoever_signs_in_and_owes_a_second_factor_is_told_so_and_may_sign_out() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await.on_pro().await;
    let (person, ..) = promoted(&team, "admin").await;
    let body = json!({ "email": person.email, "password": tests::PASSWORD });
    let session = roster.caller().post("/v1/sessions", body).await.expect(201).body;
    assert_eq!(session["restricted"], true);
    let caller = person.caller.with_token(session["token"].as_str().expect("a token"));
    let refused = caller.get("/v1/users").await.refused(403, "mfa_enrollment_required");
    assert!(refused.text("hint").contains("/v1/me/mfa/totp"), "{:#}", refused.body);
    caller.delete("/v1/sessions/current").await.expect(204);
    caller.get("/v1/me").await.refused(401, "unauthenticated");
    // Another role owes nothing.
    let path = format!("/v1/users/{}/role", person.id);
    team.root.caller.put(&path, json!({ "role": "developer" })).await.expect(200);
    person.caller.get("/v1/resources").await.expect(200);
}

// RULE: RO-08, AP-07
#[tokio::test]
async fn what_is_open_to_anybody_does_not_look_at_who_calls() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await.on_pro().await;
    let places = places(&team).await;
    let (person, key, _) = promoted(&team, "root").await;
    for route in routes().into_iter().filter(|route| route.is_public) {
        let anybody = called(&roster.caller(), &route, &places).await;
        for token in [person.caller.token(), key.caller.token()] {
            let reply = called(&roster.caller().with_token(token), &route, &places).await;
            assert_eq!((reply.status, reply.code()), (anybody.status, anybody.code()), "{}", route.name);
        }
    }
}
