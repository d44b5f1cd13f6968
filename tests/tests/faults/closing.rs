//! `billing-close`, stopped before, after and amid each of its calls.

use serde_json::{Value, json};
use tests::{Fault, Roster, Team, Which};

use crate::matrix::KINDS;

/// What it calls, and how often while one account is closed: the wheel has sixteen parts.
const CALLS: [((&str, &str), usize); 4] = [
    (("dynamodb", "Query"), 18),
    (("dynamodb", "BatchGetItem"), 2),
    (("dynamodb", "TransactWriteItems"), 1),
    (("events", "PutEvents"), 1),
];

async fn charged(roster: &Roster, team: &Team<'_>) -> Vec<Value> {
    let root = roster.sign_in(&team.root.email).await.caller;
    let list = root.get("/v1/invoices?limit=200").await.expect(200).body;
    let invoices = list["data"].as_array().expect("a list").iter().rev();
    invoices.map(|invoice| json!([invoice["number"], invoice["date"], invoice["total"]])).collect()
}

// RULE: BI-07, BI-08
#[tokio::test]
async fn a_period_is_closed_once_wherever_its_close_is_stopped() {
    let roster = Roster::start_at("2026-01-15T12:00:00Z").await;
    let team = roster.team("stopped").await.on_pro().await;
    let (mut month, mut number) = (1, 1);
    let mut expected = vec![json!([1, "2026-01-15", 1900])];
    let mut met = 0;
    for (call, times) in CALLS {
        for kind in KINDS.into_iter().chain(["conflict"]) {
            if kind == "conflict" && call.1 != "TransactWriteItems" {
                continue;
            }
            for nth in [1, times].into_iter().take(times.min(2)) {
                month += 1;
                number += 1;
                let (year, of_year) = (2026 + (month - 1) / 12, (month - 1) % 12 + 1);
                let boundary = format!("{year}-{of_year:02}-15");
                roster.advance_to_before(&format!("{boundary}T00:00:00Z"), 60).await;
                let fault = Fault { function: "billing-close", call, kind, which: Which::Nth(nth) };
                roster.break_call(&fault).await;
                roster.advance("10h").await;
                met += roster.mend().await;
                roster.stack.settle().await;
                expected.push(json!([number, boundary, 1900]));
                assert_eq!(charged(&roster, &team).await, expected, "{call:?} {kind} {nth}");
            }
        }
    }
    let issued = roster.facts_of(&team.account_id, "invoice.issued").await;
    assert_eq!(issued.len(), expected.len());
    assert!(met >= 25, "{met} faults were met");
}
