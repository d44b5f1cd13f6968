//! API keys: what they are, whom they act as, and how they end.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use tests::{Caller, PASSWORD, Person, Reply, Roster, Tally, Team, invitee};

pub(crate) const KEYS: &str = "/v1/me/api-keys";
const KEYS_MAX: usize = 25;

pub(crate) fn instant(value: &Value) -> DateTime<Utc> {
    value.as_str().and_then(|text| text.parse().ok()).unwrap_or_else(|| panic!("an instant: {value}"))
}

pub(crate) async fn listed(by: &Caller, path: &str) -> Vec<Value> {
    by.get(path).await.expect(200).body["data"].as_array().expect("keys").clone()
}

pub(crate) async fn make(by: &Caller, body: Value) -> Reply {
    by.post(KEYS, body).await
}

async fn change_role(team: &Team<'_>, id: &str, role: &str) {
    team.root.caller.put(&format!("/v1/users/{id}/role"), json!({ "role": role })).await.expect(200);
}

/// An account where keys are not soon slowed down, and a developer.
pub(crate) async fn developer(roster: &Roster) -> (Team<'_>, Person) {
    let team = roster.team("acme").await.on_pro().await;
    let dev = team.member("dev@acme.test", "developer").await;
    (team, dev)
}

// RULE: AC-07, AC-09
#[tokio::test]
async fn a_key_is_shown_once_and_listed_by_name_and_last_four() {
    let roster = Roster::start().await;
    let (team, dev) = developer(&roster).await;
    let first = make(&dev.caller, json!({ "name": "deployment" })).await.expect(201);
    let token = first.text("token").to_owned();
    assert!(token.starts_with("ros_key_"), "{token}");
    roster.advance("1s").await;
    let second = make(&dev.caller, json!({ "name": "tests", "expires_in_days": 7 })).await.expect(201);
    let list = listed(&dev.caller, KEYS).await;
    assert_eq!(list.iter().map(|key| key["name"].clone()).collect::<Vec<_>>(), ["tests", "deployment"]);
    let mut shown = first.body.clone();
    shown.as_object_mut().expect("a key").remove("token");
    assert_eq!(list[1], shown);
    let fields: Vec<&String> = list[1].as_object().expect("a key").keys().collect();
    assert_eq!(fields, ["created_at", "expires_at", "id", "last4", "last_used_at", "name"]);
    assert_eq!(
        (list[1]["last4"].as_str(), &list[1]["last_used_at"]),
        (token.get(token.len() - 4..), &Value::Null)
    );
    let days = |key: &Value| instant(&key["expires_at"]) - instant(&key["created_at"]);
    assert_eq!((days(&list[1]), days(&list[0])), (TimeDelta::days(90), TimeDelta::days(7)));
    let theirs = listed(&team.root.caller, &format!("/v1/users/{}/api-keys", dev.id)).await;
    assert_eq!(theirs, list, "an Admin sees the same");
    for token in [&token, second.text("token")] {
        assert!(!json!([list, roster.whole_dump().await]).to_string().contains(token));
        assert!(!roster.stack.logs().iter().any(|(_, line)| line.contains(token)));
    }
    for (body, bad) in [
        (json!({}), ("name", "required")),
        (json!({ "name": "" }), ("name", "empty")),
        (json!({ "name": "x".repeat(101) }), ("name", "too_long")),
        (json!({ "name": "x", "expires_in_days": 0 }), ("expires_in_days", "out_of_range")),
        (json!({ "name": "x", "expires_in_days": 366 }), ("expires_in_days", "out_of_range")),
    ] {
        let reply = make(&dev.caller, body.clone()).await.refused(422, "validation_failed");
        assert_eq!(reply.bad_fields(), [bad], "{body}");
    }
}

// RULE: AC-07, AP-02
#[tokio::test]
async fn the_same_call_again_makes_no_second_key_and_shows_none() {
    let roster = Roster::start().await;
    let (_team, dev) = developer(&roster).await;
    let keyed = dev.caller.with_header("idempotency-key", "the key for deployment");
    let body = json!({ "name": "deployment" });
    make(&keyed, body.clone()).await.expect(201);
    let before = roster.dump().await;
    let again = make(&keyed, body).await.refused(409, "secret_already_shown");
    assert_eq!(again.body.get("token"), None);
    make(&keyed, json!({ "name": "another" })).await.refused(422, "idempotency_mismatch");
    assert_eq!(roster.dump().await, before);
    assert_eq!(listed(&dev.caller, KEYS).await.len(), 1);
}

// RULE: AC-07
#[tokio::test]
async fn a_key_is_over_after_90_days_to_the_instant() {
    let roster = Roster::start().await;
    let (_team, dev) = developer(&roster).await;
    let made = make(&dev.caller, json!({ "name": "ci" })).await.expect(201);
    let key = dev.caller.with_token(made.text("token"));
    roster.advance_to_before(made.text("expires_at"), 20).await;
    key.get("/v1/me").await.expect(200);
    roster.advance_to(made.text("expires_at")).await;
    key.get("/v1/me").await.refused(401, "unauthenticated");
    key.post("/v1/authorize", json!({ "action": "resources.read" })).await.refused(401, "unauthenticated");
    let dev = roster.sign_in(&dev.email).await;
    assert_eq!(listed(&dev.caller, KEYS).await.len(), 0);
}

// RULE: AC-07, RO-05, RO-08
#[tokio::test]
async fn a_key_acts_with_its_owners_role_of_the_moment() {
    let roster = Roster::start().await;
    let (team, dev) = developer(&roster).await;
    let key = dev.key("ci").await.caller;
    let agent = "/v1/resources/agents/crm";
    key.put(agent, json!({ "name": "CRM" })).await.expect(200);
    key.get("/v1/users").await.refused(403, "insufficient_role");
    change_role(&team, &dev.id, "admin").await;
    for path in ["/v1/users", agent, "/v1/account"] {
        key.get(path).await.refused(403, "mfa_enrollment_required");
    }
    assert_eq!(key.get("/v1/me").await.expect(200).body["role"], "admin");
    roster.enroll(&dev).await;
    key.get("/v1/users").await.expect(200);
    key.post("/v1/users", invitee("eve@acme.test", "monitor")).await.expect(201);
    let asked = key.post("/v1/authorize", json!({ "action": "users.manage" })).await.expect(200).body;
    assert_eq!((&asked["allowed"], &asked["role"]), (&json!(true), &json!("admin")));
    for role in ["billing", "monitor"] {
        change_role(&team, &dev.id, role).await;
        for path in ["/v1/me", "/v1/users", agent] {
            key.get(path).await.refused(403, "insufficient_role");
        }
        key.post("/v1/authorize", json!({ "action": "resources.read" }))
            .await
            .refused(403, "insufficient_role");
        make(&dev.caller, json!({ "name": "more" })).await.refused(403, "insufficient_role");
        let may_read = dev.caller.get("/v1/users").await.status == 200;
        assert_eq!(may_read, role == "billing", "the session goes on as {role}");
    }
    change_role(&team, &dev.id, "developer").await;
    key.get(agent).await.expect(200);
    let invited = roster.facts_of(&team.account_id, "user.invited").await;
    let actor = json!({ "id": dev.id, "role": "admin", "via": "key" });
    assert_eq!(invited.last().expect("a fact")["actor"], actor);
}

// RULE: AC-06, AC-07
#[tokio::test]
async fn a_key_never_counts_as_a_recent_authentication() {
    let roster = Roster::start().await;
    let (team, dev) = developer(&roster).await;
    let key = team.root.key("ops").await.caller;
    let user = format!("/v1/users/{}", dev.id);
    roster.enroll(&dev).await;
    let before = roster.dump().await;
    for reply in [
        key.delete(&format!("{user}?confirm=true")).await,
        key.put(&format!("{user}/role"), json!({ "role": "admin" })).await,
        key.post("/v1/users", invitee("eve@acme.test", "root")).await,
        key.post(&format!("{user}/departure"), json!({ "mode": "auto" })).await,
        key.post(&format!("{user}/recovery-codes"), json!({ "confirm": true })).await,
        key.post(&format!("{user}/recovery-codes/view"), json!({})).await,
        key.delete("/v1/account?confirm=true").await,
    ] {
        reply.refused(403, "step_up_required");
    }
    let users = |items: Vec<Value>| {
        items.into_iter().filter(|item| item["sk"].as_str().is_some_and(|sk| sk.starts_with("U#")))
    };
    assert!(users(roster.dump().await).eq(users(before)));
    key.put(&format!("{user}/role"), json!({ "role": "monitor" })).await.expect(200);
}

// RULE: AC-07, SE-04, AC-06
#[tokio::test]
async fn what_is_of_a_session_or_a_person_takes_a_session() {
    let roster = Roster::start().await;
    let (_team, dev) = developer(&roster).await;
    let key = dev.key("ci").await;
    let by = &key.caller;
    let change = json!({ "current_password": PASSWORD, "new_password": "another-vex-tungsten" });
    for reply in [
        by.delete("/v1/sessions/current").await,
        by.post("/v1/sessions/current/step-up", json!({ "password": PASSWORD })).await,
        by.get("/v1/me/sessions").await,
        by.delete("/v1/me/sessions").await,
        by.delete(&format!("/v1/me/sessions/{}", key.id.replace("key_", "ses_"))).await,
        by.patch("/v1/me", json!({ "first_name": "Eve" })).await,
        by.put("/v1/me/password", change).await,
        by.post("/v1/me/mfa/totp", json!({})).await,
        by.post("/v1/me/mfa/totp/confirm", json!({ "code": "000000" })).await,
        by.delete("/v1/me/mfa/totp").await,
        by.post("/v1/me/recovery-codes", json!({})).await,
        by.post("/v1/me/recovery-codes/view", json!({})).await,
        make(by, json!({ "name": "a key's key" })).await,
        by.get(KEYS).await,
        by.delete(&format!("{KEYS}/{}", key.id)).await,
        by.delete("/v1/me?confirm=true").await,
    ] {
        reply.refused(403, "session_required");
    }
    by.get("/v1/me").await.expect(200);
    let cookie = roster.caller().with_header("cookie", &format!("roster_session={}", by.token()));
    cookie.get("/v1/me").await.refused(401, "unauthenticated");
    let session = roster.caller().with_header("cookie", &format!("roster_session={}", dev.caller.token()));
    session.get("/v1/me").await.expect(200);
}

// RULE: AC-07, SE-02, AP-05
#[tokio::test]
async fn a_key_that_was_deleted_is_dead_at_the_next_request_and_others_are_not() {
    let roster = Roster::start().await;
    let (team, dev) = developer(&roster).await;
    let ann = team.member("ann@acme.test", "developer").await;
    let (one, two, anns) = (dev.key("one").await, dev.key("two").await, ann.key("hers").await);
    let own = |id: &str| format!("{KEYS}/{id}");
    for id in [anns.id.as_str(), "key_01K00000000000000000000000", "nonsense", &dev.id] {
        dev.caller.delete(&own(id)).await.refused(404, "not_found");
    }
    dev.caller.delete(&own(&one.id)).await.expect(204);
    one.caller.get("/v1/me").await.refused(401, "unauthenticated");
    for alive in [&two.caller, &anns.caller] {
        alive.get("/v1/me").await.expect(200);
    }
    dev.caller.delete(&own(&one.id)).await.refused(404, "not_found");
    assert_eq!(listed(&dev.caller, KEYS).await.len(), 1);
    let deleted = roster.facts_of(&team.account_id, "api_key.deleted").await;
    assert_eq!(deleted.len(), 1);
    assert_eq!(deleted[0]["before"], json!({ "key_id": one.id }));
}

// RULE: AC-07, RO-02, RO-04, AP-05
#[tokio::test]
async fn admins_delete_others_keys_one_by_one_or_all_at_once_and_a_roots_only_a_root_does() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await.on_pro().await;
    let other = roster.team("other").await;
    let dev = team.member("dev@acme.test", "developer").await;
    let (adam, rita) =
        (team.member("adam@acme.test", "admin").await, team.member("rita@acme.test", "root").await);
    let keys = |id: &str| format!("/v1/users/{id}/api-keys");
    let [one, two, three] = [dev.key("one").await, dev.key("two").await, dev.key("three").await];
    let (ritas, adams) = (rita.key("hers").await, adam.key("his").await);
    adam.caller.delete(&format!("{}/{}", keys(&dev.id), one.id)).await.expect(204);
    one.caller.get("/v1/me").await.refused(401, "unauthenticated");
    two.caller.get("/v1/me").await.expect(200);
    for (id, key) in [(&dev.id, &one.id), (&dev.id, &adams.id), (&adam.id, &two.id)] {
        adam.caller.delete(&format!("{}/{key}", keys(id))).await.refused(404, "not_found");
    }
    adam.caller.delete(&keys(&dev.id)).await.expect(204);
    for dead in [&two.caller, &three.caller] {
        dead.get("/v1/me").await.refused(401, "unauthenticated");
    }
    assert_eq!(listed(&adam.caller, &keys(&dev.id)).await.len(), 0);
    let all = roster.facts_of(&team.account_id, "api_keys.deleted").await;
    assert_eq!((all.len(), &all[0]["before"]), (1, &json!({ "keys": 2 })));
    adam.caller.delete(&keys(&dev.id)).await.expect(204);
    assert_eq!(roster.facts_of(&team.account_id, "api_keys.deleted").await.len(), 1, "none was left");
    let new = dev.key("new").await;
    new.caller.get("/v1/me").await.expect(200);

    let ritas_one = format!("{}/{}", keys(&rita.id), ritas.id);
    adam.caller.get(&keys(&rita.id)).await.refused(403, "admin_cannot_modify_root");
    adam.caller.delete(&keys(&rita.id)).await.refused(403, "admin_cannot_modify_root");
    adam.caller.delete(&ritas_one).await.refused(403, "admin_cannot_modify_root");
    adams.caller.delete(&ritas_one).await.refused(403, "admin_cannot_modify_root");
    dev.caller.get(&keys(&adam.id)).await.refused(403, "insufficient_role");
    dev.caller.delete(&keys(&adam.id)).await.refused(403, "insufficient_role");
    other.root.caller.get(&keys(&dev.id)).await.refused(404, "not_found");
    other.root.caller.delete(&keys(&dev.id)).await.refused(404, "not_found");
    ritas.caller.get("/v1/me").await.expect(200);
    assert_eq!(listed(&team.root.caller, &keys(&rita.id)).await.len(), 1);
    team.root.caller.delete(&ritas_one).await.expect(204);
    ritas.caller.get("/v1/me").await.refused(401, "unauthenticated");
}

// RULE: AC-07
#[tokio::test]
async fn somebody_has_25_keys_at_most_however_many_are_made_at_once() {
    let roster = Roster::start().await;
    let (_team, dev) = developer(&roster).await;
    for n in 0..20 {
        dev.key(&format!("key {n}")).await;
    }
    let mut tally = Tally::default();
    let token = dev.caller.token().to_owned();
    let replies = roster
        .crowd(10)
        .at_once(|n, caller| {
            let caller = caller.with_token(&token);
            async move { make(&caller, json!({ "name": format!("at once {n}") })).await }
        })
        .await;
    let (made, refused) = tally.sort(replies, 201);
    assert!(made.len() <= KEYS_MAX - 20, "{}", made.len());
    assert!(refused.iter().all(|reply| (reply.status, reply.code()) == (409, "too_many_keys")));
    for n in 20 + made.len()..KEYS_MAX {
        dev.key(&format!("key {n}")).await;
    }
    make(&dev.caller, json!({ "name": "one more" })).await.refused(409, "too_many_keys");
    let list = listed(&dev.caller, KEYS).await;
    assert_eq!(list.len(), KEYS_MAX);
    let newest = list[0]["id"].as_str().expect("an identifier");
    dev.caller.delete(&format!("{KEYS}/{newest}")).await.expect(204);
    dev.key("room for one").await;
    make(&dev.caller, json!({ "name": "one more" })).await.refused(409, "too_many_keys");
}
