//! A sign-in that runs while its user is suspended or logged out.

use serde_json::{Value, json};
use tests::{PASSWORD, Person, Reply, Roster, Tally, Team};

use crate::{ROUNDS, roster};

/// Signs in from an address of their own, so that no failure of an earlier round counts.
async fn sign_in(roster: &Roster, user: &Person) -> Reply {
    roster.caller().post("/v1/sessions", json!({ "email": user.email, "password": PASSWORD })).await
}

/// Waits until the sign-in under way has read its user and is at the password, and then for a moment that is longer
/// from round to round, so that what follows comes sometimes before its commit and sometimes after.
async fn has_read_its_user(roster: &Roster, round: usize) {
    let is_there = |request: &Value| {
        let read = |call: &&Value| call["operation"] == "BatchGetItem" && call["status"] == 200;
        let reads = request["calls"].as_array().map_or(0, |calls| calls.iter().filter(read).count());
        request["function"] == "sign-in" && reads == 2
    };
    let caller = roster.caller();
    loop {
        let calls = caller.get("/_local/calls").await.expect(200).body;
        if calls["data"].as_array().is_some_and(|requests| requests.iter().any(is_there)) {
            break;
        }
    }
    for _ in 0..round {
        caller.get("/_local/clock").await;
    }
}

async fn forget_calls(roster: &Roster) {
    roster.caller().delete("/_local/calls").await.expect(204);
}

async fn last_login_at(team: &Team<'_>, user: &Person) -> Value {
    let path = format!("/v1/users/{}", user.id);
    team.root.caller.get(&path).await.expect(200).body["last_login_at"].clone()
}

/// Whatever session the sign-in made, it is no live one.
async fn assert_no_session(roster: &Roster, reply: &Reply) {
    if reply.status == 201 {
        let caller = roster.caller().with_token(reply.body["token"].as_str().expect("a token"));
        caller.get("/v1/me").await.refused(401, "unauthenticated");
    } else {
        assert_eq!((reply.status, reply.code()), (401, "invalid_credentials"), "{:#}", reply.body);
    }
}

// RULE: SE-06, SU-01, SU-02, SU-04, AC-05
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sign_in_that_meets_a_suspension_leaves_no_live_session() {
    let roster = roster().await;
    let team = roster.team("suspended").await;
    let user = team.member("sue@suspended.test", "developer").await;
    let (suspend, reactivate) =
        (format!("/v1/users/{}/suspend", user.id), format!("/v1/users/{}/reactivate", user.id));
    let mut tally = Tally::default();
    let mut signed_in = 0;
    for round in 0..ROUNDS {
        let login_before = last_login_at(&team, &user).await;
        forget_calls(&roster).await;
        let suspension = async {
            // Mostly in the middle of it, now and then at its beginning.
            if round % 4 != 0 {
                has_read_its_user(&roster, round).await;
            }
            team.root.caller.post(&suspend, json!({ "confirm": true })).await
        };
        let (session, suspended) = tokio::join!(sign_in(&roster, &user), suspension);
        tally.of(suspended).expect(200);
        let session = tally.of(session);
        signed_in += usize::from(session.status == 201);
        let is_noted = last_login_at(&team, &user).await != login_before;
        assert_eq!(
            is_noted,
            session.status == 201,
            "a sign-in is noted with its session, or neither is there"
        );
        assert_no_session(&roster, &session).await;
        team.root.caller.post(&reactivate, json!({})).await.expect(200);
        assert_no_session(&roster, &session).await;
    }
    println!("{signed_in} of {ROUNDS} sign-ins came before the suspension");
    sign_in(&roster, &user).await.expect(201);
    tally.finish();
}

// RULE: SE-06, SE-01, SE-03
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sign_in_that_meets_a_logout_leaves_no_live_session() {
    let roster = roster().await;
    let team = roster.team("logout").await;
    let user = team.member("lou@logout.test", "developer").await;
    let logout = format!("/v1/users/{}/logout", user.id);
    let mut tally = Tally::default();
    for round in 0..ROUNDS {
        forget_calls(&roster).await;
        let ended = async {
            has_read_its_user(&roster, round).await;
            team.root.caller.post(&logout, json!({ "confirm": true })).await
        };
        let (session, ended) = tokio::join!(sign_in(&roster, &user), ended);
        tally.of(ended).expect(200);
        assert_no_session(&roster, &tally.of(session)).await;
    }
    // Whoever signs in afterwards is in.
    let session = sign_in(&roster, &user).await.expect(201).body;
    roster.caller().with_token(session["token"].as_str().expect("a token")).get("/v1/me").await.expect(200);
    tally.finish();
}

// RULE: SE-06, DE-01
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sign_in_that_meets_a_deletion_leaves_nothing() {
    let roster = roster().await;
    let team = roster.team("deleted").await;
    let mut tally = Tally::default();
    for round in 0..10 {
        let user = team.member(&format!("dee{round}@deleted.test"), "developer").await;
        forget_calls(&roster).await;
        let deletion = async {
            has_read_its_user(&roster, round).await;
            team.root.caller.delete(&format!("/v1/users/{}?confirm=true", user.id)).await
        };
        let (session, deleted) = tokio::join!(sign_in(&roster, &user), deletion);
        tally.of(deleted).expect(204);
        assert_no_session(&roster, &tally.of(session)).await;
        team.root.caller.get(&format!("/v1/users/{}", user.id)).await.refused(410, "user_deleted");
        roster.assert_counts_hold(&team.account_id).await;
    }
    tally.finish();
}
