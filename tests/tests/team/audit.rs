//! The audit log.

use serde_json::{Value, json};
use tests::{PASSWORD, Reply, Roster, invitee, masked};

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

// RULE: EV-01
#[tokio::test]
async fn every_change_says_who_what_whom_before_after_from_where_and_in_which_request() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let root = team.root.caller.with_header("user-agent", FIREFOX);
    let ann = team.member("ann@acme.test", "developer").await;
    let user = format!("/v1/users/{}", ann.id);
    let confirm = json!({ "confirm": true });
    let because = json!({ "confirm": true, "reason": "other", "reason_text": "Away" });
    let replies: Vec<(&str, Reply)> = vec![
        (
            "user.role_changed",
            root.put(&format!("{user}/role"), json!({ "role": "admin" })).await.expect(200),
        ),
        ("user.suspended", root.post(&format!("{user}/suspend"), because).await.expect(200)),
        ("user.reactivated", root.post(&format!("{user}/reactivate"), json!({})).await.expect(200)),
        ("user.logged_out", root.post(&format!("{user}/logout"), confirm).await.expect(200)),
        ("user.deleted", root.delete(&format!("{user}?confirm=true")).await.expect(204)),
        ("user.invited", root.post("/v1/users", invitee("eve@acme.test", "monitor")).await.expect(201)),
    ];
    let history = roster.history(&team.account_id).await;
    let mut shown = Vec::new();
    for (kind, reply) in &replies {
        let mut of_request = history.iter().filter(|fact| fact["request_id"] == reply.request_id());
        let fact = of_request.next().unwrap_or_else(|| panic!("{kind} is not in the log"));
        assert_eq!(of_request.next(), None, "{kind} is there once");
        assert_eq!(fact["type"], *kind);
        assert_eq!(fact["actor"], json!({ "id": team.root.id, "role": "root", "via": "session" }));
        assert_eq!(fact["user_agent"], "Firefox on Linux");
        let ip = fact["ip"].as_str().expect("an address");
        assert!(ip.starts_with("127.") && ip.ends_with(".0/24"), "{ip}");
        if *kind != "user.invited" {
            assert_eq!(fact["target"], ann.id.as_str());
        }
        shown.push(json!({
            "type": kind, "before": fact["before"], "after": fact["after"], "reason": fact["reason"],
        }));
    }
    insta::assert_json_snapshot!("changes", masked(&Value::Array(shown)));
}

// RULE: EV-01, AC-01
#[tokio::test]
async fn what_happens_before_anybody_is_signed_in_is_in_the_log_as_well() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    team.root.caller.delete("/v1/sessions/current").await.expect(204);
    let history = tests::without_reports(roster.history(&team.account_id).await);
    let lines: Vec<String> = history
        .iter()
        .map(|fact| format!("{} {}", fact["type"].as_str().unwrap_or_default(), fact["actor"]["via"]))
        .collect();
    assert_eq!(
        lines,
        [
            "account.created \"public\"",
            "user.accepted \"public\"",
            "session.created \"public\"",
            "mfa.enrolment_started \"session\"",
            "mfa.enabled \"session\"",
            "codes.issued \"session\"",
            "session.ended \"session\"",
        ]
    );
    assert!(history.iter().all(|fact| fact["target"] == team.root.id.as_str()));
}

// RULE: EV-01, RO-04
#[tokio::test]
async fn a_refused_privileged_attempt_is_in_the_log_with_its_code_and_moves_nothing_else() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await.on_pro().await;
    let adam = team.member("adam@acme.test", "admin").await;
    let mona = team.member("mona@acme.test", "monitor").await;
    let root = format!("/v1/users/{}", team.root.id);
    let confirm = json!({ "confirm": true });
    let attempts = [
        ("invite", mona.caller.post("/v1/users", invitee("eve@acme.test", "monitor")).await),
        ("list-users", mona.caller.get("/v1/users").await),
        ("suspend", adam.caller.post(&format!("{root}/suspend"), confirm.clone()).await),
        ("change-role", adam.caller.put(&format!("{root}/role"), json!({ "role": "monitor" })).await),
        ("delete", adam.caller.delete(&format!("{root}?confirm=true")).await),
        ("logout", adam.caller.post(&format!("/v1/users/{}/logout", adam.id), confirm).await),
    ];
    let refused = roster.facts_of(&team.account_id, "access.refused").await;
    for (operation, reply) in &attempts {
        assert_eq!(reply.status, 403, "{operation}");
        let mut of_request = refused.iter().filter(|fact| fact["request_id"] == reply.request_id());
        let fact = of_request.next().unwrap_or_else(|| panic!("{operation} is not in the log"));
        assert_eq!(of_request.next(), None);
        assert_eq!(fact["after"], json!({ "operation": operation, "code": reply.code() }));
        let actor = if ["invite", "list-users"].contains(operation) { &mona.id } else { &adam.id };
        assert_eq!(fact["actor"]["id"], actor.as_str());
    }
    assert_eq!(refused.len(), attempts.len());
    assert_eq!(refused[2]["target"], team.root.id.as_str());
    // What is no privileged attempt leaves nothing: a typing error, an unknown user, a stranger.
    adam.caller.post("/v1/users", json!({})).await.expect(422);
    adam.caller.get("/v1/users/usr_01K00000000000000000000000").await.expect(404);
    roster.caller().get("/v1/users").await.expect(401);
    let body = json!({ "email": adam.email, "password": format!("{PASSWORD}!") });
    roster.caller().post("/v1/sessions", body).await.expect(401);
    assert_eq!(roster.facts_of(&team.account_id, "access.refused").await.len(), attempts.len());
}
