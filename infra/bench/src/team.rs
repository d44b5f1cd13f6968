//! The load of the simulation on one account, and the same load spread over several: what contention costs.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::time::{Duration, Instant};

use tests::{Act, Load, Outcomes, Roster, Size, Until};

use crate::meter::{Meter, Metered};

const SEED: u64 = 0x0020_2611_2400;
const ACTORS: usize = 200;
const MEMBERS: usize = 24;
/// What one account's load is spread over for comparison, with as many members altogether.
const ACCOUNTS: usize = 20;
const MEMBERS_OF_EACH: usize = 4;
/// Runs of argon2, per account and altogether: else they would be all that is measured.
const HASHES_MAX: usize = 600;
/// A minute of load; between two rounds time moves, so that limits by the hour are not what is measured.
const ROUNDS: u32 = 6;
const ROUND: Duration = Duration::from_secs(10);
const BETWEEN_ROUNDS: &str = "11m";

/// What a load came to.
struct Measured {
    accounts: f64,
    seconds: f64,
    requests: usize,
    busy: usize,
    faults: usize,
    mails: usize,
    metered: Metered,
    outcomes: Outcomes,
}

async fn measured(accounts: usize, members: usize) -> Measured {
    eprintln!("{accounts} accounts: sign-ups and first members");
    let roster = Roster::start().await;
    let size = Size { accounts, members, actors: ACTORS, hashes_max: HASHES_MAX / accounts };
    let mut load = Load::of(&roster, "team", size, SEED).await;
    let mut acting = Duration::ZERO;
    let (mut mails, mut metered) = (0, Metered::default());
    for round in 1..=ROUNDS {
        // So that a few who are left do not meet the limit of requests.
        load.sign_in().await;
        let (meter, before) = (Meter::start(&roster).await, load.mails.len());
        let begun = Instant::now();
        load.round(Until::Moment(begun + ROUND)).await;
        acting += begun.elapsed();
        metered += meter.stop().await;
        mails += load.mails.len() - before;
        eprintln!("{accounts} accounts: round {round} of {ROUNDS}");
        roster.advance(BETWEEN_ROUNDS).await;
        load.read_mails().await;
    }
    let (requests, busy) = load.busy();
    for fault in &load.faults {
        eprintln!("a fault: {fault}");
    }
    Measured {
        accounts: number(accounts),
        seconds: acting.as_secs_f64(),
        requests,
        busy,
        faults: load.faults.len(),
        mails,
        metered,
        outcomes: load.outcomes.clone(),
    }
}

fn number(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

/// A row: what it is, on one account, on several, and how the two compare.
fn row(table: &mut String, what: &str, of: impl Fn(&Measured) -> f64, [one, many]: [&Measured; 2]) {
    let (one, many) = (of(one), of(many));
    let ratio = if many == 0.0 { "-".to_owned() } else { format!("{:.2}", one / many) };
    let _ = writeln!(table, "| {what} | {one:.2} | {many:.2} | {ratio} |");
}

/// Runs both, and says in tables what came out.
pub(crate) async fn run() -> String {
    let one = measured(1, MEMBERS).await;
    let many = measured(ACCOUNTS, MEMBERS_OF_EACH).await;
    let both = [&one, &many];
    let mut table = format!(
        "{ACTORS} actors, {ROUNDS} rounds of {} s each\n\n\
         | | one account | {ACCOUNTS} accounts | ratio |\n|---|---|---|---|\n",
        ROUND.as_secs()
    );
    let per_commit = |of: f64, measured: &Measured| of / number(measured.metered.commits.max(1));
    row(&mut table, "requests a second", |m| number(m.requests) / m.seconds, both);
    row(&mut table, "commits a second", |m| number(m.metered.commits) / m.seconds, both);
    row(
        &mut table,
        "commits a second and account",
        |m| number(m.metered.commits) / m.seconds / m.accounts,
        both,
    );
    row(&mut table, "attempts per commit", |m| per_commit(number(m.metered.attempts), m), both);
    row(&mut table, "busy, in a hundred requests", |m| 100.0 * number(m.busy) / number(m.requests), both);
    row(&mut table, "faults", |m| number(m.faults), both);
    row(&mut table, "AWS calls per commit", |m| per_commit(number(m.metered.calls), m), both);
    let round_trips = |m: &Measured| f64::from(u32::try_from(m.metered.round_trips).unwrap_or(u32::MAX));
    row(&mut table, "AWS round trips per commit", |m| per_commit(round_trips(m), m), both);
    row(&mut table, "mails per commit", |m| per_commit(number(m.mails), m), both);
    table + "\n" + &outcomes(both)
}

/// What became of every operation: done, refused, busy.
fn outcomes([one, many]: [&Measured; 2]) -> String {
    let mut table = format!(
        "| | one account: done | refused | busy | {ACCOUNTS} accounts: done | refused | busy |\n\
         |---|---|---|---|---|---|---|\n"
    );
    let acts: BTreeSet<Act> = one.outcomes.keys().chain(many.outcomes.keys()).map(|(act, _)| *act).collect();
    for act in acts {
        let _ =
            writeln!(table, "| {act:?} | {} | {} |", cells(&one.outcomes, act), cells(&many.outcomes, act));
    }
    table
}

fn cells(outcomes: &Outcomes, act: Act) -> String {
    let mut counts = [0; 3];
    for ((_, outcome), count) in outcomes.iter().filter(|((of, _), _)| *of == act) {
        let column = match outcome.as_str() {
            "done" => 0,
            "busy" => 2,
            _ => 1,
        };
        counts[column] += count;
    }
    counts.map(|count| count.to_string()).join(" | ")
}
