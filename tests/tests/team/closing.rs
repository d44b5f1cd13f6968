//! Closing the account: everything of it ends at once, by one write.

use serde_json::{Value, json};
use tests::{PASSWORD, Roster, Team};

pub(crate) const CLOSE: &str = "/v1/account?confirm=true";

pub(crate) async fn item(roster: &Roster, team: &Team<'_>, sort_key: &str) -> Value {
    let items = roster.table().items(&team.account_id, &[sort_key.to_owned()]).await;
    items.into_iter().next().unwrap_or_default()
}

/// What a sign-in shows: reply and effort.
async fn sign_in(roster: &Roster, email: &str, password: &str, account_id: &Value) -> Value {
    let body = json!({ "email": email, "password": password, "account_id": account_id });
    let reply = roster.caller().post("/v1/sessions", body).await;
    let lines = roster.stack.logs().into_iter().filter_map(|(_, line)| serde_json::from_str(&line).ok());
    let line: Option<Value> =
        lines.into_iter().find(|line: &Value| line["request_id"] == reply.body["request_id"]);
    json!([reply.alike(), roster.effort(&reply).await, line.expect("a line")["hashes"]])
}

// RULE: AC-11, SE-02, IN-13
#[tokio::test]
async fn when_an_account_is_closed_sessions_keys_and_invitations_end_at_once() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await.on_pro().await;
    let other = roster.team("other").await;
    let ann = team.member("ann@acme.test", "developer").await;
    let second = roster.sign_in("ann@acme.test").await;
    let keys = [ann.key("hers").await, team.root.key("the Root's").await];
    team.pending("pia@acme.test", "admin").await;
    let token = json!({ "token": roster.token_for("pia@acme.test").await, "password": PASSWORD });
    for query in ["", "?confirm=false"] {
        let reply = team.root.caller.delete(&format!("/v1/account{query}")).await;
        assert_eq!(reply.refused(422, "validation_failed").bad_fields(), [("confirm", "required")]);
    }
    let reply = team.root.caller.delete(CLOSE).await.expect(204);
    assert_eq!(reply.body, Value::Null);
    for caller in [&team.root.caller, &ann.caller, &second.caller, &keys[0].caller, &keys[1].caller] {
        for path in ["/v1/me", "/v1/account", "/v1/users", "/v1/resources"] {
            caller.get(path).await.refused(401, "unauthenticated");
        }
        caller.delete(CLOSE).await.refused(401, "unauthenticated");
        caller.post("/v1/authorize", json!({ "action": "users.read" })).await.refused(401, "unauthenticated");
    }
    let unknown = json!({ "token": "none", "password": PASSWORD });
    for path in ["/v1/invitations/lookup", "/v1/invitations/accept"] {
        let body = |whole: &Value| match path {
            "/v1/invitations/lookup" => json!({ "token": whole["token"] }),
            _ => whole.clone(),
        };
        let of_none = roster.caller().post(path, body(&unknown)).await.refused(404, "invitation_invalid");
        let of_closed = roster.caller().post(path, body(&token)).await.refused(404, "invitation_invalid");
        assert_eq!(of_closed.alike(), of_none.alike(), "{path}");
    }
    // Nor is it told that its time is over.
    roster.advance("48h").await;
    roster.caller().post("/v1/invitations/accept", token).await.refused(404, "invitation_invalid");
    // Others are not concerned.
    roster.sign_in(&other.root.email).await.caller.get("/v1/account").await.expect(200);
}

// RULE: AC-11, AC-03, AC-12
#[tokio::test]
async fn signing_in_to_a_closed_account_looks_as_with_a_wrong_password() {
    let roster = Roster::start().await;
    let open = roster.team("open").await;
    let team = roster.team("acme").await;
    let ann = team.member("ann@acme.test", "developer").await;
    team.root.caller.delete(CLOSE).await.expect(204);
    for named in [false, true] {
        let account = |team: &Team<'_>| if named { json!(team.account_id) } else { Value::Null };
        let wrong = sign_in(&roster, &open.root.email, "not-the-password", &account(&open)).await;
        for (email, password) in [
            (team.root.email.as_str(), PASSWORD),
            (ann.email.as_str(), PASSWORD),
            (ann.email.as_str(), "not-the-password"),
        ] {
            assert_eq!(sign_in(&roster, email, password, &account(&team)).await, wrong, "{email}");
        }
    }
    // The same address goes on in another account, and signs up anew.
    open.member("ann@acme.test", "monitor").await.caller.get("/v1/me").await.expect(200);
    let body =
        json!({ "account_name": "Again", "email": team.root.email, "first_name": "R", "last_name": "R" });
    roster.caller().post("/v1/accounts", body).await.expect(202);
    let again = roster.accept(&team.root.email).await;
    assert_ne!(again.caller.get("/v1/account").await.expect(200).body["id"], team.account_id.as_str());
}

// RULE: AC-11, EV-01
#[tokio::test]
async fn a_closed_account_counts_nobody_as_pending_and_is_to_be_erased_in_30_days() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await.on_pro().await;
    let sue = team.member("sue@acme.test", "developer").await;
    let suspend = format!("/v1/users/{}/suspend", sue.id);
    team.root.caller.post(&suspend, json!({ "confirm": true })).await.expect(200);
    team.pending("pia@acme.test", "monitor").await;
    team.pending("pam@acme.test", "monitor").await;
    let before = item(&roster, &team, "A").await;
    team.root.caller.delete(CLOSE).await.expect(204);
    let account = item(&roster, &team, "A").await;
    assert_eq!(
        (&account["pending"], &account["active"], &account["suspended"]),
        (&json!(0), &json!(1), &json!(1))
    );
    assert_eq!(account["version"].as_i64(), before["version"].as_i64().map(|version| version + 1));
    let instant = |value: &Value| {
        chrono::DateTime::parse_from_rfc3339(value.as_str().expect("an instant")).expect("an instant")
    };
    let timer = item(&roster, &team, "T#erasure").await;
    let due_at = instant(&timer["at"]);
    assert_eq!(due_at - instant(&account["closed_at"]), chrono::TimeDelta::days(30));
    assert!(timer["due"].as_str().is_some_and(|due| due.starts_with("erasure#")), "{timer:#}");
    let facts = roster.facts_of(&team.account_id, "account.closed").await;
    assert_eq!(facts.len(), 1);
    assert_eq!(facts[0]["before"], json!({ "pending": 2, "active": 1, "suspended": 1 }));
    assert_eq!(instant(&facts[0]["after"]["erased_at"]), due_at);
    assert_eq!(facts[0]["actor"], json!({ "id": team.root.id, "role": "root", "via": "session" }));
}

// RULE: RO-02, RO-04, EV-01
#[tokio::test]
async fn only_root_closes_the_account() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await.on_pro().await;
    for role in ["admin", "billing", "developer", "monitor"] {
        let member = team.member(&format!("{role}@acme.test"), role).await;
        let reply = member.caller.delete(CLOSE).await.refused(403, "insufficient_role");
        assert_eq!(reply.body["hint"], "Root can do this.");
    }
    let refused = roster.facts_of(&team.account_id, "access.refused").await;
    assert_eq!(refused.len(), 4);
    assert_eq!(refused[0]["after"], json!({ "operation": "close-account", "code": "insufficient_role" }));
    let second = team.member("rob@acme.test", "root").await;
    second.caller.delete(CLOSE).await.expect(204);
    team.root.caller.get("/v1/me").await.refused(401, "unauthenticated");
}
