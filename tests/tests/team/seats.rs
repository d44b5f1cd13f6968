//! Who holds a seat, and for how long.

use serde_json::{Value, json};
use tests::{Roster, Team, invitee, masked};

fn confirm() -> Value {
    json!({ "confirm": true })
}

async fn delete(team: &Team<'_>, id: &str) {
    team.root.caller.delete(&format!("/v1/users/{id}?confirm=true")).await.expect(204);
}

// RULE: PS-02, PS-03, PS-04, IN-05
#[tokio::test]
async fn the_fourth_user_is_refused_with_the_counts_and_the_ways_forward_and_nothing_is_written() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let bob = team.member("bob@acme.test", "developer").await;
    team.root.caller.post(&format!("/v1/users/{}/suspend", bob.id), confirm()).await.expect(200);
    team.pending("ann@acme.test", "admin").await;
    let before = roster.dump().await;
    for role in ["root", "admin", "billing", "developer", "monitor"] {
        let reply = team.invite("eve@acme.test", role).await.refused(403, "maximum_users_reached");
        insta::allow_duplicates!(insta::assert_json_snapshot!("maximum_users_reached", masked(&reply.body)));
    }
    assert!(roster.mails("eve@acme.test").await.is_empty());
    let after = roster.dump().await;
    let is_audit = |item: &&Value| item["pk"].as_str().is_some_and(|pk| pk.starts_with("E#"));
    let unaudited =
        |items: &[Value]| items.iter().filter(|item| !is_audit(item)).cloned().collect::<Vec<_>>();
    assert_eq!(unaudited(&after), unaudited(&before));
    let refused = roster.facts_of(&team.account_id, "access.refused").await;
    assert_eq!(refused.len(), 5);
    assert_eq!(refused[0]["after"], json!({ "operation": "invite", "code": "maximum_users_reached" }));
}

// RULE: PS-01, PS-03
#[tokio::test]
async fn every_role_weighs_one_seat_and_a_pending_user_with_its_invitation_is_one() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await.on_pro().await;
    for (n, role) in ["root", "admin", "billing", "developer", "monitor"].into_iter().enumerate() {
        team.pending(&format!("{role}.p@acme.test"), role).await;
        assert_eq!(team.seats().await["total"], json!(n + 2), "{role}");
        roster.accept(&format!("{role}.p@acme.test")).await;
        assert_eq!(team.seats().await["total"], json!(n + 2), "{role} accepted");
    }
}

// RULE: PS-12, PS-08, PS-09
#[tokio::test]
async fn the_seat_summary_counts_each_state_and_comes_with_the_first_page() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let bob = team.member("bob@acme.test", "developer").await;
    team.root.caller.post(&format!("/v1/users/{}/suspend", bob.id), confirm()).await.expect(200);
    team.pending("ann@acme.test", "admin").await;
    let seats = team.seats().await;
    insta::assert_json_snapshot!("seats_on_free", seats);
    let page = team.root.caller.get("/v1/users?limit=2").await.expect(200).body;
    assert_eq!(page["seats"], seats);
    let cursor = page["next_cursor"].as_str().expect("a third user");
    let page = team.root.caller.get(&format!("/v1/users?limit=2&cursor={cursor}")).await.expect(200).body;
    assert_eq!(page.get("seats"), None, "the first page alone");
    let team = team.on_pro().await;
    insta::assert_json_snapshot!("seats_on_pro", team.seats().await);
    let billing = team.member("bill@acme.test", "billing").await;
    assert_eq!(billing.caller.get("/v1/seats").await.expect(200).body, team.seats().await);
}

// RULE: PS-10, PS-04, IN-09
#[tokio::test]
async fn a_deletion_or_a_revocation_at_the_cap_makes_room_for_exactly_one() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let bob = team.member("bob@acme.test", "developer").await;
    let ann = team.pending("ann@acme.test", "admin").await;
    team.invite("eve@acme.test", "monitor").await.refused(403, "maximum_users_reached");
    delete(&team, &bob.id).await;
    assert_eq!(team.seats().await["available"], 1);
    team.pending("eve@acme.test", "monitor").await;
    team.invite("zoe@acme.test", "monitor").await.refused(403, "maximum_users_reached");
    delete(&team, &ann).await;
    team.pending("zoe@acme.test", "monitor").await;
    team.invite("max@acme.test", "monitor").await.refused(403, "maximum_users_reached");
}

// RULE: PS-06, PS-04
#[tokio::test]
async fn right_after_an_upgrade_the_next_invitation_succeeds() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    team.pending("ann@acme.test", "admin").await;
    team.pending("bob@acme.test", "admin").await;
    team.invite("eve@acme.test", "monitor").await.refused(403, "maximum_users_reached");
    let team = team.on_pro().await;
    for n in 0..5 {
        team.pending(&format!("e{n}@acme.test"), "monitor").await;
    }
    assert_eq!(team.seats().await["total"], 8);
}

// RULE: PS-11
#[tokio::test]
async fn a_role_change_moves_no_seat_and_no_cent() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await.on_pro().await;
    let bob = team.member("bob@acme.test", "developer").await;
    let before = team.seats().await;
    for role in ["admin", "root", "billing", "monitor", "developer"] {
        let body = json!({ "role": role });
        team.root.caller.put(&format!("/v1/users/{}/role", bob.id), body).await.expect(200);
        assert_eq!(team.seats().await, before, "{role}");
    }
}

// RULE: PS-05, PS-04, IN-11
#[tokio::test]
async fn an_expired_invitation_gives_its_seat_to_the_invitation_that_needs_it() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let bob = team.pending("bob@acme.test", "developer").await;
    let stale = roster.token_for("bob@acme.test").await;
    roster.advance("47h").await;
    let root = roster.sign_in(&team.root.email).await.caller;
    root.post("/v1/users", invitee("ann@acme.test", "admin")).await.expect(201);
    root.post("/v1/users", invitee("eve@acme.test", "monitor")).await.refused(403, "maximum_users_reached");
    roster.advance("1h").await;

    let listed = root.get("/v1/users?status=expired").await.expect(200).body;
    assert_eq!(listed["data"][0]["id"], bob.as_str(), "{listed:#}");
    assert_eq!(listed["data"][0]["status_label"], "Invitation Expired");
    root.post("/v1/users", invitee("eve@acme.test", "monitor")).await.expect(201);
    root.post("/v1/users", invitee("max@acme.test", "monitor")).await.refused(403, "maximum_users_reached");
    let seats = root.get("/v1/seats").await.expect(200).body;
    assert_eq!((&seats["pending"], &seats["total"]), (&json!(2), &json!(3)));
    assert_eq!(root.get(&format!("/v1/users/{bob}")).await.expect(200).body["status"], "expired");
    let expired = roster.facts_of(&team.account_id, "invitation.expired").await;
    assert_eq!(expired.len(), 1);
    assert_eq!(expired[0]["target"], bob.as_str());
    let body = json!({ "token": stale });
    roster.caller().post("/v1/invitations/lookup", body).await.refused(410, "invitation_expired");
}

// RULE: IN-11, PS-05, DE-04
#[tokio::test]
async fn inviting_an_expired_address_anew_replaces_it_under_a_new_identifier() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let old = team.pending("bob@acme.test", "developer").await;
    let stale = roster.token_for("bob@acme.test").await;
    team.pending("ann@acme.test", "admin").await;
    roster.advance("48h").await;
    let root = roster.sign_in(&team.root.email).await.caller;
    let reply = root.post("/v1/users", invitee("Bob@acme.test", "monitor")).await.expect(201);
    assert_ne!(reply.text("id"), old);
    root.get(&format!("/v1/users/{old}")).await.refused(410, "user_deleted");
    root.put(&format!("/v1/users/{old}/role"), json!({ "role": "monitor" }))
        .await
        .refused(410, "user_deleted");
    let found = root.get("/v1/users?email=bob@acme.test").await.expect(200).body;
    assert_eq!(found["data"].as_array().map(Vec::len), Some(1));
    assert_eq!(found["data"][0]["id"], reply.body["id"]);
    let body = json!({ "token": stale });
    roster.caller().post("/v1/invitations/lookup", body).await.refused(404, "invitation_invalid");
    let bob = roster.accept("bob@acme.test").await;
    assert_eq!(bob.id, reply.text("id"));
    assert_eq!(bob.caller.get("/v1/me").await.expect(200).body["role"], "monitor");
    let seats = root.get("/v1/seats").await.expect(200).body;
    assert_eq!((&seats["active"], &seats["total"]), (&json!(2), &json!(2)), "{seats:#}");
}

// RULE: PS-05
#[tokio::test]
async fn expired_invitations_hold_no_seat_once_another_needed_one() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    team.pending("bob@acme.test", "developer").await;
    team.pending("ann@acme.test", "admin").await;
    roster.lapse_unswept().await;
    let root = roster.sign_in(&team.root.email).await.caller;
    for email in ["one@acme.test", "two@acme.test"] {
        root.post("/v1/users", invitee(email, "monitor")).await.expect(201);
    }
    root.post("/v1/users", invitee("three@acme.test", "monitor")).await.refused(403, "maximum_users_reached");
    let seats = root.get("/v1/seats").await.expect(200).body;
    assert_eq!((&seats["pending"], &seats["total"]), (&json!(2), &json!(3)));
    let expired = root.get("/v1/users?status=expired").await.expect(200).body;
    assert_eq!(expired["data"].as_array().map(Vec::len), Some(2));
    for user in expired["data"].as_array().into_iter().flatten() {
        let path = format!("/v1/users/{}?confirm=true", user["id"].as_str().expect("an identifier"));
        root.delete(&path).await.expect(204);
    }
    let seats = root.get("/v1/seats").await.expect(200).body;
    assert_eq!(seats["total"], 3, "an expired one held none");
}

// RULE: PS-05, IN-04
#[tokio::test]
async fn invitations_of_addresses_that_lapsed_with_the_subscription_keep_the_counts_true() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await.on_pro_for_five_minutes().await;
    for n in 0..10 {
        team.pending(&format!("u{n}@acme.test"), "monitor").await;
    }
    roster.lapse_unswept().await;
    let root = roster.sign_in(&team.root.email).await.caller;
    for n in 0..4 {
        let reply = root.post("/v1/users", invitee(&format!("u{n}@acme.test"), "monitor")).await;
        if n < 2 {
            reply.expect(201);
        } else {
            reply.refused(403, "maximum_users_reached");
        }
        roster.assert_counts_hold(&team.account_id).await;
    }
}
