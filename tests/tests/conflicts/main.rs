//! The races once more, where every third transaction meets another one: the outcomes are the same, and whoever is
//! told that the product is busy is one in a hundred at most.
#![allow(clippy::expect_used, clippy::panic)]

#[path = "../races/actors.rs"]
mod actors;
#[path = "../races/invitations.rs"]
mod invitations;
#[path = "../races/roots.rs"]
mod roots;
#[path = "../races/seats.rs"]
mod seats;
#[path = "../races/sessions.rs"]
mod sessions;

use local::Options;
use tests::{Fault, Roster, Which};

/// How often each race is run.
const ROUNDS: usize = 50;

async fn roster() -> Roster {
    roster_with(Options::default()).await
}

async fn roster_with(options: Options) -> Roster {
    let roster = Roster::start_with(options).await;
    let call = ("dynamodb", "TransactWriteItems");
    roster.break_call(&Fault { function: "", call, kind: "conflict", which: Which::Every(3) }).await;
    roster
}

// RULE: AP-02
#[tokio::test]
async fn every_third_transaction_meets_another_one_and_nobody_notices() {
    let roster = roster().await;
    let team = roster.team("conflicts").await.on_pro().await;
    for n in 0..6 {
        team.pending(&format!("n{n}@conflicts.test"), "monitor").await;
    }
    roster.stack.settle().await;
    assert!(roster.mend().await >= 2, "the conflicts are met");
    roster.assert_counts_hold(&team.account_id).await;
}
