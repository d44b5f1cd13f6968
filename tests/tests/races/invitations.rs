//! Invitations that are sent again or revoked while somebody accepts them.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use tests::{PASSWORD, Tally, Team};

use crate::{ROUNDS, roster};

/// By how much the head start changes from race to race.
const STEP: Duration = Duration::from_millis(20);

/// Somebody accepts, and at the same time an admin does this to their invitation; the replies.
async fn race(name: &str, method: Method, done: u16) {
    let roster = roster().await;
    let team = roster.team(name).await.on_pro().await;
    let mut tally = Tally::default();
    let mut invited = Vec::new();
    for round in 0..ROUNDS {
        let address = format!("n{round}@{name}.test");
        invited.push((team.pending(&address, "developer").await, address));
    }
    // A minute later an invitation may be sent again.
    roster.advance("61s").await;
    let (mut accepted, mut undone) = (0, 0);
    // To accept takes longer: whoever lost the last time begins earlier.
    let mut head_start = Duration::ZERO;
    let crowd = roster.crowd(2);
    for (id, address) in invited {
        let token = roster.token_for(&address).await;
        let (team, id, method) = (&team, &id, &method);
        let replies = crowd
            .at_once(|n, caller| {
                let (token, root) = (token.clone(), caller.with_token(team.root.caller.token()));
                async move {
                    if n == 0 {
                        let body = json!({ "token": token, "password": PASSWORD });
                        return caller.post("/v1/invitations/accept", body).await;
                    }
                    tokio::time::sleep(head_start).await;
                    root.call(method.clone(), &format!("/v1/users/{id}/invitation"), None).await
                }
            })
            .await;
        if replies.iter().any(|reply| tally.is_busy(reply)) {
            continue;
        }
        match [replies[0].status, replies[1].status] {
            [201, 409] => {
                accepted += 1;
                head_start = head_start.saturating_sub(STEP);
            }
            [404, other] if other == done => {
                undone += 1;
                head_start += STEP;
            }
            other => panic!("{other:?}: {:#} {:#}", replies[0].body, replies[1].body),
        }
    }
    println!("{name}: {accepted} accepted, {undone} not");
    assert!(accepted > 0 && undone > 0, "a race that one always wins is none");
    assert_counts(team, accepted).await;
    tally.finish();
}

async fn assert_counts(team: Team<'_>, accepted: u64) {
    let seats: Value = team.seats().await;
    assert!(seats["active"].as_u64() >= Some(accepted + 1), "{seats:#}");
    team.roster.assert_counts_hold(&team.account_id).await;
}

// RULE: IN-07, IN-12, IN-13
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_an_acceptance_and_a_resend_at_once_one_wins() {
    race("resend", Method::POST, 200).await;
}

// RULE: IN-09, IN-12, PS-10
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_an_acceptance_and_a_revocation_at_once_one_wins() {
    race("revoke", Method::DELETE, 204).await;
}
