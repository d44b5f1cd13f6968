//! Whether an address is known shows in nothing: reply, headers, argon2, KMS, steps to the table.

use serde_json::{Value, json};
use tests::{Reply, Roster, masked};

/// All that an outsider may compare of a reply, and what it cost.
async fn shown(roster: &Roster, reply: &Reply) -> Value {
    let headers: Vec<&str> = reply.headers.iter().map(|(name, _)| name.as_str()).collect();
    json!([masked(&reply.alike()), headers, roster.effort(reply).await, hashes(roster, reply)])
}

/// Runs of argon2, by the function's own line.
fn hashes(roster: &Roster, reply: &Reply) -> Value {
    let lines = roster.stack.logs().into_iter();
    let lines = lines.filter_map(|(_, line)| serde_json::from_str::<Value>(&line).ok());
    let mut lines = lines.filter(|line| line["request_id"].as_str() == reply.header("x-request-id"));
    // What else has its request comes after it: the events that it led to.
    lines.next().expect("the function's line")["hashes"].clone()
}

/// A known address of each kind, and one that nobody has.
async fn addresses(roster: &Roster) -> Vec<(&'static str, String)> {
    let team = roster.team("acme").await.on_pro().await;
    team.member("active@acme.test", "developer").await;
    let guarded = team.member("guarded@acme.test", "developer").await;
    roster.enroll(&guarded).await;
    team.pending("pending@acme.test", "developer").await;
    let suspended = team.member("suspended@acme.test", "developer").await;
    let path = format!("/v1/users/{}/suspend", suspended.id);
    team.root.caller.post(&path, json!({ "confirm": true })).await.expect(200);
    let deleted = team.member("deleted@acme.test", "developer").await;
    team.root.caller.delete(&format!("/v1/users/{}?confirm=true", deleted.id)).await.expect(204);
    roster.stack.settle().await;
    ["nobody", "active", "guarded", "pending", "suspended", "deleted"]
        .map(|name| (name, format!("{name}@acme.test")))
        .into()
}

fn assert_alike(seen: &[(&str, Value)]) {
    for (what, shown) in seen {
        assert_eq!(shown, &seen[0].1, "{what}");
    }
}

// RULE: AC-08, AC-03
#[tokio::test]
async fn a_wish_for_a_link_shows_nothing_of_whether_there_is_anybody() {
    let roster = Roster::start().await;
    let mut seen = Vec::new();
    for (what, email) in addresses(&roster).await {
        let reply = roster.caller().post("/v1/password-resets", json!({ "email": email })).await;
        seen.push((what, shown(&roster, &reply.expect(202)).await));
    }
    assert_alike(&seen);
    let effort = seen[0].1[2].to_string();
    assert!(!effort.contains("kms") && effort.contains("TransactWriteItems"), "{effort}");
}

// RULE: AC-03, AC-12
#[tokio::test]
async fn a_wrong_password_shows_nothing_of_whether_there_is_anybody() {
    let roster = Roster::start().await;
    let mut seen = Vec::new();
    for (what, email) in addresses(&roster).await {
        let body = json!({ "email": email, "password": "not-the-password-of-anybody" });
        let reply = roster.caller().post("/v1/sessions", body).await.refused(401, "invalid_credentials");
        seen.push((what, shown(&roster, &reply).await));
    }
    assert_alike(&seen);
    assert_eq!(seen[0].1[3], 1, "one run of argon2");
}

// RULE: AC-01, AC-03
#[tokio::test]
async fn a_sign_up_shows_nothing_of_whether_the_address_is_known() {
    let roster = Roster::start().await;
    let mut seen = Vec::new();
    for (what, email) in addresses(&roster).await {
        let body = json!({ "account_name": "New", "email": email, "first_name": "A", "last_name": "B" });
        let reply = roster.caller().post("/v1/accounts", body).await.expect(202);
        seen.push((what, shown(&roster, &reply).await));
    }
    assert_alike(&seen);
}

// RULE: AC-03
#[tokio::test]
async fn the_lock_of_an_address_shows_nothing_of_whether_there_is_anybody() {
    let roster = Roster::start().await;
    let mut seen = Vec::new();
    for (what, email) in addresses(&roster).await {
        let from = roster.caller();
        let body = json!({ "email": email, "password": "not-the-password-of-anybody" });
        let mut all = Vec::new();
        for _ in 0..6 {
            let reply = from.post("/v1/sessions", body.clone()).await;
            all.push(shown(&roster, &reply).await);
        }
        assert_eq!(all[5][0]["status"], 429, "{}", all[5]);
        seen.push((what, Value::Array(all)));
    }
    assert_alike(&seen);
}
