//! One's own sessions: where one is signed in, and how that ends.

use serde_json::{Value, json};
use tests::{Caller, PASSWORD, Roster, Team};

const SESSIONS: &str = "/v1/me/sessions";
const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
const SAFARI: &str =
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Safari/604.1";

struct Signed {
    id: String,
    caller: Caller,
}

/// Somebody signs in with this browser.
async fn sign_in(roster: &Roster, email: &str, browser: &str) -> Signed {
    let from = roster.caller().with_header("user-agent", browser);
    let body = json!({ "email": email, "password": PASSWORD });
    let reply = roster.sign_in_with(&from, body).await.expect(201);
    Signed { id: reply.text("session_id").to_owned(), caller: from.with_token(reply.text("token")) }
}

async fn listed(by: &Caller) -> Vec<Value> {
    by.get(SESSIONS).await.expect(200).body["data"].as_array().expect("sessions").clone()
}

fn ids(list: &[Value]) -> Vec<&str> {
    list.iter().map(|session| session["id"].as_str().expect("an identifier")).collect()
}

/// A developer who has never signed in.
async fn newcomer(roster: &Roster) -> Team<'_> {
    let team = roster.team("acme").await;
    team.pending("dev@acme.test", "developer").await;
    let body = json!({ "token": roster.token_for("dev@acme.test").await, "password": PASSWORD });
    roster.caller().post("/v1/invitations/accept", body).await.expect(201);
    team
}

// RULE: SE-04
#[tokio::test]
async fn everybody_sees_where_they_are_signed_in_since_when_and_when_it_was_last_used() {
    let roster = Roster::start().await;
    let team = newcomer(&roster).await;
    let phone = sign_in(&roster, "dev@acme.test", SAFARI).await;
    roster.advance("1m").await;
    let desk = sign_in(&roster, "dev@acme.test", FIREFOX).await;
    let list = listed(&desk.caller).await;
    assert_eq!(ids(&list), [&desk.id, &phone.id], "the newest first, and nobody else's");
    assert_eq!(
        (&list[0]["device"], &list[1]["device"]),
        (&json!("Firefox on Linux"), &json!("Safari on iOS"))
    );
    let fields: Vec<&String> = list[0].as_object().expect("a session").keys().collect();
    assert_eq!(fields, ["created_at", "current", "device", "expires_at", "id", "ip", "last_seen_at"]);
    let current = |list: &[Value]| list.iter().map(|session| session["current"].clone()).collect::<Vec<_>>();
    assert_eq!(current(&list), [true, false]);
    assert_eq!(current(&listed(&phone.caller).await), [false, true]);
    for session in &list {
        let ip = session["ip"].as_str().expect("a network");
        assert!(ip.starts_with("127.") && ip.ends_with(".0/24"), "{ip}");
        assert_eq!(session["last_seen_at"], session["created_at"]);
    }
    roster.advance("10m").await;
    let now = roster.stack.clock().now();
    phone.caller.get("/v1/me").await.expect(200);
    roster.stack.settle().await;
    let later = listed(&phone.caller).await;
    let seen = |session: &Value| session["last_seen_at"].as_str().expect("an instant").parse().expect("one");
    let seen: Vec<chrono::DateTime<chrono::Utc>> = later.iter().map(seen).collect();
    assert!(seen[1] >= now, "the phone was used");
    assert_eq!(later[0]["last_seen_at"], list[0]["last_seen_at"], "the desk was not");
    assert_eq!(later[1]["created_at"], list[1]["created_at"]);
    assert_eq!(listed(&team.root.caller).await.len(), 1);
    roster.advance_to(list[1]["expires_at"].as_str().expect("an instant")).await;
    assert_eq!(ids(&listed(&desk.caller).await), [&desk.id], "what is over is not there");
}

// RULE: SE-04, SE-02, AP-05
#[tokio::test]
async fn somebody_ends_one_of_their_sessions_and_nobody_elses() {
    let roster = Roster::start().await;
    let team = newcomer(&roster).await;
    let [one, two, three] = [
        sign_in(&roster, "dev@acme.test", FIREFOX).await,
        sign_in(&roster, "dev@acme.test", FIREFOX).await,
        sign_in(&roster, "dev@acme.test", SAFARI).await,
    ];
    let path = |id: &str| format!("{SESSIONS}/{id}");
    let roots = listed(&team.root.caller).await;
    let unknown = "ses_01K00000000000000000000000";
    for id in [ids(&roots)[0], unknown, "nonsense", &one.id.replace("ses_", "key_")] {
        one.caller.delete(&path(id)).await.refused(404, "not_found");
    }
    team.root.caller.delete(&path(&one.id)).await.refused(404, "not_found");
    one.caller.delete(&path(&two.id)).await.expect(204);
    two.caller.get("/v1/me").await.refused(401, "unauthenticated");
    one.caller.delete(&path(&two.id)).await.refused(404, "not_found");
    for alive in [&one.caller, &three.caller, &team.root.caller] {
        alive.get("/v1/me").await.expect(200);
    }
    assert_eq!(ids(&listed(&one.caller).await), [&three.id, &one.id]);
    one.caller.delete(&path(&one.id)).await.expect(204);
    one.caller.get("/v1/me").await.refused(401, "unauthenticated");
    three.caller.get("/v1/me").await.expect(200);
    let ended = roster.facts_of(&team.account_id, "session.ended").await;
    assert_eq!(
        ended.iter().map(|fact| fact["before"]["session_id"].clone()).collect::<Vec<_>>(),
        [two.id, one.id]
    );
}

// RULE: SE-04, SE-02, SE-03
#[tokio::test]
async fn somebody_ends_all_their_other_sessions_and_goes_on() {
    let roster = Roster::start().await;
    let team = newcomer(&roster).await;
    let here = sign_in(&roster, "dev@acme.test", FIREFOX).await;
    let me = here.caller.get("/v1/me").await.expect(200).body;
    let key = here.caller.post("/v1/me/api-keys", json!({ "name": "ci" })).await.expect(201);
    let key = here.caller.with_token(key.text("token"));
    let mut others = Vec::new();
    for browser in [FIREFOX, SAFARI, SAFARI] {
        others.push(sign_in(&roster, "dev@acme.test", browser).await);
    }
    let reply = here.caller.delete(SESSIONS).await.expect(200);
    assert_eq!(reply.body, json!({ "session_id": here.id, "sessions_ended": 3 }));
    for other in &others {
        other.caller.get("/v1/me").await.refused(401, "unauthenticated");
    }
    assert_eq!(here.caller.get("/v1/me").await.expect(200).body["version"], me["version"]);
    assert_eq!(ids(&listed(&here.caller).await), [&here.id]);
    for alive in [&key, &team.root.caller] {
        alive.get("/v1/me").await.expect(200);
    }
    let again = here.caller.delete(SESSIONS).await.expect(200);
    assert_eq!(again.body["sessions_ended"], 0);
    let later = sign_in(&roster, "dev@acme.test", SAFARI).await;
    assert_eq!(ids(&listed(&here.caller).await), [&later.id, &here.id]);
    let ended = roster.facts_of(&team.account_id, "sessions.ended").await;
    assert_eq!(ended[0]["after"], json!({ "sessions_ended": 3 }));
}
