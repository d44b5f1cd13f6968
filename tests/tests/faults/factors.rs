//! Second factors and recovery codes on bad days: no code is lost, none counts twice, and none comes out without a notice.

use serde_json::{Value, json};
use tests::{By, Fault, PASSWORD, Person, Reply, Roster, Team, Which};

const TRANSACT: (&str, &str) = ("dynamodb", "TransactWriteItems");
const PUT: (&str, &str) = ("dynamodb", "PutItem");
const PUT_EVENTS: (&str, &str) = ("events", "PutEvents");
const VIEWED: &str = "Security Codes Viewed";
const CODES_VIEWED: &str = "codes.viewed";
const CODES_ISSUED: &str = "codes.issued";
/// Enough for a delivery to be tried.
const LOOKS_MAX: usize = 10_000;

/// A team, and somebody with a second factor.
async fn scene<'a>(roster: &'a Roster, name: &str) -> (Team<'a>, Person) {
    let team = roster.team(name).await;
    let ann = team.member(&format!("ann@{name}.test"), "developer").await;
    roster.enroll(&ann).await;
    roster.stack.settle().await;
    (team, ann)
}

/// A challenge of this user, from where they always sign in.
async fn challenge(ann: &Person) -> String {
    let body = json!({ "email": ann.email, "password": PASSWORD });
    let first = ann.caller.without_token().post("/v1/sessions", body).await.expect(200);
    first.text("challenge").to_owned()
}

async fn verify(ann: &Person, challenge: &str, recovery_code: &str) -> Reply {
    let body = json!({ "challenge": challenge, "recovery_code": recovery_code });
    ann.caller.without_token().post("/v1/sessions/mfa", body).await
}

/// The one item of the table that has this attribute and is about this user.
async fn item_with(roster: &Roster, attribute: &str, user_id: &str) -> Value {
    let items = roster.dump().await;
    let is_meant = |item: &&Value| !item[attribute].is_null() && item.to_string().contains(user_id);
    let mut meant = items.iter().filter(is_meant);
    let first = meant.next().unwrap_or_else(|| panic!("nothing has {attribute}")).clone();
    assert!(meant.next().is_none(), "one item has {attribute}");
    first
}

// RULE: RC-01, AC-04
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_whose_session_could_not_be_written_is_not_lost() {
    let roster = Roster::start().await;
    let (team, ann) = scene(&roster, "kept").await;
    let codes = roster.authenticators.recovery_codes(&ann.email);
    for (code, kind) in codes.iter().zip(["before", "throttle", "conflict", "timeout"]) {
        let challenge = challenge(&ann).await;
        let before = roster.effects().await;
        let fault = Fault { function: "verify-mfa", call: TRANSACT, kind, which: Which::Every(1) };
        roster.break_call(&fault).await;
        verify(&ann, &challenge, code).await.refused(503, "busy");
        assert!(roster.mend().await > 0, "{fault:?} is met");
        let nothing = roster.effects().await.since(&before);
        assert!(nothing.is_none(), "{fault:?} leaves {nothing:?}");
        let session = verify(&ann, &challenge, code).await.expect(201);
        ann.caller.with_token(session.text("token")).get("/v1/me").await.expect(200);
        verify(&ann, &challenge, code).await.refused(401, "challenge_invalid");
    }
    let used = roster.facts_of(&team.account_id, "codes.used").await;
    let left: Vec<&Value> = used.iter().map(|fact| &fact["after"]["codes_left"]).collect();
    assert_eq!(left, [9, 8, 7, 6]);
}

// RULE: AC-03, AC-04
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_code_whose_write_was_not_heard_of_counts_once() {
    let roster = Roster::start().await;
    let (team, ann) = scene(&roster, "once").await;
    let challenge = challenge(&ann).await;
    for (n, kind) in (1..).zip(["after", "applied-timeout"]) {
        let fault = Fault { function: "verify-mfa", call: TRANSACT, kind, which: Which::Nth(1) };
        roster.break_call(&fault).await;
        verify(&ann, &challenge, "00000-00000").await.refused(401, "invalid_code");
        assert_eq!(roster.mend().await, 1, "{fault:?} is met");
        let failed = roster.facts_of(&team.account_id, "mfa.failed").await;
        assert_eq!(failed.len(), n, "{fault:?}");
        let factors = item_with(&roster, "totp", &ann.id).await;
        assert_eq!(factors["failures"]["count"], n, "{fault:?}");
        let challenge = item_with(&roster, "handover", &ann.id).await;
        assert_eq!(challenge["failures"], n, "{fault:?}");
    }
}

// RULE: AC-03
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_password_whose_write_was_not_heard_of_counts_once() {
    let roster = Roster::start().await;
    let team = roster.team("guess").await;
    let bob = team.member("bob@guess.test", "developer").await;
    let mut guesses = 0;
    for kind in ["after", "applied-timeout"] {
        for (function, path) in [("sign-in", "/v1/sessions"), ("step-up", "/v1/sessions/current/step-up")] {
            let fault = Fault { function, call: TRANSACT, kind, which: Which::Nth(1) };
            roster.break_call(&fault).await;
            let body = match function {
                "sign-in" => json!({ "email": bob.email, "password": "wrong" }),
                _ => json!({ "password": "wrong" }),
            };
            bob.caller.post(path, body).await.refused(401, "invalid_credentials");
            assert_eq!(roster.mend().await, 1, "{fault:?} is met");
            guesses += 1;
            let counts = roster.dump().await;
            // Mails that were asked for are counted as well.
            let is_count = |item: &&Value| !item["counted_by"].is_null() && item["asked_at"].is_null();
            let counts: Vec<&Value> = counts.iter().filter(is_count).collect();
            assert_eq!(counts.len(), 2, "from there, and from anywhere: {counts:#?}");
            assert!(counts.iter().all(|count| count["failures"] == guesses), "{fault:?}: {counts:#?}");
        }
    }
}

// RULE: AC-03
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mail_that_is_asked_for_counts_once_where_the_write_was_not_heard_of() {
    let roster = Roster::start().await;
    let here = roster.caller();
    let fault = |kind| Fault { function: "request-reset", call: TRANSACT, kind, which: Which::Nth(1) };
    for (asked, kind) in [(1, "after"), (2, "applied-timeout")] {
        roster.break_call(&fault(kind)).await;
        here.post("/v1/password-resets", json!({ "email": "nobody@guess.test" })).await.expect(202);
        assert_eq!(roster.mend().await, 1, "{kind} is met");
        let items = roster.dump().await;
        let windows: Vec<&Value> = items.iter().filter_map(|item| item.get("asked_at")).collect();
        assert_eq!(windows.len(), 2, "of the address, and of the place");
        assert!(windows.iter().all(|times| times.as_array().map(Vec::len) == Some(asked)), "{windows:?}");
    }
}

// RULE: RC-05, EV-01
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_the_notice_is_not_written_no_codes_come_out() {
    let roster = Roster::start().await;
    let (team, ann) = scene(&roster, "notice").await;
    let root = &team.root.caller;
    let theirs = format!("/v1/users/{}/recovery-codes", ann.id);
    let accesses = [
        ("view-codes", root, format!("{theirs}/view"), json!({})),
        ("issue-codes", root, theirs, json!({ "confirm": true })),
        ("own-codes", &ann.caller, "/v1/me/recovery-codes/view".to_owned(), json!({})),
        ("own-codes", &ann.caller, "/v1/me/recovery-codes".to_owned(), json!({})),
    ];
    for (function, by, path, body) in accesses {
        let clean = by.post(&path, body.clone()).await.expect(200);
        assert_eq!(clean.body["recovery_codes"].as_array().map(Vec::len), Some(10));
        let notices = roster.history(&team.account_id).await;
        let is_notice = |fact: &&Value| {
            fact["request_id"] == clean.request_id()
                && [CODES_VIEWED, CODES_ISSUED].iter().any(|kind| fact["type"] == *kind)
        };
        assert_eq!(notices.iter().filter(is_notice).count(), 1, "{path}: no codes without a notice");
        let calls = roster.calls(&clean, By::Operation).await;
        let writes = calls.iter().filter(|call| [TRANSACT.1, PUT.1].contains(&call.operation.as_str()));
        assert_eq!(writes.count(), 1, "{path}: access and notice are one write");
        let before = roster.effects().await;
        let mut met = 0;
        for call in [TRANSACT, PUT] {
            for kind in ["before", "throttle", "conflict"] {
                roster.break_call(&Fault { function, call, kind, which: Which::Every(1) }).await;
                let reply = by.post(&path, body.clone()).await;
                let hits = roster.mend().await;
                if hits > 0 {
                    met += 1;
                    assert_eq!(reply.clone().refused(503, "busy").body["recovery_codes"], Value::Null);
                    let nothing = roster.effects().await.since(&before);
                    assert!(nothing.is_none(), "{path} {call:?} {kind} leaves {nothing:?}");
                } else {
                    reply.expect(200);
                    assert_eq!(call, PUT, "{path} writes by a transaction");
                    break;
                }
            }
        }
        assert!(met >= 3, "{path}: the refusals are met");
        roster.stack.settle().await;
    }
}

// RULE: RC-05, EV-03
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_notice_outlives_a_bus_that_is_down() {
    let roster = Roster::start().await;
    let (team, ann) = scene(&roster, "bus").await;
    let viewed = async || roster.subjects(&ann.email).await.iter().filter(|it| *it == VIEWED).count();
    let before = viewed().await;
    let fault =
        Fault { function: "publish-events", call: PUT_EVENTS, kind: "before", which: Which::Every(1) };
    roster.break_call(&fault).await;
    let path = format!("/v1/users/{}/recovery-codes/view", ann.id);
    team.root.caller.post(&path, json!({})).await.expect(200);
    let mut hits = 0;
    for _ in 0..LOOKS_MAX {
        let faults = roster.caller().get("/_local/faults").await.expect(200).body;
        hits = faults["data"][0]["hits"].as_u64().unwrap_or_default();
        if hits > 0 {
            break;
        }
    }
    assert!(hits > 0, "{fault:?} is met");
    assert_eq!(viewed().await, before, "the bus is down");
    roster.mend().await;
    roster.stack.settle().await;
    assert_eq!(viewed().await, before + 1, "it is back");
    assert_eq!(roster.facts_of(&team.account_id, CODES_VIEWED).await.len(), 1);
}
