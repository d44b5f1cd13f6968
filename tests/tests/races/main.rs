//! Races over HTTP: whoever is quicker, the outcome is one that the rules allow. Each is run many times, and counts
//! how often a caller was told that the product is busy.
#![allow(clippy::expect_used, clippy::panic)]

mod actors;
mod codes;
mod desk;
mod invitations;
mod roots;
mod seats;
mod sessions;

use local::Options;
use tests::Roster;

async fn roster() -> Roster {
    Roster::start().await
}

async fn roster_with(options: Options) -> Roster {
    Roster::start_with(options).await
}

/// How often each race is run.
const ROUNDS: usize = 50;
