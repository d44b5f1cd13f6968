//! Guessing and flooding end early.

use futures_util::future::join_all;
use serde_json::{Value, json};
use tests::{Caller, PASSWORD, Reply, Roster};

const WRONG: &str = "not-the-password-of-anybody";

async fn sign_in(caller: &Caller, email: &str, password: &str) -> Reply {
    caller.post("/v1/sessions", json!({ "email": email, "password": password })).await
}

async fn fail(caller: &Caller, email: &str, times: usize) {
    for _ in 0..times {
        sign_in(caller, email, WRONG).await.refused(401, "invalid_credentials");
    }
}

fn retry_after(reply: &Reply) -> i64 {
    reply.header("retry-after").expect("when to try again").parse().expect("whole seconds")
}

// RULE: AC-03
#[tokio::test]
async fn five_failures_lock_the_address_from_there_for_longer_and_longer() {
    let roster = Roster::start().await;
    roster.team("acme").await.member("dev@acme.test", "developer").await;
    let (here, email) = (roster.caller(), "dev@acme.test");
    fail(&here, email, 5).await;
    let locked = sign_in(&here, email, PASSWORD).await.refused(429, "locked");
    assert!((880..=900).contains(&retry_after(&locked)), "15 minutes, the right password included");
    let forwarded =
        here.with_header("x-forwarded-for", "203.0.113.9").with_header("forwarded", "for=203.0.113.9");
    sign_in(&forwarded, email, PASSWORD).await.refused(429, "locked");
    sign_in(&roster.caller(), email, PASSWORD).await.expect(201);

    roster.advance("15m").await;
    fail(&here, email, 5).await;
    let locked = sign_in(&here, email, PASSWORD).await.refused(429, "locked");
    assert!((1780..=1800).contains(&retry_after(&locked)), "the second lock is twice as long");
    roster.advance("20m").await;
    sign_in(&here, email, PASSWORD).await.refused(429, "locked");
    roster.advance("10m").await;
    sign_in(&here, email, PASSWORD).await.expect(201);
    fail(&here, email, 4).await;
    sign_in(&here, email, PASSWORD).await.expect(201);
}

// RULE: AC-03, AC-12
#[tokio::test]
async fn an_address_that_nobody_has_is_locked_alike() {
    let roster = Roster::start().await;
    roster.team("acme").await;
    let mut seen: Vec<Vec<Value>> = Vec::new();
    for email in ["root@acme.test", "nobody@acme.test"] {
        let here = roster.caller();
        let mut replies = Vec::new();
        for _ in 0..7 {
            let mut reply = sign_in(&here, email, WRONG).await;
            if reply.status == 429 {
                assert!((880..=900).contains(&retry_after(&reply)));
                reply.body["detail"] = "<seconds>".into();
            }
            replies.push(json!([reply.alike(), roster.effort(&reply).await]));
        }
        seen.push(replies);
    }
    assert_eq!(seen[0], seen[1]);
    assert_eq!(seen[0][4][0]["status"], 401);
    assert_eq!(seen[0][5][0]["status"], 429);
}

// RULE: AC-03
#[tokio::test]
async fn guesses_at_the_same_time_do_not_get_past_the_fifth() {
    let roster = Roster::start().await;
    roster.team("acme").await;
    let here = roster.caller();
    let replies = join_all((0..16).map(|_| sign_in(&here, "root@acme.test", WRONG))).await;
    let judged = replies.iter().filter(|reply| reply.code() == "invalid_credentials").count();
    assert!(judged <= 5, "{judged} guesses were judged");
    assert!(replies.iter().all(|reply| [401, 429, 503].contains(&reply.status)));
    fail(&here, "root@acme.test", 5 - judged).await;
    sign_in(&here, "root@acme.test", PASSWORD).await.refused(429, "locked");
}

// RULE: AC-03
#[tokio::test]
async fn a_hundred_failures_a_day_lock_the_address_from_anywhere() {
    let roster = Roster::start().await;
    roster.team("acme").await;
    for _ in 0..25 {
        fail(&roster.caller(), "root@acme.test", 4).await;
    }
    let locked = sign_in(&roster.caller(), "root@acme.test", PASSWORD).await.refused(429, "locked");
    assert!(retry_after(&locked) <= 900);
    roster.advance("15m").await;
    sign_in(&roster.caller(), "root@acme.test", PASSWORD).await.expect(200);
    sign_in(&roster.caller(), "root@acme.test", WRONG).await.refused(401, "invalid_credentials");
    sign_in(&roster.caller(), "root@acme.test", PASSWORD).await.refused(429, "locked");
    roster.advance("24h").await;
    fail(&roster.caller(), "root@acme.test", 1).await;
    sign_in(&roster.caller(), "root@acme.test", PASSWORD).await.expect(200);
}

// RULE: AC-03, AC-08
#[tokio::test]
async fn a_password_that_is_set_by_a_mailed_link_is_not_kept_waiting_for_wrong_ones_before_it() {
    let roster = Roster::start().await;
    roster.team("acme").await.member("dev@acme.test", "developer").await;
    let (here, email) = (roster.caller(), "dev@acme.test");
    for _ in 0..18 {
        fail(&roster.caller(), email, 5).await;
    }
    let elsewhere = roster.caller();
    fail(&elsewhere, email, 5).await;
    fail(&here, email, 5).await;
    sign_in(&here, email, PASSWORD).await.refused(429, "locked");
    here.post("/v1/password-resets", json!({ "email": email })).await.expect(202);
    let token = roster.reset_tokens(email).await.into_iter().next().expect("a link was mailed");
    let reset = |token: &str| json!({ "token": token, "password": "marble-otter-71-lantern" });
    elsewhere.post("/v1/password-resets/confirm", reset("none")).await.refused(404, "token_invalid");
    sign_in(&here, email, PASSWORD).await.refused(429, "locked");
    here.post("/v1/password-resets/confirm", reset(&token)).await.expect(204);
    sign_in(&elsewhere, email, "marble-otter-71-lantern").await.refused(429, "locked");
    sign_in(&here, email, "marble-otter-71-lantern").await.expect(201);
    fail(&roster.caller(), email, 1).await;
    sign_in(&here, email, "marble-otter-71-lantern").await.expect(201);
}

// RULE: AC-03
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn failures_elsewhere_do_not_stand_in_the_owners_way_and_answer_in_time() {
    let roster = Roster::start().await;
    roster.team("acme").await;
    let strangers: Vec<Caller> = (0..60).map(|_| roster.caller()).collect();
    let owner = roster.caller();
    let failures = join_all(strangers.iter().map(|caller| sign_in(caller, "root@acme.test", WRONG)));
    let (failures, session) = tokio::join!(failures, sign_in(&owner, "root@acme.test", PASSWORD));
    session.expect(200);
    for failure in failures {
        let busy = failure.status == 503 && failure.code() == "busy" && retry_after(&failure) > 0;
        assert!(busy || failure.code() == "invalid_credentials", "{} {:#}", failure.status, failure.body);
    }
}

async fn sign_up(caller: &Caller, email: &str) -> Reply {
    let body = json!({ "account_name": "Acme", "email": email, "first_name": "Robin", "last_name": "Root" });
    caller.post("/v1/accounts", body).await
}

// RULE: AC-03, IN-17
#[tokio::test]
async fn an_address_gets_three_sign_up_mails_an_hour_from_wherever_they_are_asked_for() {
    let roster = Roster::start().await;
    for email in ["robin@acme.test", "Robin@Acme.test", " robin@acme.TEST"] {
        sign_up(&roster.caller(), email).await.expect(202);
    }
    let before = roster.dump().await;
    let refused = sign_up(&roster.caller(), "robin@acme.test").await.refused(429, "locked");
    assert!((3500..=3600).contains(&retry_after(&refused)));
    assert_eq!(roster.dump().await, before, "nothing is written");
    assert_eq!(roster.mails("robin@acme.test").await.len(), 3);
    roster.advance("1h").await;
    sign_up(&roster.caller(), "robin@acme.test").await.expect(202);
}

// RULE: AC-03
#[tokio::test]
async fn a_source_address_gets_twenty_sign_up_mails_an_hour_whatever_it_claims_to_forward() {
    let roster = Roster::start().await;
    let here = roster.caller();
    for n in 0..20 {
        let claimed = here.with_header("x-forwarded-for", &format!("203.0.113.{n}"));
        sign_up(&claimed, &format!("robin{n}@acme.test")).await.expect(202);
    }
    let claimed =
        here.with_header("x-forwarded-for", "203.0.113.99").with_header("x-real-ip", "203.0.113.99");
    sign_up(&claimed, "robin20@acme.test").await.refused(429, "locked");
    assert!(roster.mails("robin20@acme.test").await.is_empty());
    sign_up(&roster.caller(), "robin20@acme.test").await.expect(202);
    roster.advance("1h").await;
    sign_up(&here, "robin21@acme.test").await.expect(202);
}
