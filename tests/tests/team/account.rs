//! The account: what is seen of it, and what may be changed.

use serde_json::{Value, json};
use tests::{Reply, Roster};

fn tag(reply: &Reply) -> &str {
    reply.header("etag").expect("an ETag")
}

/// How many days the invitation of this user lives.
fn lifetime_days(user: &Value) -> i64 {
    let instant = |value: &Value| {
        let text = value.as_str().expect("an instant");
        chrono::DateTime::parse_from_rfc3339(text).expect("an instant")
    };
    (instant(&user["invitation"]["expires_at"]) - instant(&user["invited_at"])).num_days()
}

// RULE: RO-01, AP-03, AP-05
#[tokio::test]
async fn whoever_is_signed_in_sees_their_own_account() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await.on_pro().await;
    let other = roster.team("other").await;
    for role in ["admin", "billing", "developer", "monitor"] {
        let member = team.member(&format!("{role}@acme.test"), role).await;
        let reply = member.caller.get("/v1/account").await.expect(200);
        let account = &reply.body;
        assert_eq!(account["id"], team.account_id.as_str(), "{role}");
        assert_eq!((&account["name"], &account["plan"]), (&json!("acme"), &json!("pro")));
        assert_eq!(
            (&account["interval"], &account["invitation_lifetime_days"]),
            (&json!("monthly"), &json!(2))
        );
        assert_eq!(tag(&reply), format!("\"{}\"", account["version"]));
    }
    let account = other.root.caller.get("/v1/account").await.expect(200).body;
    assert_eq!((&account["id"], &account["interval"]), (&json!(other.account_id), &Value::Null));
    roster.caller().get("/v1/account").await.refused(401, "unauthenticated");
}

// RULE: RO-01, EV-01, AC-10, AP-03
#[tokio::test]
async fn root_and_admin_change_name_and_settings_and_the_log_names_the_fields() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let adam = team.member("adam@acme.test", "admin").await;
    let before = team.root.caller.get("/v1/account").await.expect(200);
    let renamed = adam.caller.patch("/v1/account", json!({ "name": " Zenith & Sons " })).await.expect(200);
    assert_eq!(
        (&renamed.body["name"], &renamed.body["invitation_lifetime_days"]),
        (&json!("Zenith & Sons"), &json!(2))
    );
    assert_ne!(tag(&renamed), tag(&before));
    let both = json!({ "name": "Zenith", "invitation_lifetime_days": 7 });
    let changed = team.root.caller.patch("/v1/account", both.clone()).await.expect(200);
    assert_eq!(changed.body, team.root.caller.get("/v1/account").await.expect(200).body);

    let facts = roster.facts_of(&team.account_id, "account.updated").await;
    assert_eq!(facts.len(), 2);
    assert_eq!(facts[0]["after"], json!({ "changed": ["name"] }));
    assert_eq!(facts[0]["actor"]["id"], adam.id.as_str());
    assert_eq!(facts[1]["before"], json!({ "invitation_lifetime_days": 2 }));
    let after = json!({ "changed": ["name", "invitation_lifetime_days"], "invitation_lifetime_days": 7 });
    assert_eq!(facts[1]["after"], after);
    assert!(!json!(facts).to_string().contains("Zenith"), "a name is told to nobody");

    // What is so already is written by nobody.
    let dump = roster.dump().await;
    for same in [both, json!({}), json!({ "name": null }), json!({ "invitation_lifetime_days": 7 })] {
        let reply = team.root.caller.patch("/v1/account", same).await.expect(200);
        assert_eq!((reply.body.clone(), tag(&reply)), (changed.body.clone(), tag(&changed)));
    }
    assert_eq!(roster.dump().await, dump);
}

// RULE: AP-03
#[tokio::test]
async fn a_change_of_the_account_holds_to_the_version_that_was_named() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let root = &team.root.caller;
    let seen = tag(&root.get("/v1/account").await.expect(200)).to_owned();
    // Seats that move are no new version: whoever renames the account is not disturbed by invitations.
    team.pending("ann@acme.test", "monitor").await;
    let by = |tag: &str| root.with_header("if-match", tag);
    for stale in ["\"0\"", &format!("W/{seen}"), "nonsense"] {
        let reply =
            by(stale).patch("/v1/account", json!({ "name": "New" })).await.refused(412, "version_mismatch");
        assert_eq!(format!("\"{}\"", reply.body["version"]), seen);
        by(stale).delete("/v1/account?confirm=true").await.refused(412, "version_mismatch");
    }
    by(&seen).patch("/v1/account", json!({ "name": "New" })).await.expect(200);
    by(&seen).patch("/v1/account", json!({ "name": "Newer" })).await.refused(412, "version_mismatch");
    by(&seen).delete("/v1/account?confirm=true").await.refused(412, "version_mismatch");
    assert_eq!(root.get("/v1/account").await.expect(200).body["name"], "New");
}

// RULE: IN-11
#[tokio::test]
async fn another_lifetime_holds_for_invitations_that_are_sent_from_then_on() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let before = team.pending("before@acme.test", "monitor").await;
    team.root.caller.patch("/v1/account", json!({ "invitation_lifetime_days": 30 })).await.expect(200);
    let after = team.pending("after@acme.test", "monitor").await;
    let user = async |id: &str| team.root.caller.get(&format!("/v1/users/{id}")).await.expect(200).body;
    assert_eq!(lifetime_days(&user(&before).await), 2, "what is under way keeps its time");
    assert_eq!(lifetime_days(&user(&after).await), 30);
    let expires_at = user(&after).await["invitation"]["expires_at"].clone();
    roster.advance("48h").await;
    let late = json!({ "token": roster.token_for("before@acme.test").await, "password": tests::PASSWORD });
    roster.caller().post("/v1/invitations/accept", late).await.refused(410, "invitation_expired");
    roster.advance_to_before(expires_at.as_str().expect("an instant"), 60).await;
    roster.accept("after@acme.test").await;
}

// RULE: IN-11, IN-01
#[tokio::test]
async fn an_invitation_lives_1_to_30_days_and_every_bad_field_is_named() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let root = &team.root.caller;
    for days in [1, 30] {
        let reply = root.patch("/v1/account", json!({ "invitation_lifetime_days": days })).await.expect(200);
        assert_eq!(reply.body["invitation_lifetime_days"], days);
    }
    let before = roster.dump().await;
    for days in [json!(0), json!(31), json!(-1), json!(1.5), json!(1e300), json!(4_294_967_298_u64)] {
        let reply = root.patch("/v1/account", json!({ "invitation_lifetime_days": days })).await;
        let reply = reply.refused(422, "validation_failed");
        assert_eq!(reply.bad_fields(), [("invitation_lifetime_days", "out_of_range")], "{days}");
    }
    let body = json!({ "name": " ", "invitation_lifetime_days": "7", "plan": "pro" });
    let reply = root.patch("/v1/account", body).await.refused(422, "validation_failed");
    let bad = [("invitation_lifetime_days", "wrong_type"), ("name", "empty"), ("plan", "unknown_field")];
    assert_eq!(reply.bad_fields(), bad);
    assert_eq!(roster.dump().await, before);
}
