//! Two Roots against each other, and several admins at one user.

use std::future::Future;

use serde_json::{Value, json};
use tests::{Caller, Person, Reply, Tally, Team, masked};

use crate::{ROUNDS, roster};

/// What one Root does to the other.
async fn both<C: Future<Output = Reply>>(
    tally: &mut Tally,
    round: usize,
    roots: &[Person; 2],
    act: impl Fn(Caller, String) -> C,
) -> (usize, Reply) {
    let act = |by: usize, on: usize| act(roots[by].caller.clone(), roots[on].id.clone());
    // Who is sent first takes turns.
    let first = round % 2;
    let (one, other) = tokio::join!(act(first, 1 - first), act(1 - first, first));
    let (one, other) = (tally.of(one), tally.of(other));
    match (one.status / 100 == 2, other.status / 100 == 2) {
        (true, false) => (first, other),
        (false, true) => (1 - first, one),
        _ => panic!("exactly one succeeds: {one:#?} {other:#?}"),
    }
}

async fn assert_alone(team: &Team<'_>, winner: &Person) {
    let roots = winner.caller.get("/v1/users?role=root&status=active").await.expect(200).body;
    let ids: Vec<&Value> = roots["data"].as_array().expect("users").iter().map(|root| &root["id"]).collect();
    assert_eq!(ids, [&json!(winner.id)], "one active Root remains: {:#}", masked(&roots));
    team.roster.assert_counts_hold(&team.account_id).await;
}

// RULE: RO-06, RO-07
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_roots_who_delete_each_other_one_remains() {
    let roster = roster().await;
    let team = roster.team("delete").await.on_pro().await;
    let mut tally = Tally::default();
    let mut roots = [team.root.clone(), team.member("ruth@delete.test", "root").await];
    for round in 0..ROUNDS {
        let act =
            |by: Caller, on: String| async move { by.delete(&format!("/v1/users/{on}?confirm=true")).await };
        let (winner, refusal) = both(&mut tally, round, &roots, act).await;
        // The loser is gone, and so is the credential: that comes before anything else.
        refusal.refused(401, "unauthenticated");
        assert_alone(&team, &roots[winner]).await;
        let team = Team { roster: &roster, account_id: team.account_id.clone(), root: roots[winner].clone() };
        let email = roots[1 - winner].email.clone();
        roots[1 - winner] = team.member(&email, "root").await;
    }
    tally.finish();
}

// RULE: RO-06, RO-07, SU-02
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_roots_who_suspend_each_other_one_remains() {
    let roster = roster().await;
    let team = roster.team("suspend").await;
    let mut tally = Tally::default();
    let mut roots = [team.root.clone(), team.member("ruth@suspend.test", "root").await];
    for round in 0..ROUNDS {
        let act = |by: Caller, on: String| async move {
            by.post(&format!("/v1/users/{on}/suspend"), json!({ "confirm": true })).await
        };
        let (winner, refusal) = both(&mut tally, round, &roots, act).await;
        refusal.refused(401, "unauthenticated");
        assert_alone(&team, &roots[winner]).await;
        let loser = roots[1 - winner].clone();
        roots[winner].caller.post(&format!("/v1/users/{}/reactivate", loser.id), json!({})).await.expect(200);
        // A code of the app is good once.
        roster.advance("30s").await;
        roots[1 - winner] = roster.sign_in(&loser.email).await;
    }
    tally.finish();
}

// RULE: RO-04, RO-05, RO-06, RO-07
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_roots_who_demote_each_other_one_remains() {
    let roster = roster().await;
    let team = roster.team("demote").await;
    let mut tally = Tally::default();
    let roots = [team.root.clone(), team.member("ruth@demote.test", "root").await];
    for round in 0..ROUNDS {
        let (role, code) = match round / 2 % 2 {
            0 => ("admin", "admin_cannot_modify_root"),
            _ => ("developer", "insufficient_role"),
        };
        let act = |by: Caller, on: String| async move {
            by.put(&format!("/v1/users/{on}/role"), json!({ "role": role })).await
        };
        let (winner, refusal) = both(&mut tally, round, &roots, act).await;
        // The loser still is somebody, in the new role.
        refusal.refused(403, code);
        assert_alone(&team, &roots[winner]).await;
        let path = format!("/v1/users/{}/role", roots[1 - winner].id);
        roots[winner].caller.put(&path, json!({ "role": "root" })).await.expect(200);
    }
    tally.finish();
}

// RULE: RO-05, EV-01, AP-03
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_changes_to_one_user_at_once_none_is_lost() {
    let roster = roster().await;
    let team = roster.team("changes").await.on_pro().await;
    let crowd = roster.crowd(6);
    let mut tally = Tally::default();
    let target = team.member("tom@changes.test", "monitor").await;
    for _ in 0..ROUNDS {
        let replies = crowd.at_once(|n, caller| {
            let caller = caller.with_token(team.root.caller.token());
            let role = ["developer", "billing", "monitor"][n % 3];
            let path = format!("/v1/users/{}/role", target.id);
            async move { caller.put(&path, json!({ "role": role })).await }
        });
        let (_, refused) = tally.sort(replies.await, 200);
        assert!(refused.is_empty(), "{refused:#?}");
    }
    // Each entry goes on where the one before it ended, and no version is there twice.
    let facts = roster.facts(&team.account_id).await;
    let mut changes: Vec<&Value> = facts.iter().filter(|fact| fact["type"] == "user.role_changed").collect();
    changes.sort_by_key(|fact| fact["target_version"].as_u64());
    assert!(changes.len() > ROUNDS, "{} changes are too few for a race", changes.len());
    for pair in changes.windows(2) {
        let version = |fact: &Value| fact["target_version"].as_u64().expect("a version");
        assert_eq!(version(pair[0]) + 1, version(pair[1]), "{pair:#?}");
        assert_eq!(pair[0]["after"]["role"], pair[1]["before"]["role"], "{pair:#?}");
    }
    let user = team.root.caller.get(&format!("/v1/users/{}", target.id)).await.expect(200).body;
    let last = changes.last().expect("a change");
    assert_eq!((&user["version"], &user["role"]), (&last["target_version"], &last["after"]["role"]));
    tally.finish();
}
