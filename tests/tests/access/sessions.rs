//! Sessions: how they end.

use serde_json::{Value, json};
use tests::{Roster, Team};

fn confirm() -> Value {
    json!({ "confirm": true })
}

async fn user(team: &Team<'_>, id: &str) -> Value {
    team.root.caller.get(&format!("/v1/users/{id}")).await.expect(200).body
}

// RULE: SE-01, SE-02, SE-03, RO-05
#[tokio::test]
async fn a_logout_ends_every_session_of_a_user_and_nothing_else() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let ann = team.member("ann@acme.test", "developer").await;
    let sessions =
        [ann.clone(), roster.sign_in("ann@acme.test").await, roster.sign_in("ann@acme.test").await];
    let key = ann.key("ci").await;
    let (before, seats) = (user(&team, &ann.id).await, team.seats().await);
    let path = format!("/v1/users/{}/logout", ann.id);
    for body in [json!({}), json!({ "confirm": false }), json!({ "confirm": "yes" })] {
        let reply = team.root.caller.post(&path, body).await.refused(422, "validation_failed");
        assert_eq!(reply.bad_fields(), [("confirm", "required")]);
    }
    let reply = team.root.caller.post(&path, confirm()).await.expect(200);
    assert_eq!(reply.body, json!({ "user_id": ann.id, "sessions_ended": 3 }));
    for session in &sessions {
        session.caller.get("/v1/me").await.refused(401, "unauthenticated");
    }
    key.caller.get("/v1/me").await.expect(200);
    assert_eq!(user(&team, &ann.id).await, before, "neither status nor role nor version");
    assert_eq!(team.seats().await, seats);
    let again = roster.sign_in("ann@acme.test").await;
    again.caller.get("/v1/me").await.expect(200);
    sessions[0].caller.get("/v1/me").await.refused(401, "unauthenticated");
    let reply = team.root.caller.post(&path, confirm()).await.expect(200);
    assert_eq!(reply.body["sessions_ended"], 1, "dead ones are not counted again");
}

// RULE: SE-01
#[tokio::test]
async fn a_logout_is_one_write_whatever_the_number_of_sessions() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let ann = team.member("ann@acme.test", "developer").await;
    let path = format!("/v1/users/{}/logout", ann.id);
    let one = team.root.caller.post(&path, confirm()).await.expect(200);
    for _ in 0..6 {
        roster.sign_in("ann@acme.test").await;
    }
    let six = team.root.caller.post(&path, confirm()).await.expect(200);
    assert_eq!((&one.body["sessions_ended"], &six.body["sessions_ended"]), (&json!(1), &json!(6)));
    let effort = roster.effort(&six).await;
    assert_eq!(roster.effort(&one).await, effort);
    assert_eq!(effort.iter().filter(|call| call.ends_with("TransactWriteItems")).count(), 1, "{effort:?}");
}

// RULE: SE-03, SU-02
#[tokio::test]
async fn a_logout_of_a_suspended_user_is_harmless() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let ann = team.member("ann@acme.test", "developer").await;
    team.root.caller.post(&format!("/v1/users/{}/suspend", ann.id), confirm()).await.expect(200);
    let before = user(&team, &ann.id).await;
    let reply = team.root.caller.post(&format!("/v1/users/{}/logout", ann.id), confirm()).await.expect(200);
    assert_eq!(reply.body["sessions_ended"], 0);
    assert_eq!(user(&team, &ann.id).await, before);
}

// RULE: SE-05
#[tokio::test]
async fn a_session_lives_24_hours_to_the_instant_whatever_its_activity() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let body = json!({ "email": team.root.email, "password": tests::PASSWORD });
    let session = roster.sign_in_with(&roster.caller(), body).await.expect(201);
    let instant =
        |value: &Value| value.as_str().and_then(|text| chrono::DateTime::parse_from_rfc3339(text).ok());
    let signed_in_at = instant(&session.body["user"]["last_login_at"]).expect("an instant");
    let expires_at = instant(&session.body["expires_at"]).expect("an instant");
    assert_eq!(expires_at - signed_in_at, chrono::TimeDelta::hours(24));
    let caller = roster.caller().with_token(session.text("token"));
    for hours in ["8h", "8h", "7h"] {
        roster.advance(hours).await;
        caller.get("/v1/me").await.expect(200);
    }
    roster.advance_to_before(session.text("expires_at"), 10).await;
    caller.get("/v1/me").await.expect(200);
    roster.advance_to(session.text("expires_at")).await;
    caller.get("/v1/me").await.refused(401, "unauthenticated");
    roster.sign_in(&team.root.email).await.caller.get("/v1/me").await.expect(200);
}

// RULE: SE-02
#[tokio::test]
async fn signing_out_ends_the_session_it_is_done_with_and_no_other() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let other = roster.sign_in(&team.root.email).await;
    let reply = other.caller.delete("/v1/sessions/current").await.expect(204);
    assert_eq!((&reply.body, reply.header("content-type")), (&Value::Null, None));
    other.caller.get("/v1/me").await.refused(401, "unauthenticated");
    other.caller.delete("/v1/sessions/current").await.refused(401, "unauthenticated");
    team.root.caller.get("/v1/me").await.expect(200);
    assert_eq!(roster.facts_of(&team.account_id, "session.ended").await.len(), 1);
}
