//! Two hundred actors on one account, all at once and by chance: whatever they do, in the end everything fits together.
#![allow(clippy::expect_used, clippy::panic)]

mod history;
mod proof;

use serde_json::json;
use tests::{Crew, Load, Roster, Size, Until, invitees};

/// What the actors draw follows from it.
const SEED: u64 = 0x0020_2611_2400;
const SIZE: Size = Size { accounts: 1, members: 24, actors: 200, hashes_max: 130 };
/// Between two of them time moves.
const ROUNDS: usize = 4;
/// What each actor does in a round.
const STEPS: usize = 2;
/// The round in whose midst a day is over.
const ROUND_OF_DEADLINES: usize = 2;
/// Invitations whose day is over then, and members whose departure is.
const LATE: usize = 40;
const DEPARTING: usize = 3;

/// Says with which seed a test failed.
struct Seeded;

impl Drop for Seeded {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("SEED = {SEED:#x}");
        }
    }
}

/// Invitations and departures that are over after a day; the instant.
async fn what_ends_after_a_day(roster: &Roster, crew: &Crew) -> chrono::DateTime<chrono::Utc> {
    let root = roster.sign_in(&crew.root).await.caller;
    root.patch("/v1/account", json!({ "invitation_lifetime_days": 1 })).await.expect(200);
    for n in 0..DEPARTING {
        let found = root.get(&format!("/v1/users?email={}", crew.member(n))).await.expect(200).body;
        let path = format!("/v1/users/{}/departure", found["data"][0]["id"].as_str().expect("an identifier"));
        root.post(&path, json!({ "mode": "auto" })).await.expect(200);
    }
    let late = (0..LATE).map(|n| crew.member(SIZE.members + n));
    let results = root.post("/v1/users/bulk", invitees(late)).await.expect(200).body;
    let first = results["results"][0]["user_id"].as_str().expect("an identifier").to_owned();
    let first = root.get(&format!("/v1/users/{first}")).await.expect(200).body;
    let end = first["invitation"]["expires_at"].as_str().expect("an instant");
    chrono::DateTime::parse_from_rfc3339(end).expect("an instant").to_utc()
}

async fn move_to(roster: &Roster, instant: chrono::DateTime<chrono::Utc>) {
    roster.caller().post("/_local/clock", json!({ "to": instant.to_rfc3339() })).await.expect(200);
}

// RULE: PS-01, PS-02, RO-02, RO-06, RO-07, IN-04, IN-14, IN-16, EV-01, EV-02, EV-03, SE-02
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_two_hundred_do_at_once_everything_fits_together() {
    let _seeded = Seeded;
    let roster = Roster::start().await;
    let mut load = Load::of(&roster, "crew", SIZE, SEED).await;
    let crew = load.crews[0].clone();
    let end = what_ends_after_a_day(&roster, &crew).await;
    load.read_mails().await;
    move_to(&roster, end - chrono::TimeDelta::minutes(20)).await;
    load.read_mails().await;
    load.sign_in().await;
    for round in 0..ROUNDS {
        if round == ROUND_OF_DEADLINES {
            move_to(&roster, end - chrono::TimeDelta::seconds(1)).await;
        }
        load.round(Until::Steps(STEPS)).await;
        roster.advance("3m").await;
        load.read_mails().await;
    }
    let (calls, busy) = load.busy();
    println!("simulation: {calls} calls, {busy} busy, {} mails\n{:#?}", load.mails.len(), load.outcomes);
    assert_eq!(load.faults, Vec::<String>::new());
    assert_eq!(calls, SIZE.actors * STEPS * ROUNDS);
    proof::assert_everything_fits(&roster, &crew, &load.mails).await;
}
