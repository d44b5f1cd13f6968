//! Every operation, tried by an API key of every role, and by an Admin and a Root who owe a second factor.

use serde_json::json;
use tests::{Caller, Places, Roster, Route, Team, routes};

use crate::cast::with_everything;
use crate::matrix::{cell, row, table};

const COLUMNS: [&str; 7] = [
    "root's key",
    "admin's key",
    "billing's key",
    "developer's key",
    "monitor's key",
    "admin who owes",
    "root who owes",
];
/// Operations after which a minute begins anew: the requests of keys are limited.
const OPERATIONS_A_MINUTE: usize = 10;

/// A key of each role, though some of them make none, and sessions of those who owe a second factor.
async fn actors(team: &Team<'_>) -> Vec<Caller> {
    let mut actors = vec![team.root.key("own").await.caller];
    for role in ["admin", "billing", "developer", "monitor"] {
        let (_, keys) = with_everything(team, &format!("{role}@means.test"), role).await;
        actors.push(keys[0].caller.clone());
    }
    for role in ["admin", "root"] {
        let owing = team.member(&format!("owing-{role}@means.test"), "developer").await;
        let path = format!("/v1/users/{}/role", owing.id);
        team.root.caller.put(&path, json!({ "role": role })).await.expect(200);
        actors.push(owing.caller);
    }
    actors
}

/// Everything is there and as it was, so that nothing is refused for want of it.
async fn mend(team: &Team<'_>, user_id: &str, operation: &str) {
    let root = &team.root.caller;
    root.post(&format!("/v1/users/{user_id}/reactivate"), json!({})).await.expect(200);
    root.put("/v1/resources/agents/support-bot", json!({ "name": "Bot" })).await.expect(200);
    let departure = format!("/v1/users/{user_id}/departure");
    if root.get(&departure).await.body["cancelled_at"].is_null() {
        root.delete(&departure).await;
    }
    if operation != "start-departure" {
        root.post(&departure, json!({})).await.expect(200);
    }
}

/// The operations of the document, those last after which others find nothing.
fn operations() -> Vec<Route> {
    let mut operations: Vec<Route> = routes().into_iter().filter(|route| !route.is_public).collect();
    let last = ["delete-user-keys", "sign-out"];
    operations.sort_by_key(|route| last.iter().position(|name| route.name == *name));
    operations
}

// RULE: RO-01, RO-02, RO-08, AC-06, AC-07
#[tokio::test]
async fn every_operation_is_tried_by_keys_and_by_those_who_owe_a_second_factor() {
    let roster = Roster::start().await;
    let team = roster.team("means").await.on_pro().await;
    let actors = actors(&team).await;
    let (target, keys) = with_everything(&team, "target@means.test", "developer").await;
    let mut key_ids: Vec<String> = keys.into_iter().map(|key| key.id).collect();
    let mut webhook_ids = Vec::new();
    for _ in 0..3 {
        let hook = json!({ "url": "https://localhost/", "event_types": ["account.closed"] });
        webhook_ids.push(team.root.caller.post("/v1/webhooks", hook).await.expect(201).text("id").to_owned());
    }
    let mut rows = vec![row("operation", "", COLUMNS.map(str::to_owned).to_vec())];
    for (n, route) in operations().into_iter().enumerate() {
        if n % OPERATIONS_A_MINUTE == 0 {
            roster.advance("1m").await;
        }
        let mut cells = Vec::new();
        for actor in &actors {
            mend(&team, &target.id, &route.name).await;
            let key_id = key_ids.last().expect("a key is left").clone();
            let places = Places {
                user_id: target.id.clone(),
                key_id,
                session_id: "none".into(),
                passkey_id: "none".into(),
                webhook_id: webhook_ids.last().expect("a webhook is left").clone(),
                invoice_id: "none".into(),
                review_id: "none".into(),
            };
            let (method, path, body) = route.call(&places, route.fitting(&target.id));
            let reply = actor.call(method, &path, body).await;
            if route.name == "delete-webhook" && reply.status < 300 {
                webhook_ids.pop();
            }
            if route.name == "delete-user-key" && reply.status < 300 {
                key_ids.pop();
            }
            cells.push(cell(&reply));
        }
        rows.push(row(route.name, "", cells));
    }
    insta::assert_snapshot!(table(&rows));
}
