//! Every operation that takes a recent authentication: until a quarter of an hour after one, not later, again after a
//! step-up, and never by an API key. RULE: AC-06

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::Method;
use serde_json::{Value, json};
use tests::{Caller, Passkey, Person, Reply, Roster, Team, app_code, invitee, routes};

/// The operation, by whom, and the call.
type Attempt<'a> = (&'static str, &'a Person, Method, String, Option<Value>);

/// What stands for the code of the app that is being set up.
const FIRST_CODE: &str = "<first code>";
/// What stands for the answer of the passkey that is being made.
const FIRST_ANSWER: &str = "<first answer>";

/// Whom it is done to, each of them once.
#[derive(Clone)]
struct Cast {
    /// Users without a second factor.
    active: Vec<Person>,
    /// A user with one.
    enrolled: Person,
    /// Somebody with one, who does what is done to oneself.
    oneself: Person,
    /// A passkey of theirs.
    passkey: Passkey,
    /// A webhook of the account.
    webhook: String,
}

impl Cast {
    async fn new(team: &Team<'_>, name: &str) -> Self {
        let mut active = Vec::new();
        for n in 0..5 {
            active.push(team.member(&format!("{name}{n}@acme.test"), "developer").await);
        }
        let enrolled = team.member(&format!("{name}-enrolled@acme.test"), "billing").await;
        let oneself = team.member(&format!("{name}-oneself@acme.test"), "developer").await;
        team.roster.enroll(&enrolled).await;
        team.roster.enroll(&oneself).await;
        let (passkey, _) = team.roster.add_passkey(&oneself.caller, "Laptop").await;
        let hook = json!({ "url": "https://localhost/", "event_types": ["account.closed"] });
        let webhook = team.root.caller.post("/v1/webhooks", hook).await.expect(201).text("id").to_owned();
        Self { active, enrolled, oneself, passkey, webhook }
    }

    /// All that takes a recent authentication, but for the account's end.
    fn attempts<'a>(&'a self, root: &'a Person, name: &str) -> Vec<Attempt<'a>> {
        let user = |n: usize, what: &str| format!("/v1/users/{}{what}", self.active[n].id);
        let codes = |what: &str| format!("/v1/users/{}/recovery-codes{what}", self.enrolled.id);
        let role = |role: &str| Some(json!({ "role": role }));
        let row = |role: &str| invitee(&format!("{name}-{role}@invited.test"), role);
        let many = |role: &str| {
            let elevated = invitee(&format!("{name}-{role}@many.test"), role);
            Some(
                json!({ "users": [invitee(&format!("{name}-{role}-beside@many.test"), "monitor"), elevated] }),
            )
        };
        let (post, put, delete, me) = (Method::POST, Method::PUT, Method::DELETE, &self.oneself);
        vec![
            ("delete", root, delete.clone(), user(0, "?confirm=true"), None),
            ("start-departure", root, post.clone(), user(1, "/departure"), Some(json!({ "mode": "auto" }))),
            ("change-role", root, put.clone(), user(2, "/role"), role("admin")),
            ("change-role", root, put.clone(), user(3, "/role"), role("root")),
            (
                "change-plan",
                root,
                put,
                "/v1/billing/plan".into(),
                Some(json!({ "plan": "pro", "interval": "monthly" })),
            ),
            ("cancel-plan", root, delete.clone(), "/v1/billing/subscription".into(), None),
            ("take-plan-back", root, delete.clone(), "/v1/billing/plan".into(), None),
            ("invite", root, post.clone(), "/v1/users".into(), Some(row("admin"))),
            ("invite", root, post.clone(), "/v1/users".into(), Some(row("root"))),
            ("invite-many", root, post.clone(), "/v1/users/bulk".into(), many("admin")),
            ("invite-many", root, post.clone(), "/v1/users/bulk".into(), many("root")),
            (
                "delete-many",
                root,
                post.clone(),
                "/v1/users/bulk-delete".into(),
                Some(json!({ "user_ids": [&self.active[4].id], "confirm": true })),
            ),
            ("view-codes", root, post.clone(), codes("/view"), Some(json!({}))),
            ("issue-codes", root, post.clone(), codes(""), Some(json!({ "confirm": true }))),
            ("view-own-codes", me, post.clone(), "/v1/me/recovery-codes/view".into(), Some(json!({}))),
            ("issue-own-codes", me, post.clone(), "/v1/me/recovery-codes".into(), Some(json!({}))),
            ("create-key", me, post.clone(), "/v1/me/api-keys".into(), Some(json!({ "name": "k" }))),
            (
                "create-webhook",
                root,
                post.clone(),
                "/v1/webhooks".into(),
                Some(json!({ "url": "https://localhost/", "event_types": ["account.closed"] })),
            ),
            (
                "update-webhook",
                root,
                Method::PATCH,
                format!("/v1/webhooks/{}", self.webhook),
                Some(json!({ "url": "https://localhost/elsewhere" })),
            ),
            (
                "rotate-webhook-secret",
                root,
                post.clone(),
                format!("/v1/webhooks/{}/secret", self.webhook),
                Some(json!({})),
            ),
            ("remove-mfa", me, delete.clone(), "/v1/me/mfa/totp".into(), None),
            ("enroll-mfa", me, post.clone(), "/v1/me/mfa/totp".into(), Some(json!({}))),
            (
                "confirm-mfa",
                me,
                post.clone(),
                "/v1/me/mfa/totp/confirm".into(),
                Some(json!({ "code": FIRST_CODE })),
            ),
            ("remove-passkey", me, delete, format!("/v1/me/mfa/passkeys/{}", self.passkey.passkey_id), None),
            ("begin-passkey", me, post.clone(), "/v1/me/mfa/passkeys/options".into(), Some(json!({}))),
            ("add-passkey", me, post, "/v1/me/mfa/passkeys".into(), Some(json!({ "passkey": FIRST_ANSWER }))),
        ]
    }
}

/// Whatever time has passed meanwhile, it is this instant.
fn hold(roster: &Roster, at: DateTime<Utc>) {
    let clock = roster.stack.clock();
    clock.advance(at - clock.now());
}

/// Tries all of it, each at this instant if one is given.
async fn tried(
    roster: &Roster,
    attempts: Vec<Attempt<'_>>,
    at: Option<DateTime<Utc>>,
) -> Vec<(String, Reply)> {
    let mut replies = Vec::new();
    let (mut secret, mut asked) = (String::new(), nothing_asked());
    for (name, by, method, path, body) in attempts {
        if let Some(at) = at {
            hold(roster, at);
        }
        let body = match body {
            Some(body) if body["code"] == FIRST_CODE && !secret.is_empty() => {
                Some(json!({ "code": app_code(roster, &secret, 0) }))
            }
            Some(body) if body["code"] == FIRST_CODE => Some(json!({ "code": "000000" })),
            Some(body) if body["passkey"] == FIRST_ANSWER => {
                let (_, answer) = Passkey::create(roster.stack.url(), &asked["options"]);
                Some(json!({ "name": "Phone", "ceremony": asked["ceremony"], "passkey": answer }))
            }
            body => body,
        };
        let reply = by.caller.call(method.clone(), &path, body).await;
        secret = reply.body["secret"].as_str().map_or(secret, str::to_owned);
        if reply.body["ceremony"].is_string() {
            asked = reply.body.clone();
        }
        replies.push((format!("{name}: {method} {path}"), reply));
    }
    replies
}

/// What an authenticator can answer, though nobody waits for it.
fn nothing_asked() -> Value {
    let options = json!({ "rp": { "id": "localhost" }, "user": { "id": "AA" }, "challenge": "A".repeat(43) });
    json!({ "ceremony": "none", "options": options })
}

fn all_succeed(replies: Vec<(String, Reply)>) {
    for (call, reply) in replies {
        assert!(reply.status < 300, "{call}: {} {:#}", reply.status, reply.body);
    }
}

/// Proves who they are; until when that is recent.
async fn stepped_up(roster: &Roster, person: &Person) -> DateTime<Utc> {
    let body = json!({ "code": roster.authenticators.code(&person.email) });
    let reply = person.caller.post("/v1/sessions/current/step-up", body).await.expect(200);
    reply.text("fresh_until").parse().expect("an instant")
}

fn by_key(person: &Person, key: &Caller) -> Person {
    Person { caller: key.clone(), ..person.clone() }
}

// RULE: AC-06, AC-07, RC-03, DE-01, CK-01
#[tokio::test]
async fn a_recent_authentication_is_one_for_a_quarter_of_an_hour() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await.on_pro().await;
    let (first, second) = (Cast::new(&team, "first").await, Cast::new(&team, "second").await);
    let keys = (team.root.key("root").await.caller, second.oneself.key("own").await.caller);
    let (mut begin, mut end) = (DateTime::<Utc>::MAX_UTC, DateTime::<Utc>::MIN_UTC);
    for person in [&team.root, &first.oneself, &second.oneself] {
        // Codes of the half minute were used by whoever has just enrolled.
        let fresh_until = stepped_up(&roster, person).await;
        (begin, end) = (begin.min(fresh_until), end.max(fresh_until));
    }

    let by_keys = Cast { oneself: by_key(&second.oneself, &keys.1), ..second.clone() };
    let root_by_key = by_key(&team.root, &keys.0);
    for (call, reply) in tried(&roster, by_keys.attempts(&root_by_key, "keys"), None).await {
        let for_sessions = call.contains("/v1/me/");
        let code = if for_sessions { "session_required" } else { "step_up_required" };
        assert_eq!((reply.status, reply.code()), (403, code), "{call}");
    }

    all_succeed(
        tried(&roster, first.attempts(&team.root, "first"), Some(begin - TimeDelta::seconds(1))).await,
    );
    let late = end + TimeDelta::milliseconds(1);
    for (call, reply) in tried(&roster, second.attempts(&team.root, "second"), Some(late)).await {
        assert_eq!((reply.status, reply.code()), (403, "step_up_required"), "{call}");
    }
    for person in [&team.root, &second.oneself] {
        stepped_up(&roster, person).await;
    }
    all_succeed(tried(&roster, second.attempts(&team.root, "second"), None).await);

    let close = "/v1/account?confirm=true";
    root_by_key.caller.delete(close).await.refused(403, "step_up_required");
    roster.advance("15m").await;
    team.root.caller.delete(close).await.refused(403, "step_up_required");
    stepped_up(&roster, &team.root).await;
    team.root.caller.delete(close).await.expect(204);

    let tried: BTreeSet<String> = first
        .attempts(&team.root, "")
        .iter()
        .map(|attempt| attempt.0.to_owned())
        .chain(["close-account".into()])
        .collect();
    let asks = |codes: &[String]| codes.iter().any(|code| code == "step_up_required");
    let documented: BTreeSet<String> =
        routes().into_iter().filter(|route| asks(&route.codes)).map(|route| route.name).collect();
    assert_eq!(tried, documented, "what takes a recent authentication is all tried here");
}

// RULE: AC-06, DE-03, IN-09
#[tokio::test]
async fn what_takes_nobody_anything_for_good_and_raises_nobody_takes_no_step_up() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await.on_pro().await;
    let ann = team.member("ann@acme.test", "developer").await;
    let adam = team.member("adam@acme.test", "admin").await;
    let key = ann.key("hers").await.id;
    ann.key("another").await;
    let (pending, revoked) =
        (team.pending("bob@acme.test", "monitor").await, team.pending("rob@acme.test", "root").await);
    roster.advance("16m").await;
    let root = &team.root.caller;
    root.delete(&format!("/v1/users/{}?confirm=true", ann.id)).await.refused(403, "step_up_required");
    let user = |id: &str, what: &str| format!("/v1/users/{id}{what}");
    let confirm = || Some(json!({ "confirm": true }));
    let role = |role: &str| Some(json!({ "role": role }));
    let many = json!({ "users": [invitee("may@acme.test", "monitor")] });
    let (get, post, put, delete) = (Method::GET, Method::POST, Method::PUT, Method::DELETE);
    for (method, path, body) in [
        (delete.clone(), user(&pending, "?confirm=true"), None),
        (delete.clone(), user(&revoked, "/invitation"), None),
        (post.clone(), "/v1/users".into(), Some(invitee("mona@acme.test", "monitor"))),
        (post.clone(), "/v1/users/bulk".into(), Some(many)),
        (post.clone(), user(&ann.id, "/suspend"), confirm()),
        (post.clone(), user(&ann.id, "/reactivate"), None),
        (post.clone(), user(&ann.id, "/departure"), Some(json!({ "mode": "remind" }))),
        (delete.clone(), user(&ann.id, "/departure"), None),
        (get, user(&ann.id, "/api-keys"), None),
        (delete.clone(), user(&ann.id, &format!("/api-keys/{key}")), None),
        (delete.clone(), user(&ann.id, "/api-keys"), None),
        (put.clone(), user(&ann.id, "/role"), role("billing")),
        // As it is already: nobody is raised.
        (put.clone(), user(&adam.id, "/role"), role("admin")),
        (put, user(&adam.id, "/role"), role("monitor")),
        (post.clone(), user(&adam.id, "/access-question"), None),
        (post, user(&adam.id, "/logout"), confirm()),
        (Method::PATCH, "/v1/me".into(), Some(json!({ "first_name": "R" }))),
        (delete, "/v1/me/sessions".into(), None),
    ] {
        let reply = root.call(method.clone(), &path, body).await;
        assert!(reply.status < 300, "{method} {path}: {:#}", reply.body);
    }
    let ann = roster.sign_in("ann@acme.test").await;
    roster.advance("16m").await;
    ann.caller.delete("/v1/me?confirm=true").await.expect(204);
}
