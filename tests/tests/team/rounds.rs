//! Inviting many at once, round by round: cut off and repeated, at the same time as others, by somebody who loses the right.

use std::collections::BTreeSet;
use std::ops::Range;
use std::time::Duration;

use futures_util::future::join;
use local::Options;
use serde_json::json;
use tests::{Caller, Fault, Roster, Which, invitee, invitees};

use crate::bulk::{FUNCTION, addresses, invite, invite_under, mails, outcomes};

const COMMIT: (&str, &str) = ("dynamodb", "TransactWriteItems");
/// More commits than any call makes.
const COMMITS_MAX: usize = 40;
/// Rows that one commit makes.
const ROWS_A_ROUND: usize = 8;

/// So many commits of the function's next call go through, and no more.
pub(crate) async fn let_commits_through(roster: &Roster, function: &str, commits: usize) {
    for nth in commits + 1..COMMITS_MAX {
        let fault = Fault { function, call: COMMIT, kind: "before", which: Which::Nth(nth) };
        roster.break_call(&fault).await;
    }
}

/// A call of which so many commits go through and no more.
async fn cut_off(roster: &Roster, by: &Caller, commits: usize, rows: Range<usize>) {
    let_commits_through(roster, FUNCTION, commits).await;
    invite(by, invitees(addresses(rows))).await.refused(503, "busy");
    roster.mend().await;
}

/// Everybody at these addresses got one mail.
async fn assert_mailed_once(roster: &Roster, rows: Range<usize>) {
    let mails = mails(roster).await;
    for address in addresses(rows) {
        assert_eq!(mails.get(&address), Some(&1), "{address}");
    }
}

// RULE: IN-21, AP-02, IN-02, EV-03
#[tokio::test]
async fn of_three_hundred_in_three_calls_one_is_cut_off_and_repeated_and_each_is_invited_once() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await.on_pro().await;
    let root = &team.root.caller;
    for (call, rows) in [0..100, 100..200, 200..300].into_iter().enumerate() {
        let key = format!("call {call}");
        let keyed = root.with_header("idempotency-key", &key);
        let body = invitees(addresses(rows.clone()));
        if call == 1 {
            cut_off(&roster, &keyed, 3, rows.clone()).await;
            assert_eq!(team.seats().await["pending"], json!(100 + 3 * ROWS_A_ROUND), "whole rounds");
            roster.assert_counts_hold(&team.account_id).await;
        }
        let reply = invite_under(&key, root, body.clone()).await.expect(200);
        assert_eq!(outcomes(&reply), ["invited"; 100]);
        assert_eq!(BTreeSet::from_iter(reply.user_ids()).len(), 100);
        let again = invite(&keyed, body).await.expect(200);
        assert_eq!(again.header("idempotent-replayed"), Some("true"));
        assert_eq!(again.body, reply.body);
    }
    assert_eq!(team.seats().await["pending"], 300);
    roster.assert_counts_hold(&team.account_id).await;
    assert_eq!(roster.facts_of(&team.account_id, "user.invited").await.len(), 300);
    assert_mailed_once(&roster, 0..300).await;
}

// RULE: IN-21, AP-02
#[tokio::test]
async fn a_call_that_is_under_way_holds_its_key_and_one_without_a_key_is_told_what_is_pending() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await.on_pro().await;
    let root = &team.root.caller;
    let keyed = root.with_header("idempotency-key", "k");
    cut_off(&roster, &keyed, 1, 0..20).await;
    invite(&keyed, invitees(addresses(0..19))).await.refused(422, "idempotency_mismatch");
    let other = keyed.post("/v1/users", invitee("x@many.test", "monitor")).await;
    other.refused(422, "idempotency_mismatch");
    // Meanwhile somebody accepts, and somebody is invited by another call.
    roster.accept("n0@many.test").await;
    let n19 = team.pending("n19@many.test", "monitor").await;
    let reply = invite(&keyed, invitees(addresses(0..20))).await.expect(200);
    let expected = [vec!["invited"; 19], vec!["invitation_pending"]].concat();
    assert_eq!(outcomes(&reply), expected);
    assert_eq!(reply.body["results"][19]["user_id"], json!(n19));
    assert_mailed_once(&roster, 0..20).await;

    cut_off(&roster, root, 1, 20..40).await;
    let reply = invite(root, invitees(addresses(20..40))).await.expect(200);
    let expected = [vec!["invitation_pending"; ROWS_A_ROUND], vec!["invited"; 12]].concat();
    assert_eq!(outcomes(&reply), expected, "without a key nobody knows whose they are");
    assert_mailed_once(&roster, 20..40).await;

    // A day later the key is free, and what it once stood for is not its own any more.
    cut_off(&roster, &root.with_header("idempotency-key", "late"), 1, 40..60).await;
    roster.advance("86401s").await;
    let root = roster.sign_in(&team.root.email).await.caller.with_header("idempotency-key", "late");
    let reply = invite(&root, invitees(addresses(40..60))).await.expect(200);
    let expected = [vec!["invitation_pending"; ROWS_A_ROUND], vec!["invited"; 12]].concat();
    assert_eq!(outcomes(&reply), expected);
    roster.assert_counts_hold(&team.account_id).await;
}

// RULE: IN-21, IN-16, AP-02
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_at_once_invite_each_address_once() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await.on_pro().await;
    let root = &team.root.caller;
    let (first, second) = join(
        invite_under("first", root, invitees(addresses(0..60))),
        invite_under("second", root, invitees(addresses(40..100).collect::<Vec<_>>().into_iter().rev())),
    )
    .await;
    let (first, second) = (first.expect(200), second.expect(200));
    let second: Vec<&str> = outcomes(&second).into_iter().rev().collect();
    for (n, pair) in outcomes(&first)[40..].iter().zip(&second[..20]).enumerate() {
        let mut pair = [*pair.0, *pair.1];
        pair.sort_unstable();
        assert_eq!(pair, ["invitation_pending", "invited"], "n{}", n + 40);
    }
    assert_eq!(team.seats().await["pending"], 100);

    // Now and then another transaction is in the way, so that now one twin is ahead and now the other.
    let fault = Fault { function: FUNCTION, call: COMMIT, kind: "conflict", which: Which::Every(3) };
    roster.break_call(&fault).await;
    let body = invitees(addresses(100..200));
    let (one, other) =
        join(invite_under("twins", root, body.clone()), invite_under("twins", root, body)).await;
    let (one, other) = (one.expect(200), other.expect(200));
    assert_eq!(outcomes(&one), ["invited"; 100]);
    assert_eq!(one.body, other.body);
    assert_eq!(team.seats().await["pending"], 200);
    roster.assert_counts_hold(&team.account_id).await;
    assert_mailed_once(&roster, 0..200).await;
}

// RULE: RO-07, IN-21, RO-05
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_loses_the_right_on_the_way_is_refused_and_what_is_done_stays() {
    let options = Options { aws_latency: Duration::from_millis(30), ..Options::default() };
    let roster = Roster::start_with(options).await;
    let team = roster.team("acme").await.on_pro().await;
    let adam = team.member("adam@many.test", "admin").await;
    let demote = async {
        while team.seats().await["pending"] == 0 {}
        let role = format!("/v1/users/{}/role", adam.id);
        team.root.caller.put(&role, json!({ "role": "monitor" })).await.expect(200);
        team.seats().await["pending"].as_u64().expect("a number")
    };
    let keyed = adam.caller.with_header("idempotency-key", "k");
    let (reply, pending) = join(invite(&keyed, invitees(addresses(0..100))), demote).await;
    reply.refused(403, "insufficient_role");
    assert_eq!(team.seats().await["pending"], json!(pending), "not one more");
    assert!(pending > 0 && pending < 100 && pending.is_multiple_of(8), "whole rounds: {pending}");
    invite(&keyed, invitees(addresses(0..100))).await.refused(403, "insufficient_role");
    roster.assert_counts_hold(&team.account_id).await;
}
