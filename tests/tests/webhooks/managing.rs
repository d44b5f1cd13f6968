//! Webhooks are made, changed and deleted by who manages the account.

use futures_util::future::join_all;
use serde_json::{Value, json};
use tests::Roster;

use crate::receiver::{Receiver, hook, path_of, shown};

const URL: &str = "https://localhost/hook";

// RULE: EV-01, AC-09, AP-02
#[tokio::test]
async fn a_webhook_is_made_changed_and_deleted_and_its_secrets_are_shown_once() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let root = &team.root.caller;
    let keyed = root.with_header("idempotency-key", "once");
    let body = json!({ "url": URL, "event_types": ["user.invited", "user.deleted"] });
    let made = keyed.post("/v1/webhooks", body.clone()).await.expect(201).body;
    let secret = made["secret"].as_str().expect("a secret").to_owned();
    assert!(secret.starts_with("whsec_") && secret.len() == 70, "{secret}");
    keyed.post("/v1/webhooks", body).await.refused(409, "secret_already_shown");
    let listed = shown(root).await;
    assert_eq!(listed["secret"], Value::Null);
    assert_eq!((&listed["url"], &listed["enabled"]), (&json!(URL), &json!(true)));
    assert_eq!(listed["created_by"], team.root.id.as_str());
    let path = path_of(&made);

    let changed = root.patch(&path, json!({ "event_types": ["*"], "enabled": false })).await.expect(200).body;
    assert_eq!((&changed["event_types"], &changed["enabled"]), (&json!(["*"]), &json!(false)));
    root.patch(&path, json!({})).await.expect(200);
    let rotated = root.post(&format!("{path}/secret"), json!({})).await.expect(200).body;
    assert_ne!(rotated["secret"], secret.as_str());
    root.delete(&path).await.expect(204);
    root.delete(&path).await.refused(404, "not_found");
    root.patch(&path, json!({ "enabled": true })).await.refused(404, "not_found");

    roster.stack.settle().await;
    let history = roster.history(&team.account_id).await;
    let kinds: Vec<&str> = history.iter().filter_map(|fact| fact["type"].as_str()).collect();
    let kinds: Vec<&str> = kinds.into_iter().filter(|kind| kind.starts_with("webhook.")).collect();
    assert_eq!(kinds, ["webhook.created", "webhook.updated", "webhook.secret_rotated", "webhook.deleted"]);
    let dump = json!(roster.dump().await).to_string();
    for secret in [&secret, rotated["secret"].as_str().unwrap()] {
        assert!(!dump.contains(secret.trim_start_matches("whsec_")), "the table holds no secret");
    }
    assert!(!json!(history).to_string().contains("localhost"), "nor is told where it leads");
}

// RULE: EV-05
#[tokio::test]
async fn an_account_has_ten_webhooks_however_many_are_made_at_once() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let root = &team.root.caller;
    for _ in 0..9 {
        hook(root, URL, &["user.invited"]).await;
    }
    let body = json!({ "url": URL, "event_types": ["*"] });
    let made = join_all((0..4).map(|_| root.post("/v1/webhooks", body.clone()))).await;
    let mut statuses: Vec<(u16, String)> =
        made.iter().map(|reply| (reply.status, reply.code().to_owned())).collect();
    statuses.sort();
    assert_eq!(statuses[0].0, 201, "{statuses:?}");
    let refused = (409, "too_many_webhooks".to_owned());
    assert!(statuses[1..].iter().all(|status| *status == refused), "{statuses:?}");
    let list = root.get("/v1/webhooks").await.expect(200).body;
    assert_eq!(list["data"].as_array().map(Vec::len), Some(10));
    root.delete(&path_of(&list["data"][3])).await.expect(204);
    root.post("/v1/webhooks", body).await.expect(201);
}

// RULE: EV-05, AP-09
#[tokio::test]
async fn an_address_that_may_not_be_called_and_types_that_are_none_are_refused() {
    let receiver = Receiver::start().await;
    let roster = receiver.roster().await;
    let team = roster.team("acme").await;
    let root = &team.root.caller;
    for (url, code) in [
        ("http://hooks.acme.test/", "not_https"),
        ("ftp://hooks.acme.test/", "invalid_url"),
        ("hooks.acme.test", "invalid_url"),
        ("https://ann:pw@hooks.acme.test/", "invalid_url"),
        ("https://hooks.acme.test/#here", "invalid_url"),
        ("https://127.0.0.1/", "not_public"),
        ("https://0x7f.1/", "not_public"),
        ("https://10.1.2.3/", "not_public"),
        ("https://169.254.169.254/latest/meta-data/", "not_public"),
        ("https://[::ffff:192.168.0.1]/", "not_public"),
        ("https://[fd00::1]/", "not_public"),
        // Exactly one receiver on this machine is admitted, by its own address.
        ("http://127.0.0.1:1/", "not_https"),
        ("http://localhost:1/", "not_https"),
    ] {
        let body = json!({ "url": url, "event_types": ["*"] });
        let errors =
            root.post("/v1/webhooks", body).await.refused(422, "validation_failed").body["errors"].clone();
        assert_eq!((&errors[0]["field"], &errors[0]["code"]), (&json!("url"), &json!(code)), "{url}");
    }
    let made = hook(root, &receiver.url(), &["*"]).await;
    let elsewhere = json!({ "url": "https://192.168.1.1/" });
    root.patch(&path_of(&made), elsewhere).await.refused(422, "validation_failed");
    for (types, field) in [
        (json!(["user.renamed"]), "event_types[0]"),
        (json!(["user.invited", "user.invited"]), "event_types[1]"),
        (json!([]), "event_types"),
        (json!("*"), "event_types"),
        (json!([7]), "event_types[0]"),
        (Value::Null, "event_types"),
    ] {
        let body = json!({ "url": URL, "event_types": types });
        let errors =
            root.post("/v1/webhooks", body).await.refused(422, "validation_failed").body["errors"].clone();
        assert_eq!(errors[0]["field"], field, "{types}");
    }
}

// RULE: AC-06
#[tokio::test]
async fn making_one_leading_it_elsewhere_and_another_secret_take_a_recent_authentication() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let root = &team.root.caller;
    let made = hook(root, URL, &["user.invited"]).await;
    let path = path_of(&made);
    let key = team.root.key("ci").await;
    let program = &key.caller;
    roster.advance("16m").await;
    let body = json!({ "url": URL, "event_types": ["*"] });
    for by in [root, program] {
        by.post("/v1/webhooks", body.clone()).await.refused(403, "step_up_required");
        by.post(&format!("{path}/secret"), json!({})).await.refused(403, "step_up_required");
        by.patch(&path, json!({ "url": "https://localhost/else" })).await.refused(403, "step_up_required");
        by.patch(&path, json!({ "url": URL, "event_types": ["*"] })).await.expect(200);
    }
    program.delete(&path).await.expect(204);
}

// RULE: AP-05
#[tokio::test]
async fn a_webhook_of_another_account_is_not_found() {
    let roster = Roster::start().await;
    let (team, other) = (roster.team("acme").await, roster.team("other").await);
    let path = path_of(&hook(&team.root.caller, URL, &["*"]).await);
    let stranger = &other.root.caller;
    stranger.patch(&path, json!({ "enabled": false })).await.refused(404, "not_found");
    stranger.post(&format!("{path}/secret"), json!({})).await.refused(404, "not_found");
    stranger
        .post(&format!("{path}/replay"), json!({ "from": "2026-01-01T00:00:00Z" }))
        .await
        .refused(404, "not_found");
    stranger.delete(&path).await.refused(404, "not_found");
    assert_eq!(stranger.get("/v1/webhooks").await.expect(200).body["data"], json!([]));
}
