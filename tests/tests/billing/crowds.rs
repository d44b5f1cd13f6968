//! Very many at once: seats of one day, accounts of one night, hands on one account.

use domain::{Interval, Plan};
use futures_util::future::join_all;
use serde_json::{Value, json};
use tests::{Ledger, PASSWORD, Reply, Roster};

use crate::Books;
use crate::closing::{roster_without_closing, shard};
use crate::invoices::is_whole;
use crate::reconcile::given_up;

const ROUNDS: usize = 6;
const ACCOUNTS: u128 = 1_000;
/// What `DynamoDB` takes as an item (AWS `DynamoDB` developer guide, "Quotas").
const ITEM_MAX: usize = 400 * 1024;

// RULE: BI-05, BI-15
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_a_hundred_and_five_thousand_seats_of_a_day_are_a_line_on_an_invoice_that_can_be_read() {
    let roster = Roster::start_at("2026-03-01T12:00:00Z").await;
    let books = Books::open(&roster, "growing", "pro", "monthly").await;
    let ledger = Ledger::of(&roster);
    let mut drawn = 0;
    for (number, day, next, seats, amount) in [
        // 22, 20 and 18 of 31 days.
        (2, "2026-03-10", "2026-03-11", 1, 1348),
        (3, "2026-03-12", "2026-03-13", 100, 122_581),
        (4, "2026-03-14", "2026-03-15", 5_000, 5_516_129),
    ] {
        books.noon_of(day).await;
        for _ in 0..seats {
            drawn += 1;
            ledger.join_team(&books.team, drawn).await;
        }
        let open = json!([{ "date": day, "quantity": seats, "amount": amount }]);
        assert_eq!(books.summary().await["open_additions"], open);
        books.noon_of(next).await;
        let root = books.root().await;
        let list = root.get("/v1/invoices").await.expect(200).body;
        let path = format!("/v1/invoices/{}", list["data"][0]["id"].as_str().expect("an invoice"));
        let invoice = root.get(&path).await.expect(200).body;
        assert_eq!((&invoice["number"], &invoice["total"]), (&json!(number), &json!(amount)));
        let line = &invoice["lines"][0];
        assert_eq!(line["quantity"], seats);
        assert_eq!(line["users"].as_array().map(Vec::len), usize::try_from(seats).ok());
        let page = root.with_header("accept", "text/html").get(&path).await.expect(200);
        let page = page.body.as_str().expect("a page");
        assert!(page.contains(&format!("data-column=\"Seats\">{seats}<")), "{page}");
        assert_eq!(page.contains("class=\"more\""), seats > 100, "the first hundred are named");
        let document = root.with_header("accept", "application/pdf").get(&path).await.expect(200);
        assert!(is_whole(&document.bytes));
    }
    let items = roster.whole_dump().await;
    let sizes = items.iter().map(|item| item.to_string().len());
    assert!(sizes.max().is_some_and(|largest| largest < ITEM_MAX / 100));
    assert_eq!(given_up(&roster).await.0, 0);
}

// RULE: BI-09
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_thousand_accounts_that_are_due_one_cannot_be_read_and_all_others_are_closed() {
    let roster = roster_without_closing("2026-03-01T12:00:00Z").await;
    let ledger = Ledger::of(&roster);
    ledger.open(0..ACCOUNTS, Plan::Pro, Interval::Monthly).await;
    let pk = |account: u128| format!("A#{}", Ledger::account_id(account));
    let broken = ACCOUNTS / 2;
    roster.table().set_schema(&pk(broken), "A", 9).await;
    roster.advance_to("2026-04-01T00:20:00Z").await;
    roster.stack.invoke("billing-close", json!({})).await.expect("it ticks");
    roster.stack.settle().await;
    for account in 0..ACCOUNTS {
        let items = roster.table().partition(&pk(account)).await;
        let invoices = items.iter().filter(|item| item["sk"].as_str().is_some_and(|sk| sk.starts_with("I#")));
        assert_eq!(invoices.count(), if account == broken { 1 } else { 2 }, "account {account}");
    }
    let id = Ledger::account_id(broken).to_string();
    let told = roster.facts_of(&id, "billing.close_failed").await;
    assert!(!told.is_empty() && told.iter().all(|fact| fact["after"]["reason"] == "account_unreadable"));
    let parked = roster.lines_of("billing-close");
    assert!(parked.iter().any(|line| line["parked"] == 1), "the metric of the alarm");
}

// RULE: BI-07, BI-08, BI-11, BI-19, DE-05
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_boundary_that_closes_acceptances_deletions_and_a_change_of_plan_meet_is_charged_once_and_adds_up()
{
    let mut went_through = [0; 3];
    for round in 0..ROUNDS {
        let roster = roster_without_closing("2026-03-01T12:00:00Z").await;
        let mut books = Books::open(&roster, &format!("met{round}"), "pro", "monthly").await;
        books.join(2).await;
        roster.advance_to("2026-03-31T23:50:00Z").await;
        let root = books.root().await;
        let mut tokens = Vec::new();
        for n in 0..4 {
            let email = format!("late{n}@met{round}.test");
            root.post("/v1/users", tests::invitee(&email, "monitor")).await.expect(201);
            tokens.push(roster.token_for(&email).await);
        }
        roster.advance_to("2026-04-01T00:00:01Z").await;
        let of = |reply: Reply, status: u16| async move {
            // Whoever meets too many others is told to come again, and nothing else.
            assert!(reply.status == status || reply.code() == "busy", "{}", reply.body);
            reply.status == status
        };
        let caller = || roster.caller();
        let closes = (0..4).map(|part| {
            let by = caller();
            async move {
                for shards in 0..4 {
                    by.post("/_local/run/billing-close", shard(part * 4 + shards)).await.expect(200);
                }
            }
        });
        let joins = tokens.iter().map(|token| {
            let (by, body) = (caller(), json!({ "token": token, "password": PASSWORD }));
            async move { of(by.post("/v1/invitations/accept", body).await, 201).await }
        });
        let leaves = books.members.iter().map(|member| {
            let (by, path) = (root.clone(), format!("/v1/users/{}?confirm=true", member.id));
            async move { of(by.delete(&path).await, 204).await }
        });
        let team = json!({ "plan": "team", "interval": "monthly" });
        let change = async { of(root.put("/v1/billing/plan", team).await, 200).await };
        let (_, joined, left, changed) =
            tokio::join!(join_all(closes), join_all(joins), join_all(leaves), change);
        let came = |those: Vec<bool>| those.into_iter().filter(|it| *it).count();
        let (joined, left) = (came(joined), came(left));
        let heads = 3 + joined - left;
        for (all, more) in went_through.iter_mut().zip([joined, left, usize::from(changed)]) {
            *all += more;
        }
        roster.advance_to("2026-04-02T00:10:00Z").await;
        for part in 0..16 {
            roster.caller().post("/_local/run/billing-close", shard(part)).await.expect(200);
        }
        let seats = books.team.roster.sign_in(&books.team.root.email).await.caller;
        assert_eq!(seats.get("/v1/seats").await.expect(200).body["billable"], heads);
        let invoices = books.invoices().await;
        let renewals: Vec<&Value> = invoices
            .iter()
            .filter(|it| it["lines"][0]["kind"] == "renewal" && it["date"] == "2026-04-01")
            .collect();
        assert_eq!(renewals.len(), 1, "{invoices:#?}");
        assert_eq!(renewals[0]["lines"][0]["quantity"], 3, "who was there at midnight");
        let of_a_change = |kind: &str| {
            let lines = invoices.iter().flat_map(|it| it["lines"].as_array().into_iter().flatten());
            lines.filter(|line| line["kind"] == kind).count()
        };
        let once = usize::from(changed);
        assert_eq!((of_a_change("plan_credit"), of_a_change("plan_charge")), (once, once));
        assert_eq!(books.summary().await["plan"], if changed { "team" } else { "pro" });
        roster.assert_counts_hold(&books.team.account_id).await;
        roster.stack.settle().await;
        let (kept, said) = given_up(&roster).await;
        assert_eq!(kept, 0, "{said}");
    }
    assert!(went_through.iter().all(|some| *some > 0), "joins, leaves and changes: {went_through:?}");
}
