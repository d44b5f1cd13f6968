//! Departures: what happens when, by whom, and what can still be undone.

use serde_json::{Value, json};
use tests::{Caller, Person, Roster, Team, masked};

async fn at_noon() -> Roster {
    Roster::start_at("2026-03-01T12:00:00Z").await
}

fn path(id: &str) -> String {
    format!("/v1/users/{id}/departure")
}

async fn start(by: &Caller, id: &str, mode: &str) -> Value {
    by.post(&path(id), json!({ "mode": mode })).await.expect(200).body
}

/// Which steps are done, and which were told of.
fn steps(departure: &Value) -> Vec<(bool, bool)> {
    let steps = departure["steps"].as_array().expect("steps");
    steps.iter().map(|step| (!step["done_at"].is_null(), step["told_at"].is_string())).collect()
}

async fn team(roster: &Roster) -> (Team<'_>, Person) {
    let team = roster.team("leave").await.on_pro().await;
    let ann = team.member("ann@leave.test", "developer").await;
    (team, ann)
}

// RULE: CK-01, CK-02, SU-02, DE-01, PS-10
#[tokio::test]
async fn by_itself_a_departure_suspends_at_once_and_deletes_after_a_day() {
    let roster = at_noon().await;
    let (team, ann) = team(&roster).await;
    let bob = team.member("bob@leave.test", "monitor").await;
    let key = ann.key("ci").await;
    let keys = async || {
        let list = team.root.caller.get(&format!("/v1/users/{}/api-keys", ann.id)).await.expect(200);
        list.body["data"].as_array().expect("keys").len()
    };
    let body = json!({ "mode": "auto", "successor_id": bob.id, "note": "Last day is Friday." });
    let started = team.root.caller.post(&path(&ann.id), body).await.expect(200).body;
    insta::assert_json_snapshot!("departure_started", masked(&started));
    assert_eq!(steps(&started), [(true, false), (false, false), (false, false)]);
    for dead in [&ann.caller, &key.caller] {
        dead.get("/v1/me").await.refused(401, "unauthenticated");
    }
    roster.advance("59m").await;
    assert_eq!(steps(&team.root.caller.get(&path(&ann.id)).await.expect(200).body)[1], (false, false));
    assert_eq!(keys().await, 1, "disabled, not deleted");
    roster.advance("2m").await;
    assert_eq!(steps(&team.root.caller.get(&path(&ann.id)).await.expect(200).body)[1], (true, false));
    assert_eq!(keys().await, 0);
    roster.advance("22h").await;
    let user = team.root.caller.get(&format!("/v1/users/{}", ann.id)).await.expect(200).body;
    assert_eq!((&user["status"], &user["departure_id"]), (&json!("suspended"), &started["id"]));
    roster.advance("61m").await;
    let root = roster.sign_in(&team.root.email).await.caller;
    root.get(&format!("/v1/users/{}", ann.id)).await.refused(410, "user_deleted");
    let over = root.get(&path(&ann.id)).await.expect(200).body;
    assert_eq!(steps(&over), [(true, false); 3]);
    assert_eq!((&over["successor_id"], &over["billable_after"]), (&json!(bob.id), &json!(2)));
    assert_eq!(over["next_invoice"]["amount"], 3800, "two seats of Pro");
    assert!(over["finished_at"].is_string());
    let kinds = roster.history(&team.account_id).await;
    let kinds: Vec<&str> = kinds.iter().filter_map(|fact| fact["type"].as_str()).collect();
    let count = |kind: &str| kinds.iter().filter(|known| **known == kind).count();
    assert_eq!((count("departure.step_done"), count("user.deleted"), count("departure.finished")), (1, 1, 1));
    root.delete(&path(&ann.id)).await.refused(410, "user_deleted");
    roster.assert_counts_hold(&team.account_id).await;
}

// RULE: CK-01
#[tokio::test]
async fn where_the_admins_take_the_steps_each_is_told_of_when_it_is_due_and_nothing_is_done() {
    let roster = at_noon().await;
    let (team, ann) = team(&roster).await;
    let told = async || {
        let subjects = roster.subjects(&team.root.email).await;
        let is_of_another =
            |subject: &&String| ["invoice", "Review of", "first week"].iter().any(|it| subject.contains(it));
        subjects.iter().filter(|subject| !is_of_another(subject)).count()
    };
    let before = told().await;
    let started = start(&team.root.caller, &ann.id, "remind").await;
    assert_eq!(steps(&started), [(false, true), (false, false), (false, false)]);
    ann.caller.get("/v1/me").await.expect(200);
    for (by, due) in [("61m", 0), ("23h", 1), ("30d", 1)] {
        roster.advance(by).await;
        let steps = roster.facts_of(&team.account_id, "departure.step_due").await;
        assert_eq!(steps.len(), due, "{by} later");
    }
    let done = roster.facts_of(&team.account_id, "departure.step_done").await;
    assert_eq!(done.len(), 1, "there are no keys");
    assert_eq!(told().await, before + 2, "the start, and that they are to be deleted");
    let root = roster.sign_in(&team.root.email).await.caller;
    assert_eq!(root.get(&format!("/v1/users/{}", ann.id)).await.expect(200).body["status"], "active");
    root.delete(&format!("/v1/users/{}?confirm=true", ann.id)).await.expect(204);
    let over = root.get(&path(&ann.id)).await.expect(200).body;
    assert_eq!(steps(&over).into_iter().map(|(done, _)| done).collect::<Vec<_>>(), [true; 3]);
    assert_eq!((over["finished_at"].is_string(), &over["billable_after"]), (true, &json!(1)));
    assert_eq!(roster.facts_of(&team.account_id, "departure.finished").await.len(), 1);
    roster.stack.settle().await;
    assert_eq!(told().await, before + 3, "and that they are gone");
}

// RULE: CK-01, SU-04
#[tokio::test]
async fn after_an_hour_keys_are_gone_whether_their_owner_was_let_in_again_or_not() {
    let roster = at_noon().await;
    let (team, ann) = team(&roster).await;
    let key = ann.key("ci").await;
    start(&team.root.caller, &ann.id, "auto").await;
    roster.advance("50m").await;
    let reactivate = format!("/v1/users/{}/reactivate", ann.id);
    team.root.caller.post(&reactivate, json!({})).await.expect(200);
    key.caller.get("/v1/me").await.expect(200);
    roster.advance("11m").await;
    key.caller.get("/v1/me").await.refused(401, "unauthenticated");
    roster.sign_in(&ann.email).await.caller.get("/v1/me").await.expect(200);
    let done = roster.facts_of(&team.account_id, "departure.step_done").await;
    assert_eq!(done.iter().map(|fact| fact["after"]["step"].clone()).collect::<Vec<_>>(), ["delete_keys"]);
}

// RULE: CK-01
#[tokio::test]
async fn where_the_admins_take_the_steps_they_are_told_of_keys_that_are_left() {
    let roster = at_noon().await;
    let (team, ann) = team(&roster).await;
    let (key, root) = (ann.key("ci").await, &team.root);
    start(&root.caller, &ann.id, "remind").await;
    let before = roster.subjects(&root.email).await.len();
    roster.advance("61m").await;
    let due = roster.facts_of(&team.account_id, "departure.step_due").await;
    assert_eq!(due.iter().map(|fact| fact["after"]["step"].clone()).collect::<Vec<_>>(), ["delete_keys"]);
    let subjects = roster.subjects(&root.email).await;
    assert_eq!(subjects.len(), before + 1, "{subjects:?}");
    assert!(subjects[0].contains("API keys"), "{subjects:?}");
    key.caller.get("/v1/me").await.expect(200);
    root.caller.delete(&format!("/v1/users/{}/api-keys", ann.id)).await.expect(204);
    key.caller.get("/v1/me").await.refused(401, "unauthenticated");
}

// RULE: CK-01
#[tokio::test]
async fn what_an_admin_has_done_already_is_not_told_of() {
    let roster = at_noon().await;
    let (team, ann) = team(&roster).await;
    let root = &team.root.caller;
    start(root, &ann.id, "remind").await;
    root.post(&format!("/v1/users/{}/suspend", ann.id), json!({ "confirm": true })).await.expect(200);
    assert_eq!(steps(&root.get(&path(&ann.id)).await.expect(200).body)[0], (true, true));
    roster.advance("30m").await;
    roster.step_up(&team.root).await;
    root.delete(&format!("/v1/users/{}?confirm=true", ann.id)).await.expect(204);
    roster.advance("31m").await;
    assert_eq!(roster.facts_of(&team.account_id, "departure.step_due").await.len(), 0, "they are gone");
    let finished = roster.facts_of(&team.account_id, "departure.finished").await;
    assert_eq!(finished.len(), 1);
    assert_eq!(finished[0]["after"]["billable"], 1);
}

// RULE: CK-01
#[tokio::test]
async fn a_departure_is_called_off_until_the_user_is_gone_and_can_begin_again() {
    for mode in ["auto", "remind"] {
        let roster = at_noon().await;
        let (team, ann) = team(&roster).await;
        let root = &team.root.caller;
        root.get(&path(&ann.id)).await.refused(404, "not_found");
        root.delete(&path(&ann.id)).await.refused(404, "not_found");
        let first = start(root, &ann.id, mode).await;
        root.post(&path(&ann.id), json!({ "mode": mode })).await.refused(409, "departure_running");
        roster.advance("23h").await;
        let cancelled = root.delete(&path(&ann.id)).await.expect(200).body;
        assert_eq!((&cancelled["id"], cancelled["cancelled_at"].is_string()), (&first["id"], true));
        assert_eq!(
            root.delete(&path(&ann.id)).await.expect(200).body,
            cancelled,
            "once more changes nothing"
        );
        roster.advance("48h").await;
        let root = roster.sign_in(&team.root.email).await.caller;
        let user = root.get(&format!("/v1/users/{}", ann.id)).await.expect(200).body;
        assert_eq!(user["status"], if mode == "auto" { "suspended" } else { "active" });
        assert_eq!(user["departure_id"], Value::Null);
        assert_eq!(roster.facts_of(&team.account_id, "departure.cancelled").await.len(), 1);
        assert_ne!(start(&root, &ann.id, mode).await["id"], first["id"]);
    }
}

// RULE: RO-02, RO-06, SU-06, CK-01
#[tokio::test]
async fn who_may_not_be_removed_does_not_depart() {
    let roster = at_noon().await;
    let (team, ann) = team(&roster).await;
    let admin = team.member("ada@leave.test", "admin").await;
    let pending = team.pending("pia@leave.test", "monitor").await;
    let (root, auto) = (&team.root.caller, json!({ "mode": "auto" }));
    admin.caller.post(&path(&team.root.id), auto.clone()).await.refused(403, "admin_cannot_modify_root");
    admin.caller.post(&path(&admin.id), auto.clone()).await.refused(403, "cannot_act_on_self");
    ann.caller.post(&path(&admin.id), auto.clone()).await.refused(403, "insufficient_role");
    root.post(&path(&pending), auto.clone()).await.refused(409, "use_revoke");
    for successor in [ann.id.as_str(), "usr_01KG9MFMM0BVPG000000009999"] {
        let reply = root.post(&path(&ann.id), json!({ "successor_id": successor })).await;
        let reply = reply.refused(422, "validation_failed");
        assert_eq!(reply.bad_fields(), [("successor_id", "not_found")]);
    }
    let second = team.member("rita@leave.test", "root").await;
    second.caller.post(&path(&team.root.id), auto.clone()).await.expect(200);
    second.caller.post(&path(&second.id), auto).await.refused(403, "cannot_act_on_self");
}

// RULE: RO-06, CK-01
#[tokio::test]
async fn a_departure_that_would_remove_the_last_root_ends_and_says_so() {
    let roster = at_noon().await;
    let (team, ann) = team(&roster).await;
    let root = &team.root.caller;
    start(root, &ann.id, "auto").await;
    let user = format!("/v1/users/{}", ann.id);
    root.post(&format!("{user}/reactivate"), json!({})).await.expect(200);
    root.put(&format!("{user}/role"), json!({ "role": "root" })).await.expect(200);
    let ann = roster.sign_in(&ann.email).await;
    let first = format!("/v1/users/{}", team.root.id);
    ann.caller.put(&format!("{first}/role"), json!({ "role": "monitor" })).await.expect(200);
    roster.advance("25h").await;
    let blocked = roster.facts_of(&team.account_id, "departure.blocked").await;
    assert_eq!(blocked.len(), 1);
    assert_eq!(blocked[0]["after"]["code"], "last_root");
    let ann = roster.sign_in(&ann.email).await;
    let user = ann.caller.get(&user).await.expect(200).body;
    assert_eq!((&user["status"], &user["departure_id"]), (&json!("active"), &Value::Null));
    roster.assert_counts_hold(&team.account_id).await;
}

// RULE: RO-02, CK-01
#[tokio::test]
async fn an_admins_departure_never_deletes_somebody_who_has_become_a_root() {
    let roster = at_noon().await;
    let (team, ann) = team(&roster).await;
    let admin = team.member("ada@leave.test", "admin").await;
    start(&admin.caller, &ann.id, "auto").await;
    let user = format!("/v1/users/{}", ann.id);
    team.root.caller.put(&format!("{user}/role"), json!({ "role": "root" })).await.expect(200);
    roster.advance("25h").await;
    let blocked = roster.facts_of(&team.account_id, "departure.blocked").await;
    assert_eq!(blocked[0]["after"]["code"], "admin_cannot_modify_root");
    let told = roster.subjects(&team.root.email).await;
    assert!(told.iter().any(|subject| subject.contains("departure")), "the Root is told: {told:?}");
    let root = roster.sign_in(&team.root.email).await.caller;
    assert_eq!(root.get(&user).await.expect(200).body["role"], "root");
}

// RULE: CK-02, RS-04
#[tokio::test]
async fn a_departure_lists_what_they_made_and_nothing_else() {
    let roster = at_noon().await;
    let (team, ann) = team(&roster).await;
    ann.caller.put("/v1/resources/agents/hers", json!({ "name": "Hers" })).await.expect(200);
    team.root.caller.put("/v1/resources/agents/others", json!({ "name": "Others" })).await.expect(200);
    let departure = start(&team.root.caller, &ann.id, "remind").await;
    assert_eq!(departure["resources"], json!([{ "kind": "agents", "id": "hers", "name": "Hers" }]));
    assert_eq!(departure["resources_complete"], true);
}

// RULE: AC-11, CK-01
#[tokio::test]
async fn nobody_departs_from_an_account_that_is_closed() {
    let roster = at_noon().await;
    let (team, ann) = team(&roster).await;
    start(&team.root.caller, &ann.id, "auto").await;
    team.root.caller.delete("/v1/account?confirm=true").await.expect(204);
    roster.advance("25h").await;
    for kind in ["user.deleted", "departure.finished", "departure.step_done"] {
        assert_eq!(roster.facts_of(&team.account_id, kind).await.len(), 0, "{kind}");
    }
}
