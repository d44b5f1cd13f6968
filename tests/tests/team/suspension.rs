//! Suspending and letting in again.

use serde_json::{Value, json};
use tests::{PASSWORD, Reply, Roster, Team, masked};

async fn suspend(team: &Team<'_>, id: &str, body: Value) -> Reply {
    team.root.caller.post(&format!("/v1/users/{id}/suspend"), body).await
}

async fn reactivate(team: &Team<'_>, id: &str) -> Reply {
    team.root.caller.post(&format!("/v1/users/{id}/reactivate"), json!({})).await
}

// RULE: SU-01, SU-02, SU-04, SE-02
#[tokio::test]
async fn a_suspended_user_can_do_nothing_and_old_sessions_stay_dead() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let ann = team.member("ann@acme.test", "admin").await;
    let again = roster.sign_in("ann@acme.test").await;
    let reply = suspend(&team, &ann.id, json!({ "confirm": true })).await.expect(200);
    assert_eq!((&reply.body["status"], &reply.body["warnings"]), (&json!("suspended"), &json!([])));
    assert!(reply.body["suspended_at"].is_string());
    for session in [&ann, &again] {
        for path in ["/v1/me", "/v1/users", "/v1/seats"] {
            session.caller.get(path).await.refused(401, "unauthenticated");
        }
        session.caller.delete("/v1/sessions/current").await.refused(401, "unauthenticated");
    }
    let sign_in = json!({ "email": "ann@acme.test", "password": PASSWORD });
    roster.caller().post("/v1/sessions", sign_in).await.refused(401, "invalid_credentials");
    let reply = reactivate(&team, &ann.id).await.expect(200);
    assert_eq!((&reply.body["status"], &reply.body["suspended_at"]), (&json!("active"), &Value::Null));
    assert_eq!(reply.body["suspend_reason"], Value::Null);
    again.caller.get("/v1/me").await.refused(401, "unauthenticated");
    assert_eq!(roster.sign_in("ann@acme.test").await.id, ann.id, "the same user, the same password");
}

// RULE: SU-01, SU-02, SU-04
#[tokio::test]
async fn keys_and_second_factors_rest_while_their_owner_is_suspended_and_work_again_afterwards() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let ann = team.member("ann@acme.test", "developer").await;
    roster.enroll(&ann).await;
    let keys = format!("/v1/users/{}/api-keys", ann.id);
    let (key, deleted) = (ann.key("ci").await, ann.key("deleted").await);
    let body = json!({ "name": "short", "expires_in_days": 1 });
    let short = ann.caller.post("/v1/me/api-keys", body).await.expect(201);
    let short = ann.caller.with_token(short.text("token"));
    suspend(&team, &ann.id, json!({ "confirm": true })).await.expect(200);
    for caller in [&key.caller, &deleted.caller, &short] {
        caller.get("/v1/me").await.refused(401, "unauthenticated");
        let asked = caller.post("/v1/authorize", json!({ "action": "resources.read" })).await;
        asked.refused(401, "unauthenticated");
    }
    let list = team.root.caller.get(&keys).await.expect(200).body;
    assert_eq!(list["data"].as_array().map(Vec::len), Some(3), "disabled, not deleted");
    team.root.caller.delete(&format!("{keys}/{}", deleted.id)).await.expect(204);
    roster.advance("24h").await;
    let root = roster.sign_in(&team.root.email).await;
    root.caller.post(&format!("/v1/users/{}/reactivate", ann.id), json!({})).await.expect(200);
    key.caller.get("/v1/me").await.expect(200);
    for dead in [&deleted.caller, &short] {
        dead.get("/v1/me").await.refused(401, "unauthenticated");
    }
    let sign_in = json!({ "email": ann.email, "password": PASSWORD });
    let first = roster.caller().post("/v1/sessions", sign_in).await.expect(200);
    let session = roster.authenticators.meet(&ann.email, &roster.caller(), first).await.expect(201);
    assert_eq!(session.body["user"]["mfa_enabled"], true);
}

// RULE: SU-03
#[tokio::test]
async fn a_suspension_is_confirmed_and_may_say_why() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await.on_pro().await;
    let ann = team.member("ann@acme.test", "developer").await;
    for (body, bad) in [
        (json!({}), vec![("confirm", "required")]),
        (json!({ "confirm": false }), vec![("confirm", "required")]),
        (
            json!({ "confirm": 1, "reason": "boredom" }),
            vec![("confirm", "required"), ("reason", "not_one_of")],
        ),
        (json!({ "confirm": true, "reason": "other" }), vec![("reason_text", "required")]),
        (json!({ "confirm": true, "reason_text": "why" }), vec![("reason", "required")]),
        (
            json!({ "reason": "other", "reason_text": "x".repeat(501) }),
            vec![("confirm", "required"), ("reason_text", "too_long")],
        ),
    ] {
        let reply = suspend(&team, &ann.id, body.clone()).await.refused(422, "validation_failed");
        assert_eq!(reply.bad_fields(), bad, "{body}");
    }
    for (reason, warned) in [
        ("extended_leave", true),
        ("contractor_done", true),
        ("security_investigation", false),
        ("pending_transfer", false),
    ] {
        let body = json!({ "confirm": true, "reason": reason });
        let reply = suspend(&team, &ann.id, body).await.expect(200);
        assert_eq!(reply.body["suspend_reason"], reason);
        assert_eq!(reply.body["warnings"].as_array().map(Vec::len), Some(usize::from(warned)), "{reason}");
        if warned {
            assert_eq!(
                reply.body["warnings"][0]["monthly_cost"],
                json!({ "amount": 1900, "currency": "usd" })
            );
        }
        reactivate(&team, &ann.id).await.expect(200);
    }
    let body = json!({ "confirm": true, "reason": "other", "reason_text": "On the moon" });
    let reply = suspend(&team, &ann.id, body).await.expect(200);
    insta::assert_json_snapshot!("suspended", masked(&reply.body));
    let facts = roster.facts_of(&team.account_id, "user.suspended").await;
    assert_eq!(facts.last().map(|fact| fact["reason"].clone()), Some(json!("On the moon")));
}

// RULE: SU-05, PS-09, SU-04
#[tokio::test]
async fn neither_suspending_nor_reactivating_moves_a_seat() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let ann = team.member("ann@acme.test", "developer").await;
    team.pending("bob@acme.test", "developer").await;
    suspend(&team, &ann.id, json!({ "confirm": true })).await.expect(200);
    let seats = team.seats().await;
    assert_eq!((&seats["total"], &seats["suspended"], &seats["billable"]), (&json!(3), &json!(1), &json!(2)));
    team.invite("eve@acme.test", "monitor").await.refused(403, "maximum_users_reached");
    reactivate(&team, &ann.id).await.expect(200);
    assert_eq!(team.seats().await["total"], 3);
    // Over the limit, by way of a plan that had none: still never blocked by seats.
    let team = team.on_pro_for_five_minutes().await;
    for n in 0..3 {
        team.member(&format!("u{n}@acme.test"), "monitor").await;
    }
    suspend(&team, &ann.id, json!({ "confirm": true })).await.expect(200);
    roster.advance("5m").await;
    team.invite("eve@acme.test", "monitor").await.refused(403, "maximum_users_reached");
    reactivate(&team, &ann.id).await.expect(200);
    assert_eq!(team.seats().await["total"], 5);
}

// RULE: SU-06
#[tokio::test]
async fn a_pending_user_is_revoked_not_suspended_and_a_second_suspension_is_quiet() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let bob = team.pending("bob@acme.test", "developer").await;
    suspend(&team, &bob, json!({ "confirm": true })).await.refused(409, "use_revoke");
    reactivate(&team, &bob).await.refused(409, "not_accepted");
    let ann = team.member("ann@acme.test", "developer").await;
    let reason = json!({ "confirm": true, "reason": "pending_transfer" });
    let first = suspend(&team, &ann.id, reason).await.expect(200);
    let before = roster.dump().await;
    let second = suspend(&team, &ann.id, json!({ "confirm": true })).await.expect(200);
    assert_eq!(second.body, first.body, "the first reason stays");
    assert_eq!(roster.dump().await, before);
    reactivate(&team, &ann.id).await.expect(200);
    let before = roster.dump().await;
    reactivate(&team, &ann.id).await.expect(200);
    assert_eq!(roster.dump().await, before);
    roster.advance("48h").await;
    let root = roster.sign_in(&team.root.email).await.caller;
    let path = format!("/v1/users/{bob}/suspend");
    root.post(&path, json!({ "confirm": true })).await.refused(409, "use_revoke");
}
