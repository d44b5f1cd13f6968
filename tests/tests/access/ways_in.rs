//! Every way in against everything that takes access away: refused at the very next request.

use serde_json::{Value, json};
use tests::{Caller, PASSWORD, Person, Reply, Roster, Team};

/// All that somebody holds who is on their way in, or in already.
struct Ways {
    person: Person,
    cookie: Caller,
    key: Caller,
    for_a_code: Value,
    code: Value,
    for_a_recovery_code: Value,
    recovery_code: String,
    reset: String,
    by_passkey: Value,
}

/// The newest link to set a password that was mailed there.
async fn reset_token(roster: &Roster, email: &str) -> String {
    roster.caller().post("/v1/password-resets", json!({ "email": email })).await.expect(202);
    roster.stack.settle().await;
    let mails = roster.mails(email).await;
    let mut links = mails.iter().flat_map(|mail| mail["links"].as_array().cloned().unwrap_or_default());
    let token = links.find_map(|link| Some(link.as_str()?.split_once("/reset#")?.1.to_owned()));
    token.expect("a link to set a password was mailed")
}

async fn challenge(roster: &Roster, email: &str) -> Value {
    let body = json!({ "email": email, "password": PASSWORD });
    roster.caller().post("/v1/sessions", body).await.expect(200).body["challenge"].clone()
}

/// A Developer with a second factor who holds everything.
async fn prepare(team: &Team<'_>) -> Ways {
    let (roster, email) = (team.roster, "dev@acme.test");
    let person = team.member(email, "developer").await;
    roster.enroll(&person).await;
    let key = person.caller.post("/v1/me/api-keys", json!({ "name": "ci" })).await.expect(201).body;
    let key = roster.caller().with_token(key["token"].as_str().expect("a key"));
    let from = roster.caller();
    let body = json!({ "email": email, "password": PASSWORD, "credential": "cookie" });
    let half = from.post("/v1/sessions", body).await.expect(200);
    let begun = roster.authenticators.meet(email, &from, half).await.expect(201);
    let cookie = begun.header("set-cookie").and_then(|cookie| cookie.split(';').next()).expect("a cookie");
    let cookie = from.with_header("cookie", cookie);
    let reset = reset_token(roster, email).await;
    let recovery_code = roster.authenticators.recovery_codes(email)[0].clone();
    let (for_a_code, for_a_recovery_code) = (challenge(roster, email).await, challenge(roster, email).await);
    let code = roster.authenticators.code(email).into();
    let (passkey, _) = roster.add_passkey(&person.caller, "Laptop").await;
    let by_passkey = passkey.answered(&roster.asked_to_sign_in().await);
    let ways =
        Ways { person, cookie, key, for_a_code, code, for_a_recovery_code, recovery_code, reset, by_passkey };
    for by in [&ways.person.caller, &ways.cookie, &ways.key] {
        by.get("/v1/me").await.expect(200);
    }
    ways
}

impl Ways {
    /// Each of them tried once.
    async fn tried(&self, roster: &Roster) -> Vec<(&'static str, Reply)> {
        let anyone = roster.caller();
        let sign_in = json!({ "email": self.person.email, "password": PASSWORD });
        let by_code = json!({ "challenge": self.for_a_code, "code": self.code });
        let by_recovery_code =
            json!({ "challenge": self.for_a_recovery_code, "recovery_code": self.recovery_code });
        let reset = json!({ "token": self.reset, "password": "another-tungsten-quail-7" });
        vec![
            ("running session", self.person.caller.get("/v1/me").await),
            ("cookie", self.cookie.get("/v1/me").await),
            ("API key", self.key.get("/v1/me").await),
            ("MFA half way", anyone.post("/v1/sessions/mfa", by_code).await),
            ("recovery code", anyone.post("/v1/sessions/mfa", by_recovery_code).await),
            ("passkey", anyone.post("/v1/sessions/passkey", self.by_passkey.clone()).await),
            ("reset link", anyone.post("/v1/password-resets/confirm", reset).await),
            ("password", roster.caller().post("/v1/sessions", sign_in).await),
        ]
    }
}

/// What each way is answered, in the order in which they are tried.
const REFUSED: [(u16, &str); 8] = [
    (401, "unauthenticated"),
    (401, "unauthenticated"),
    (401, "unauthenticated"),
    (401, "challenge_invalid"),
    (401, "challenge_invalid"),
    (401, "invalid_passkey"),
    (404, "token_invalid"),
    (401, "invalid_credentials"),
];

async fn assert_refused(ways: &Ways, roster: &Roster, why: &str) {
    for ((way, reply), expected) in ways.tried(roster).await.into_iter().zip(REFUSED) {
        assert_eq!((reply.status, reply.code()), expected, "{way}, {why}");
    }
}

// RULE: SU-01, SU-02, SU-04, AC-07
#[tokio::test]
async fn nobody_who_is_suspended_gets_in_by_any_way_and_keys_are_alive_again_afterwards() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let ways = prepare(&team).await;
    let user = format!("/v1/users/{}", ways.person.id);
    team.root.caller.post(&format!("{user}/suspend"), json!({ "confirm": true })).await.expect(200);
    assert_refused(&ways, &roster, "suspended").await;
    team.root.caller.post(&format!("{user}/reactivate"), json!({})).await.expect(200);
    let after = ways.tried(&roster).await;
    let statuses: Vec<(&str, u16)> = after.iter().map(|(way, reply)| (*way, reply.status)).collect();
    assert_eq!(statuses[..3], [("running session", 401), ("cookie", 401), ("API key", 200)]);
    assert_eq!(statuses[3..5], [("MFA half way", 401), ("recovery code", 401)], "they began before");
    let rest = [("passkey", 201), ("reset link", 404), ("password", 200)];
    assert_eq!(statuses[5..], rest, "a link ends with the suspension");
}

// RULE: DE-01, DE-04
#[tokio::test]
async fn nobody_who_is_deleted_gets_in_by_any_way_not_even_once_they_are_invited_again() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let ways = prepare(&team).await;
    let user = format!("/v1/users/{}?confirm=true", ways.person.id);
    team.root.caller.delete(&user).await.expect(204);
    assert_refused(&ways, &roster, "deleted").await;
    team.pending(&ways.person.email, "developer").await;
    assert_refused(&ways, &roster, "invited again").await;
}

// RULE: AC-11
#[tokio::test]
async fn nobody_of_a_closed_account_gets_in_by_any_way() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let ways = prepare(&team).await;
    team.root.caller.delete("/v1/account?confirm=true").await.expect(204);
    assert_refused(&ways, &roster, "closed").await;
}

// RULE: SE-01, SE-03, SE-06
#[tokio::test]
async fn a_logout_ends_sessions_and_what_is_half_way_and_leaves_the_rest() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let ways = prepare(&team).await;
    let path = format!("/v1/users/{}/logout", ways.person.id);
    team.root.caller.post(&path, json!({ "confirm": true })).await.expect(200);
    let tried = ways.tried(&roster).await;
    let statuses: Vec<(&str, u16)> = tried.iter().map(|(way, reply)| (*way, reply.status)).collect();
    let expected = [
        ("running session", 401),
        ("cookie", 401),
        ("API key", 200),
        ("MFA half way", 401),
        ("recovery code", 401),
        ("passkey", 201),
        ("reset link", 204),
        ("password", 401),
    ];
    assert_eq!(statuses, expected, "the last is the former password");
}

// RULE: RO-05, AC-07
#[tokio::test]
async fn who_is_demoted_is_that_at_the_next_request_by_session_cookie_and_key() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let ways = prepare(&team).await;
    let by = [&ways.person.caller, &ways.cookie, &ways.key];
    for by in by {
        by.get("/v1/resources").await.expect(200);
    }
    let role = json!({ "role": "billing" });
    team.root.caller.put(&format!("/v1/users/{}/role", ways.person.id), role).await.expect(200);
    for by in by {
        by.get("/v1/resources").await.refused(403, "insufficient_role");
    }
    ways.person.caller.get("/v1/seats").await.expect(200);
    ways.key.get("/v1/seats").await.refused(403, "insufficient_role");
}
