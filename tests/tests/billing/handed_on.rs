//! An invocation whose time is up leaves the rest to another.

use std::time::Duration;

use billing_close::BillingClose;
use domain::{DueKind, Interval, Plan};
use runtime::{DueItem, Env, Fault, Settled, StartError, Sweep};
use tests::{Ledger, Roster};

/// Enough that some part of the wheel has more than an invocation without time deals with.
const ACCOUNTS: u128 = 200;

/// Closing by invocations that have no time: each deals with what it has begun, and no more.
struct Hasty<const FURTHER: u64>;

impl<const FURTHER: u64> Sweep for Hasty<FURTHER> {
    const NAME: &str = BillingClose::NAME;
    const KIND: DueKind = BillingClose::KIND;
    const FURTHER_MAX: u64 = FURTHER;
    const WORK_LONGEST: Duration = Duration::ZERO;

    fn start(_: &Env) -> Result<Self, StartError> {
        Ok(Self)
    }

    async fn settle(&self, env: &Env, due: &DueItem) -> Result<Settled, Fault> {
        BillingClose.settle(env, due).await
    }
}

/// How many of the accounts one tick closed.
async fn closed_by_one_tick<const FURTHER: u64>() -> usize {
    let mut options = tests::without_closing("2026-03-01T12:00:00Z");
    for function in &mut options.functions {
        if function.name == BillingClose::NAME {
            *function = runtime::sweep::<Hasty<FURTHER>>();
        }
    }
    let roster = Roster::start_with(options).await;
    let ledger = Ledger::of(&roster);
    ledger.open(0..ACCOUNTS, Plan::Pro, Interval::Monthly).await;
    roster.advance_to("2026-04-01T00:20:00Z").await;
    roster.stack.invoke("billing-close", serde_json::json!({})).await.expect("it ticks");
    roster.stack.settle().await;
    let items = roster.whole_dump().await;
    let invoices = items.iter().filter(|item| item["sk"].as_str().is_some_and(|sk| sk.starts_with("I#")));
    invoices.count() - usize::try_from(ACCOUNTS).expect("few")
}

// RULE: BI-08, BI-09
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_an_invocation_leaves_is_closed_by_further_ones_at_once_and_by_no_more_than_may_follow() {
    // Sixteen parts of the wheel, eight accounts an invocation.
    let by_the_first = closed_by_one_tick::<0>().await;
    assert!((100..=16 * 8).contains(&by_the_first), "{by_the_first}");
    let by_two = closed_by_one_tick::<1>().await;
    assert!(by_the_first < by_two, "{by_two}");
    assert_eq!(closed_by_one_tick::<{ BillingClose::FURTHER_MAX }>().await, 200);
}
