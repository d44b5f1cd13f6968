//! A forgotten password: a link by mail, good once and not for long.

use serde_json::{Value, json};
use tests::{Caller, PASSWORD, Reply, Roster, Team};

use crate::forge::{invitation_token, invitation_words};

const NEW: &str = "marble-otter-71-lantern";

async fn ask(by: &Caller, email: &str) -> Reply {
    by.post("/v1/password-resets", json!({ "email": email })).await
}

async fn confirm(roster: &Roster, token: &str) -> Reply {
    let body = json!({ "token": token, "password": NEW });
    roster.caller().post("/v1/password-resets/confirm", body).await
}

/// The link that somebody asked for just now.
async fn link(roster: &Roster, email: &str) -> String {
    ask(&roster.caller(), email).await.expect(202);
    roster.reset_tokens(email).await.into_iter().next().expect("a link was mailed")
}

async fn sign_in(roster: &Roster, email: &str, password: &str) -> Reply {
    roster.caller().post("/v1/sessions", json!({ "email": email, "password": password })).await
}

/// Until when the link is good.
async fn expires_at(team: &Team<'_>, id: &str) -> String {
    let items = team.roster.table().items(&team.account_id, &[format!("U#{id}")]).await;
    items[0]["password_reset"]["expires_at"].as_str().expect("an instant").to_owned()
}

// RULE: AC-08, AC-03, SU-01, DE-01
#[tokio::test]
async fn whoever_asks_is_answered_alike_and_only_the_active_are_mailed() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await.on_pro().await;
    let active = team.member("active@acme.test", "developer").await;
    team.pending("pending@acme.test", "developer").await;
    let confirmed = json!({ "confirm": true });
    let suspended = team.member("suspended@acme.test", "developer").await;
    let suspend = format!("/v1/users/{}/suspend", suspended.id);
    team.root.caller.post(&suspend, confirmed).await.expect(200);
    let deleted = team.member("deleted@acme.test", "developer").await;
    team.root.caller.delete(&format!("/v1/users/{}?confirm=true", deleted.id)).await.expect(204);
    let closed = roster.team("closed").await;
    closed.root.caller.delete("/v1/account?confirm=true").await.expect(204);
    let mut seen: Vec<(&str, Value)> = Vec::new();
    for email in [
        active.email.as_str(),
        "nobody@acme.test",
        "pending@acme.test",
        &suspended.email,
        &deleted.email,
        &closed.root.email,
    ] {
        let before = roster.mails(email).await.len();
        let reply = ask(&roster.caller(), email).await.expect(202);
        let headers: Vec<&str> = reply.headers.iter().map(|(name, _)| name.as_str()).collect();
        seen.push((email, json!([reply.alike(), headers, roster.effort(&reply).await])));
        let mailed = roster.mails(email).await.len() - before;
        assert_eq!(mailed, usize::from(email == active.email), "{email}");
    }
    for (email, shown) in &seen {
        assert_eq!(shown, &seen[0].1, "{email}");
    }
    let asked = roster.facts_of(&team.account_id, "password.reset_requested").await;
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0]["target"], active.id.as_str());
}

// RULE: AC-08, SE-07, SE-02
#[tokio::test]
async fn a_link_sets_a_new_password_once_and_ends_every_session() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let dev = team.member("dev@acme.test", "developer").await;
    let second = roster.sign_in(&dev.email).await;
    let token = link(&roster, &dev.email).await;
    for session in [&dev, &second] {
        session.caller.get("/v1/me").await.expect(200);
    }
    let reply = confirm(&roster, &token).await.expect(204);
    assert_eq!(reply.body, Value::Null);
    for session in [&dev, &second] {
        session.caller.get("/v1/me").await.refused(401, "unauthenticated");
    }
    sign_in(&roster, &dev.email, PASSWORD).await.refused(401, "invalid_credentials");
    sign_in(&roster, &dev.email, NEW).await.expect(201);
    confirm(&roster, &token).await.refused(404, "token_invalid");
    assert_eq!(roster.subjects(&dev.email).await[0], "Your password for acme was reset");
    team.root.caller.get("/v1/me").await.expect(200);
    assert_eq!(roster.facts_of(&team.account_id, "password.reset").await.len(), 1);
}

// RULE: AC-08, AC-04
#[tokio::test]
async fn a_second_factor_is_asked_for_as_before() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let token = link(&roster, &team.root.email).await;
    confirm(&roster, &token).await.expect(204);
    team.root.caller.get("/v1/me").await.refused(401, "unauthenticated");
    let first = sign_in(&roster, &team.root.email, NEW).await.expect(200);
    assert_eq!(first.body.get("token"), None);
    let session = roster.authenticators.meet(&team.root.email, &roster.caller(), first).await.expect(201);
    assert_eq!(session.body["user"]["mfa_enabled"], true);
}

// RULE: AC-08
#[tokio::test]
async fn a_link_is_good_for_15_minutes_to_the_instant_and_until_another_is_asked_for() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let dev = team.member("dev@acme.test", "developer").await;
    let asked_at = roster.stack.clock().now();
    let late = link(&roster, &dev.email).await;
    let end = expires_at(&team, &dev.id).await;
    let good_for = end.parse::<chrono::DateTime<chrono::Utc>>().expect("an instant") - asked_at;
    assert_eq!(good_for.num_minutes(), 15);
    roster.advance_to(&end).await;
    confirm(&roster, &late).await.refused(404, "token_invalid");
    let older = link(&roster, &dev.email).await;
    let newer = link(&roster, &dev.email).await;
    assert_ne!(older, newer);
    confirm(&roster, &older).await.refused(404, "token_invalid");
    roster.advance_to_before(&expires_at(&team, &dev.id).await, 20).await;
    confirm(&roster, &newer).await.expect(204);
}

// RULE: AC-08, IN-12, IN-13, SU-01
#[tokio::test]
async fn whatever_is_no_link_that_is_open_is_refused_alike_and_uses_nothing_up() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await.on_pro().await;
    let dev = team.member("dev@acme.test", "developer").await;
    let ann = team.member("ann@acme.test", "developer").await;
    team.pending("pia@acme.test", "developer").await;
    let invitation = roster.token_for("pia@acme.test").await;
    let used = link(&roster, &ann.email).await;
    confirm(&roster, &used).await.expect(204);
    let anns = link(&roster, &ann.email).await;
    let genuine = link(&roster, &dev.email).await;
    let (own, hers) = (invitation_words(&genuine), invitation_words(&anns));
    let mixed = |from: [&[String]; 5]| {
        invitation_token(&from.iter().enumerate().map(|(n, words)| words[n].clone()).collect::<Vec<_>>())
    };
    assert_eq!(mixed([&own, &own, &own, &own, &own]), genuine);
    let none = confirm(&roster, "none").await.refused(404, "token_invalid");
    for (what, token) in [
        ("empty", String::new()),
        ("cut", genuine[..genuine.len() - 1].to_owned()),
        ("longer", format!("{genuine}0")),
        ("another's MAC", mixed([&own, &own, &own, &hers, &hers])),
        ("another's nonce", mixed([&own, &own, &hers, &own, &own])),
        ("of another user", mixed([&own, &hers, &own, &own, &own])),
        ("used", used),
        ("an invitation", invitation.clone()),
        ("huge", "7".repeat(5000)),
    ] {
        assert_eq!(confirm(&roster, &token).await.alike(), none.alike(), "{what}");
    }
    let body = json!({ "token": genuine, "password": PASSWORD });
    roster.caller().post("/v1/invitations/accept", body).await.refused(404, "invitation_invalid");
    let path = format!("/v1/users/{}", ann.id);
    team.root.caller.post(&format!("{path}/suspend"), json!({ "confirm": true })).await.expect(200);
    assert_eq!(confirm(&roster, &anns).await.alike(), none.alike(), "suspended");
    for (password, code) in
        [("seven77", "too_short"), ("password", "common_password"), ("dev@acme.test", "personal_password")]
    {
        let body = json!({ "token": genuine, "password": password });
        let reply = roster.caller().post("/v1/password-resets/confirm", body).await;
        assert_eq!(reply.refused(422, "validation_failed").bad_fields(), [("password", code)]);
    }
    dev.caller.get("/v1/me").await.expect(200);
    confirm(&roster, &genuine).await.expect(204);
}

// RULE: AC-03, AC-08
#[tokio::test]
async fn an_address_gets_three_mails_an_hour_sign_ups_included_whether_anybody_has_it_or_not() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let dev = team.member("dev@acme.test", "developer").await;
    for email in [dev.email.as_str(), "nobody@acme.test"] {
        ask(&roster.caller(), email).await.expect(202);
        ask(&roster.caller(), &format!(" {}", email.to_uppercase())).await.expect(202);
        let body = json!({ "account_name": "B", "email": email, "first_name": "B", "last_name": "B" });
        roster.caller().post("/v1/accounts", body.clone()).await.expect(202);
        let refused = ask(&roster.caller(), email).await.refused(429, "locked");
        let seconds: i64 = refused.header("retry-after").expect("a time").parse().expect("seconds");
        assert!((3500..=3600).contains(&seconds), "{email}: {seconds}");
        roster.caller().post("/v1/accounts", body).await.refused(429, "locked");
    }
    assert_eq!(roster.reset_tokens(&dev.email).await.len(), 2);
    roster.advance("1h").await;
    for email in [dev.email.as_str(), "nobody@acme.test"] {
        ask(&roster.caller(), email).await.expect(202);
    }
    assert_eq!(roster.reset_tokens(&dev.email).await.len(), 3);
}

// RULE: AC-03
#[tokio::test]
async fn a_source_address_gets_twenty_mails_an_hour_sign_ups_included() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let dev = team.member("dev@acme.test", "developer").await;
    let here = roster.caller();
    for n in 0..10 {
        let claimed = here.with_header("x-forwarded-for", &format!("203.0.113.{n}"));
        ask(&claimed, &format!("nobody{n}@acme.test")).await.expect(202);
        let email = format!("b{n}@b.test");
        let body = json!({ "account_name": "B", "email": email, "first_name": "B", "last_name": "B" });
        here.post("/v1/accounts", body).await.expect(202);
    }
    let claimed = here.with_header("x-forwarded-for", "203.0.113.99");
    ask(&claimed, &dev.email).await.refused(429, "locked");
    assert_eq!(roster.reset_tokens(&dev.email).await.len(), 0);
    ask(&roster.caller(), &dev.email).await.expect(202);
    assert_eq!(roster.reset_tokens(&dev.email).await.len(), 1);
    roster.advance("1h").await;
    ask(&here, &dev.email).await.expect(202);
    assert_eq!(roster.reset_tokens(&dev.email).await.len(), 2);
}

// RULE: AC-12, IN-18
#[tokio::test]
async fn of_several_accounts_the_one_that_is_named_is_meant_and_the_mail_says_which() {
    let roster = Roster::start().await;
    let (one, two) = (roster.team("one").await, roster.team("two").await);
    one.member("sam@many.test", "monitor").await;
    roster.advance("1m").await;
    two.member("sam@many.test", "monitor").await;
    for (team, name) in [(&one, "one"), (&two, "two")] {
        let body = json!({ "email": "sam@many.test", "account_id": team.account_id });
        roster.caller().post("/v1/password-resets", body).await.expect(202);
        assert_eq!(roster.subjects("sam@many.test").await[0], format!("Set a new password for {name}"));
    }
    let token = link(&roster, "sam@many.test").await;
    let subject = "Set a new password for two";
    assert_eq!(roster.subjects("sam@many.test").await[0], subject, "the last used, where none is named");
    confirm(&roster, &token).await.expect(204);
    for (team, password) in [(&one, PASSWORD), (&two, NEW)] {
        let body = json!({ "email": "sam@many.test", "password": password, "account_id": team.account_id });
        let session = roster.caller().post("/v1/sessions", body).await.expect(201);
        assert_eq!(session.body["user"]["account_id"], team.account_id.as_str());
    }
}
