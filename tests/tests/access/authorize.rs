//! The one question of other services, over HTTP and as the Lambda authorizer of their APIs.

use serde_json::{Value, json};
use tests::{Caller, Fault, Person, Roster, Team, Which};

const ROLES: [&str; 5] = ["root", "admin", "billing", "developer", "monitor"];
/// Who may do what, written down here once more: as the permission table has it.
const TABLE: [(&str, &[&str]); 11] = [
    ("resources.read", &["root", "admin", "developer", "monitor"]),
    ("resources.write", &["root", "admin", "developer"]),
    ("resources.delete", &["root", "admin", "developer"]),
    ("resources.run", &["root", "admin", "developer"]),
    ("users.read", &["root", "admin", "billing"]),
    ("users.manage", &["root", "admin"]),
    ("billing.read", &["root", "admin", "billing"]),
    ("billing.manage", &["root", "admin", "billing"]),
    ("audit.read", &["root", "admin"]),
    ("account.manage", &["root", "admin"]),
    ("account.close", &["root"]),
];
const KEPT: &str = include_str!("../../../functions/access/authorize/authorizer-event.json");

/// What the gateway of another API asks about this caller.
fn asked(by: &Caller, method: &str, action: Option<&str>) -> Value {
    let mut event: Value = serde_json::from_str(KEPT).expect("JSON");
    let credential = format!("Bearer {}", by.token());
    event["identitySource"] = json!([credential]);
    event["headers"]["authorization"] = credential.into();
    event["requestContext"]["http"]["method"] = method.into();
    if let Some(action) = action {
        event["stageVariables"] = json!({ "roster_action": action });
    }
    event
}

async fn authorizer(roster: &Roster, event: Value) -> Value {
    roster.caller().post("/_local/run/authorize", event).await.expect(200).body
}

async fn ask(by: &Caller, action: &str) -> Value {
    by.post("/v1/authorize", json!({ "action": action })).await.expect(200).body
}

async fn people(team: &Team<'_>) -> Vec<(&'static str, Person)> {
    let mut people = vec![("root", team.root.clone())];
    for role in &ROLES[1..] {
        people.push((*role, team.member(&format!("{role}@acme.test"), role).await));
    }
    people
}

// RULE: RS-02, RO-01
#[tokio::test]
async fn every_role_is_told_of_every_action_what_the_permission_table_says() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await.on_pro().await;
    let people = people(&team).await;
    let before = roster.dump().await;
    for (role, person) in &people {
        for (action, holders) in TABLE {
            let allowed = holders.contains(role);
            let who = json!({ "user_id": person.id, "role": role, "account_id": team.account_id });
            let mut expected = who.clone();
            expected["allowed"] = allowed.into();
            assert_eq!(ask(&person.caller, action).await, expected, "{role} {action}");
            let answer = authorizer(&roster, asked(&person.caller, "POST", Some(action))).await;
            assert_eq!(answer, json!({ "isAuthorized": allowed, "context": who }), "{role} {action}");
        }
        for (method, action) in
            [("GET", 0), ("HEAD", 0), ("DELETE", 2), ("POST", 1), ("PUT", 1), ("PATCH", 1), ("OPTIONS", 1)]
        {
            let answer = authorizer(&roster, asked(&person.caller, method, None)).await;
            assert_eq!(answer["isAuthorized"], TABLE[action].1.contains(role), "{role} {method}");
        }
    }
    assert_eq!(roster.dump().await, before, "a question changes nothing");
}

// RULE: RS-02, SE-02
#[tokio::test]
async fn a_dead_credential_is_nobody() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let dead = roster.sign_in(&team.root.email).await.caller;
    dead.delete("/v1/sessions/current").await.expect(204);
    let made_up = roster.caller().with_token("ros_ses_made-up");
    for by in [&dead, &made_up, &roster.caller()] {
        by.post("/v1/authorize", json!({ "action": "users.read" })).await.refused(401, "unauthenticated");
        let answer = authorizer(&roster, asked(by, "GET", None)).await;
        assert_eq!(answer, json!({ "isAuthorized": false }));
    }
    let mut bare = asked(&team.root.caller, "GET", None);
    assert_eq!(authorizer(&roster, bare.clone()).await["isAuthorized"], true);
    bare["headers"].as_object_mut().unwrap().remove("authorization");
    assert_eq!(
        authorizer(&roster, bare.clone()).await,
        json!({ "isAuthorized": false }),
        "the header, not the source"
    );
    bare.as_object_mut().unwrap().remove("headers");
    assert_eq!(authorizer(&roster, bare).await, json!({ "isAuthorized": false }));
}

// RULE: RO-05, RO-08, SU-01, SE-01, SE-02, AC-11
#[tokio::test]
async fn whatever_is_done_to_somebody_is_in_force_at_the_very_next_question() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let root = &team.root.caller;
    let dan = team.member("dan@acme.test", "developer").await;
    let user = |what: &str| format!("/v1/users/{}{what}", dan.id);
    let confirm = || json!({ "confirm": true });
    let runs = async |by: &Caller| {
        let over_http = by.post("/v1/authorize", json!({ "action": "resources.run" })).await;
        let answer = authorizer(&roster, asked(by, "GET", Some("resources.run"))).await;
        let allowed = over_http.body["allowed"].as_bool().unwrap_or_default();
        assert_eq!(answer["isAuthorized"], allowed, "both say the same");
        (over_http.status, allowed)
    };
    assert_eq!(runs(&dan.caller).await, (200, true));
    root.put(&user("/role"), json!({ "role": "monitor" })).await.expect(200);
    assert_eq!(runs(&dan.caller).await, (200, false), "demoted");
    assert_eq!(ask(&dan.caller, "resources.read").await["role"], "monitor");
    root.put(&user("/role"), json!({ "role": "admin" })).await.expect(200);
    assert_eq!(runs(&dan.caller).await, (403, false), "promoted, and owes a second factor");
    roster.enroll(&dan).await;
    assert_eq!(runs(&dan.caller).await, (200, true), "under the same session");
    root.post(&user("/suspend"), confirm()).await.expect(200);
    assert_eq!(runs(&dan.caller).await, (401, false), "suspended");
    root.post(&user("/reactivate"), json!({})).await.expect(200);
    assert_eq!(runs(&dan.caller).await, (401, false), "old sessions stay dead");
    let again = roster.sign_in(&dan.email).await.caller;
    assert_eq!(runs(&again).await, (200, true));
    root.post(&user("/logout"), confirm()).await.expect(200);
    assert_eq!(runs(&again).await, (401, false), "logged out");
    let again = roster.sign_in(&dan.email).await.caller;
    again.delete("/v1/me?confirm=true").await.expect(204);
    assert_eq!(runs(&again).await, (401, false), "gone");
    assert_eq!(runs(root).await, (200, true));
    roster.advance("24h").await;
    assert_eq!(runs(root).await, (401, false), "over");
    let root = &roster.sign_in(&team.root.email).await.caller;
    root.delete("/v1/account?confirm=true").await.expect(204);
    assert_eq!(runs(root).await, (401, false), "closed");
}

// RULE: RS-02, AP-09
#[tokio::test]
async fn what_is_no_action_is_no_question() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let root = &team.root.caller;
    for (body, code) in [
        (json!({}), "required"),
        (json!({ "action": null }), "required"),
        (json!({ "action": 1 }), "wrong_type"),
        (json!({ "action": "resources" }), "not_one_of"),
        (json!({ "action": "Resources.Read" }), "not_one_of"),
    ] {
        let reply = root.post("/v1/authorize", body).await.refused(422, "validation_failed");
        assert_eq!(reply.bad_fields(), [("action", code)]);
    }
    // A stage that asks for what there is not lets nobody through, and is told to its operator.
    let event = asked(root, "GET", Some("resources.fly"));
    let failed = roster.caller().post("/_local/run/authorize", event).await.expect(502);
    assert!(failed.text("message").contains("validation_failed"), "{:#}", failed.body);
}

// RULE: RS-02
#[tokio::test]
async fn while_the_table_does_not_answer_nobody_is_let_through() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let call = ("dynamodb", "BatchGetItem");
    roster.break_call(&Fault { function: "authorize", call, kind: "throttle", which: Which::Every(1) }).await;
    team.root.caller.post("/v1/authorize", json!({ "action": "users.read" })).await.refused(503, "busy");
    let event = asked(&team.root.caller, "GET", None);
    roster.caller().post("/_local/run/authorize", event.clone()).await.expect(502);
    assert!(roster.mend().await > 0);
    assert_eq!(authorizer(&roster, event).await["isAuthorized"], true);
}

// RULE: RS-02
#[tokio::test]
async fn the_event_that_is_kept_is_about_the_demo_account() {
    let roster = Roster::start().await;
    roster.stack.make_demo().await.expect("the demo account is made");
    let answer = authorizer(&roster, serde_json::from_str(KEPT).expect("JSON")).await;
    let context = json!({
        "user_id": "usr_01KG9MFMM0BVPG000000000002",
        "role": "root",
        "account_id": "acc_01KG9MFMM0BVPG000000000001",
    });
    assert_eq!(answer, json!({ "isAuthorized": true, "context": context }));
}
