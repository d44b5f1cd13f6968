//! What closing a period costs: accounts by the second, memory and write units, at a thousand, ten thousand and a hundred
//! thousand accounts that are all due at one instant; and the close alone, without a table.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use domain::{Account, Catalogue, Interval, Plan, Wish};
use local::Options;
use runtime::Fault;
use serde_json::json;
use tests::{Ledger, Roster, without_ticks};

/// So many that are closed before anything is measured: until then what is kept of the latest fills up, as do the caches.
const WARMING: u32 = 30_000;
const SIZES: [u32; 3] = [1_000, 10_000, 100_000];
/// The day on which the first are opened; the others follow, a day each. A month later each are due, all at one instant.
const OPENED: &str = "2027-03-01T12:00:00Z";
const DUE: &str = "2027-04-01T00:05:00Z";
/// Between two looks at what is still due, and at the memory.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// For how long the close alone is done.
const ALONE: Duration = Duration::from_secs(2);
/// Accounts that are closed alone, over and over.
const ALONE_ACCOUNTS: u32 = 1_000;

/// A folder for the table, which goes with this.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// One table of all accounts, of which so many are due, one after the other.
pub(crate) async fn run() -> Result<String, Fault> {
    let alone = format!("The close alone, in one thread: {:.0} accounts a second.", alone()?);
    eprintln!("{alone}");
    let folder = Folder(std::env::temp_dir().join(format!("roster-bench-{}", std::process::id())));
    // The ticks that are measured are made by hand, and no month of others is caught up with beside them.
    let options = Options { clock: Some(OPENED.parse()?), data: Some(folder.0.clone()), ..without_ticks() };
    let roster = Roster::start_with(options).await;
    let ledger = Ledger::of(&roster);
    let mut opened = 0;
    for (days, size) in (0..).zip([WARMING].into_iter().chain(SIZES)) {
        eprintln!("opening {size} accounts");
        advance_to(&roster, OPENED, days)?;
        ledger.open((opened..opened + size).map(u128::from), Plan::Pro, Interval::Monthly).await;
        opened += size;
    }
    roster.stack.settle().await;
    let mut rows = Vec::new();
    for (days, size) in (0..).zip([WARMING].into_iter().chain(SIZES)) {
        eprintln!("closing {size} accounts");
        advance_to(&roster, DUE, days)?;
        let row = measured(&roster, &ledger, size).await?;
        eprintln!("{row}");
        rows.push(row);
    }
    roster.stack.stop().await;
    Ok(format!(
        "| accounts due | closed after | closed a second | all told after | peak memory until closed | write units a close |\n\
         |---|---|---|---|---|---|\n{}\n\n{alone}",
        rows.split_off(1).join("\n"),
    ))
}

/// Nothing but the clock moves.
fn advance_to(roster: &Roster, first: &str, days: i64) -> Result<(), Fault> {
    let at: DateTime<Utc> = first.parse()?;
    roster.stack.clock().advance(at + TimeDelta::days(days) - roster.stack.clock().now());
    Ok(())
}

/// Closes all that are due, and waits until everybody is told, but for the most accounts, which would take another ten
/// minutes; what it took, as a row.
async fn measured(roster: &Roster, ledger: &Ledger, size: u32) -> Result<String, Fault> {
    let (begun, mut peak) = (Instant::now(), 0.0);
    roster.stack.invoke("billing-close", json!({})).await.ok_or("the tick failed")?;
    while ledger.is_any_due().await {
        peak = f64::max(peak, memory_mb()?);
        tokio::time::sleep(LOOK_EVERY).await;
    }
    let closed = begun.elapsed().as_secs_f64();
    let units = units_a_close(roster).await;
    let told = if Some(&size) == SIZES.last() {
        "-".to_owned()
    } else {
        roster.stack.settle().await;
        format!("{:.1} s", begun.elapsed().as_secs_f64())
    };
    let a_second = f64::from(size) / closed;
    Ok(format!("| {size} | {closed:.1} s | {a_second:.0} | {told} | {peak:.0} MB | {units:.1} |"))
}

/// What a commit of a close takes of the base table, by the commits that the stack remembers.
async fn units_a_close(roster: &Roster) -> f64 {
    let list = roster.caller().get("/_local/calls").await.expect(200).body;
    let requests = list["data"].as_array().into_iter().flatten();
    let calls = requests
        .filter(|request| request["function"] == "billing-close")
        .flat_map(|request| request["calls"].as_array().into_iter().flatten())
        .filter(|call| call["operation"] == "TransactWriteItems");
    let units: Vec<f64> = calls.filter_map(|call| call["consumed_capacity"].as_f64()).collect();
    units.iter().sum::<f64>() / f64::from(u32::try_from(units.len()).unwrap_or(u32::MAX))
}

/// The memory of the process, without the table's file as far as it is mapped.
fn memory_mb() -> Result<f64, Fault> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:")).ok_or("no memory is told")?;
    let kilobytes: f64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kilobytes / 1024.0)
}

/// Closes of a period by the second, each of another account and a history entry and an invoice of its own.
fn alone() -> Result<f64, Fault> {
    let now = OPENED.parse()?;
    let accounts: Vec<Account> = (0..ALONE_ACCOUNTS)
        .map(|number| {
            let billed = Ledger::account(number.into(), now);
            let wish = Wish::Paid(Plan::Pro, Interval::Monthly);
            billed.change_plan(wish, Catalogue::LISTS, now).map(|billed| billed.account)
        })
        .collect::<Result<_, _>>()
        .map_err(|refusal| refusal.detail())?;
    let due = DUE.parse()?;
    let (begun, mut closed) = (Instant::now(), 0);
    while begun.elapsed() < ALONE {
        for account in &accounts {
            let billed = account.clone().close_next(Catalogue::LISTS, due).ok_or("it was due")?;
            closed += u32::try_from(std::hint::black_box(billed).invoices.len())?;
        }
    }
    Ok(f64::from(closed) / begun.elapsed().as_secs_f64())
}
