//! One address, several accounts.

use serde_json::{Value, json};
use tests::{PASSWORD, Roster};

async fn account_of_sign_in(roster: &Roster, account_id: Option<&str>) -> Value {
    let mut body = json!({ "email": "sam@many.test", "password": PASSWORD });
    if let Some(account_id) = account_id {
        body["account_id"] = account_id.into();
    }
    let session = roster.caller().post("/v1/sessions", body).await.expect(201);
    session.body["user"]["account_id"].clone()
}

// RULE: AC-12, IN-18
#[tokio::test]
async fn without_an_account_the_membership_last_used_is_meant_and_else_the_oldest() {
    let roster = Roster::start().await;
    let mut accounts = Vec::new();
    // An Admin who owes a second factor goes on with setting it up where they began.
    for (name, role) in [("one", "monitor"), ("two", "admin"), ("three", "monitor")] {
        let team = roster.team(name).await;
        team.pending("sam@many.test", role).await;
        let token = roster.token_for("sam@many.test").await;
        let body = json!({ "token": token, "password": PASSWORD });
        roster.caller().post("/v1/invitations/accept", body).await.expect(201);
        accounts.push(team.account_id);
        roster.advance("1m").await;
    }
    let [one, two, three] = &accounts[..] else { panic!("three accounts") };
    assert_eq!(account_of_sign_in(&roster, None).await, **one, "none was used: the oldest");
    roster.advance("1m").await;
    assert_eq!(account_of_sign_in(&roster, Some(three)).await, **three);
    assert_eq!(account_of_sign_in(&roster, None).await, **three, "the last used");
    roster.advance("1m").await;
    assert_eq!(account_of_sign_in(&roster, Some(two)).await, **two);
    roster.advance("1m").await;
    assert_eq!(account_of_sign_in(&roster, None).await, **two);
}

// RULE: IN-18, AC-12
#[tokio::test]
async fn a_session_of_one_account_shows_nothing_of_another() {
    let roster = Roster::start().await;
    let (one, two) = (roster.team("one").await, roster.team("two").await);
    let in_one = one.member("sam@many.test", "admin").await;
    two.pending("sam@many.test", "monitor").await;
    let in_two = roster.accept("sam@many.test").await;
    assert_ne!(in_one.id, in_two.id);
    assert_eq!(in_one.caller.get("/v1/me").await.expect(200).body["role"], "admin");
    assert_eq!(in_two.caller.get("/v1/me").await.expect(200).body["role"], "monitor");
    in_two.caller.get("/v1/users").await.refused(403, "insufficient_role");
    in_one.caller.get(&format!("/v1/users/{}", in_two.id)).await.refused(404, "not_found");
    let mail = &roster.mails("sam@many.test").await[0];
    assert!(
        mail["subject"].as_str().is_some_and(|subject| subject.contains("two")),
        "mails name the account"
    );
}
