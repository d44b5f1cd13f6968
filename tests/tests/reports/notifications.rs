//! Which of the mails that come by themselves somebody gets.

use serde_json::{Value, json};
use tests::{Caller, Roster};

const PATH: &str = "/v1/me/notifications";

async fn choose(by: &Caller, body: Value) -> Value {
    by.put(PATH, body).await.expect(200).body
}

/// Whether a mail came to this address at six in the morning of that day.
async fn has_mail_of(roster: &Roster, to: &str, day: &str) -> bool {
    let six = format!("{day}T06:");
    let is_of_then = |mail: &Value| mail["at"].as_str().is_some_and(|at| at.starts_with(&six));
    roster.mails(to).await.iter().any(is_of_then)
}

// RULE: AU-03, SU-07, EV-01
#[tokio::test]
async fn who_does_without_a_review_is_not_mailed_it_and_others_are() {
    let roster = Roster::start_at("2026-03-20T12:00:00Z").await;
    let team = roster.team("quiet").await.on_pro().await;
    let ann = team.member("ann@quiet.test", "admin").await;
    let sue = team.member("sue@quiet.test", "developer").await;
    let suspend = format!("/v1/users/{}/suspend", sue.id);
    team.root.caller.post(&suspend, json!({ "confirm": true })).await.expect(200);
    let all = ann.caller.get(PATH).await.expect(200).body;
    assert!(all.as_object().expect("switches").values().all(|gets| *gets == true), "{all}");
    let chosen = choose(&team.root.caller, json!({ "inactivity": false, "suspended_users": false })).await;
    assert_eq!((&chosen["inactivity"], &chosen["roles"]), (&json!(false), &json!(true)));
    choose(&ann.caller, json!({ "suspended_users": false, "roles": false })).await;
    roster.advance_to("2026-04-09T12:00:00Z").await;
    for (day, to_root, to_ann) in [
        // Both do without the digest, and the review is made all the same.
        ("2026-03-23", false, false),
        ("2026-04-01", false, true),
        ("2026-04-06", false, false),
        ("2026-04-08", true, false),
    ] {
        assert_eq!(has_mail_of(&roster, &team.root.email, day).await, to_root, "{day} to the Root");
        assert_eq!(has_mail_of(&roster, &ann.email, day).await, to_ann, "{day} to Ann");
    }
    let root = roster.sign_in(&team.root.email).await.caller;
    let made = root.get("/v1/reports/reviews?kind=suspended_users").await.expect(200).body;
    assert_eq!(made["data"].as_array().map(Vec::len), Some(3));
    let facts = roster.facts_of(&team.account_id, "user.notifications_changed").await;
    assert_eq!(facts[0]["before"], json!({ "muted": [] }));
    assert_eq!(facts[0]["after"], json!({ "muted": ["inactivity", "suspended_users"] }));
    // What is left out is mailed, and what is so already is told once.
    let ann = roster.sign_in(&ann.email).await;
    assert_eq!(choose(&ann.caller, json!({})).await, all);
    assert_eq!(choose(&ann.caller, json!({ "roles": true })).await, all);
    assert_eq!(roster.facts_of(&team.account_id, "user.notifications_changed").await.len(), 3);
    roster.advance_to("2026-04-13T12:00:00Z").await;
    assert!(has_mail_of(&roster, &ann.email, "2026-04-13").await);
}

// RULE: AP-09
#[tokio::test]
async fn there_is_no_switch_for_what_is_mailed_whatever_is_chosen() {
    let roster = Roster::start().await;
    let team = roster.team("quiet").await;
    for body in [json!({ "security": false }), json!({ "password_changed": false }), json!({ "roles": "no" })]
    {
        team.root.caller.put(PATH, body).await.refused(422, "validation_failed");
    }
    assert_eq!(team.root.caller.get(PATH).await.expect(200).body["roles"], true);
}

// RULE: SU-07, CK-03
#[tokio::test]
async fn who_does_without_warnings_and_first_weeks_is_not_mailed_them_and_others_are() {
    let roster = Roster::start().await;
    let team = roster.team("quiet").await.on_pro().await;
    let ann = team.member("ann@quiet.test", "admin").await;
    let sue = team.member("sue@quiet.test", "developer").await;
    team.member("tim@quiet.test", "developer").await;
    let suspend = format!("/v1/users/{}/suspend", sue.id);
    team.root.caller.post(&suspend, json!({ "confirm": true })).await.expect(200);
    choose(&team.root.caller, json!({ "suspension_warnings": false })).await;
    choose(&ann.caller, json!({ "first_week": false })).await;
    roster.advance("8d").await;
    let (root, ann) = (roster.subjects(&team.root.email).await, roster.subjects(&ann.email).await);
    let has = |subjects: &[String], part: &str| subjects.iter().any(|subject| subject.contains(part));
    for (part, to_root, to_ann) in
        [("has been suspended for 7 days", false, true), ("'s first week with", true, false)]
    {
        assert_eq!((has(&root, part), has(&ann, part)), (to_root, to_ann), "{part}: {root:?} {ann:?}");
    }
}

// RULE: AU-03, SU-07
#[tokio::test]
async fn whoever_does_without_all_they_can_is_mailed_the_rest() {
    let roster = Roster::start_at("2025-12-20T09:00:00Z").await;
    let team = roster.team("quiet").await.on_pro().await;
    let sue = team.member("sue@quiet.test", "developer").await;
    let all = team.root.caller.get(PATH).await.expect(200).body;
    let none: Value =
        all.as_object().into_iter().flatten().map(|(name, _)| (name.clone(), json!(false))).collect();
    assert_eq!(choose(&team.root.caller, none.clone()).await, none);
    roster.advance_to("2026-01-14T09:00:00Z").await;
    let before = roster.subjects(&team.root.email).await.len();
    roster.advance_to("2026-01-20T12:00:00Z").await;
    let root = roster.sign_in(&team.root.email).await.caller;
    let departure = json!({ "mode": "remind" });
    root.post(&format!("/v1/users/{}/departure", sue.id), departure).await.expect(200);
    roster.stack.settle().await;
    let since = roster.subjects(&team.root.email).await;
    insta::assert_debug_snapshot!(since[..since.len() - before]);
}

// RULE: AU-02, CK-01
#[tokio::test]
async fn of_very_many_admins_twenty_five_are_mailed_the_roots_first() {
    let roster = Roster::start().await;
    let team = roster.team("many").await.on_pro().await;
    let mut admins = Vec::new();
    for n in 0..26 {
        let email = format!("a{n}@many.test");
        team.pending(&email, "admin").await;
        roster.accept(&email).await;
        admins.push(email);
    }
    let sue = team.member("sue@many.test", "developer").await;
    let rita = team.member("rita@many.test", "root").await;
    team.root.caller.post(&format!("/v1/users/{}/departure", sue.id), json!({})).await.expect(200);
    roster.stack.settle().await;
    let mut mailed = Vec::new();
    for email in admins.iter().chain([&team.root.email, &rita.email]) {
        let subjects = roster.subjects(email).await;
        mailed.extend(subjects.iter().any(|subject| subject.contains("is leaving")).then_some(email));
    }
    assert_eq!(mailed.len(), 25);
    assert!(mailed.contains(&&team.root.email) && mailed.contains(&&rita.email), "{mailed:?}");
}
