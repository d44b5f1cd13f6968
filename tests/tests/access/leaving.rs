//! Leaving of one's own accord.

use futures_util::future::join_all;
use serde_json::{Value, json};
use tests::{PASSWORD, Reply, Roster, Team};

const LEAVE: &str = "/v1/me?confirm=true";

async fn tombstone(team: &Team<'_>, id: &str) -> Value {
    let items = team.roster.table().items(&team.account_id, &[format!("X#{id}")]).await;
    items.into_iter().next().expect("a tombstone")
}

// RULE: DE-03, PS-10, DE-04, SE-02
#[tokio::test]
async fn whoever_leaves_is_gone_at_once_and_the_seat_is_free() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let ann = team.member("ann@acme.test", "developer").await;
    let second = roster.sign_in("ann@acme.test").await;
    team.pending("bob@acme.test", "monitor").await;
    team.invite("eve@acme.test", "monitor").await.refused(403, "maximum_users_reached");
    let reply = ann.caller.delete(LEAVE).await.expect(204);
    assert_eq!(reply.body, Value::Null);
    for caller in [&ann.caller, &second.caller] {
        caller.get("/v1/me").await.refused(401, "unauthenticated");
        caller.delete(LEAVE).await.refused(401, "unauthenticated");
    }
    let body = json!({ "email": "ann@acme.test", "password": PASSWORD });
    roster.caller().post("/v1/sessions", body).await.refused(401, "invalid_credentials");
    let user = format!("/v1/users/{}", ann.id);
    team.root.caller.get(&user).await.refused(410, "user_deleted");
    team.root.caller.delete(&format!("{user}?confirm=true")).await.refused(410, "user_deleted");
    assert_eq!(team.seats().await["total"], 2);
    let again = team.invite("ann@acme.test", "monitor").await.expect(201);
    assert_ne!(again.text("id"), ann.id, "somebody new");
    team.invite("eve@acme.test", "monitor").await.refused(403, "maximum_users_reached");
    roster.assert_counts_hold(&team.account_id).await;
    let new = roster.accept("ann@acme.test").await;
    assert_eq!(new.caller.get("/v1/me").await.expect(200).body["role"], "monitor");
}

// RULE: DE-02, EV-01
#[tokio::test]
async fn what_remains_says_that_they_left() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let ann = team.member("ann@acme.test", "billing").await;
    ann.caller.delete(LEAVE).await.expect(204);
    let tombstone = tombstone(&team, &ann.id).await;
    assert_eq!((&tombstone["exit"], &tombstone["deleted_by"]), (&json!("left"), &json!(ann.id)));
    assert_eq!(tombstone["label"], "Deleted user");
    let facts = roster.facts_of(&team.account_id, "user.left").await;
    assert_eq!(facts.len(), 1);
    assert_eq!(facts[0]["target"], ann.id.as_str());
    assert_eq!(facts[0]["before"], json!({ "status": "active", "role": "billing" }));
    assert_eq!(facts[0]["actor"], json!({ "id": ann.id, "role": "billing", "via": "session" }));
    assert!(roster.facts_of(&team.account_id, "user.deleted").await.is_empty());
}

// RULE: DE-03, RO-06
#[tokio::test]
async fn a_root_does_not_leave_not_even_where_there_is_another_one() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let root = &team.root.caller;
    root.delete(LEAVE).await.refused(409, "root_cannot_leave");
    let rob = team.member("rob@acme.test", "root").await;
    for by in [root, &rob.caller] {
        let reply = by.delete(LEAVE).await.refused(409, "root_cannot_leave");
        assert!(reply.text("hint").contains("Another Root"), "{:#}", reply.body);
    }
    root.put(&format!("/v1/users/{}/role", rob.id), json!({ "role": "admin" })).await.expect(200);
    rob.caller.delete(LEAVE).await.expect(204);
    assert_eq!(team.seats().await["total"], 1);
    roster.assert_counts_hold(&team.account_id).await;
}

// RULE: DE-01, AP-03
#[tokio::test]
async fn leaving_is_confirmed_and_holds_to_the_version_that_was_named() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let ann = team.member("ann@acme.test", "developer").await;
    let before = roster.dump().await;
    for query in ["", "?confirm=false", "?confirm=1", "?confirm="] {
        let reply = ann.caller.delete(&format!("/v1/me{query}")).await.refused(422, "validation_failed");
        assert_eq!(reply.bad_fields(), [("confirm", "required")], "{query}");
    }
    ann.caller.with_header("if-match", "\"0\"").delete(LEAVE).await.refused(412, "version_mismatch");
    let stale_root = team.root.caller.with_header("if-match", "\"0\"");
    stale_root.delete(LEAVE).await.refused(412, "version_mismatch");
    assert_eq!(roster.dump().await, before);
    let tag = ann.caller.get("/v1/me").await.expect(200).header("etag").unwrap().to_owned();
    ann.caller.with_header("if-match", &tag).delete(LEAVE).await.expect(204);
}

// RULE: IN-18, AC-12
#[tokio::test]
async fn leaving_one_account_is_not_leaving_the_other() {
    let roster = Roster::start().await;
    let (acme, other) = (roster.team("acme").await, roster.team("other").await);
    let here = acme.member("ann@both.test", "developer").await;
    let there = other.member("ann@both.test", "monitor").await;
    here.caller.delete(LEAVE).await.expect(204);
    there.caller.get("/v1/me").await.expect(200);
    let again = roster.sign_in("ann@both.test").await;
    assert_eq!(again.id, there.id);
}

// RULE: AP-02
#[tokio::test]
async fn a_repeat_under_its_key_comes_from_nobody_any_more() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let ann = team.member("ann@acme.test", "developer").await;
    let keyed = ann.caller.with_header("idempotency-key", "leave");
    keyed.delete(LEAVE).await.expect(204);
    let after = roster.dump().await;
    keyed.delete(LEAVE).await.refused(401, "unauthenticated");
    assert_eq!(roster.dump().await, after);
}

// RULE: RO-07, PS-10
#[tokio::test]
async fn who_leaves_while_being_deleted_goes_once() {
    let roster = Roster::start().await;
    for round in 0..10 {
        let team = roster.team(&format!("acme{round}")).await;
        let ann = team.member(&format!("ann@acme{round}.test"), "developer").await;
        let path = format!("/v1/users/{}?confirm=true", ann.id);
        let leaving = join_all((0..4).map(|_| ann.caller.delete(LEAVE)));
        let (left, deleted) = tokio::join!(leaving, team.root.caller.delete(&path));
        let done = left.iter().chain([&deleted]).filter(|reply: &&Reply| reply.status == 204).count();
        assert_eq!(done, 1);
        let kinds = ["user.left", "user.deleted"];
        let mut facts = 0;
        for kind in kinds {
            facts += roster.facts_of(&team.account_id, kind).await.len();
        }
        assert_eq!(facts, 1);
        assert_eq!(team.seats().await["total"], 1);
        roster.assert_counts_hold(&team.account_id).await;
    }
}
