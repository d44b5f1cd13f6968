//! Signing in, and what a failure shows.

use serde_json::{Value, json};
use tests::{PASSWORD, Roster, masked};

const WRONG: &str = "not-the-password-of-anybody";

// RULE: AC-03, SU-01, DE-01
#[tokio::test]
async fn whatever_is_wrong_with_a_sign_in_the_reply_and_the_effort_are_the_same() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await.on_pro().await;
    let other = roster.team("other").await;
    let active = team.member("active@acme.test", "developer").await;
    team.pending("pending@acme.test", "developer").await;
    let suspended = team.member("suspended@acme.test", "developer").await;
    let path = format!("/v1/users/{}/suspend", suspended.id);
    team.root.caller.post(&path, json!({ "confirm": true })).await.expect(200);
    let deleted = team.member("deleted@acme.test", "developer").await;
    team.root.caller.delete(&format!("/v1/users/{}?confirm=true", deleted.id)).await.expect(204);

    for account_id in [Value::Null, json!(team.account_id)] {
        let mut seen: Vec<(&str, Value)> = Vec::new();
        for (what, email, password) in [
            ("wrong password", active.email.as_str(), WRONG),
            ("unknown address", "nobody@acme.test", PASSWORD),
            ("pending", "pending@acme.test", PASSWORD),
            ("suspended, right password", "suspended@acme.test", PASSWORD),
            ("suspended, wrong password", "suspended@acme.test", WRONG),
            ("deleted", "deleted@acme.test", PASSWORD),
        ] {
            let body = json!({ "email": email, "password": password, "account_id": account_id });
            let reply = roster.caller().post("/v1/sessions", body).await;
            let headers: Vec<&str> = reply.headers.iter().map(|(name, _)| name.as_str()).collect();
            seen.push((what, json!([reply.alike(), headers, roster.effort(&reply).await])));
        }
        if !account_id.is_null() {
            let body = json!({ "email": active.email, "password": PASSWORD, "account_id": other.account_id });
            let reply = roster.caller().post("/v1/sessions", body).await;
            let headers: Vec<&str> = reply.headers.iter().map(|(name, _)| name.as_str()).collect();
            seen.push(("account of others", json!([reply.alike(), headers, roster.effort(&reply).await])));
        }
        for (what, shown) in &seen {
            assert_eq!(shown, &seen[0].1, "{what}");
        }
        insta::allow_duplicates!(insta::assert_json_snapshot!("refused_sign_in", seen[0].1[0]));
        assert_eq!(
            seen[0].1[2].as_array().and_then(|calls| calls.last()),
            Some(&json!("dynamodb TransactWriteItems"))
        );
    }
}

/// Runs of argon2 that signing in so cost, by the function's own line.
async fn hashes(roster: &Roster, email: &str) -> Value {
    let body = json!({ "email": email, "password": WRONG });
    let reply = roster.caller().post("/v1/sessions", body).await.refused(401, "invalid_credentials");
    let lines = roster.lines_of("sign-in");
    let its_own = lines.iter().find(|line| line["request_id"] == reply.body["request_id"]);
    its_own.expect("a line")["hashes"].clone()
}

// RULE: AC-03, AC-12
#[tokio::test]
async fn an_unknown_address_costs_one_hash_as_a_known_one_does() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    team.pending("ann@acme.test", "monitor").await;
    for email in ["root@acme.test", "ann@acme.test", "nobody@acme.test"] {
        assert_eq!(hashes(&roster, email).await, json!(1), "{email}");
    }
}

// RULE: AC-05, SE-05
#[tokio::test]
async fn only_a_full_sign_in_moves_the_last_login() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let id = team.pending("ann@acme.test", "monitor").await;
    let look = async || {
        let user = team.root.caller.get(&format!("/v1/users/{id}")).await.expect(200);
        user.body["last_login_at"].clone()
    };
    let token = roster.token_for("ann@acme.test").await;
    let accept = json!({ "token": token, "password": PASSWORD });
    let user = roster.caller().post("/v1/invitations/accept", accept).await.expect(201);
    assert_eq!(user.body["token"], Value::Null, "accepting returns the user, not a session");
    assert_eq!(look().await, Value::Null, "accepting is no sign-in");

    let body = json!({ "email": "ann@acme.test", "password": PASSWORD });
    let session = roster.caller().post("/v1/sessions", body).await.expect(201);
    let shown = masked(&session.body);
    insta::assert_json_snapshot!("session", shown);
    let first = look().await;
    assert!(first.is_string());
    assert_eq!(session.body["user"]["last_login_at"], first);
    assert_eq!(session.body["user"]["version"], user.body["version"], "a sign-in moves no version");

    roster.advance("1h").await;
    let ann = roster.caller().with_token(session.text("token"));
    ann.get("/v1/me").await.expect(200);
    let body = json!({ "email": "ann@acme.test", "password": WRONG });
    roster.caller().post("/v1/sessions", body).await.refused(401, "invalid_credentials");
    assert_eq!(look().await, first);
    roster.sign_in("ann@acme.test").await;
    assert_ne!(look().await, first);
}
