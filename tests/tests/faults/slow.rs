//! A table that answers, but slowly.

use std::path::Path;
use std::time::Duration;

use local::Options;
use serde_json::json;
use tests::{Roster, invitees};

/// Less than an attempt at a call may take, so that nothing of it counts as failed.
const LATENCY: Duration = Duration::from_millis(1900);

// RULE: AP-01, AP-02, IN-21
#[tokio::test]
async fn who_asks_for_more_than_a_slow_table_gives_in_time_is_told_so_and_goes_on_later() {
    let data = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("slow-{}", std::process::id()));
    let options = |aws_latency| Options { data: Some(data.clone()), aws_latency, ..tests::without_ticks() };
    let roster = Roster::start_with(options(Duration::ZERO)).await;
    let team = roster.team("acme").await.on_pro().await;
    // Whoever is there already is looked at in a step of its own, in each round.
    for n in (0..40).step_by(5) {
        team.pending(&format!("n{n}@acme.test"), "monitor").await;
    }
    let (token, account_id) = (team.root.caller.token().to_owned(), team.account_id.clone());
    roster.stack.settle().await;
    roster.stack.stop().await;

    let rows = || invitees((0..40).map(|n| format!("n{n}@acme.test")));
    let call = async |roster: &Roster| {
        let by = roster.caller().with_token(&token).with_header("idempotency-key", "forty");
        by.post("/v1/users/bulk", rows()).await
    };
    let slow = Roster::start_with(options(LATENCY)).await;
    let reply = call(&slow).await.refused(503, "busy");
    assert!(reply.header("retry-after").is_some());
    slow.stack.stop().await;

    let roster = Roster::start_with(options(Duration::ZERO)).await;
    let reply = call(&roster).await.expect(200);
    assert_eq!(reply.body["results"].as_array().map(Vec::len), Some(40));
    assert_eq!(reply.body["seats"]["pending"], json!(40), "nobody twice");
    roster.assert_counts_hold(&account_id).await;
    roster.stack.stop().await;
    std::fs::remove_dir_all(&data).expect("the folder is ours");
}
