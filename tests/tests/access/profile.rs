//! One's own profile.

use serde_json::{Value, json};
use tests::{Roster, masked};

const ME: &str = "/v1/me";

// RULE: AP-03, AC-10, EV-01
#[tokio::test]
async fn everybody_changes_their_name_and_language_and_no_event_tells_the_name() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await.on_pro().await;
    for role in ["root", "admin", "billing", "developer", "monitor"] {
        let person = team.member(&format!("a.{role}@acme.test"), role).await;
        let before = person.caller.get(ME).await.expect(200).body;
        let body = json!({ "first_name": " Xanthippe ", "last_name": "Quux", "locale": "de-AT" });
        let reply = person.caller.patch(ME, body).await.expect(200);
        let mut expected = before.clone();
        for (field, value) in [("first_name", "Xanthippe"), ("last_name", "Quux"), ("locale", "de-AT")] {
            expected[field] = value.into();
        }
        expected["version"] = (before["version"].as_u64().expect("a version") + 1).into();
        assert_eq!(reply.body, expected, "{role}: nothing else");
        assert_eq!(person.caller.get(ME).await.expect(200).body, expected);
        let seen = team.root.caller.get(&format!("/v1/users/{}", person.id)).await.expect(200).body;
        assert_eq!((&seen["first_name"], &seen["version"]), (&json!("Xanthippe"), &expected["version"]));
    }
    let facts = roster.facts_of(&team.account_id, "user.updated").await;
    assert_eq!(facts.len(), 5);
    let events = json!(roster.events(&team.account_id).await).to_string();
    let logs = roster.stack.logs();
    for name in ["Xanthippe", "Quux"] {
        assert!(!events.contains(name), "{name} in an event");
        assert!(!logs.iter().any(|(_, line)| line.contains(name)), "{name} in a log");
    }
}

// RULE: AP-03
#[tokio::test]
async fn what_is_left_out_stays_and_what_is_the_same_changes_nothing() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let dev = team.member("dev@acme.test", "developer").await;
    let first = dev.caller.patch(ME, json!({ "last_name": "Quux" })).await.expect(200);
    assert_eq!((&first.body["first_name"], &first.body["last_name"]), (&json!("Ivy"), &json!("Quux")));
    let before = roster.dump().await;
    for body in [json!({}), json!({ "last_name": "Quux" }), json!({ "last_name": null })] {
        assert_eq!(dev.caller.patch(ME, body).await.expect(200).body, first.body);
    }
    assert_eq!(roster.dump().await, before);
}

// RULE: AP-03
#[tokio::test]
async fn a_profile_is_changed_only_as_it_was_seen() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let dev = team.member("dev@acme.test", "developer").await;
    let seen = dev.caller.get(ME).await.expect(200);
    let tag = seen.header("etag").expect("an ETag").to_owned();
    assert_eq!(tag, format!("\"{}\"", seen.body["version"]));
    let as_seen = |tag: &str| dev.caller.with_header("if-match", tag);
    let reply = as_seen(&tag).patch(ME, json!({ "first_name": "Ann" })).await.expect(200);
    let now = reply.header("etag").expect("an ETag").to_owned();
    assert_ne!(now, tag);
    for stale in [tag.as_str(), "\"0\"", "nonsense"] {
        let refused = as_seen(stale).patch(ME, json!({ "first_name": "Eve" })).await;
        let refused = refused.refused(412, "version_mismatch");
        assert_eq!(format!("\"{}\"", refused.body["version"]), now);
    }
    let other = dev.caller.get(ME).await.expect(200);
    assert_eq!((&other.body["first_name"], other.header("etag")), (&json!("Ann"), Some(now.as_str())));
    as_seen(&now).patch(ME, json!({ "first_name": "Eve" })).await.expect(200);
}

// RULE: AP-09, RO-03
#[tokio::test]
async fn nothing_else_is_changed_that_way() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let dev = team.member("dev@acme.test", "developer").await;
    let before = roster.dump().await;
    for (body, bad) in [
        (json!({ "role": "admin" }), ("role", "unknown_field")),
        (json!({ "email": "eve@acme.test" }), ("email", "unknown_field")),
        (json!({ "status": "active" }), ("status", "unknown_field")),
        (json!({ "mfa_enabled": true }), ("mfa_enabled", "unknown_field")),
        (json!({ "first_name": "" }), ("first_name", "empty")),
        (json!({ "first_name": "x".repeat(101) }), ("first_name", "too_long")),
        (json!({ "last_name": "Ann\r\nBcc: eve@evil.test" }), ("last_name", "control_character")),
        (json!({ "locale": "deutsch" }), ("locale", "invalid_locale")),
    ] {
        let reply = dev.caller.patch(ME, body.clone()).await.refused(422, "validation_failed");
        assert_eq!(reply.bad_fields(), [bad], "{body}");
    }
    roster.caller().patch(ME, json!({ "first_name": "Eve" })).await.refused(401, "unauthenticated");
    assert_eq!(roster.dump().await, before);
    let shown = masked(&dev.caller.get(ME).await.expect(200).body);
    assert_eq!(shown["locale"], Value::Null);
}
