//! What a receiver gets, and how often.

use local::redrive::Mode;
use serde_json::json;
use tests::invitee;

use crate::receiver::{Receiver, happen, hook, path_of, shown};

const DEAD_LETTERS: &str = "WebhookDeadLetters";

// RULE: EV-05, EV-02, AC-10
#[tokio::test]
async fn what_happens_is_sent_at_once_as_it_is_published() {
    let receiver = Receiver::start().await;
    let roster = receiver.roster().await;
    let team = roster.team("acme").await;
    let root = &team.root.caller;
    let webhook = hook(root, &receiver.url(), &["user.invited", "webhook.created"]).await;
    root.post("/v1/users", invitee("ann@acme.test", "monitor")).await.expect(201);
    happen(&team, "not told of").await;
    assert_eq!(
        receiver.types(),
        ["webhook.created", "user.invited"],
        "its own beginning, where it is told of that"
    );

    let got = receiver.received().pop().unwrap();
    assert_eq!(got.line, "POST /hook?of=roster HTTP/1.1");
    let header = |name: &str| got.headers.get(name).cloned().unwrap_or_default();
    assert_eq!(header("content-type"), "application/json");
    assert_eq!(header("user-agent"), "roster-webhooks");
    assert_eq!(header("roster-webhook-id"), webhook["id"].as_str().unwrap());
    assert_eq!(header("roster-event-id"), got.event["id"].as_str().unwrap());
    assert!(header("roster-signature").starts_with("t="), "{:?}", got.headers);
    assert_eq!(got.event["account_id"], team.account_id.as_str());
    assert_eq!(got.event["actor"]["id"], team.root.id.as_str());
    assert_eq!(got.event["after"], json!({ "role": "monitor" }));
    assert!(!got.text.contains('@'), "identifiers, and no address: {}", got.text);
    let kept = roster.facts_of(&team.account_id, "user.invited").await;
    assert_eq!(got.event["target"], kept[0]["target"]);
    assert!(shown(root).await["last_delivered_at"].is_string());
}

// RULE: EV-05
#[tokio::test]
async fn each_webhook_is_told_of_its_own_types_and_other_accounts_hear_nothing() {
    let receiver = Receiver::start().await;
    let roster = receiver.roster().await;
    let (team, other) = (roster.team("acme").await, roster.team("other").await);
    let all = hook(&team.root.caller, &receiver.url(), &["*"]).await;
    hook(&team.root.caller, &receiver.url(), &["resource.created"]).await;
    hook(&other.root.caller, &receiver.url(), &["resource.created"]).await;
    roster.stack.settle().await;
    receiver.forget();
    happen(&team, "Bot").await;
    happen(&team, "Another").await;
    let mut types = receiver.types();
    types.sort();
    assert_eq!(types, ["resource.created", "resource.created", "resource.updated"]);
    team.root.caller.patch(&path_of(&all), json!({ "event_types": ["user.invited"] })).await.expect(200);
    roster.stack.settle().await;
    receiver.forget();
    happen(&team, "Once more").await;
    assert_eq!(receiver.types(), Vec::<String>::new());
}

// RULE: EV-02, EV-05
#[tokio::test]
async fn what_the_bus_brings_twice_is_sent_once() {
    let receiver = Receiver::start().await;
    let roster = receiver.roster().await;
    let team = roster.team("acme").await;
    hook(&team.root.caller, &receiver.url(), &["resource.created"]).await;
    roster.stack.settle().await;
    for (service, operation) in [("events", "PutEvents"), ("sqs", "ReceiveMessage")] {
        let twice = json!({ "service": service, "operation": operation, "nth": 1, "kind": "duplicate" });
        roster.caller().post("/_local/faults", twice).await.expect(204);
    }
    happen(&team, "Bot").await;
    roster.advance("10m").await;
    assert_eq!(roster.mend().await, 2);
    assert_eq!(receiver.types(), ["resource.created"]);
}

// RULE: EV-05
#[tokio::test]
async fn a_try_that_was_cut_off_is_made_again_after_a_minute() {
    let receiver = Receiver::start().await;
    let roster = receiver.roster().await;
    let team = roster.team("acme").await;
    hook(&team.root.caller, &receiver.url(), &["resource.created"]).await;
    roster.stack.settle().await;
    let fault = json!({
        "service": "kms", "operation": "GenerateMac", "function": "deliver-webhooks", "nth": 1, "kind": "before",
    });
    roster.caller().post("/_local/faults", fault).await.expect(204);
    happen(&team, "Bot").await;
    assert_eq!(receiver.types(), Vec::<String>::new());
    roster.advance("2m").await;
    assert_eq!(receiver.types(), ["resource.created"]);
    assert_eq!(roster.mend().await, 1);
}

// RULE: EV-05
#[tokio::test]
async fn an_event_that_cannot_be_worked_on_lies_in_the_dead_letters_with_its_reason() {
    let receiver = Receiver::start().await;
    let roster = receiver.roster().await;
    let team = roster.team("acme").await;
    hook(&team.root.caller, &receiver.url(), &["resource.created"]).await;
    roster.stack.settle().await;
    let fault = json!({
        "service": "dynamodb", "operation": "Query", "function": "deliver-webhooks", "every": 1, "kind": "before",
    });
    roster.caller().post("/_local/faults", fault).await.expect(204);
    happen(&team, "Bot").await;
    for _ in 0..8 {
        roster.advance("361s").await;
    }
    assert!(roster.mend().await >= 8);
    let (tally, said) = roster.redrive(DEAD_LETTERS, Mode::Show).await;
    assert_eq!(tally.kept, 1, "{said}");
    assert!(said.contains("resource.created evt_") && said.contains("as asked for"), "{said}");
    assert_eq!(receiver.types(), Vec::<String>::new());
    let (tally, said) = roster.redrive(DEAD_LETTERS, Mode::Repeat).await;
    assert_eq!(tally.repeated, 1, "{said}");
    assert_eq!(receiver.types(), ["resource.created"]);
}
