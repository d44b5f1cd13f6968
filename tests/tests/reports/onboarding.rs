//! Whoever has just come.

use serde_json::{Value, json};
use tests::{Caller, Roster};

async fn listed(by: &Caller) -> Vec<Value> {
    let page = by.get("/v1/reports/onboarding").await.expect(200).body;
    page["data"].as_array().expect("users").clone()
}

/// The names of the steps that are done, of whoever has this address.
async fn done(by: &Caller, email: &str) -> Vec<String> {
    let all = listed(by).await;
    let user = all.iter().find(|user| user["email"] == email).expect("they are new");
    let steps = user["steps"].as_array().expect("steps").iter();
    steps
        .filter(|step| step["is_done"] == true)
        .map(|step| step["name"].as_str().expect("a name").to_owned())
        .collect()
}

async fn reminders(roster: &Roster, to: &str) -> Vec<String> {
    roster.subjects(to).await.into_iter().filter(|subject| subject.contains("first week")).collect()
}

// RULE: CK-03
#[tokio::test]
async fn each_step_of_somebody_new_is_told_and_after_a_week_the_admins_are_reminded_once() {
    let roster = Roster::start_at("2026-03-02T12:00:00Z").await;
    let team = roster.team("newcomers").await.on_pro().await;
    let root = team.root.caller.clone();
    root.post("/v1/users", tests::invitee("ann@newcomers.test", "developer")).await.expect(201);
    roster.stack.settle().await;
    assert_eq!(done(&root, "ann@newcomers.test").await, ["invited", "delivered"]);
    let ann = roster.accept("ann@newcomers.test").await;
    let role = json!({ "role": "admin" });
    root.put(&format!("/v1/users/{}/role", ann.id), role).await.expect(200);
    assert_eq!(done(&root, "ann@newcomers.test").await, ["invited", "delivered", "accepted"]);
    roster.enroll(&ann).await;
    assert_eq!(done(&root, "ann@newcomers.test").await, ["invited", "delivered", "accepted", "mfa_enabled"]);
    let accepted_at = roster.stack.clock().now();
    let dan = team.member("dan@newcomers.test", "developer").await;
    let steps = listed(&root).await[1]["steps"].clone();
    assert_eq!(steps.as_array().map(Vec::len), Some(4), "a Developer owes no second factor: {steps}");
    assert!(listed(&root).await.iter().all(|user| user["email"] != team.root.email.as_str()));

    let week = accepted_at + chrono::TimeDelta::days(7);
    roster.advance_to(&(week - chrono::TimeDelta::minutes(2)).to_rfc3339()).await;
    roster.stack.settle().await;
    assert_eq!(reminders(&roster, &team.root.email).await, Vec::<String>::new());
    roster.advance("4m").await;
    roster.stack.settle().await;
    let told = reminders(&roster, &team.root.email).await;
    assert_eq!(told.len(), 2, "{told:?}");
    assert_eq!(reminders(&roster, &ann.email).await.len(), 1, "of Dan's, not of her own");
    assert_eq!(reminders(&roster, &dan.email).await, Vec::<String>::new());
    roster.advance("7d").await;
    assert_eq!(reminders(&roster, &team.root.email).await.len(), 2, "once");
    let root = roster.sign_in(&team.root.email).await.caller;
    let ann = listed(&root)
        .await
        .into_iter()
        .find(|user| user["email"] == "ann@newcomers.test")
        .expect("she is new");
    assert_eq!((&ann["is_done"], &ann["steps"][4]["name"]), (&json!(true), &json!("first_week_review")));
    roster.advance("20d").await;
    let root = roster.sign_in(&team.root.email).await.caller;
    assert_eq!(listed(&root).await, Vec::<Value>::new(), "nobody is new any more");
}

// RULE: CK-03, RO-08
#[tokio::test]
async fn who_owes_a_factor_stays_on_the_list_and_who_was_away_the_whole_time_is_not_asked_about_late() {
    let roster = Roster::start_at("2026-03-02T12:00:00Z").await;
    let team = roster.team("newcomers").await.on_pro().await;
    let admin = team.member("adm@newcomers.test", "admin").await;
    admin.caller.get("/v1/reports/onboarding").await.expect(200);
    let bill = team.member("bil@newcomers.test", "billing").await;
    bill.caller.get("/v1/reports/onboarding").await.refused(403, "insufficient_role");
    let owing = team.member("owe@newcomers.test", "developer").await;
    let role = json!({ "role": "admin" });
    team.root.caller.put(&format!("/v1/users/{}/role", owing.id), role).await.expect(200);
    let mut away = Vec::new();
    for name in ["soon", "late"] {
        let person = team.member(&format!("{name}@newcomers.test"), "monitor").await;
        let path = format!("/v1/users/{}", person.id);
        team.root.caller.post(&format!("{path}/suspend"), json!({ "confirm": true })).await.expect(200);
        away.push(path);
    }
    for (path, day) in away.iter().zip(["2026-03-12T12:00:00Z", "2026-04-20T12:00:00Z"]) {
        roster.advance_to(day).await;
        let root = roster.sign_in(&team.root.email).await.caller;
        root.post(&format!("{path}/reactivate"), json!({})).await.expect(200);
    }
    roster.advance("10m").await;
    roster.stack.settle().await;
    assert_eq!(
        reminders(&roster, &team.root.email).await.len(),
        4,
        "of who owes a factor, of who was back soon, and of two who were there all the time"
    );
    let root = roster.sign_in(&team.root.email).await.caller;
    let listed = listed(&root).await;
    let emails: Vec<&Value> = listed.iter().map(|user| &user["email"]).collect();
    assert_eq!(emails, ["owe@newcomers.test"]);
}
