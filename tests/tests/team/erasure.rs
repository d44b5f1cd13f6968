//! What is left of those who are gone, and how long.

use serde_json::{Value, json};
use tests::{Fault, PASSWORD, Roster, Which, invitee};

/// Everything in the table that holds this text.
async fn traces(roster: &Roster, text: &str) -> Vec<String> {
    let items = roster.whole_dump().await;
    let with = items.iter().filter(|item| item.to_string().contains(text));
    with.map(|item| format!("{} {}", item["pk"], item["sk"])).collect()
}

/// Items of this user's own.
async fn own(roster: &Roster, id: &str) -> Vec<Value> {
    let mut items = roster.dump().await;
    items.retain(|item| item["sk"].as_str().is_some_and(|sk| sk.contains(id)));
    items
}

// RULE: DE-01, DE-02
#[tokio::test]
async fn of_a_deleted_user_nothing_that_names_them_is_left_a_minute_later() {
    let roster = Roster::start().await;
    let team = roster.team("erase").await;
    let keyed = team.root.caller.with_header("idempotency-key", "the invitation");
    let mut body = invitee("quux@erase.test", "developer");
    body["first_name"] = "Xanthippe".into();
    keyed.post("/v1/users", body).await.expect(201);
    let person = roster.accept("quux@erase.test").await;
    let keyed = person.caller.with_header("idempotency-key", "signing out");
    roster.sign_in("quux@erase.test").await;
    person.key("Xanthippe's").await;
    keyed.delete("/v1/sessions/current").await.expect(204);
    let again = roster.sign_in("quux@erase.test").await;
    roster.enroll(&again).await;
    let half_way = json!({ "email": "quux@erase.test", "password": PASSWORD });
    roster.caller().post("/v1/sessions", half_way).await.expect(200);
    let before = own(&roster, &person.id).await;
    assert!(before.len() >= 5, "user, session, key, second factors, challenge: {before:#?}");
    team.root.caller.delete(&format!("/v1/users/{}?confirm=true", person.id)).await.expect(204);
    roster.advance("2m").await;
    assert_eq!(traces(&roster, "quux@erase.test").await, Vec::<String>::new());
    assert_eq!(traces(&roster, "Xanthippe").await, Vec::<String>::new());
    let own = own(&roster, &person.id).await;
    assert_eq!(own.len(), 1, "{own:#?}");
    assert_eq!((&own[0]["label"], &own[0]["gone"]), (&json!("Deleted user"), &Value::Null));
    assert_eq!(roster.facts_of(&team.account_id, "user.erased").await.len(), 1);
    roster.advance("400d").await;
    assert_eq!(roster.facts_of(&team.account_id, "user.erased").await.len(), 1, "once");
}

// RULE: DE-02
#[tokio::test]
async fn who_it_was_is_kept_until_their_last_mail_is_settled_and_a_day_at_most() {
    for (of_trouble, is_kept) in [("1m", true), ("25h", false)] {
        let roster = Roster::start().await;
        let team = roster.team("late").await;
        let ann = team.member("quux@late.test", "developer").await;
        let user = format!("/v1/users/{}", ann.id);
        team.root.caller.post(&format!("{user}/suspend"), json!({ "confirm": true })).await.expect(200);
        let trouble = Fault {
            function: "send-mail",
            call: ("dynamodb", "BatchGetItem"),
            kind: "before",
            which: Which::Every(1),
        };
        roster.break_call(&trouble).await;
        team.root.caller.post(&format!("{user}/reactivate"), json!({})).await.expect(200);
        team.root.caller.delete(&format!("{user}?confirm=true")).await.expect(204);
        roster.advance(of_trouble).await;
        let tombstone = roster.table().items(&team.account_id, &[format!("X#{}", ann.id)]).await;
        assert_eq!(tombstone[0]["gone"].is_object(), is_kept, "after {of_trouble}");
        roster.mend().await;
        roster.advance("30m").await;
        assert_eq!(traces(&roster, "quux@late.test").await, Vec::<String>::new());
    }
}

// RULE: DE-04
#[tokio::test]
async fn whoever_is_invited_again_before_the_clean_up_is_somebody_new_whom_it_leaves_alone() {
    let roster = Roster::start().await;
    let team = roster.team("again").await;
    let first = team.member("ann@again.test", "developer").await;
    team.root.caller.delete(&format!("/v1/users/{}?confirm=true", first.id)).await.expect(204);
    let second = team.member("ann@again.test", "monitor").await;
    assert_ne!(first.id, second.id);
    roster.advance("2m").await;
    second.caller.get("/v1/me").await.expect(200);
    let body = json!({ "email": "ann@again.test", "password": PASSWORD });
    roster.caller().post("/v1/sessions", body).await.expect(201);
    roster.assert_counts_hold(&team.account_id).await;
}

// RULE: AC-11
#[tokio::test]
async fn thirty_days_after_an_account_was_closed_nobody_of_it_is_left_and_what_happened_is() {
    let roster = Roster::start().await;
    let team = roster.team("closed").await.on_pro().await;
    let root = &team.root.caller;
    team.member("quux@closed.test", "developer").await.key("theirs").await;
    team.pending("pending@closed.test", "monitor").await;
    let gone = team.pending("gone@closed.test", "monitor").await;
    root.delete(&format!("/v1/users/{gone}?confirm=true")).await.expect(204);
    root.put("/v1/resources/agents/crm", json!({ "name": "CRM" })).await.expect(200);
    let keyed = root.with_header("idempotency-key", "the last call");
    keyed.delete("/v1/account?confirm=true").await.expect(204);
    roster.advance("29d").await;
    assert_eq!(traces(&roster, "quux@closed.test").await.len(), 1, "the user, until then");
    roster.advance("25h").await;
    assert_eq!(traces(&roster, "@closed.test").await, Vec::<String>::new());
    let left = roster.table().partition(&format!("A#{}", team.account_id)).await;
    let mut left: Vec<&str> = left.iter().filter_map(|item| item["sk"].as_str()?.get(..1)).collect();
    left.dedup();
    assert_eq!(left, ["A", "B", "I"], "the account, what it was charged, and for whom, by identifiers");
    assert_eq!(roster.facts_of(&team.account_id, "account.erased").await.len(), 1);
    let events = roster.facts_of(&team.account_id, "user.invited").await;
    assert_eq!(events.len(), 3, "what happened stays, by identifiers");
    let again = roster.team("closed").await;
    assert_ne!(again.account_id, team.account_id, "the address is free for another account");
}
