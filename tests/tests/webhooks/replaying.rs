//! What happened is sent again to who asks for it.

use serde_json::json;

use crate::receiver::{Answer, Receiver, happen, hook, path_of, shown};

// RULE: EV-05
#[tokio::test]
async fn what_happened_since_an_instant_is_sent_again_under_the_same_identifiers() {
    let receiver = Receiver::start().await;
    let roster = receiver.roster().await;
    let team = roster.team("acme").await;
    let root = &team.root.caller;
    let made =
        hook(root, &receiver.url(), &["resource.created", "resource.updated", "resource.deleted"]).await;
    happen(&team, "Bot").await;
    roster.advance("5m").await;
    let from = roster.caller().get("/_local/clock").await.expect(200).body["now"].clone();
    for n in 0..25 {
        happen(&team, &format!("Name {n}")).await;
    }
    root.delete("/v1/resources/agents/bot").await.expect(204);
    roster.stack.settle().await;
    let ids = || {
        let mut ids: Vec<String> =
            receiver.received().iter().map(|one| one.event["id"].to_string()).collect();
        ids.sort();
        ids
    };
    let before = ids();
    assert_eq!(before.len(), 27);
    receiver.forget();

    let path = format!("{}/replay", path_of(&made));
    let asked = root.post(&path, json!({ "from": from })).await.expect(202).body;
    assert_eq!(asked["replay"]["from"], from);
    roster.advance("2m").await;
    assert_eq!(ids(), before[1..], "all but the first, which was before, each once");
    assert!(receiver.types().contains(&"resource.deleted".to_owned()));
    assert_eq!(shown(root).await["replay"], json!(null), "it is done");
    let facts = roster.facts_of(&team.account_id, "webhook.replayed").await;
    assert_eq!(facts[0]["after"]["webhook_id"], made["id"]);
    roster.advance("1h").await;
    assert_eq!(ids().len(), 26, "and not again");
}

// RULE: EV-05
#[tokio::test]
async fn what_a_webhook_missed_while_it_was_off_or_failing_is_sent_when_asked_for() {
    let receiver = Receiver::start().await;
    let roster = receiver.roster().await;
    let team = roster.team("acme").await;
    let root = &team.root.caller;
    let made = hook(root, &receiver.url(), &["resource.created", "resource.updated"]).await;
    let path = path_of(&made);
    receiver.answers(Answer::Status(500));
    happen(&team, "Failed").await;
    root.patch(&path, json!({ "enabled": false })).await.expect(200);
    happen(&team, "Unheard").await;
    let from = made["created_at"].clone();
    root.post(&format!("{path}/replay"), json!({ "from": from })).await.refused(409, "webhook_disabled");
    receiver.answers(Answer::Status(200));
    receiver.forget();
    root.patch(&path, json!({ "enabled": true })).await.expect(200);
    roster.advance("10m").await;
    assert_eq!(receiver.types(), Vec::<String>::new(), "by itself nothing comes");
    root.post(&format!("{path}/replay"), json!({ "from": from })).await.expect(202);
    roster.advance("2m").await;
    let mut types = receiver.types();
    types.sort();
    assert_eq!(types, ["resource.created", "resource.updated"]);
}

// RULE: EV-05
#[tokio::test]
async fn no_more_than_seven_days_are_sent_again_and_nothing_of_the_future() {
    let receiver = Receiver::start().await;
    let roster = receiver.roster().await;
    let team = roster.team("acme").await;
    let root = &team.root.caller;
    let path = format!("{}/replay", path_of(&hook(root, &receiver.url(), &["*"]).await));
    let now = roster.stack.clock().now();
    for (days, status) in [(-8, 422), (-6, 202), (1, 422)] {
        let from = now + chrono::TimeDelta::days(days);
        root.post(&path, json!({ "from": from })).await.expect(status);
    }
    for body in [json!({}), json!({ "from": "yesterday" })] {
        root.post(&path, body).await.refused(422, "validation_failed");
    }
}
