//! Deleting many, round by round: cut off and repeated, and by somebody who loses the right.

use std::time::Duration;

use futures_util::future::join;
use local::Options;
use serde_json::json;
use tests::Roster;

use crate::bulk_deletion::{delete, invited, outcomes};
use crate::rounds::let_commits_through;

// RULE: AU-04, AP-02
#[tokio::test]
async fn what_is_cut_off_stays_done_and_the_same_call_again_is_told_of_all() {
    let roster = Roster::start().await;
    let team = roster.team("many").await.on_pro().await;
    let ids = invited(&team, 20).await;
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let keyed = team.root.caller.with_header("idempotency-key", "cut");
    let_commits_through(&roster, "delete-many", 1).await;
    delete(&keyed, &ids).await.refused(503, "busy");
    roster.mend().await;
    assert_eq!(team.seats().await["pending"], 12, "a whole round");
    roster.assert_counts_hold(&team.account_id).await;
    delete(&keyed, &ids[..19]).await.refused(422, "idempotency_mismatch");
    let reply = delete(&keyed, &ids).await.expect(200);
    assert_eq!(outcomes(&reply), ids.iter().map(|id| (*id, "deleted")).collect::<Vec<_>>());
    assert_eq!(roster.facts_of(&team.account_id, "invitation.revoked").await.len(), 20);
    roster.assert_counts_hold(&team.account_id).await;
}

// RULE: AU-04, RO-05, RO-07
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_loses_the_right_on_the_way_deletes_nobody_more() {
    let options = Options { aws_latency: Duration::from_millis(30), ..Options::default() };
    let roster = Roster::start_with(options).await;
    let team = roster.team("many").await.on_pro().await;
    let adam = team.member("adam@many.test", "admin").await;
    let ids = invited(&team, 100).await;
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let demote = async {
        while team.seats().await["pending"] == 100 {}
        let role = format!("/v1/users/{}/role", adam.id);
        team.root.caller.put(&role, json!({ "role": "monitor" })).await.expect(200);
        team.seats().await["pending"].as_u64().expect("a number")
    };
    let (reply, pending) = join(delete(&adam.caller, &ids), demote).await;
    reply.refused(403, "insufficient_role");
    assert_eq!(team.seats().await["pending"], json!(pending), "not one fewer");
    assert!(pending > 0 && pending < 100, "{pending}");
    roster.assert_counts_hold(&team.account_id).await;
}
