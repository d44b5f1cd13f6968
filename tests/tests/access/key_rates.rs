//! How many requests a minute the API keys of an account make together.

use futures_util::StreamExt;
use futures_util::stream;
use serde_json::json;
use tests::{Caller, Reply, Roster};

const AT_ONCE: usize = 8;

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
async fn the_keys_of_an_account_make_10_requests_a_minute_together_on_free_and_100_on_pro() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let dev = team.member("dev@acme.test", "developer").await;
    let (roots, devs, second) =
        (team.root.key("root's").await, dev.key("dev's").await, dev.key("another").await);
    let keys = [&roots.caller, &devs.caller, &second.caller];
    let others = roster.team("other").await.root.key("of others").await;
    for (plan, requests_a_minute) in [("free", 10), ("pro", 100)] {
        if plan != "free" {
            team.take(plan).await;
        }
        to_the_next_minute(&roster).await;
        let ask = json!({ "action": "resources.read" });
        for _ in 0..3 {
            devs.caller.post("/v1/authorize", ask.clone()).await.expect(200);
        }
        let replies = read_oneself(&keys, requests_a_minute).await;
        assert!(replies.iter().all(|reply| reply.status == 200), "{plan}: questions are not counted");
        for key in keys {
            let refused = key.get("/v1/me").await.refused(429, "rate_limited");
            let seconds: i64 = refused.header("retry-after").expect("a time").parse().expect("seconds");
            assert!((1..=60).contains(&seconds), "{seconds}");
        }
        devs.caller.put("/v1/resources/agents/crm", json!({ "name": 1 })).await.refused(429, "rate_limited");
        devs.caller.post("/v1/authorize", ask).await.expect(200);
        dev.caller.get("/v1/me").await.expect(200);
        others.caller.get("/v1/me").await.expect(200);
    }
    to_the_next_minute(&roster).await;
    devs.caller.get("/v1/me").await.expect(200);
}

// RULE: AP-08
#[tokio::test]
async fn requests_of_sessions_and_of_keys_are_counted_apart() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let dev = team.member("dev@acme.test", "developer").await;
    let key = dev.key("ci").await;
    to_the_next_minute(&roster).await;
    for caller in [&dev.caller, &team.root.caller] {
        for _ in 0..8 {
            caller.get("/v1/me").await.expect(200);
        }
    }
    let replies = read_oneself(&[&key.caller], 10).await;
    assert!(replies.iter().all(|reply| reply.status == 200));
    key.caller.get("/v1/me").await.refused(429, "rate_limited");
}
