//! A session in a browser: the cookie that no script reads, and whose pages may ask by it.

use reqwest::Method;
use serde_json::{Value, json};
use tests::{Caller, PASSWORD, Reply, Roster, Team, invitee};

const CROSS_ORIGIN: (u16, &str) = (403, "cross_origin");
const DEAD: (u16, &str) = (401, "unauthenticated");
/// A host with TLS before it, and the origin of its pages.
const HOST: &str = "app.roster.example";
const ORIGIN: &str = "https://app.roster.example";

fn asking(email: &str) -> Value {
    json!({ "email": email, "password": PASSWORD, "credential": "cookie" })
}

/// What the one cookie that a reply sets says.
fn set(reply: &Reply) -> &str {
    let cookies: Vec<_> = reply.headers.iter().filter(|(name, _)| name == "set-cookie").collect();
    assert_eq!(cookies.len(), 1, "{:?}", reply.headers);
    &cookies[0].1
}

/// Name and value of it, as a browser sends them back.
fn pair(reply: &Reply) -> String {
    set(reply).split(';').next().expect("a cookie").to_owned()
}

/// The origin of pages that came from where a caller calls.
fn own_origin(roster: &Roster) -> String {
    roster.stack.url().replace("localhost", "127.0.0.1")
}

/// Somebody signed in by a browser on this machine, with whatever it takes; their cookie.
async fn browser(roster: &Roster, email: &str) -> (Caller, String) {
    let caller = roster.caller();
    let cookie = pair(&roster.sign_in_with(&caller, asking(email)).await.expect(201));
    (caller.with_header("cookie", &cookie), cookie)
}

async fn people(team: &Team<'_>) -> usize {
    let list = team.root.caller.get("/v1/users").await.expect(200);
    list.body["data"].as_array().expect("users").len()
}

// RULE: AC-09, SE-05
#[tokio::test]
async fn a_session_in_a_cookie_is_in_the_cookie_alone_and_is_a_session_as_any_other() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let dev = team.member("dev@acme.test", "developer").await;
    let by_password = roster.caller().post("/v1/sessions", asking(&dev.email)).await;
    let by_code = roster.sign_in_with(&roster.caller(), asking(&team.root.email)).await;
    for (person, reply) in [(&dev, by_password.expect(201)), (&team.root, by_code.expect(201))] {
        assert_eq!(reply.body.get("token"), None);
        assert_eq!(reply.text("session_id").len(), 30);
        let attributes: Vec<&str> = set(&reply).split("; ").skip(1).collect();
        assert_eq!(attributes, ["Path=/", "Max-Age=86400", "HttpOnly", "SameSite=Strict"]);
        let cookie = pair(&reply);
        let secret = cookie.strip_prefix("roster_session=").expect("the name on this machine");
        assert!(secret.starts_with("ros_ses_"), "{secret}");
        assert!(!reply.body.to_string().contains(secret));
        let browser = roster.caller().with_header("cookie", &format!("theme=dark; {cookie}; a=b"));
        assert_eq!(browser.get("/v1/me").await.expect(200).body["id"], person.id);
        let browser = browser.with_header("origin", &own_origin(&roster));
        browser.put("/v1/resources/agents/crm", json!({ "name": person.email })).await.expect(200);
        assert!(!json!(roster.dump().await).to_string().contains(secret));
        assert!(!roster.stack.logs().iter().any(|(_, line)| line.contains(secret)));
    }
}

// RULE: AC-04, AC-09
#[tokio::test]
async fn a_challenge_keeps_how_the_session_is_handed_over_and_nobody_is_asked_again() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let email = &team.root.email;
    let plain = json!({ "email": email, "password": PASSWORD });
    for (body, is_in_cookie) in [(asking(email), true), (plain, false)] {
        let caller = roster.caller();
        let first = caller.post("/v1/sessions", body).await.expect(200);
        assert_eq!((first.header("set-cookie"), first.body.get("token")), (None, None), "half way in");
        let mut answer = roster.authenticators.answer(email);
        answer["challenge"] = first.body["challenge"].clone();
        let mut asks = answer.clone();
        asks["credential"] = "cookie".into();
        let refused = caller.post("/v1/sessions/mfa", asks).await.refused(422, "validation_failed");
        assert_eq!(refused.bad_fields(), [("credential", "unknown_field")]);
        let reply = caller.post("/v1/sessions/mfa", answer).await.expect(201);
        assert_eq!(reply.header("set-cookie").is_some(), is_in_cookie);
        assert_eq!(reply.body.get("token").is_none(), is_in_cookie);
        if is_in_cookie {
            caller.with_header("cookie", &pair(&reply)).get("/v1/me").await.expect(200);
        } else {
            caller.with_token(reply.text("token")).get("/v1/me").await.expect(200);
        }
    }
}

#[tokio::test]
async fn where_there_is_tls_the_cookie_is_held_to_it_and_to_the_host() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let dev = team.member("dev@acme.test", "developer").await;
    let away = roster.caller().with_header("host", HOST);
    let reply = away.post("/v1/sessions", asking(&dev.email)).await.expect(201);
    let attributes: Vec<&str> = set(&reply).split("; ").skip(1).collect();
    assert_eq!(attributes, ["Path=/", "Max-Age=86400", "HttpOnly", "SameSite=Strict", "Secure"]);
    let cookie = pair(&reply);
    assert!(cookie.starts_with("__Host-roster_session=ros_ses_"), "{cookie}");
    let browser = away.with_header("cookie", &cookie);
    browser.get("/v1/me").await.expect(200);
    for (origin, told) in [(ORIGIN, (200, "")), ("http://app.roster.example", CROSS_ORIGIN)] {
        let asked = browser.with_header("origin", origin);
        let reply = asked.post("/v1/authorize", json!({ "action": "users.read" })).await;
        assert_eq!((reply.status, reply.code()), told, "{origin}");
    }
}

#[tokio::test]
async fn a_cookie_under_the_name_of_another_kind_of_host_counts_for_nothing() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let (here, away) = (roster.caller(), roster.caller().with_header("host", HOST));
    let secret = team.root.caller.token();
    let (plain, secure) = (format!("roster_session={secret}"), format!("__Host-roster_session={secret}"));
    here.with_header("cookie", &plain).get("/v1/me").await.expect(200);
    away.with_header("cookie", &secure).get("/v1/me").await.expect(200);
    for (caller, cookie) in [
        (&here, secure.as_str()),
        (&away, plain.as_str()),
        (&here, &format!("Roster_session={secret}")),
        (&here, &format!("session={secret}")),
        (&here, &format!("roster_session={secret}0")),
        (&here, "roster_session="),
    ] {
        caller.with_header("cookie", cookie).get("/v1/me").await.refused(DEAD.0, DEAD.1);
    }
}

// RULE: AP-01
#[tokio::test]
async fn only_a_page_of_the_same_origin_changes_anything_by_the_cookie() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let (browser, _) = browser(&roster, &team.root.email).await;
    let own = own_origin(&roster);
    let before = roster.dump().await;
    let others = ["null", "", "http://127.0.0.1", "http://evil.example", "https://app.roster.example"];
    let near = [format!("{own}1"), format!("{own}/"), own.replace("127.0.0.1", "localhost")];
    let origins = others.into_iter().chain(near.iter().map(String::as_str)).map(Some).chain([None]);
    for origin in origins {
        let asked = origin.map_or_else(|| browser.clone(), |origin| browser.with_header("origin", origin));
        let me = format!("/v1/users/{}/logout", team.root.id);
        for (method, path, body) in [
            (Method::POST, "/v1/users", Some(invitee("ann@acme.test", "developer"))),
            // It is told before wrong fields, what is not there, and what is not allowed.
            (Method::POST, "/v1/users", Some(json!({}))),
            (Method::PUT, "/v1/users/nobody/role", Some(json!({ "role": "admin" }))),
            (Method::POST, &me, Some(json!({ "confirm": true }))),
            (Method::PATCH, "/v1/account", Some(json!({ "name": "Evil" }))),
            (Method::DELETE, "/v1/sessions/current", None),
        ] {
            let reply = asked.call(method, path, body).await.refused(CROSS_ORIGIN.0, CROSS_ORIGIN.1);
            assert_eq!(reply.header("set-cookie"), None);
            assert_eq!(roster.effort(&reply).await, Vec::<String>::new(), "nothing is read for it");
        }
        asked.get("/v1/me").await.expect(200);
    }
    assert_eq!(roster.dump().await, before);
    let nobody = roster.caller().with_header("origin", "http://evil.example");
    nobody.post("/v1/users", json!({})).await.refused(DEAD.0, DEAD.1);
    let same = browser.with_header("origin", &own);
    same.post("/v1/users", invitee("ann@acme.test", "developer")).await.expect(201);
    assert_eq!(people(&team).await, 2);
}

#[tokio::test]
async fn where_both_come_the_bearer_token_decides() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let ann = team.member("ann@acme.test", "monitor").await;
    let (_, cookie) = browser(&roster, &team.root.email).await;
    let both = ann.caller.with_header("cookie", &cookie).with_header("origin", "https://evil.example");
    assert_eq!(both.get("/v1/me").await.expect(200).body["id"], ann.id);
    // No page of another site can send the header: its origin is nothing to look at.
    both.post("/v1/authorize", json!({ "action": "users.read" })).await.expect(200);
    both.post("/v1/users", invitee("eve@acme.test", "monitor")).await.refused(403, "insufficient_role");
    for header in ["", "Bearer", "Bearer none", "Basic YTpi"] {
        let caller = roster.caller().with_header("cookie", &cookie).with_header("authorization", header);
        caller.get("/v1/me").await.refused(DEAD.0, DEAD.1);
    }
    let reply = both.delete("/v1/sessions/current").await.expect(204);
    assert_eq!(reply.header("set-cookie"), None, "the cookie's session is another one");
    roster.caller().with_header("cookie", &cookie).get("/v1/me").await.expect(200);
    both.get("/v1/me").await.refused(DEAD.0, DEAD.1);
}

// RULE: SE-02
#[tokio::test]
async fn signing_out_clears_the_cookie_and_a_dead_sessions_cookie_is_worth_nothing() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let (here, _) = browser(&roster, &team.root.email).await;
    let here = here.with_header("origin", &own_origin(&roster));
    let reply = here.delete("/v1/sessions/current").await.expect(204);
    assert_eq!(set(&reply), "roster_session=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict");
    for reply in [here.get("/v1/me").await, here.delete("/v1/sessions/current").await] {
        let reply = reply.refused(DEAD.0, DEAD.1);
        assert_eq!(reply.header("set-cookie"), None);
    }
    let away = roster.caller().with_header("host", HOST);
    let cookie = pair(&roster.sign_in_with(&away, asking(&team.root.email)).await.expect(201));
    let away = away.with_header("cookie", &cookie).with_header("origin", ORIGIN);
    let reply = away.delete("/v1/sessions/current").await.expect(204);
    let cleared = "__Host-roster_session=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict; Secure";
    assert_eq!(set(&reply), cleared);
    let (late, _) = browser(&roster, &team.root.email).await;
    roster.advance("24h").await;
    late.get("/v1/me").await.refused(DEAD.0, DEAD.1);
}

// RULE: AP-02
#[tokio::test]
async fn a_sign_in_gives_a_cookie_to_its_own_pages_and_to_programs_each_time_another() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let dev = team.member("dev@acme.test", "developer").await;
    let before = roster.dump().await;
    let foreign = roster.caller().with_header("origin", "https://evil.example");
    for body in [asking(&dev.email), json!({ "credential": "cookie" })] {
        foreign.post("/v1/sessions", body).await.refused(CROSS_ORIGIN.0, CROSS_ORIGIN.1);
    }
    assert_eq!(roster.dump().await, before, "nobody is signed in by another site's page");
    let mut asked = asking(&dev.email);
    for token in [json!("token"), Value::Null] {
        asked["credential"] = token;
        let reply = foreign.post("/v1/sessions", asked.clone()).await.expect(201);
        assert!(reply.text("token").starts_with("ros_ses_"));
        assert_eq!(reply.header("set-cookie"), None);
    }
    asked["credential"] = "header".into();
    let reply = roster.caller().post("/v1/sessions", asked).await.refused(422, "validation_failed");
    assert_eq!(reply.bad_fields(), [("credential", "not_one_of")]);
    let own = roster.caller().with_header("origin", &own_origin(&roster)).with_header("idempotency-key", "k");
    let first = own.post("/v1/sessions", asking(&dev.email)).await.expect(201);
    let second = own.post("/v1/sessions", asking(&dev.email)).await.expect(201);
    assert_ne!(pair(&first), pair(&second), "a route that anyone may call ignores the key");
    assert_eq!(second.header("idempotent-replayed"), None);
}
