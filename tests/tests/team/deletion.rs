//! Deleting, and what remains.

use serde_json::{Value, json};
use tests::{PASSWORD, Roster, invitee};

// RULE: DE-01, SE-02
#[tokio::test]
async fn a_deleted_user_is_gone_for_good_and_the_identifier_says_so_everywhere() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let ann = team.member("ann@acme.test", "admin").await;
    let (root, user) = (&team.root.caller, format!("/v1/users/{}", ann.id));
    for query in ["", "?confirm=false", "?confirm=1", "?confirm="] {
        let reply = root.delete(&format!("{user}{query}")).await.refused(422, "validation_failed");
        assert_eq!(reply.bad_fields(), [("confirm", "required")], "{query}");
    }
    let key = ann.key("ci").await;
    key.caller.get("/v1/me").await.expect(200);
    let reply = root.delete(&format!("{user}?confirm=true")).await.expect(204);
    assert_eq!(reply.body, Value::Null);
    for dead in [&ann.caller, &key.caller] {
        dead.get("/v1/me").await.refused(401, "unauthenticated");
    }
    root.get(&format!("{user}/api-keys")).await.refused(410, "user_deleted");
    let body = json!({ "email": "ann@acme.test", "password": PASSWORD });
    roster.caller().post("/v1/sessions", body).await.refused(401, "invalid_credentials");

    let confirm = json!({ "confirm": true });
    root.get(&user).await.refused(410, "user_deleted");
    root.put(&format!("{user}/role"), json!({ "role": "monitor" })).await.refused(410, "user_deleted");
    root.post(&format!("{user}/suspend"), confirm.clone()).await.refused(410, "user_deleted");
    root.post(&format!("{user}/reactivate"), json!({})).await.refused(410, "user_deleted");
    root.post(&format!("{user}/logout"), confirm).await.refused(410, "user_deleted");
    root.delete(&format!("{user}?confirm=true")).await.refused(410, "user_deleted");
    let list = root.get("/v1/users").await.expect(200).body;
    assert_eq!(list["data"].as_array().map(Vec::len), Some(1));
}

// RULE: DE-02, RS-03
#[tokio::test]
async fn of_a_deleted_user_a_tombstone_remains_that_names_nobody() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let mut body = invitee("xanthippe@acme.test", "developer");
    body["first_name"] = "Xanthippe".into();
    body["last_name"] = "Quux".into();
    body["message"] = "A message to Xanthippe".into();
    team.root.caller.post("/v1/users", body).await.expect(201);
    let person = roster.accept("xanthippe@acme.test").await;
    team.root.caller.delete(&format!("/v1/users/{}?confirm=true", person.id)).await.expect(204);
    roster.advance("2m").await;
    let items = roster.dump().await;
    let tombstone = items.iter().find(|item| item["sk"] == format!("X#{}", person.id).as_str());
    let tombstone = tombstone.expect("a tombstone");
    assert_eq!(tombstone["label"], "Deleted user");
    assert_eq!(tombstone["deleted_by"], team.root.id.as_str());
    for item in &items {
        let text = item.to_string().to_lowercase();
        assert!(!text.contains("xanthippe") && !text.contains("quux"), "{item:#}");
    }
    let named = tests::without_reports(roster.history(&team.account_id).await);
    let named = named.iter().filter(|fact| fact["target"] == person.id.as_str()).count();
    assert_eq!(named, 5, "invited, accepted, signed in, deleted, erased: by identifier");
}

// RULE: DE-03, IN-09
#[tokio::test]
async fn deleting_a_pending_user_is_revoking_the_invitation() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let id = team.pending("ann@acme.test", "developer").await;
    let token = roster.token_for("ann@acme.test").await;
    team.root.caller.delete(&format!("/v1/users/{id}?confirm=true")).await.expect(204);
    let body = json!({ "token": token, "password": PASSWORD });
    roster.caller().post("/v1/invitations/accept", body).await.refused(404, "invitation_invalid");
    let facts = roster.facts_of(&team.account_id, "invitation.revoked").await;
    assert_eq!(facts.len(), 1);
    assert_eq!(facts[0]["before"], json!({ "status": "pending", "role": "developer" }));
    assert!(roster.facts_of(&team.account_id, "user.deleted").await.is_empty());
    team.root.caller.get(&format!("/v1/users/{id}")).await.refused(410, "user_deleted");
    assert_eq!(team.seats().await["total"], 1);
}

// RULE: DE-04, IN-13
#[tokio::test]
async fn the_same_address_is_invited_again_at_once_as_somebody_new() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    team.pending("ann@acme.test", "admin").await;
    let old_token = roster.token_for("ann@acme.test").await;
    let old = roster.accept("ann@acme.test").await;
    team.root.caller.delete(&format!("/v1/users/{}?confirm=true", old.id)).await.expect(204);
    let reply = team.invite("ann@acme.test", "monitor").await.expect(201);
    assert_ne!(reply.text("id"), old.id);
    assert_eq!((&reply.body["last_login_at"], &reply.body["version"]), (&Value::Null, &json!(1)));
    let body = json!({ "email": "ann@acme.test", "password": PASSWORD });
    roster.caller().post("/v1/sessions", body).await.refused(401, "invalid_credentials");
    old.caller.get("/v1/me").await.refused(401, "unauthenticated");
    let body = json!({ "token": old_token });
    roster.caller().post("/v1/invitations/lookup", body).await.refused(404, "invitation_invalid");
    let new = roster.accept("ann@acme.test").await;
    assert_eq!(new.caller.get("/v1/me").await.expect(200).body["role"], "monitor");
    old.caller.get("/v1/me").await.refused(401, "unauthenticated");
    team.root.caller.get(&format!("/v1/users/{}", old.id)).await.refused(410, "user_deleted");
}
