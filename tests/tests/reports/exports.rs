//! What the lists hold, handed out as sheets.

use serde_json::{Value, json};
use tests::{Caller, Reply, Roster};

fn rows(sheet: &Reply) -> Vec<Vec<String>> {
    assert_eq!(sheet.header("content-type"), Some("text/csv; charset=utf-8"));
    assert_eq!(sheet.header("x-content-type-options"), Some("nosniff"));
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(sheet.bytes.as_slice());
    reader.records().map(|row| row.expect("a row").iter().map(str::to_owned).collect()).collect()
}

/// Where the next page is.
fn next(reply: &Reply) -> Option<String> {
    let link = reply.header("link")?;
    let (path, rest) = link.strip_prefix('<')?.split_once('>')?;
    assert_eq!(rest, "; rel=\"next\"");
    Some(path.to_owned())
}

/// All pages of it, each row by its columns.
async fn sheet(by: &Caller, what: &str, limit: usize) -> Vec<Value> {
    let mut path = Some(format!("/v1/exports/{what}?format=csv&limit={limit}"));
    let mut all = Vec::new();
    while let Some(page) = path {
        let reply = by.get(&page).await.expect(200);
        let mut rows = rows(&reply).into_iter();
        let columns = rows.next().expect("the names of the columns");
        let rows: Vec<Value> = rows
            .map(|row| columns.iter().cloned().zip(row.into_iter().map(Value::String)).collect())
            .collect();
        assert!(rows.len() <= limit, "{page}");
        all.extend(rows);
        path = next(&reply);
    }
    all
}

// RULE: AU-06, EV-01, AP-04
#[tokio::test]
async fn users_are_a_sheet_that_runs_nothing_page_by_page_and_that_is_audited() {
    let roster = Roster::start().await;
    let team = roster.team("sheets").await.on_pro().await;
    let root = &team.root.caller;
    let hostile = json!({
        "email": "eve@sheets.test", "first_name": "=1+1", "last_name": "say \"a;b,c\"", "role": "monitor",
    });
    root.post("/v1/users", hostile).await.expect(201);
    for n in 0..5 {
        team.pending(&format!("n{n}@sheets.test"), "monitor").await;
    }
    // Of others nothing.
    let others = roster.team("others").await;
    let listed = root.get("/v1/users").await.expect(200).body;
    let listed = listed["data"].as_array().expect("users").clone();
    for limit in [1, 2, 1000] {
        let sheet = sheet(root, "users", limit).await;
        let of =
            |users: &[Value], member: &str| users.iter().map(|user| user[member].clone()).collect::<Vec<_>>();
        for member in ["id", "email", "role", "status", "last_name"] {
            assert_eq!(of(&sheet, member), of(&listed, member), "{limit}");
        }
        let eve = sheet.iter().find(|user| user["email"] == "eve@sheets.test").expect("she is there");
        assert_eq!(eve["first_name"], "'=1+1");
    }
    // By the header as by the parameter, which goes before it; as JSON nothing is changed.
    let by_header = root.with_header("accept", "text/csv").get("/v1/exports/users").await.expect(200);
    assert_eq!(rows(&by_header).len(), 8);
    let json =
        root.with_header("accept", "text/csv").get("/v1/exports/users?format=json&limit=3").await.expect(200);
    let names: Vec<&Value> =
        json.body["data"].as_array().into_iter().flatten().map(|user| &user["first_name"]).collect();
    assert_eq!((names.len(), names[1]), (3, &json!("=1+1")));
    let cursor = json.body["next_cursor"].as_str().expect("there are more");
    assert_eq!(next(&json), Some(format!("/v1/exports/users?format=json&limit=3&cursor={cursor}")));
    let other = root.get(&format!("/v1/exports/events?cursor={cursor}")).await;
    assert_eq!(other.refused(422, "validation_failed").bad_fields(), [("cursor", "invalid_cursor")]);
    root.get("/v1/exports/users?format=xls").await.refused(422, "validation_failed");
    root.get("/v1/exports/users?limit=1001").await.refused(422, "validation_failed");

    let exported = roster.facts_of(&team.account_id, "data.exported").await;
    assert_eq!(exported.len(), 7 + 4 + 1 + 2, "each page is one");
    assert_eq!(exported[0]["after"], json!({ "what": "users", "format": "csv", "rows": 1 }));
    assert_eq!(exported[13]["after"], json!({ "what": "users", "format": "json", "rows": 3 }));
    assert_eq!(roster.facts_of(&others.account_id, "data.exported").await, Vec::<Value>::new());
}

// RULE: AU-06, RO-01
#[tokio::test]
async fn who_may_not_read_the_list_is_handed_none_of_it() {
    let roster = Roster::start().await;
    let team = roster.team("sheets").await.on_pro().await;
    for (role, may) in [
        ("admin", ["users", "events", "invoices"].as_slice()),
        ("billing", &["users", "invoices"]),
        ("developer", &[]),
        ("monitor", &[]),
    ] {
        let person = team.member(&format!("{role}@sheets.test"), role).await.caller;
        for what in ["users", "events", "invoices"] {
            for format in ["csv", "json"] {
                let reply = person.get(&format!("/v1/exports/{what}?format={format}")).await;
                if may.contains(&what) {
                    reply.expect(200);
                } else {
                    reply.refused(403, "insufficient_role");
                }
            }
        }
    }
}

// RULE: AU-06, BI-15, EV-01
#[tokio::test]
async fn events_and_lines_of_invoices_are_as_the_lists_have_them() {
    let roster = Roster::start_at("2026-04-01T12:00:00Z").await;
    let team = roster.team("sheets").await.on_pro().await;
    roster.advance_to("2026-04-16T12:00:00Z").await;
    let root = roster.sign_in(&team.root.email).await.caller;
    let change = json!({ "plan": "team", "interval": "monthly" });
    root.put("/v1/billing/plan", change).await.expect(200);
    let lines = sheet(&root, "invoices", 2).await;
    let invoices = root.get("/v1/invoices").await.expect(200).body;
    let mut listed = Vec::new();
    for invoice in invoices["data"].as_array().into_iter().flatten() {
        for line in invoice["lines"].as_array().into_iter().flatten() {
            listed.push((invoice["id"].clone(), invoice["total"].to_string(), line["amount"].to_string()));
        }
    }
    let text = |line: &Value, member: &str| line[member].as_str().expect("a cell").to_owned();
    let exported: Vec<_> = lines
        .iter()
        .map(|line| (line["invoice_id"].clone(), text(line, "invoice_total"), text(line, "amount")))
        .collect();
    assert_eq!(exported, listed);
    assert!(exported.iter().any(|(.., amount)| amount == "-950"), "a credit is a number: {exported:?}");

    let events = root.get("/v1/events?limit=200").await.expect(200).body;
    let listed: Vec<&str> =
        events["data"].as_array().into_iter().flatten().filter_map(|it| it["id"].as_str()).collect();
    let sheet = sheet(&root, "events", 8).await;
    let exported: Vec<&str> = sheet.iter().filter_map(|event| event["id"].as_str()).collect();
    assert_eq!(exported, listed, "the newest first");
    let changed = sheet.iter().find(|event| event["type"] == "plan.changed").expect("it is there");
    let after: Value = serde_json::from_str(changed["after"].as_str().expect("JSON")).expect("JSON");
    assert_eq!(after["plan"], "team");
}
