//! Closing: once per account and period, however often, late or broken it comes.

use std::net::Ipv4Addr;

use futures_util::future::join_all;
use serde_json::{Value, json};
use tests::Roster;

use crate::Books;

/// What the bus brings for a part of the wheel.
pub(crate) fn shard(shard: u8) -> Value {
    tests::part("billing", shard)
}

/// The product, where time closes nothing by itself.
pub(crate) async fn roster_without_closing(instant: &str) -> Roster {
    Roster::start_with(tests::without_closing(instant)).await
}

async fn close_all(roster: &Roster, at_once: usize) {
    for part in 0..16 {
        let runs = (0..at_once).map(|n| {
            let by = roster.caller_from(Ipv4Addr::new(127, 9, 0, u8::try_from(n + 1).expect("few")).into());
            async move { by.post("/_local/run/billing-close", shard(part)).await.expect(200) }
        });
        join_all(runs).await;
    }
}

// RULE: BI-07, BI-08, BI-20
#[tokio::test]
async fn three_months_that_nobody_closed_are_three_invoices_however_many_close_them_at_once() {
    let roster = roster_without_closing("2026-01-15T12:00:00Z").await;
    let mut books = Books::open(&roster, "late", "pro", "monthly").await;
    books.join(2).await;
    books.noon_of("2026-01-16").await;
    close_all(&roster, 1).await;
    books.noon_of("2026-04-16").await;
    books.assert_charged(&[("2026-01-15", 1900), ("2026-01-15", 3800)]).await;
    // What is due is told as it will be closed.
    assert_eq!(books.summary().await["period"], json!({ "start": "2026-04-15", "end": "2026-05-15" }));
    close_all(&roster, 8).await;
    let charged = [
        ("2026-01-15", 1900),
        ("2026-01-15", 3800),
        ("2026-02-15", 5700),
        ("2026-03-15", 5700),
        ("2026-04-15", 5700),
    ];
    books.assert_charged(&charged).await;
    close_all(&roster, 2).await;
    books.assert_charged(&charged).await;
    assert_eq!(roster.facts_of(&books.team.account_id, "invoice.issued").await.len(), 5);
}

// RULE: BI-08
#[tokio::test]
async fn whoever_meets_a_period_that_is_over_closes_it_first_a_dozen_at_a_time() {
    let roster = roster_without_closing("2026-01-15T12:00:00Z").await;
    let mut books = Books::open(&roster, "gate", "pro", "monthly").await;
    books.join(2).await;
    books.noon_of("2026-01-16").await;
    close_all(&roster, 1).await;
    books.noon_of("2026-03-20").await;
    books.leave(1).await;
    let three = [("2026-01-15", 1900), ("2026-01-15", 3800), ("2026-02-15", 5700), ("2026-03-15", 5700)];
    books.assert_charged(&three).await;
    assert_eq!(books.summary().await["paid_seats"], 3, "they were there when the period began");
    // Thirteen periods: one too many for one request, and the next one goes on from there.
    books.noon_of("2027-04-20").await;
    let root = books.root().await;
    let new = tests::invitee("new@gate.test", "monitor");
    let busy = root.post("/v1/users", new.clone()).await.refused(503, "busy");
    assert_eq!(busy.header("retry-after"), Some("1"));
    assert_eq!(books.charged().await.len(), three.len() + 12);
    let invited = root.post("/v1/users", new).await.expect(201).body;
    assert_eq!(invited["charge_preview"]["amount_now"], 1583, "25 of 30 days");
    assert_eq!(books.charged().await.len(), three.len() + 13);
}

// RULE: BI-09
#[tokio::test]
async fn an_account_that_cannot_be_read_is_parked_and_told_of_and_the_others_are_closed() {
    let roster = Roster::start_at("2026-01-15T12:00:00Z").await;
    let broken = Books::open(&roster, "broken", "pro", "monthly").await;
    let mut others = Vec::new();
    for name in ["a", "b", "c"] {
        others.push(Books::open(&roster, name, "pro", "monthly").await);
    }
    let pk = format!("A#{}", broken.team.account_id);
    roster.table().set_schema(&pk, "A", 9).await;
    others[0].noon_of("2026-02-15").await;
    for books in &others {
        books.assert_charged(&[("2026-01-15", 1900), ("2026-02-15", 1900)]).await;
    }
    let parked = roster.facts_of(&broken.team.account_id, "billing.close_failed").await;
    assert!(!parked.is_empty());
    assert!(parked.iter().all(|fact| fact["after"] == json!({ "reason": "account_unreadable" })));
    roster.table().set_schema(&pk, "A", 1).await;
    roster.advance("6h").await;
    broken.assert_charged(&[("2026-01-15", 1900), ("2026-02-15", 1900)]).await;
}

// RULE: AC-11
#[tokio::test]
async fn a_closed_account_is_charged_for_its_last_day_and_renewed_no_more() {
    let roster = Roster::start_at("2026-01-15T12:00:00Z").await;
    let mut books = Books::open(&roster, "over", "pro", "monthly").await;
    books.join(1).await;
    books.root().await.delete("/v1/account?confirm=true").await.expect(204);
    roster.advance("60d").await;
    let invoices: Vec<Value> = roster
        .facts_of(&books.team.account_id, "invoice.issued")
        .await
        .into_iter()
        .map(|it| it["after"]["total"].clone())
        .collect();
    assert_eq!(invoices, [1900, 1900]);
}
