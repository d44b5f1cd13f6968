//! The races once more, where every third transaction meets another one: the outcomes are the same, and whoever is
//! told that the product is busy is one in a hundred at most.
#![allow(clippy::expect_used, clippy::panic)]

#[path = "../races/actors.rs"]
mod actors;
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
