//! A receiver that takes nothing for a day: the event is given up, the webhook is switched off, and its managers are told.

use serde_json::json;

use crate::receiver::{Answer, Receiver, again, happen, hook, path_of, shown};

const SUBJECT: &str = "A webhook of acme was switched off";

// RULE: EV-05
#[tokio::test]
async fn what_is_not_taken_for_a_day_is_given_up_and_the_webhook_is_switched_off_and_told_of() {
    let receiver = Receiver::start().await;
    let roster = receiver.roster().await;
    let team = roster.team("acme").await.on_pro().await;
    for (name, role) in [("ada", "developer"), ("dan", "developer")] {
        team.member(&format!("{name}@acme.test"), role).await;
    }
    let ada = team.root.caller.get("/v1/users?email=ada@acme.test").await.expect(200).body;
    let role = format!("/v1/users/{}/role", ada["data"][0]["id"].as_str().unwrap());
    team.root.caller.put(&role, json!({ "role": "admin" })).await.expect(200);
    let made = hook(&team.root.caller, &receiver.url(), &["resource.created", "resource.updated"]).await;
    receiver.answers(Answer::Status(503));
    happen(&team, "Bot").await;
    roster.advance("1438m").await;
    assert_eq!(
        receiver.received().len(),
        9,
        "at once, and after 1, 6, 21, 81, 261, 621, 981 and 1341 minutes"
    );
    let root = again(&team).await.caller;
    assert_eq!(shown(&root).await["enabled"], true);
    // Something that waits when the webhook is switched off.
    root.put("/v1/resources/agents/bot", json!({ "name": "Later" })).await.expect(200);
    roster.stack.settle().await;
    receiver.forget();

    roster.advance("4m").await;
    let webhook = shown(&root).await;
    assert_eq!(webhook["enabled"], false, "{webhook:#}");
    assert_eq!(webhook["switched_off"]["reason"], "lasting_failure");
    assert_eq!(webhook["failing"]["reason"], "status_503");
    assert!(webhook["last_given_up"]["event_id"].is_string());
    let facts = roster.facts_of(&team.account_id, "webhook.switched_off").await;
    assert_eq!(facts.len(), 1);
    assert_eq!(facts[0]["after"]["webhook_id"], made["id"]);
    for (who, mails) in [(team.root.email.as_str(), 1), ("ada@acme.test", 1), ("dan@acme.test", 0)] {
        let told = roster.subjects(who).await.iter().filter(|subject| *subject == SUBJECT).count();
        assert_eq!(told, mails, "{who}");
    }

    // Nothing more is sent, neither what waited nor what happens, until it is switched on.
    receiver.forget();
    receiver.answers(Answer::Status(200));
    roster.advance("26h").await;
    let root = again(&team).await.caller;
    root.put("/v1/resources/agents/bot", json!({ "name": "Unheard" })).await.expect(200);
    roster.stack.settle().await;
    assert_eq!(receiver.types(), Vec::<String>::new());
    let on = root.patch(&path_of(&made), json!({ "enabled": true })).await.expect(200).body;
    assert_eq!((&on["switched_off"], &on["failing"]), (&json!(null), &json!(null)));
    root.put("/v1/resources/agents/bot", json!({ "name": "Heard" })).await.expect(200);
    roster.advance("1h").await;
    assert_eq!(receiver.types(), ["resource.updated"]);
}

// RULE: EV-05
#[tokio::test]
async fn a_receiver_that_takes_other_things_stays_on_and_what_it_did_not_take_is_shown() {
    let receiver = Receiver::start().await;
    let roster = receiver.roster().await;
    let team = roster.team("acme").await;
    hook(&team.root.caller, &receiver.url(), &["resource.created", "resource.updated"]).await;
    receiver.answers(Answer::NotOfType("resource.created"));
    happen(&team, "Bot").await;
    happen(&team, "Another").await;
    let event_id = receiver.received()[0].event["id"].clone();
    roster.advance("25h").await;
    let root = again(&team).await.caller;
    let webhook = shown(&root).await;
    assert_eq!((&webhook["enabled"], &webhook["switched_off"]), (&json!(true), &json!(null)), "{webhook:#}");
    assert_eq!(webhook["last_given_up"]["event_id"], event_id);
    let tries = receiver.received().len();
    roster.advance("24h").await;
    assert_eq!(receiver.received().len(), tries, "what is given up is not tried again");
}

// RULE: EV-05
#[tokio::test]
async fn a_receiver_that_says_it_is_gone_is_not_called_again() {
    let receiver = Receiver::start().await;
    let roster = receiver.roster().await;
    let team = roster.team("acme").await;
    hook(&team.root.caller, &receiver.url(), &["resource.created", "resource.updated"]).await;
    receiver.answers(Answer::Status(410));
    happen(&team, "Bot").await;
    let webhook = shown(&team.root.caller).await;
    assert_eq!((&webhook["enabled"], &webhook["switched_off"]["reason"]), (&json!(false), &json!("gone")));
    happen(&team, "Another").await;
    roster.advance("10m").await;
    assert_eq!(receiver.types(), ["resource.created"]);
    assert!(roster.subjects(&team.root.email).await.contains(&SUBJECT.to_owned()));
}

// RULE: EV-05, AC-11
#[tokio::test]
async fn what_waits_for_a_webhook_that_is_deleted_or_for_a_closed_account_is_dropped() {
    let receiver = Receiver::start().await;
    let roster = receiver.roster().await;
    receiver.answers(Answer::Status(500));
    let (team, closing) = (roster.team("acme").await, roster.team("closing").await);
    let made = hook(&team.root.caller, &receiver.url(), &["resource.created"]).await;
    hook(&closing.root.caller, &receiver.url(), &["resource.created"]).await;
    happen(&team, "Bot").await;
    happen(&closing, "Bot").await;
    team.root.caller.delete(&path_of(&made)).await.expect(204);
    closing.root.caller.delete("/v1/account?confirm=true").await.expect(204);
    receiver.forget();
    roster.advance("25h").await;
    assert_eq!(receiver.types(), Vec::<String>::new());
    let waiting = roster
        .dump()
        .await
        .into_iter()
        .filter(|item| item["due"].as_str().is_some_and(|due| due.starts_with("webhooks")));
    assert_eq!(waiting.count(), 0);
    roster.advance("31d").await;
    let left = json!(roster.dump().await).to_string();
    assert!(!left.contains(&receiver.url()), "a closed account's webhooks are erased");
}
