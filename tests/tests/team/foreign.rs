//! Other accounts.

use reqwest::Method;
use serde_json::{Value, json};
use tests::Roster;

fn routes(id: &str) -> Vec<(Method, String, Option<Value>)> {
    let user = format!("/v1/users/{id}");
    vec![
        (Method::GET, user.clone(), None),
        (Method::DELETE, format!("{user}?confirm=true"), None),
        (Method::PUT, format!("{user}/role"), Some(json!({ "role": "admin" }))),
        (Method::POST, format!("{user}/suspend"), Some(json!({ "confirm": true }))),
        (Method::POST, format!("{user}/reactivate"), Some(json!({}))),
        (Method::POST, format!("{user}/logout"), Some(json!({ "confirm": true }))),
        (Method::GET, format!("{user}/sessions"), None),
        (Method::POST, format!("{user}/invitation"), None),
        (Method::DELETE, format!("{user}/invitation"), None),
    ]
}

// RULE: AP-05
#[tokio::test]
async fn an_identifier_of_another_account_answers_as_one_that_nobody_has() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let other = roster.team("other").await.on_pro().await;
    let active = other.member("active@other.test", "developer").await;
    let pending = other.pending("pending@other.test", "developer").await;
    let deleted = other.member("deleted@other.test", "developer").await;
    other.root.caller.delete(&format!("/v1/users/{}?confirm=true", deleted.id)).await.expect(204);
    let before = roster.dump().await;
    let unknown = "usr_01K00000000000000000000000";
    let ids = [&other.root.id, &active.id, &pending, &deleted.id, &other.account_id];
    let garbage = ["usr_", "nobody", "..%2F..%2Faccounts", "usr_01k00000000000000000000000", "%00", "A"];
    for id in ids.into_iter().map(String::as_str).chain(garbage) {
        for ((method, path, body), (_, unknown, _)) in routes(id).into_iter().zip(routes(unknown)) {
            let seen = team.root.caller.call(method.clone(), &path, body.clone()).await;
            let expected = team.root.caller.call(method, &unknown, body).await;
            assert_eq!(seen.alike(), expected.alike(), "{path}");
            // What is no user's identifier at all tells nothing by being looked up less.
            if !garbage.contains(&id) && id != other.account_id {
                assert_eq!(roster.effort(&seen).await, roster.effort(&expected).await, "{path}");
            }
            seen.refused(404, "not_found");
        }
    }
    assert_eq!(roster.dump().await, before, "nothing is written");
    active.caller.get("/v1/me").await.expect(200);
    let mine = team.root.caller.get("/v1/users?email=active@other.test").await.expect(200);
    assert_eq!(mine.body["data"], json!([]));
}
