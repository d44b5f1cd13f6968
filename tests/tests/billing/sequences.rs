//! Months of accounts, as somebody sees them who asks over HTTP.

use serde_json::json;

use tests::Roster;

use crate::Books;

// RULE: BI-03, BI-04, BI-05, BI-06, BI-10, BI-14, BI-20, DE-05, IN-06
#[tokio::test]
async fn a_spring_on_pro_is_charged_to_the_cent() {
    let roster = Roster::start_at("2026-03-01T12:00:00Z").await;
    let mut books = Books::open(&roster, "spring", "pro", "monthly").await;
    books.join(9).await;
    let summary = books.summary().await;
    let open = json!([{ "date": "2026-03-01", "quantity": 9, "amount": 17_100 }]);
    assert_eq!(summary["open_additions"], open);
    assert_eq!(summary["next_invoice"], json!({ "date": "2026-04-01", "amount": 19_000 }));
    books.noon_of("2026-03-02").await;
    books.assert_charged(&[("2026-03-01", 1900), ("2026-03-01", 17_100)]).await;
    // K1
    books.noon_of("2026-04-16").await;
    assert_eq!(books.join(2).await, [950, 950]);
    books.noon_of("2026-05-01").await;
    let april = [("2026-04-01", 19_000), ("2026-04-16", 1900), ("2026-05-01", 22_800)];
    let spring = [("2026-03-01", 1900), ("2026-03-01", 17_100)];
    books.assert_charged(&[&spring[..], &april[..]].concat()).await;
    // K7, K5: who goes costs nothing and gives nothing back, and who fills the seat costs nothing either.
    books.noon_of("2026-05-10").await;
    books.leave(3).await;
    assert_eq!(books.summary().await["next_invoice"]["amount"], 17_100);
    books.noon_of("2026-05-20").await;
    assert_eq!(books.join(3).await, [0, 0, 0]);
    assert_eq!(books.join(1).await, [735], "K6: one above the mark, 12 of 31 days");
    books.noon_of("2026-06-01").await;
    let may = [("2026-05-20", 735), ("2026-06-01", 24_700)];
    books.assert_charged(&[&spring[..], &april[..], &may[..]].concat()).await;
    // Who goes in this period and comes in the next is an addition like any other. RULE: DE-05
    books.leave(1).await;
    books.noon_of("2026-07-16").await;
    assert_eq!(books.join(1).await, [981], "16 of 31 days");
}

// RULE: BI-05, BI-14, BI-20
#[tokio::test]
async fn three_who_accept_one_by_one_on_a_day_are_one_line() {
    let roster = Roster::start_at("2026-03-01T12:00:00Z").await;
    let mut books = Books::open(&roster, "k16", "pro", "monthly").await;
    books.noon_of("2026-03-19").await;
    let root = books.root().await;
    let preview = root.post("/v1/billing/preview", json!({ "add_users": 3 })).await.expect(200).body;
    assert_eq!(preview["amount_now"], 2390);
    assert_eq!(books.join(3).await, [797, 797, 796]);
    books.noon_of("2026-03-20").await;
    books.assert_charged(&[("2026-03-01", 1900), ("2026-03-19", 2390)]).await;
    let list = books.invoices().await;
    let path = format!("/v1/invoices/{}", list[1]["id"].as_str().expect("an identifier"));
    let invoice = books.root().await.get(&path).await.expect(200).body;
    let ids: Vec<&str> = books.members.iter().map(|person| person.id.as_str()).collect();
    let line = json!([{
        "kind": "addition", "description": "3 seats added on Pro, monthly: 13 of 31 days", "quantity": 3,
        "unit_amount": 1900, "days": 13, "days_in_period": 31, "amount": 2390, "users": ids,
    }]);
    assert_eq!((&invoice["lines"], &invoice["total"]), (&line, &json!(2390)));
    assert_eq!(invoice["period"], json!({ "start": "2026-03-01", "end": "2026-04-01" }));
}

// RULE: PS-08, PS-09, BI-20
#[tokio::test]
async fn a_pending_user_costs_nothing_a_suspended_one_as_before() {
    let roster = Roster::start_at("2026-03-01T12:00:00Z").await;
    let mut books = Books::open(&roster, "k8", "pro", "monthly").await;
    books.join(2).await;
    let root = books.root().await;
    for n in 0..5 {
        root.post("/v1/users", tests::invitee(&format!("p{n}@k8.test"), "monitor")).await.expect(201);
    }
    let path = format!("/v1/users/{}", books.members[0].id);
    root.post(&format!("{path}/suspend"), json!({ "confirm": true })).await.expect(200);
    books.noon_of("2026-04-01").await;
    books.root().await.post(&format!("{path}/reactivate"), json!({})).await.expect(200);
    books.noon_of("2026-05-01").await;
    let charged = [("2026-03-01", 1900), ("2026-03-01", 3800), ("2026-04-01", 5700), ("2026-05-01", 5700)];
    books.assert_charged(&charged).await;
}

// RULE: BI-02, BI-06, BI-16, BI-17
#[tokio::test]
async fn a_year_is_charged_at_once_and_an_addition_by_what_is_left_of_it() {
    let roster = Roster::start_at("2026-01-01T12:00:00Z").await;
    let mut books = Books::open(&roster, "k11", "team", "annual").await;
    let summary = books.summary().await;
    let shown = json!({ "unit_amount": summary["unit_amount"], "monthly": summary["monthly_total"],
        "annual": summary["annual_total"], "saving": summary["annual_saving"]["basis_points"] });
    assert_eq!(shown, json!({ "unit_amount": 37_200, "monthly": 3100, "annual": 37_200, "saving": 2051 }));
    books.noon_of("2026-07-01").await;
    assert_eq!(books.join(5).await.iter().sum::<i64>(), 93_764);
    books.noon_of("2027-01-01").await;
    books.assert_charged(&[("2026-01-01", 37_200), ("2026-07-01", 93_764), ("2027-01-01", 223_200)]).await;
}
