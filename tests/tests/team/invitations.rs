//! Inviting.

use futures_util::future::join_all;
use serde_json::{Value, json};
use tests::{Roster, invitee, masked};

// RULE: IN-01, AP-09
#[tokio::test]
async fn an_invitation_names_every_bad_field_at_once() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let users = &team.root.caller;
    let reply = users.post("/v1/users", json!({})).await.refused(422, "validation_failed");
    let required = ["email", "first_name", "last_name", "role"].map(|field| (field, "required"));
    assert_eq!(reply.bad_fields(), required);
    let body = json!({
        "email": "not an address", "first_name": "", "last_name": "x".repeat(101), "role": "owner",
        "message": "m".repeat(501), "justification": 7, "account_id": "acc_1",
    });
    let reply = users.post("/v1/users", body).await.refused(422, "validation_failed");
    insta::assert_json_snapshot!("every_bad_field", masked(&reply.body));
    assert_eq!(team.seats().await["total"], 1);
    let reply = users.post("/v1/users", invitee("ann@acme.test", "monitor")).await.expect(201);
    assert_eq!(reply.body["invitation"]["delivery"], "queued");
}

// RULE: IN-02, IN-03
#[tokio::test]
async fn one_call_makes_a_pending_user_who_is_listed_at_once_and_one_mail() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let reply = team.invite("Ann@Acme.test ", "developer").await.expect(201);
    insta::assert_json_snapshot!("invited", masked(&reply.body));
    let list = team.root.caller.get("/v1/users?status=pending").await.expect(200).body;
    assert_eq!(list["data"].as_array().map(Vec::len), Some(1));
    assert_eq!(list["data"][0]["id"], reply.body["id"]);
    assert_eq!(list["data"][0]["status_label"], "Invitation Pending");
    assert_eq!(roster.mails("ann@acme.test").await.len(), 1, "exactly one");
    let user = team.root.caller.get(&format!("/v1/users/{}", reply.text("id"))).await.expect(200).body;
    assert_eq!(user["invitation"]["delivery"], "delivered");
    assert!(user["invitation"]["sent_at"].is_string() && user["invitation"]["delivered_at"].is_string());
}

// RULE: IN-04, PS-02
#[tokio::test]
async fn twenty_invitations_at_once_for_one_seat_make_one_user() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    team.pending("ann@acme.test", "admin").await;
    let emails: Vec<String> = (0..20).map(|n| format!("u{n}@acme.test")).collect();
    let replies = join_all(emails.iter().map(|email| team.invite(email, "monitor"))).await;
    let count = |status: u16, code: &str| {
        replies.iter().filter(|reply| (reply.status, reply.code()) == (status, code)).count()
    };
    assert_eq!((count(201, ""), count(403, "maximum_users_reached")), (1, 19));
    assert_eq!(team.seats().await["total"], 3);
    assert_eq!(
        team.root.caller.get("/v1/users").await.expect(200).body["data"].as_array().map(Vec::len),
        Some(3)
    );
}

// RULE: IN-16, IN-17
#[tokio::test]
async fn an_address_that_is_taken_is_refused_with_whose_it_is_and_mails_nobody() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await.on_pro().await;
    let ann = team.pending("Ann@X.test ", "developer").await;
    for spelling in ["ann@x.test", "ANN@X.TEST", " Ann@x.Test\u{a0}"] {
        let reply = team.invite(spelling, "monitor").await.refused(409, "invitation_pending");
        assert_eq!(reply.body["user_id"], ann.as_str());
    }
    assert_eq!(roster.mails("ann@x.test").await.len(), 1, "the first alone");
    roster.accept("ann@x.test").await;
    let reply = team.invite("ann@x.test", "monitor").await.refused(409, "user_exists");
    assert_eq!(reply.body["user_id"], ann.as_str());
    let suspend = format!("/v1/users/{ann}/suspend");
    team.root.caller.post(&suspend, json!({ "confirm": true })).await.expect(200);
    let before = roster.mails("ann@x.test").await.len();
    team.invite("ann@x.test", "monitor").await.refused(409, "user_exists");
    team.invite(&team.root.email, "monitor").await.refused(409, "user_exists");
    assert_eq!((before, roster.mails("ann@x.test").await.len()), (2, 2), "and that she is suspended");
}

// RULE: IN-16
#[tokio::test]
async fn of_invitations_of_one_address_at_once_one_wins() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await.on_pro().await;
    let replies = join_all((0..8).map(|_| team.invite("ann@x.test", "monitor"))).await;
    assert_eq!(replies.iter().filter(|reply| reply.status == 201).count(), 1);
    assert_eq!(replies.iter().filter(|reply| reply.code() == "invitation_pending").count(), 7);
    assert_eq!(team.seats().await["pending"], 1);
    assert_eq!(roster.mails("ann@x.test").await.len(), 1);
}

// RULE: IN-17
#[tokio::test]
async fn an_address_is_one_person_and_keeps_its_spelling() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await.on_pro().await;
    for email in ["alice@x.test", "ice@x.test", "a.lice@x.test", "alice+tag@x.test", "b@B\u{fc}cher.test"] {
        let reply = team.invite(email, "monitor").await.expect(201);
        assert_eq!(reply.body["email"], email);
    }
    let reply = team.invite("B@xn--bcher-kva.test", "monitor").await;
    reply.refused(409, "invitation_pending");
    team.invite("jos\u{e9}@x.test", "monitor").await.expect(201);
    team.invite("jose\u{301}@x.test", "monitor").await.refused(409, "invitation_pending");
    for bad in [
        "ann@x.test\nBcc: eve@x.test",
        "ann\r@x.test",
        "a\u{0}nn@x.test",
        "ann@x",
        "ann",
        "@x.test",
        "a\u{202e}b@x.test",
    ] {
        let reply = team.invite(bad, "monitor").await.refused(422, "validation_failed");
        assert_eq!(reply.bad_fields(), [("email", "invalid_email")], "{bad:?}");
    }
    assert_eq!(team.seats().await["pending"], json!(6));
}

// RULE: RO-02, IN-01
#[tokio::test]
async fn who_may_not_manage_users_invites_nobody() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await.on_pro().await;
    for role in ["billing", "developer", "monitor"] {
        let person = team.member(&format!("a.{role}@acme.test"), role).await;
        let reply = person.caller.post("/v1/users", invitee("eve@acme.test", "monitor")).await;
        let reply = reply.refused(403, "insufficient_role");
        assert_eq!(reply.body["hint"], Value::from("Root or Admin can do this."));
    }
    assert!(roster.mails("eve@acme.test").await.is_empty());
}
