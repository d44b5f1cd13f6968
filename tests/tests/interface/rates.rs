//! How many requests a minute, and how many invitations an hour.

use futures_util::StreamExt;
use futures_util::stream;
use runtime::Credential;
use serde_json::json;
use tests::{Caller, Reply, Roster, invitee};

const REQUESTS_A_MINUTE: usize = 600;
/// Requests under way at a time.
const AT_ONCE: usize = 16;

/// So many reads of oneself.
async fn read_oneself(callers: &[&Caller], times: usize) -> Vec<Reply> {
    let calls = (0..times).map(|n| callers[n % callers.len()].get("/v1/me"));
    stream::iter(calls).buffer_unordered(AT_ONCE).collect().await
}

/// The first instant of the next minute, so that a whole one lies ahead.
async fn to_the_next_minute(roster: &Roster) {
    let seconds = 60 - roster.stack.clock().now().timestamp().rem_euclid(60);
    roster.advance(&format!("{seconds}s")).await;
}

// RULE: AP-08
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_user_makes_600_requests_a_minute_over_all_sessions_together() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let ann = team.member("ann@acme.test", "developer").await;
    let second = roster.sign_in("ann@acme.test").await;
    to_the_next_minute(&roster).await;
    let replies = read_oneself(&[&ann.caller, &second.caller], REQUESTS_A_MINUTE).await;
    assert!(replies.iter().all(|reply| reply.status == 200));
    for caller in [&ann.caller, &second.caller] {
        let refused = caller.get("/v1/me").await.refused(429, "rate_limited");
        let seconds: i64 = refused.header("retry-after").expect("a time").parse().expect("seconds");
        assert!((1..=60).contains(&seconds));
    }
    ann.caller.post("/v1/users", invitee("x", "x")).await.refused(429, "rate_limited");
    team.root.caller.get("/v1/me").await.expect(200);
    to_the_next_minute(&roster).await;
    ann.caller.get("/v1/me").await.expect(200);
}

// RULE: AP-08
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_uses_up_anothers_requests_with_a_credential_that_is_made_up() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let genuine = Credential::parse(team.root.caller.token()).expect("a credential");
    let tag = domain::RateTag::new(genuine.rate_tag().bits() ^ 1);
    let forged = Credential::issue(genuine.account_id, genuine.user_id, genuine.id, tag, [7; 32]).expose();
    let forged = roster.caller().with_token(&forged);
    to_the_next_minute(&roster).await;
    let replies = read_oneself(&[&forged], REQUESTS_A_MINUTE + 1).await;
    assert!(replies.iter().all(|reply| reply.status == 401), "whoever is nobody is told nothing of limits");
    team.root.caller.get("/v1/me").await.expect(200);
}

async fn authorize(by: &Caller) {
    by.post("/v1/authorize", json!({ "action": "users.read" })).await.expect(200);
}

fn is_limited(reply: Reply) {
    let refused = reply.refused(429, "rate_limited");
    let seconds: i64 = refused.header("retry-after").expect("a time").parse().expect("seconds");
    assert!((1..=60).contains(&seconds));
}

// RULE: AP-08, AC-07
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_keys_of_an_account_together_make_as_many_requests_a_minute_as_its_plan_says() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let ann = team.member("ann@acme.test", "developer").await;
    let other = roster.team("other").await.root.key("theirs").await.caller;
    let keys = [team.root.key("one").await.caller, ann.key("two").await.caller];
    for (plan, requests) in [("free", 10), ("pro", 100), ("team", 300)] {
        if plan != "free" {
            team.take(plan).await;
        }
        to_the_next_minute(&roster).await;
        // Questions of other services are not counted, nor is what people do.
        for key in &keys {
            authorize(key).await;
        }
        read_oneself(&[&team.root.caller, &ann.caller], requests / 2).await;
        let replies = read_oneself(&[&keys[0], &keys[1]], requests).await;
        assert!(replies.iter().all(|reply| reply.status == 200), "{plan}");
        for key in &keys {
            is_limited(key.get("/v1/me").await);
            // Before anything is read or done.
            is_limited(key.post("/v1/users", json!({})).await);
            authorize(key).await;
        }
        for caller in [&team.root.caller, &ann.caller, &other] {
            caller.get("/v1/me").await.expect(200);
        }
    }
    to_the_next_minute(&roster).await;
    for key in &keys {
        key.get("/v1/me").await.expect(200);
    }
}

// RULE: AP-08, AC-07
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_uses_up_an_accounts_requests_with_a_key_that_is_made_up_or_dead() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let (key, dead) = (team.root.key("live").await, team.root.key("dead").await);
    team.root.caller.delete(&format!("/v1/me/api-keys/{}", dead.id)).await.expect(204);
    let genuine = Credential::parse(key.caller.token()).expect("a credential");
    let tag = domain::RateTag::new(genuine.rate_tag().bits() ^ 1);
    let forged = Credential::issue(genuine.account_id, genuine.user_id, genuine.id, tag, [7; 32]).expose();
    let forged = roster.caller().with_token(&forged);
    to_the_next_minute(&roster).await;
    let replies = read_oneself(&[&forged], 20).await;
    assert!(replies.iter().all(|reply| reply.status == 401));
    dead.caller.get("/v1/me").await.refused(401, "unauthenticated");
    key.caller.get("/v1/me").await.expect(200);
}

// RULE: IN-22, IN-21
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_on_free_creates_50_invitations_an_hour_and_refusals_do_not_count() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let kept = team.pending("kept@acme.test", "monitor").await;
    let root = &team.root.caller;
    for n in 1..50 {
        let id = team.pending(&format!("u{n}@acme.test"), "monitor").await;
        team.invite("kept@acme.test", "monitor").await.refused(409, "invitation_pending");
        root.delete(&format!("/v1/users/{id}?confirm=true")).await.expect(204);
    }
    let refused = team.invite("one-more@acme.test", "monitor").await.refused(429, "rate_limited");
    let seconds: i64 = refused.header("retry-after").expect("a time").parse().expect("seconds");
    assert!((1..=3600).contains(&seconds));
    assert_eq!(roster.mails("one-more@acme.test").await.len(), 0);
    // The seats are judged first, and so is who is asked for.
    team.invite("kept@acme.test", "monitor").await.refused(409, "invitation_pending");
    root.delete(&format!("/v1/users/{kept}?confirm=true")).await.expect(204);
    roster.advance(&format!("{seconds}s")).await;
    team.pending("a@acme.test", "monitor").await;
    team.pending("b@acme.test", "monitor").await;
    team.invite("c@acme.test", "monitor").await.refused(403, "maximum_users_reached");
    roster.assert_counts_hold(&team.account_id).await;
}
