//! The same call twice, under one key, is done once.

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::json;
use tests::{Caller, PASSWORD, Reply, Roster, invitee, invitees};

fn keyed(caller: &Caller, key: &str) -> Caller {
    caller.with_header("idempotency-key", key)
}

fn is_replayed(reply: &Reply) -> bool {
    reply.header("idempotent-replayed") == Some("true")
}

// RULE: AP-02
#[tokio::test]
async fn every_change_is_done_once_and_answered_alike_under_one_key() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await.on_pro().await;
    let ann = team.member("ann@acme.test", "developer").await.id;
    let eve = team.pending("eve@acme.test", "developer").await;
    roster.advance("61s").await;
    let invitation = format!("/v1/users/{eve}/invitation");
    let user = |what: &str| format!("/v1/users/{ann}{what}");
    let confirm = || Some(json!({ "confirm": true }));
    let many = invitees((0..20).map(|n| format!("row{n}@acme.test")));
    let calls = [
        (Method::POST, "/v1/users/bulk".to_owned(), Some(many), 200),
        (Method::POST, invitation.clone(), None, 200),
        (Method::DELETE, invitation, None, 204),
        (Method::POST, "/v1/users".to_owned(), Some(invitee("bob@acme.test", "monitor")), 201),
        (Method::PUT, user("/role"), Some(json!({ "role": "billing" })), 200),
        (Method::POST, user("/logout"), confirm(), 200),
        (Method::POST, user("/suspend"), confirm(), 200),
        (Method::POST, user("/reactivate"), None, 200),
        (Method::DELETE, user("?confirm=true"), None, 204),
        (Method::PATCH, "/v1/account".to_owned(), Some(json!({ "name": "New" })), 200),
        (Method::PUT, "/v1/resources/flows/f".to_owned(), Some(json!({ "name": "F" })), 200),
        (Method::DELETE, "/v1/resources/flows/f".to_owned(), None, 204),
    ];
    for (n, (method, path, body, status)) in calls.into_iter().enumerate() {
        let root = keyed(&team.root.caller, &format!("call {n}"));
        let first = root.call(method.clone(), &path, body.clone()).await.expect(status);
        assert!(!is_replayed(&first), "{path}");
        let after = roster.dump().await;
        for _ in 0..2 {
            let again = root.call(method.clone(), &path, body.clone()).await.expect(status);
            assert!(is_replayed(&again), "{path}");
            assert_eq!(again.body, first.body, "{path}");
            assert_eq!(again.header("etag"), first.header("etag"), "{path}");
        }
        assert_eq!(roster.dump().await, after, "{path}");
    }
    assert_eq!(roster.mails("bob@acme.test").await.len(), 1);
    roster.assert_counts_hold(&team.account_id).await;
}

// RULE: AP-02
#[tokio::test]
async fn a_key_stands_for_one_call_of_one_caller() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await.on_pro().await;
    let adam = team.member("adam@acme.test", "admin").await;
    let root = keyed(&team.root.caller, "k");
    let ann = root.post("/v1/users", invitee("ann@acme.test", "monitor")).await.expect(201).body;
    let other_body = root.post("/v1/users", invitee("ann@acme.test", "billing")).await;
    other_body.refused(422, "idempotency_mismatch");
    let other_path = format!("/v1/users/{}", ann["id"].as_str().expect("an identifier"));
    let other = root.delete(&format!("{other_path}?confirm=true")).await;
    other.refused(422, "idempotency_mismatch");
    // Which call it was is compared before its fields are judged.
    root.post("/v1/users", json!({})).await.refused(422, "idempotency_mismatch");
    // The order of the members does not matter, a read ignores the key, and another caller's key is another.
    let reordered = br#"{"role":"monitor","last_name":"Invited","first_name":"Ivy","email":"ann@acme.test"}"#;
    let again = root.raw(Method::POST, "/v1/users", Some((reordered.to_vec(), "application/json"))).await;
    assert_eq!(again.expect(201).body, ann);
    root.get(&other_path).await.expect(200);
    let adams = keyed(&adam.caller, "k").post("/v1/users", invitee("ann@acme.test", "monitor")).await;
    adams.refused(409, "invitation_pending");
}

// RULE: AP-02
#[tokio::test]
async fn only_what_was_committed_is_kept() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let ann = team.pending("ann@acme.test", "monitor").await;
    team.pending("bob@acme.test", "monitor").await;
    let root = keyed(&team.root.caller, "k");
    let invite = || root.post("/v1/users", invitee("eve@acme.test", "monitor"));
    invite().await.refused(403, "maximum_users_reached");
    let freed = team.root.caller.delete(&format!("/v1/users/{ann}?confirm=true")).await;
    freed.expect(204);
    assert!(!is_replayed(&invite().await.expect(201)), "the refusal is judged afresh");
    assert!(is_replayed(&invite().await.expect(201)));
    // A quiet success changed nothing: its key is free.
    let same_role = keyed(&team.root.caller, "quiet");
    let eve = invite().await.body["id"].as_str().expect("an identifier").to_owned();
    let path = format!("/v1/users/{eve}/role");
    for _ in 0..2 {
        let quiet = same_role.put(&path, json!({ "role": "monitor" })).await.expect(200);
        assert!(!is_replayed(&quiet));
    }
    same_role.put(&path, json!({ "role": "billing" })).await.expect(200);
}

// RULE: AP-02
#[tokio::test]
async fn a_key_is_free_again_after_24_hours_and_dead_credentials_replay_nothing() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let root = keyed(&team.root.caller, "k");
    let first = root.post("/v1/users", invitee("ann@acme.test", "monitor")).await.expect(201);
    roster.advance("86000s").await;
    let again = roster.sign_in(&team.root.email).await.caller;
    let replay = keyed(&again, "k").post("/v1/users", invitee("ann@acme.test", "monitor")).await.expect(201);
    assert_eq!(replay.body, first.body);
    roster.advance("401s").await;
    let root = keyed(&again, "k");
    root.post("/v1/users", invitee("ann@acme.test", "monitor")).await.refused(409, "invitation_pending");
    let second = root.post("/v1/users", invitee("bob@acme.test", "monitor")).await.expect(201);
    assert!(!is_replayed(&second), "the key stands for a new call");
    again.delete("/v1/sessions/current").await.expect(204);
    let body = invitee("bob@acme.test", "monitor");
    root.post("/v1/users", body).await.refused(401, "unauthenticated");
}

// RULE: AP-02
#[tokio::test]
async fn twins_that_run_at_once_act_once_and_are_all_told_the_same() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    for round in 0..10 {
        let email = format!("twin{round}@acme.test");
        let root = keyed(&team.root.caller, &format!("round {round}"));
        let twins = join_all((0..10).map(|_| root.post("/v1/users", invitee(&email, "monitor")))).await;
        let replies: Vec<Reply> = twins.into_iter().map(|reply| reply.expect(201)).collect();
        assert_eq!(replies.iter().filter(|reply| !is_replayed(reply)).count(), 1);
        assert!(replies.iter().all(|reply| reply.body == replies[0].body));
        assert_eq!(roster.mails(&email).await.len(), 1);
        let id = replies[0].text("id");
        let path = format!("/v1/users/{id}?confirm=true");
        root.delete(&path).await.refused(422, "idempotency_mismatch");
        let root = keyed(&team.root.caller, &format!("end {round}"));
        let end = join_all((0..10).map(|_| root.delete(&path))).await;
        assert!(end.iter().all(|reply| reply.status == 204), "not one is told that the user is gone");
    }
    let kinds = |kind: &'static str| roster.facts_of(&team.account_id, kind);
    assert_eq!((kinds("user.invited").await.len(), kinds("invitation.revoked").await.len()), (10, 10));
    roster.assert_counts_hold(&team.account_id).await;
}

// RULE: AP-02, RO-05
#[tokio::test]
async fn who_has_lost_the_right_is_replayed_nothing() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await.on_pro().await;
    let adam = team.member("adam@acme.test", "admin").await;
    let once = keyed(&adam.caller, "k");
    let body = invitee("ann@acme.test", "monitor");
    let first = once.post("/v1/users", body.clone()).await.expect(201);
    let role = format!("/v1/users/{}/role", adam.id);
    team.root.caller.put(&role, json!({ "role": "monitor" })).await.expect(200);
    once.post("/v1/users", body.clone()).await.refused(403, "insufficient_role");
    assert_eq!(roster.facts_of(&team.account_id, "access.refused").await.len(), 1, "an attempt as any other");
    team.root.caller.put(&role, json!({ "role": "admin" })).await.expect(200);
    let replay = once.post("/v1/users", body).await.expect(201);
    assert!(is_replayed(&replay));
    assert_eq!(replay.body, first.body);
}

// RULE: AP-02, SE-02
#[tokio::test]
async fn signing_out_under_one_key_ends_each_session_that_asks_for_it() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    for session in [roster.sign_in(&team.root.email).await, roster.sign_in(&team.root.email).await] {
        let reply = keyed(&session.caller, "bye").delete("/v1/sessions/current").await.expect(204);
        assert!(!is_replayed(&reply));
        session.caller.get("/v1/me").await.refused(401, "unauthenticated");
    }
    team.root.caller.get("/v1/me").await.expect(200);
}

// RULE: AP-02
#[tokio::test]
async fn public_routes_ignore_the_key_and_a_key_has_bounds() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let anyone = keyed(&roster.caller(), "k");
    let sign_up = |name: &str| {
        let email = format!("{name}@new.test");
        json!({ "account_name": "New", "email": email, "first_name": "Nia", "last_name": "New" })
    };
    anyone.post("/v1/accounts", sign_up("nia")).await.expect(202);
    anyone.post("/v1/accounts", sign_up("nina")).await.expect(202);
    let body = json!({ "email": team.root.email, "password": PASSWORD });
    let challenges =
        [anyone.post("/v1/sessions", body.clone()).await, anyone.post("/v1/sessions", body).await];
    assert_ne!(challenges[0].text("challenge"), challenges[1].text("challenge"));
    let mut sessions = Vec::new();
    for challenge in challenges {
        sessions.push(roster.authenticators.meet(&team.root.email, &anyone, challenge).await.expect(201));
    }
    assert_ne!(sessions[0].text("session_id"), sessions[1].text("session_id"));
    // Not the first answer, whatever the key: its challenge is met.
    let reset = json!({ "email": team.root.email });
    for _ in 0..2 {
        assert!(!is_replayed(&anyone.post("/v1/password-resets", reset.clone()).await.expect(202)));
    }
    assert_eq!(roster.facts_of(&team.account_id, "password.reset_requested").await.len(), 2);
    for key in ["", &"k".repeat(256)] {
        let root = keyed(&team.root.caller, key);
        let reply = root.post("/v1/users", invitee("ann@acme.test", "monitor")).await;
        assert_eq!(
            reply.refused(422, "validation_failed").bad_fields(),
            [("Idempotency-Key", "out_of_range")]
        );
    }
}
