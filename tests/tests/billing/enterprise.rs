//! Enterprise: at a price that whoever runs the product sets.

use serde_json::{Value, json};
use tests::{Reply, Roster};

use crate::Books;

async fn set_price(roster: &Roster, books: &Books<'_>, interval: &str, unit_amount: i64) -> Reply {
    let agreed = json!({
        "account_id": books.team.account_id, "interval": interval, "unit_amount": unit_amount, "reason": "Contract 7",
    });
    roster.caller().post("/_local/run/set-enterprise-price", agreed).await
}

// RULE: PS-07, BI-11, BI-18, EV-01
#[tokio::test]
async fn a_price_that_was_agreed_on_is_charged_from_that_day_and_another_from_the_renewal_on() {
    let roster = Roster::start_at("2026-04-01T12:00:00Z").await;
    let mut books = Books::open(&roster, "large", "pro", "monthly").await;
    books.join(4).await;
    books.noon_of("2026-04-16").await;
    let told = set_price(&roster, &books, "monthly", 3000).await.expect(200).body;
    assert_eq!((&told["plan"], &told["unit_amount"]), (&json!("enterprise"), &json!(3000)));
    // Half a month of five seats back at 1900, and charged at 3000.
    let begun = [("2026-04-01", 1900), ("2026-04-01", 7600), ("2026-04-16", 2750)];
    books.assert_charged(&begun).await;
    set_price(&roster, &books, "monthly", 3000).await.expect(200);
    books.assert_charged(&begun).await;

    let told = set_price(&roster, &books, "monthly", 2500).await.expect(200).body;
    assert_eq!((&told["unit_amount"], &told["next_invoice"]["amount"]), (&json!(3000), &json!(12_500)));
    let change = &told["scheduled_change"];
    assert_eq!((&change["plan"], &change["unit_amount"]), (&json!("enterprise"), &json!(2500)));
    // Nobody of the account gets rid of it, and what they ask for they can take back.
    let root = books.root().await;
    assert_eq!(root.delete("/v1/billing/plan").await.expect(200).body["next_invoice"]["amount"], 12_500);
    let pro = json!({ "plan": "pro", "interval": "monthly" });
    assert_eq!(root.put("/v1/billing/plan", pro).await.expect(200).body["next_invoice"]["amount"], 9500);
    assert_eq!(root.delete("/v1/billing/plan").await.expect(200).body["next_invoice"]["amount"], 12_500);
    books.noon_of("2026-05-01").await;
    let renewed = [begun.as_slice(), &[("2026-05-01", 12_500)]].concat();
    books.assert_charged(&renewed).await;
    roster.assert_counts_hold(&books.team.account_id).await;

    let mut audited = Vec::new();
    for event in roster.events(&books.team.account_id).await {
        if event["actor"]["via"] == "operator" {
            let facts = event["facts"].as_array().into_iter().flatten();
            audited.extend(facts.map(|fact| (fact["type"].clone(), fact["reason"].clone())));
        }
    }
    let contract = json!("Contract 7");
    let kinds =
        [("plan.changed", &contract), ("invoice.issued", &Value::Null), ("plan.change_scheduled", &contract)];
    assert_eq!(audited, kinds.map(|(kind, reason)| (json!(kind), reason.clone())));
    let mails = roster.mails(&books.team.root.email).await;
    let subjects: Vec<&str> = mails.iter().filter_map(|mail| mail["subject"].as_str()).collect();
    for subject in
        ["large is on Enterprise by the month now", "The price of a seat of large from 1 May 2026 on"]
    {
        assert_eq!(subjects.iter().filter(|told| **told == subject).count(), 1, "{subjects:?}");
    }
    let still = text_of(&mails, "large does not go to Pro by the month");
    assert!(
        still.contains("As agreed with us, a seat is $25.00 a month on Enterprise from 1 May 2026 on."),
        "{still}"
    );
}

fn text_of<'a>(mails: &'a [Value], subject: &str) -> &'a str {
    let mail = mails.iter().find(|mail| mail["subject"] == subject);
    mail.and_then(|mail| mail["text"].as_str()).unwrap_or_else(|| panic!("no {subject} in {mails:?}"))
}

// RULE: PS-07, BI-12
#[tokio::test]
async fn who_goes_to_another_plan_is_told_that_what_was_agreed_on_is_still_to_come() {
    let roster = Roster::start_at("2026-04-01T12:00:00Z").await;
    let books = Books::open(&roster, "larger", "pro", "annual").await;
    set_price(&roster, &books, "monthly", 3000).await.expect(200);
    books.change("team", "annual").await;
    roster.stack.settle().await;
    let mails = roster.mails(&books.team.root.email).await;
    let told = text_of(&mails, "larger is on Team by the year now");
    assert!(
        told.contains("As agreed with us, a seat is $30.00 a month on Enterprise from 1 April 2027 on."),
        "{told}"
    );
}

// RULE: PS-07, BI-12, EV-01
#[tokio::test]
async fn who_has_paid_for_a_year_is_on_enterprise_when_it_is_over_and_is_told() {
    let roster = Roster::start_at("2026-04-01T12:00:00Z").await;
    let books = Books::open(&roster, "yearly", "team", "annual").await;
    let told = set_price(&roster, &books, "monthly", 3000).await.expect(200).body;
    assert_eq!((&told["plan"], &told["scheduled_change"]["plan"]), (&json!("team"), &json!("enterprise")));
    let withdraw = json!({ "account_id": books.team.account_id, "reason": "Typed wrong" });
    let by = roster.caller();
    let told = by.post("/_local/run/set-enterprise-price", withdraw.clone()).await.expect(200).body;
    assert!(told.get("scheduled_change").is_none(), "{told}");
    let nothing_left = by.post("/_local/run/set-enterprise-price", withdraw).await.expect(502).body;
    assert!(nothing_left.to_string().contains("nothing is withdrawn"), "{nothing_left}");
    set_price(&roster, &books, "monthly", 3000).await.expect(200);
    books.noon_of("2027-04-01").await;
    books.assert_charged(&[("2026-04-01", 37_200), ("2027-04-01", 3000)]).await;
    let changed = roster.facts_of(&books.team.account_id, "plan.changed").await;
    let last = changed.last().expect("it is said");
    assert_eq!(last["before"], json!({ "plan": "team", "interval": "annual" }));
    assert_eq!(last["after"], json!({ "plan": "enterprise", "interval": "monthly", "unit_amount": 3000 }));
}

// RULE: PS-07
#[tokio::test]
async fn nobody_gets_a_price_by_themselves_and_a_wrong_one_changes_nothing() {
    let roster = Roster::start().await;
    let books = Books::open(&roster, "large", "pro", "monthly").await;
    let enterprise = json!({ "plan": "enterprise", "interval": "monthly" });
    books.root().await.put("/v1/billing/plan", enterprise).await.refused(422, "validation_failed");
    let signed_up =
        json!({ "account_name": "new", "email": "new@new.test", "first_name": "N", "last_name": "N" });
    let unconfirmed =
        roster.caller().post("/v1/accounts", signed_up).await.expect(202).body["account_id"].clone();
    roster.stack.settle().await;
    let before = roster.dump().await;
    let id = &books.team.account_id;
    for (wrong, named) in [
        (json!({ "account_id": id, "interval": "monthly", "unit_amount": 0, "reason": "x" }), "unit_amount"),
        (
            json!({ "account_id": id, "interval": "monthly", "unit_amount": 100_000_001, "reason": "x" }),
            "unit_amount",
        ),
        (json!({ "account_id": id, "interval": "monthly", "unit_amount": 19.5, "reason": "x" }), "19.5"),
        (json!({ "account_id": id, "interval": "weekly", "unit_amount": 1, "reason": "x" }), "weekly"),
        (json!({ "account_id": id, "interval": "monthly", "unit_amount": 1, "reason": "" }), "empty"),
        (json!({ "account_id": id, "interval": "monthly", "unit_amount": 1 }), "reason"),
        (json!({ "account_id": id, "interval": "monthly", "reason": "x" }), "both"),
        (json!({ "account_id": id, "unit_amount": 1, "reason": "x" }), "both"),
        (
            json!({ "account_id": id, "interval": "monthly", "unit_amount": 1, "reason": "x", "plan": "pro" }),
            "plan",
        ),
        (
            json!({ "account_id": "acc_01K00000000000000000000000", "interval": "monthly", "unit_amount": 1, "reason": "x" }),
            "account_id",
        ),
        (
            json!({ "account_id": unconfirmed, "interval": "monthly", "unit_amount": 1, "reason": "x" }),
            "nobody has confirmed",
        ),
    ] {
        let told = roster.caller().post("/_local/run/set-enterprise-price", wrong.clone()).await;
        assert_eq!(told.status, 502, "{wrong}");
        assert!(told.body.to_string().contains(named), "{wrong}: {}", told.body);
    }
    assert_eq!(roster.dump().await, before);
    books.root().await.delete("/v1/billing/subscription").await.expect(200);
    let told = set_price(&roster, &books, "monthly", 3000).await;
    assert!(told.status == 502 && told.body.to_string().contains("scheduled"), "a cancellation is honoured");
    books.root().await.delete("/v1/billing/plan").await.expect(200);
    let team = &books.team;
    team.root.caller.delete("/v1/account?confirm=true").await.expect(204);
    assert_eq!(set_price(&roster, &books, "monthly", 3000).await.status, 502, "it is closed");
}
