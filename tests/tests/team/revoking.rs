//! Taking an invitation back.

use serde_json::json;
use tests::{Caller, PASSWORD, Reply, Roster, Team, invitee};

async fn revoke(by: &Caller, id: &str) -> Reply {
    by.delete(&format!("/v1/users/{id}/invitation")).await
}

// RULE: IN-09, IN-10, DE-03, PS-04
#[tokio::test]
async fn a_revoked_invitation_is_dead_its_seat_is_free_and_twice_is_once() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let adam = team.member("adam@acme.test", "admin").await;
    let ann = team.pending("ann@acme.test", "developer").await;
    let token = roster.token_for("ann@acme.test").await;
    team.invite("eve@acme.test", "monitor").await.refused(403, "maximum_users_reached");
    revoke(&adam.caller.with_header("if-match", "\"99\""), &ann).await.refused(412, "version_mismatch");
    revoke(&adam.caller, &ann).await.expect(204);
    assert_eq!(team.seats().await["available"], 1);

    let user = format!("/v1/users/{ann}");
    let root = &team.root.caller;
    let confirm = || json!({ "confirm": true });
    root.get(&user).await.refused(410, "user_deleted");
    root.put(&format!("{user}/role"), json!({ "role": "monitor" })).await.refused(410, "user_deleted");
    root.post(&format!("{user}/suspend"), confirm()).await.refused(410, "user_deleted");
    root.post(&format!("{user}/invitation"), json!({})).await.refused(410, "user_deleted");
    root.delete(&format!("{user}?confirm=true")).await.refused(410, "user_deleted");
    for (what, body) in
        [("lookup", json!({ "token": token })), ("accept", json!({ "token": token, "password": PASSWORD }))]
    {
        let reply = roster.caller().post(&format!("/v1/invitations/{what}"), body).await;
        reply.refused(404, "invitation_invalid");
    }

    roster.stack.settle().await;
    let before = roster.dump().await;
    for by in [&adam.caller, root, &root.with_header("if-match", "\"1\"")] {
        revoke(by, &ann).await.expect(204);
    }
    assert_eq!(roster.dump().await, before, "the second time writes nothing");
    let facts = roster.facts_of(&team.account_id, "invitation.revoked").await;
    assert_eq!(facts.len(), 1);
    assert_eq!(facts[0]["before"], json!({ "status": "pending", "role": "developer" }));
    assert_eq!(facts[0]["actor"]["id"], json!(adam.id));

    team.pending("ann@acme.test", "monitor").await;
    team.invite("eve@acme.test", "monitor").await.refused(403, "maximum_users_reached");
    roster.accept("ann@acme.test").await;
    roster.assert_counts_hold(&team.account_id).await;
}

// RULE: IN-09, IN-11, PS-05
#[tokio::test]
async fn an_expired_invitation_is_revoked_whether_its_seat_is_still_counted_or_not() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let ann = team.pending("ann@acme.test", "developer").await;
    let bob = team.pending("bob@acme.test", "developer").await;
    roster.advance("48h").await;
    let root = roster.sign_in(&team.root.email).await;
    let team = Team { root, ..team };
    let root = &team.root.caller;
    revoke(root, &ann).await.expect(204);
    roster.assert_counts_hold(&team.account_id).await;
    // The seat of the other goes to who needs it; then it is revoked as well.
    for email in ["eve@acme.test", "zoe@acme.test"] {
        root.post("/v1/users", invitee(email, "monitor")).await.expect(201);
    }
    revoke(root, &bob).await.expect(204);
    roster.assert_counts_hold(&team.account_id).await;
    assert_eq!(team.seats().await["total"], 3);
    for id in [&ann, &bob] {
        root.get(&format!("/v1/users/{id}")).await.refused(410, "user_deleted");
        revoke(root, id).await.expect(204);
    }
    let facts = roster.facts_of(&team.account_id, "invitation.revoked").await;
    assert_eq!(facts.len(), 2);
    assert!(facts.iter().all(|fact| fact["before"]["status"] == "expired"), "{facts:#?}");
}

// RULE: IN-09, IN-10, RO-02, AP-05, DE-01
#[tokio::test]
async fn what_is_accepted_gone_or_a_roots_is_told_apart() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await.on_pro().await;
    let adam = team.member("adam@acme.test", "admin").await;
    let dan = team.member("dan@acme.test", "developer").await;
    let root = &team.root.caller;
    let reply = revoke(&adam.caller, &dan.id).await.refused(409, "not_pending");
    assert_eq!(reply.body["status"], "active");
    root.post(&format!("/v1/users/{}/suspend", dan.id), json!({ "confirm": true })).await.expect(200);
    let reply = revoke(root, &dan.id).await.refused(409, "not_pending");
    assert_eq!(reply.body["status"], "suspended");
    root.delete(&format!("/v1/users/{}?confirm=true", dan.id)).await.expect(204);
    revoke(root, &dan.id).await.refused(410, "user_deleted");
    revoke(root, "usr_01K00000000000000000000000").await.refused(404, "not_found");

    // Deleted while pending is revoked; so is what was replaced by another invitation.
    let ann = team.pending("ann@acme.test", "monitor").await;
    root.delete(&format!("/v1/users/{ann}?confirm=true")).await.expect(204);
    revoke(root, &ann).await.expect(204);
    let rob = team.pending("rob@acme.test", "root").await;
    revoke(&adam.caller, &rob).await.refused(403, "admin_cannot_modify_root");
    roster.accept("rob@acme.test").await;
    revoke(root, &rob).await.refused(409, "not_pending");
    for role in ["billing", "developer", "monitor"] {
        let person = team.member(&format!("a.{role}@acme.test"), role).await;
        revoke(&person.caller, &ann).await.refused(403, "insufficient_role");
    }
    roster.assert_counts_hold(&team.account_id).await;
}

// RULE: IN-09, IN-11
#[tokio::test]
async fn the_identifier_that_was_replaced_is_revoked_already() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let old = team.pending("ann@acme.test", "developer").await;
    roster.advance("48h").await;
    let root = roster.sign_in(&team.root.email).await.caller;
    let new = root.post("/v1/users", invitee("ann@acme.test", "developer")).await.expect(201);
    revoke(&root, &old).await.expect(204);
    let user = root.get(&format!("/v1/users/{}", new.text("id"))).await.expect(200);
    assert_eq!(user.body["status"], "pending", "the new one is untouched");
}
