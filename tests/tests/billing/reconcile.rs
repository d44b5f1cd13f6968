//! Accounts, held against their users, their history and their invoices.

use local::redrive::Mode;
use serde_json::json;
use tests::Roster;

use crate::Books;

/// How many accounts were given up, and what is said of them.
pub(crate) async fn given_up(roster: &Roster) -> (usize, String) {
    let (tally, said) = roster.redrive("ReconcileDeadLetters", Mode::Show).await;
    (tally.kept, said)
}

/// Looks at accounts, and how many of them failed.
async fn looked(roster: &Roster) -> (usize, usize) {
    roster.stack.settle().await;
    let lines = roster.lines_of("reconcile");
    (lines.len(), lines.iter().filter(|line| line["outcome"] == "fault").count())
}

// RULE: BI-19
#[tokio::test]
async fn an_account_adds_up_whatever_its_life_was() {
    let roster = Roster::start_at("2026-01-31T12:00:00Z").await;
    let mut books = Books::open(&roster, "life", "pro", "monthly").await;
    books.join(4).await;
    books.noon_of("2026-02-10").await;
    books.leave(2).await;
    books.join(1).await;
    let root = books.root().await;
    root.post("/v1/users", tests::invitee("late@life.test", "monitor")).await.expect(201);
    let path = format!("/v1/users/{}", books.members[0].id);
    root.post(&format!("{path}/suspend"), json!({ "confirm": true })).await.expect(200);
    books.change("team", "monthly").await;
    books.noon_of("2026-03-15").await;
    books.change("pro", "monthly").await;
    books.noon_of("2026-04-02").await;
    books.join(2).await;
    books.root().await.delete("/v1/billing/subscription").await.expect(200);
    books.noon_of("2026-05-02").await;
    books.leave(3).await;
    books.change("pro", "annual").await;
    books.noon_of("2026-05-04").await;
    let (looked, failed) = looked(&roster).await;
    assert!(looked >= 5, "one or several invoices at a time: {looked}");
    assert_eq!((failed, given_up(&roster).await.0), (0, 0));
}

// RULE: BI-19, EV-05
#[tokio::test]
async fn what_does_not_add_up_is_given_up_with_what_differs_as_the_reason() {
    let roster = Roster::start_at("2026-01-15T12:00:00Z").await;
    let mut books = Books::open(&roster, "damage", "pro", "monthly").await;
    books.join(2).await;
    books.noon_of("2026-01-17").await;
    let pk = format!("A#{}", books.team.account_id);
    for (sk, name, number) in [("A", "active", 4), ("I#0000000001", "total", 1901)] {
        roster.table().set_number(&pk, sk, name, number).await;
    }
    books.noon_of("2026-02-16").await;
    for _ in 0..10 {
        roster.advance("361s").await;
    }
    let (kept, said) = given_up(&roster).await;
    assert_eq!(kept, 1, "{said}");
    for reason in [
        "active users: 4 counted, 3 there",
        "billable seats: 4 counted, 3 in the history",
        "invoice 1 is another one by the history",
    ] {
        assert!(said.contains(reason), "{reason}: {said}");
    }
}
