//! Invoices: numbered, listed, shown, and nobody else's.

use serde_json::{Value, json};
use tests::Caller;

use tests::Roster;

use crate::Books;

// RULE: BI-15, AP-04, AP-05
#[tokio::test]
async fn invoices_are_listed_by_page_and_shown_to_their_own_account_alone() {
    let roster = Roster::start_at("2026-01-31T12:00:00Z").await;
    let books = Books::open(&roster, "one", "pro", "monthly").await;
    let other = Books::open(&roster, "two", "pro", "monthly").await;
    books.noon_of("2026-07-01").await;
    let dates = ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31", "2026-06-30"];
    books.assert_charged(&dates.map(|date| (date, 1900))).await;
    let root = books.root().await;
    let mut found = Vec::new();
    let mut path = "/v1/invoices?limit=4".to_owned();
    loop {
        let page = root.get(&path).await.expect(200).body;
        found.extend(page["data"].as_array().expect("a page").clone());
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        path = format!("/v1/invoices?limit=4&cursor={cursor}");
    }
    let numbers: Vec<&Value> = found.iter().map(|invoice| &invoice["number"]).collect();
    assert_eq!(json!(numbers), json!([6, 5, 4, 3, 2, 1]));
    for invoice in &found {
        let path = format!("/v1/invoices/{}", invoice["id"].as_str().expect("an identifier"));
        // The list leaves out whose seats they are.
        let mut shown = root.get(&path).await.expect(200).body;
        assert_eq!(shown["lines"][0]["users"].take(), json!([books.team.root.id]));
        shown["lines"][0].as_object_mut().expect("a line").remove("users");
        assert_eq!(&shown, invoice);
        other.root().await.get(&path).await.refused(404, "not_found");
    }
    for unknown in ["inv_01KG8BZ8000000000000000000", "1", "inv_"] {
        root.get(&format!("/v1/invoices/{unknown}")).await.refused(404, "not_found");
    }
}

// RULE: BI-15, EV-02, DE-02
#[tokio::test]
async fn an_invoice_stays_as_it_is_whoever_goes() {
    let roster = Roster::start_at("2026-03-01T12:00:00Z").await;
    let mut books = Books::open(&roster, "stay", "pro", "monthly").await;
    books.join(2).await;
    books.noon_of("2026-03-02").await;
    let invoices = books.invoices().await;
    let path = format!("/v1/invoices/{}", invoices[1]["id"].as_str().expect("an identifier"));
    let before = books.root().await.get(&path).await.expect(200).body;
    books.leave(2).await;
    books.noon_of("2026-03-05").await;
    assert_eq!(books.root().await.get(&path).await.expect(200).body, before);
    let issued = roster.facts_of(&books.team.account_id, "invoice.issued").await;
    let expected = json!({
        "invoice_id": before["id"], "number": 2, "date": "2026-03-01", "total": 3800, "currency": "usd",
    });
    assert_eq!(issued[1]["after"], expected);
}

// RULE: BI-15, BI-06
#[tokio::test]
async fn a_renewal_says_whose_seats_it_is_for() {
    let roster = Roster::start_at("2026-03-01T12:00:00Z").await;
    let mut books = Books::open(&roster, "whose", "pro", "monthly").await;
    books.join(3).await;
    books.leave(1).await;
    books.noon_of("2026-04-01").await;
    let (second, third) = (books.members[0].id.clone(), books.members[1].id.clone());
    books.join(1).await;
    books.leave(1).await;
    let invoices = books.invoices().await;
    let renewal = &invoices[2];
    let path = format!("/v1/invoices/{}", renewal["id"].as_str().expect("an identifier"));
    let root = books.root().await;
    let line = root.get(&path).await.expect(200).body["lines"][0].take();
    assert_eq!((&line["kind"], &line["quantity"]), (&json!("renewal"), &json!(3)));
    assert_eq!(line["users"], json!([books.team.root.id, second, third]), "who was there at midnight");
    let page = root.with_header("accept", "text/html").get(&path).await.body;
    let page = page.as_str().expect("a page");
    for words in [">Seats of<", ">Robin Root<", ">Ivy Invited<", ">Deleted user<"] {
        assert!(page.contains(words), "{words}: {page}");
    }
}

/// Whether a document's table of objects is where its end says.
pub(crate) fn is_whole(document: &[u8]) -> bool {
    let text = String::from_utf8_lossy(&document[document.len().saturating_sub(64)..]).into_owned();
    let end = text.rsplit_once("startxref\n").and_then(|(_, end)| end.strip_suffix("\n%%EOF"));
    let at = end.and_then(|end| end.parse::<usize>().ok()).and_then(|at| document.get(at..));
    document.starts_with(b"%PDF-1.") && at.is_some_and(|table| table.starts_with(b"xref\n"))
}

// RULE: BI-15
#[tokio::test]
async fn an_invoice_comes_as_data_as_a_page_or_as_a_document() {
    let roster = Roster::start_at("2026-03-01T12:00:00Z").await;
    let mut books = Books::open(&roster, "forms", "pro", "monthly").await;
    let name = json!({ "name": "<script>alert(1)</script>) Tj (" });
    books.root().await.patch("/v1/account", name).await.expect(200);
    books.join(2).await;
    books.leave(1).await;
    books.noon_of("2026-03-02").await;
    let path = format!("/v1/invoices/{}", books.invoices().await[1]["id"].as_str().expect("an identifier"));
    let root = books.root().await;
    let invoice = root.get(&path).await.expect(200).body;
    let (json, html, pdf) = ("application/json", "text/html; charset=utf-8", "application/pdf");
    for (accept, media_type) in [
        ("text/html", html),
        ("application/pdf", pdf),
        ("application/json", json),
        ("*/*", json),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", html),
        ("application/pdf;q=0.9, text/html;q=0.8", pdf),
        ("application/pdf;q=0.5, text/html;q=0.5", html),
        ("application/pdf, application/json", json),
        ("application/pdf;q=0, */*;q=0.1", json),
        ("image/png", json),
    ] {
        let reply = root.with_header("accept", accept).get(&path).await.expect(200);
        assert_eq!(reply.header("content-type"), Some(media_type), "{accept}");
        assert_eq!(reply.header("cache-control"), Some("no-store"), "{accept}");
        assert_eq!(reply.header("content-security-policy").is_some(), media_type == html, "{accept}");
        let is_not_guessed = reply.header("x-content-type-options") == Some("nosniff");
        assert_eq!(is_not_guessed, media_type != json, "{accept}");
        assert_eq!(reply.body == invoice, media_type == json, "{accept}");
        assert_eq!(is_whole(&reply.bytes), media_type == pdf, "{accept}");
    }
    let page = root.with_header("accept", "text/html").get(&path).await.body;
    let page = page.as_str().expect("a page");
    for words in
        ["&lt;script&gt;alert(1)&lt;/script&gt;", ">Deleted user<", ">Ivy Invited<", "$19.00", "31 of 31"]
    {
        assert!(page.contains(words), "{words}: {page}");
    }
    assert!(!page.contains("<script"), "{page}");
}

// RULE: BI-15, AP-01, AP-05
#[tokio::test]
async fn whoever_may_not_see_an_invoice_is_refused_in_every_form() {
    let roster = Roster::start_at("2026-03-01T12:00:00Z").await;
    let mut books = Books::open(&roster, "mine", "pro", "monthly").await;
    let other = Books::open(&roster, "theirs", "pro", "monthly").await;
    books.join(1).await;
    let path = format!("/v1/invoices/{}", books.invoices().await[0]["id"].as_str().expect("an identifier"));
    for accept in ["text/html", "application/pdf"] {
        let asked = async |by: &Caller| by.with_header("accept", accept).get(&path).await;
        let refused = asked(&other.root().await).await.refused(404, "not_found");
        assert_eq!(refused.header("content-type"), Some("application/problem+json"));
        asked(&books.members[0].caller).await.refused(403, "insufficient_role");
    }
}

// RULE: BI-14, AP-09
#[tokio::test]
async fn a_preview_asks_for_one_thing_at_a_time_within_two_years() {
    let roster = Roster::start_at("2026-03-01T12:00:00Z").await;
    let books = Books::open(&roster, "ask", "pro", "annual").await;
    let root = books.root().await;
    let ask = async |body: Value| root.post("/v1/billing/preview", body).await;
    let later = ask(json!({ "add_users": 1, "at": "2026-08-30T00:00:00Z" })).await.expect(200).body;
    assert_eq!(later["amount_now"], 9025, "183 of 365 days");
    assert_eq!((&later["new_monthly_total"], &later["new_annual_total"]), (&json!(3000), &json!(36_000)));
    for (body, field) in [
        (json!({}), "add_users"),
        (json!({ "add_users": 1, "plan": "team", "interval": "annual" }), "plan"),
        (json!({ "add_users": 0 }), "add_users"),
        (json!({ "add_users": 1, "at": "2026-02-01T00:00:00Z" }), "at"),
        (json!({ "add_users": 1, "at": "2028-04-01T00:00:00Z" }), "at"),
        (json!({ "add_users": "one" }), "add_users"),
    ] {
        let refused = ask(body).await.refused(422, "validation_failed");
        assert_eq!(refused.body["errors"][0]["field"], field, "{}", refused.body);
    }
}
