//! Who hardly uses their seat, what that costs, and what is done about it.

use serde_json::{Value, json};
use tests::{By, Caller, Person, Roster, Team};

async fn savings(by: &Caller) -> Value {
    by.get("/v1/reports/savings").await.expect(200).body
}

fn ids(group: &Value) -> Vec<&str> {
    let users = group["users"].as_array().into_iter().flatten();
    users.filter_map(|user| user["id"].as_str()).collect()
}

/// Those of a list whom it is proposed to delete.
fn proposed(group: &Value) -> Vec<&str> {
    let users = group["users"].as_array().into_iter().flatten();
    users.filter(|user| user["deletion_proposed"] == true).filter_map(|user| user["id"].as_str()).collect()
}

fn cost(group: &Value) -> [&Value; 3] {
    [&group["count"], &group["monthly_total"], &group["annual_total"]]
}

async fn members(team: &Team<'_>, role: &str, names: &[&str]) -> Vec<Person> {
    let mut members = Vec::new();
    for name in names {
        members.push(team.member(&format!("{name}@saving.test"), role).await);
    }
    members
}

// RULE: AU-01, AU-02, AU-04, AU-05, RO-10
#[tokio::test]
async fn what_could_be_saved_is_told_at_the_accounts_own_rate_and_saved_by_one_call() {
    let roster = Roster::start_at("2026-04-01T12:00:00Z").await;
    let team = roster.team("saving").await.on_pro().await;
    let idle = members(&team, "developer", &["ida", "ian", "ina", "ivo"]).await;
    // A Root who is away is one of those who are inactive, and none of those who are to go.
    let [rita] = members(&team, "root", &["rita"]).await.try_into().ok().expect("one");
    let away = members(&team, "monitor", &["sam", "sue", "sia"]).await;
    let [ann] = members(&team, "developer", &["ann"]).await.try_into().ok().expect("one");
    for person in &away {
        let path = format!("/v1/users/{}/suspend", person.id);
        team.root.caller.post(&path, json!({ "confirm": true })).await.expect(200);
    }
    roster.advance_to("2026-04-23T12:00:00Z").await;
    let root = roster.sign_in(&team.root.email).await.caller;
    root.post("/v1/users", tests::invitee("late@saving.test", "billing")).await.expect(201);
    // What is done by a key is no sign-in.
    roster.sign_in(&ann.email).await;
    roster.advance_to("2026-05-02T12:00:00Z").await;
    let root = roster.sign_in(&team.root.email).await.caller;
    let told = savings(&root).await;
    assert_eq!(cost(&told["inactive"]), [&json!(5), &json!(9500), &json!(114_000)], "{told}");
    assert_eq!(proposed(&told["inactive"]), idle.iter().map(|person| person.id.as_str()).collect::<Vec<_>>());
    assert!(ids(&told["inactive"]).contains(&rita.id.as_str()));
    assert_eq!(cost(&told["suspended"]), [&json!(3), &json!(5700), &json!(68_400)]);
    assert_eq!(told["long_pending"]["count"], 1);
    let saving = json!({
        "seats": 7, "monthly_total": 13_300, "annual_total": 159_600, "effective_from": "2026-06-01", "note": null,
    });
    assert_eq!(told["saving"], saving);
    assert_eq!((&told["role_mix"]["team_size"], &told["advice"]), (&json!("6-19"), &json!([])));

    // Whoever minds the costs reads it as well, and to nobody else it is told.
    let bill = tests::invitee("bill@saving.test", "billing");
    root.post("/v1/users", bill).await.expect(201);
    let bill = roster.accept("bill@saving.test").await.caller;
    assert_eq!(savings(&bill).await["inactive"], told["inactive"]);
    let ann = roster.sign_in(&ann.email).await.caller;
    let refused = ann.get("/v1/reports/savings").await.refused(403, "insufficient_role");
    let asked = roster.calls(&refused, By::Operation).await;
    assert!(asked.iter().all(|call| call.operation != "Query"), "no users are read for who may not see them");

    let proposed: Vec<&str> =
        proposed(&told["inactive"]).into_iter().chain(proposed(&told["suspended"])).collect();
    let next = || async { root.get("/v1/billing").await.expect(200).body["next_invoice"].clone() };
    assert_eq!(next().await, json!({ "date": "2026-06-01", "amount": 11 * 1900 }));
    let body = json!({ "user_ids": proposed, "confirm": true });
    let deleted = root.post("/v1/users/bulk-delete", body).await.expect(200).body;
    assert!(
        deleted["results"].as_array().into_iter().flatten().all(|row| row["outcome"] == "deleted"),
        "{deleted}"
    );
    assert_eq!(next().await, json!({ "date": "2026-06-01", "amount": 4 * 1900 }));
    let told = savings(&root).await;
    assert_eq!((&told["inactive"]["count"], &told["saving"]["seats"]), (&json!(1), &json!(0)));
}

// RULE: AU-01, AC-05
#[tokio::test]
async fn reads_and_keys_are_no_sign_in_and_the_account_says_from_when_on_it_counts() {
    let roster = Roster::start_at("2026-04-01T12:00:00Z").await;
    let team = roster.team("saving").await.on_pro().await;
    let dan = team.member("dan@saving.test", "developer").await;
    let key = dan.key("robot").await;
    for _ in 0..3 {
        roster.advance("7d").await;
        key.caller.get("/v1/resources").await.expect(200);
    }
    roster.advance_to("2026-05-01T11:00:00Z").await;
    key.caller.get("/v1/resources").await.expect(200);
    let root = roster.sign_in(&team.root.email).await.caller;
    assert_eq!(savings(&root).await["inactive"]["count"], 0);
    roster.advance("2h").await;
    key.caller.get("/v1/me").await.expect(200);
    assert_eq!(ids(&savings(&root).await["inactive"]), [dan.id.as_str()]);

    let days = |days: u32| json!({ "inactive_after_days": days });
    for wrong in [6, 366] {
        let reply = root.patch("/v1/account", days(wrong)).await.refused(422, "validation_failed");
        assert_eq!(reply.bad_fields(), [("inactive_after_days", "out_of_range")]);
    }
    let account = root.patch("/v1/account", days(31)).await.expect(200).body;
    assert_eq!(account["inactive_after_days"], 31);
    assert_eq!(savings(&root).await["inactive"]["count"], 0);
    root.patch("/v1/account", days(7)).await.expect(200);
    assert_eq!(ids(&savings(&root).await["inactive"]), [dan.id.as_str()]);
    let facts = roster.facts_of(&team.account_id, "account.updated").await;
    let (before, after) = (json!({ "inactive_after_days": 31 }), json!(7));
    assert_eq!((&facts[1]["before"], &facts[1]["after"]["inactive_after_days"]), (&before, &after));
}
