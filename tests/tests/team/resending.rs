//! Sending an invitation again.

use serde_json::json;
use tests::{Caller, PASSWORD, Reply, Roster, Team, invitee};

async fn resend(by: &Caller, id: &str) -> Reply {
    by.post(&format!("/v1/users/{id}/invitation"), json!({})).await
}

async fn lookup(roster: &Roster, token: &str) -> Reply {
    roster.caller().post("/v1/invitations/lookup", json!({ "token": token })).await
}

/// The same team, with the Root signed in anew: sessions do not live as long as invitations.
async fn later<'a>(team: Team<'a>, by: &str) -> Team<'a> {
    team.roster.advance(by).await;
    let root = team.roster.sign_in(&team.root.email).await;
    Team { root, ..team }
}

// RULE: IN-07, IN-10, IN-12, EV-01, AP-03
#[tokio::test]
async fn an_invitation_sent_again_has_a_new_token_a_new_lifetime_and_the_same_seat() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let adam = team.member("adam@acme.test", "admin").await;
    let ann = team.pending("ann@acme.test", "developer").await;
    let old = roster.token_for("ann@acme.test").await;
    roster.advance("2h").await;
    let path = format!("/v1/users/{ann}");
    let before = adam.caller.get(&path).await.expect(200);
    let seats = team.seats().await;
    let stale = adam.caller.with_header("if-match", "\"99\"");
    resend(&stale, &ann).await.refused(412, "version_mismatch");
    lookup(&roster, &old).await.expect(200);

    let seen = adam.caller.with_header("if-match", before.header("etag").expect("an ETag"));
    let again = resend(&seen, &ann).await.expect(200);
    assert_eq!((again.text("id"), again.text("status")), (ann.as_str(), "pending"));
    assert_eq!(again.body["version"], json!(before.body["version"].as_u64().expect("a number") + 1));
    assert_eq!(again.body["invitation"]["delivery"], "queued");
    let expiry = |reply: &Reply| {
        let text = reply.body["invitation"]["expires_at"].as_str().expect("an instant").to_owned();
        chrono::DateTime::parse_from_rfc3339(&text).expect("an instant")
    };
    assert!(expiry(&again) - expiry(&before) >= chrono::TimeDelta::hours(2), "its time begins anew");
    assert_eq!(team.seats().await, seats, "the same seat");

    roster.stack.settle().await;
    let new = roster.token_for("ann@acme.test").await;
    assert_ne!(new, old);
    assert_eq!(roster.mails("ann@acme.test").await.len(), 2);
    lookup(&roster, &old).await.refused(404, "invitation_invalid");
    let accept = |token: &str| json!({ "token": token, "password": PASSWORD });
    let caller = roster.caller();
    caller.post("/v1/invitations/accept", accept(&old)).await.refused(404, "invitation_invalid");
    caller.post("/v1/invitations/accept", accept(&new)).await.expect(201);

    let facts = roster.facts_of(&team.account_id, "invitation.resent").await;
    assert_eq!(facts.len(), 1);
    assert_eq!((&facts[0]["target"], &facts[0]["actor"]["id"]), (&json!(ann), &json!(adam.id)));
    assert_eq!(
        (&facts[0]["before"], &facts[0]["after"]),
        (&json!({ "status": "pending" }), &json!({ "resends": 1 }))
    );
    roster.assert_counts_hold(&team.account_id).await;
}

// RULE: IN-07
#[tokio::test]
async fn an_invitation_is_sent_again_a_minute_after_the_last_time_and_five_times() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let ann = team.pending("ann@acme.test", "developer").await;
    let wait = |reply: &Reply| reply.header("retry-after").and_then(|text| text.parse::<i64>().ok());
    for n in 1..=5 {
        let early = resend(&team.root.caller, &ann).await.refused(429, "rate_limited");
        assert!(wait(&early).is_some_and(|seconds| (55..=60).contains(&seconds)), "{early:?}");
        roster.advance("61s").await;
        resend(&team.root.caller, &ann).await.expect(200);
        assert_eq!(roster.mails("ann@acme.test").await.len(), n + 1);
    }
    roster.advance("61s").await;
    let sixth = resend(&team.root.caller, &ann).await.refused(429, "rate_limited");
    assert!(wait(&sixth).is_some_and(|seconds| seconds > 47 * 3600), "until it has expired: {sixth:?}");
    assert_eq!(roster.mails("ann@acme.test").await.len(), 6);
    lookup(&roster, &roster.token_for("ann@acme.test").await).await.expect(200);
    let team = later(team, "48h").await;
    resend(&team.root.caller, &ann).await.expect(200);
}

// RULE: IN-07, IN-08, PS-04
#[tokio::test]
async fn at_the_cap_what_holds_a_seat_is_sent_again_and_what_holds_none_needs_one() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let bob = team.pending("bob@acme.test", "developer").await;
    let ann = team.pending("ann@acme.test", "developer").await;
    roster.advance("61s").await;
    resend(&team.root.caller, &ann).await.expect(200);
    resend(&team.root.caller, &bob).await.expect(200);

    let team = later(team, "48h").await;
    let mails = roster.mails("ann@acme.test").await.len();
    let eve = team.pending("eve@acme.test", "monitor").await;
    let zoe = team.pending("zoe@acme.test", "monitor").await;
    let reply = resend(&team.root.caller, &ann).await.refused(403, "maximum_users_reached");
    assert_eq!((&reply.body["seats"]["total"], &reply.body["requested"]), (&json!(3), &json!(1)));
    assert_eq!(team.root.caller.get(&format!("/v1/users/{ann}")).await.body["status"], "expired");
    roster.stack.settle().await;
    assert_eq!(roster.mails("ann@acme.test").await.len(), mails, "no mail on a refusal");
    team.root.caller.delete(&format!("/v1/users/{eve}/invitation")).await.expect(204);
    let again = resend(&team.root.caller, &ann).await.expect(200);
    assert_eq!(again.text("status"), "pending");
    resend(&team.root.caller, &bob).await.refused(403, "maximum_users_reached");
    roster.advance("61s").await;
    resend(&team.root.caller, &zoe).await.expect(200);
    roster.assert_counts_hold(&team.account_id).await;
    assert_eq!(team.seats().await["total"], 3);
    roster.accept("ann@acme.test").await;
    let facts = roster.facts_of(&team.account_id, "invitation.resent").await;
    let was_expired = |fact: &&serde_json::Value| fact["before"]["status"] == "expired";
    assert_eq!(facts.iter().filter(was_expired).count(), 1);
}

// RULE: PS-05, IN-08
#[tokio::test]
async fn with_three_of_three_seats_held_by_the_lapsed_both_a_new_invitation_and_a_resend_succeed() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let bob = team.pending("bob@acme.test", "developer").await;
    let ann = team.pending("ann@acme.test", "developer").await;
    let team = later(team, "48h").await;
    // The seat that is still counted is the one it takes again.
    resend(&team.root.caller, &bob).await.expect(200);
    roster.assert_counts_hold(&team.account_id).await;
    assert_eq!(team.seats().await["total"], 3);
    // That of the other is given back to who needs it.
    team.pending("eve@acme.test", "monitor").await;
    roster.assert_counts_hold(&team.account_id).await;
    assert_eq!(team.seats().await["total"], 3);
    resend(&team.root.caller, &ann).await.refused(403, "maximum_users_reached");

    // Whose seat is gone takes that of those who have lapsed since.
    let team = later(team, "48h").await;
    resend(&team.root.caller, &ann).await.expect(200);
    roster.assert_counts_hold(&team.account_id).await;
    for id in [&bob, &ann] {
        let status = &team.root.caller.get(&format!("/v1/users/{id}")).await.body["status"];
        assert_eq!(status, if *id == ann { "pending" } else { "expired" });
    }
    roster.accept("ann@acme.test").await;
    roster.assert_counts_hold(&team.account_id).await;
}

// RULE: PS-05, IN-08
#[tokio::test]
async fn an_account_over_its_limit_gives_back_what_has_lapsed_and_counts_true() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await.on_pro_for_five_minutes().await;
    let mut ids = Vec::new();
    for n in 0..10 {
        ids.push(team.pending(&format!("u{n}@acme.test"), "monitor").await);
    }
    let team = later(team, "49h").await;
    let mut statuses = Vec::new();
    for id in &ids {
        statuses.push(resend(&team.root.caller, id).await.status);
        roster.assert_counts_hold(&team.account_id).await;
    }
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 2, "{statuses:?}");
    assert_eq!(team.seats().await["total"], 3);
}

// RULE: IN-07, IN-10, RO-02, AP-05, DE-01
#[tokio::test]
async fn what_is_accepted_gone_or_a_roots_is_not_sent_again() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await.on_pro().await;
    let adam = team.member("adam@acme.test", "admin").await;
    let dan = team.member("dan@acme.test", "developer").await;
    let root = &team.root.caller;
    let reply = resend(root, &dan.id).await.refused(409, "not_pending");
    assert_eq!(reply.body["status"], "active");
    root.post(&format!("/v1/users/{}/suspend", dan.id), json!({ "confirm": true })).await.expect(200);
    let reply = resend(root, &dan.id).await.refused(409, "not_pending");
    assert_eq!(reply.body["status"], "suspended");
    root.delete(&format!("/v1/users/{}?confirm=true", dan.id)).await.expect(204);
    resend(root, &dan.id).await.refused(410, "user_deleted");
    resend(root, "usr_01K00000000000000000000000").await.refused(404, "not_found");

    let rob = team.pending("rob@acme.test", "root").await;
    roster.advance("61s").await;
    resend(&adam.caller, &rob).await.refused(403, "admin_cannot_modify_root");
    let seen = resend(root, &rob).await.expect(200);
    assert!(
        !seen.body["allowed_actions"].to_string().contains("resend"),
        "not for a minute: {:#}",
        seen.body
    );
    // What was said at the invitation is said again.
    let mut body = invitee("eve@acme.test", "monitor");
    body["message"] = "Welcome aboard".into();
    let eve = root.post("/v1/users", body).await.expect(201);
    roster.advance("61s").await;
    resend(&adam.caller, eve.text("id")).await.expect(200);
    roster.stack.settle().await;
    for mail in roster.mails("eve@acme.test").await {
        assert!(mail["text"].as_str().is_some_and(|text| text.contains("Welcome aboard")), "{mail:#}");
    }
}

// RULE: IN-10, IN-11, RO-02
#[tokio::test]
async fn an_expired_invitation_of_a_root_is_replaced_by_a_root_alone() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await.on_pro().await;
    team.member("ada@acme.test", "admin").await;
    let boss = team.pending("boss@acme.test", "root").await;
    roster.advance("49h").await;
    let ada = roster.sign_in("ada@acme.test").await.caller;
    let body = tests::invitee("boss@acme.test", "monitor");
    ada.post("/v1/users", body.clone()).await.refused(403, "admin_cannot_modify_root");
    let many = serde_json::json!({ "users": [body] });
    let reply = ada.post("/v1/users/bulk", many).await.expect(200);
    assert_eq!(reply.body["results"][0]["outcome"], "admin_cannot_modify_root");
    let root = roster.sign_in(&team.root.email).await.caller;
    assert_eq!(root.get(&format!("/v1/users/{boss}")).await.expect(200).body["status"], "expired");
    let body = tests::invitee("boss@acme.test", "root");
    root.post("/v1/users", body).await.expect(201);
}
