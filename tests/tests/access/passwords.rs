//! What may be a password.

use serde_json::json;
use tests::Roster;

// RULE: AC-02, IN-12
#[tokio::test]
async fn a_password_that_may_not_be_one_is_refused_and_uses_nothing_up() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    team.pending("ivy.tester@acme.test", "monitor").await;
    let token = roster.token_for("ivy.tester@acme.test").await;
    let before = roster.dump().await;
    let longest = "x7".repeat(64);
    for (password, code) in [
        ("", "too_short"),
        ("seven77", "too_short"),
        (&format!("{longest}!"), "too_long"),
        ("password", "common_password"),
        ("Password1", "common_password"),
        ("12345678", "common_password"),
        ("ivy.tester@acme.test", "personal_password"),
        ("IvyInvited99", "personal_password"),
        ("ivy.tester1", "personal_password"),
    ] {
        let body = json!({ "token": token, "password": password });
        let reply = roster.caller().post("/v1/invitations/accept", body).await;
        let reply = reply.refused(422, "validation_failed");
        assert_eq!(reply.bad_fields(), [("password", code)], "{password}");
    }
    assert_eq!(roster.dump().await, before, "nothing is consumed");
    let body = json!({ "token": token, "password": longest });
    roster.caller().post("/v1/invitations/accept", body).await.expect(201);
    let body = json!({ "email": "ivy.tester@acme.test", "password": longest });
    roster.caller().post("/v1/sessions", body).await.expect(201);
}

// RULE: AC-02
#[tokio::test]
async fn eight_characters_of_any_kind_are_a_password() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    for (n, password) in
        ["q7 vex t", "\u{1F511}\u{e9}\u{4e2d}\u{1F33B}\u{df}\u{416}\u{3b1} "].iter().enumerate()
    {
        assert_eq!(password.chars().count(), 8);
        let email = format!("p{n}@acme.test");
        team.pending(&email, "monitor").await;
        let body = json!({ "token": roster.token_for(&email).await, "password": password });
        roster.caller().post("/v1/invitations/accept", body).await.expect(201);
        let body = json!({ "email": email, "password": password });
        roster.caller().post("/v1/sessions", body).await.expect(201);
        let body = json!({ "email": email, "password": password.trim_end().to_uppercase() });
        roster.caller().post("/v1/sessions", body).await.refused(401, "invalid_credentials");
    }
}
