//! Every operation, tried by every role on every role.

use std::collections::{BTreeMap, BTreeSet};

use domain::ReviewKind;
use reqwest::Method;
use serde_json::json;
use tests::{Person, Reply, Roster, invitee, routes};

use crate::ROLES;
use crate::cast::{Act, Cast, with_everything};
use crate::own::rows_of_oneself;

/// Longer than a quarter: everything that is looked at was due meanwhile.
const DAYS_WITH_ALL_REVIEWS: i64 = 100;

pub(crate) fn cell(reply: &Reply) -> String {
    match reply.status {
        // Of many, each is told what became of it.
        200..300 => match reply.body["results"][0]["outcome"].as_str() {
            None | Some("invited" | "deleted") => "ok".into(),
            Some(refused) => refused.to_owned(),
        },
        403 => reply.code().to_owned(),
        status => format!("{status} {}", reply.code()),
    }
}

/// Columns as wide as what stands in them.
pub(crate) fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
    let widths: Vec<usize> = (0..columns)
        .map(|column| {
            rows.iter().filter_map(|row| row.get(column)).map(String::len).max().unwrap_or_default()
        })
        .collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

pub(crate) fn row(operation: impl Into<String>, target: &str, cells: Vec<String>) -> Vec<String> {
    [vec![operation.into(), target.to_owned()], cells].concat()
}

/// What each of them may do with a resource that the Root made.
async fn rows_of_resources(actors: &[Person]) -> Vec<Vec<String>> {
    let path = "/v1/resources/agents/a";
    let named = |name: &str| json!({ "name": name });
    let (mut put, mut got, mut deleted) = (Vec::new(), Vec::new(), Vec::new());
    for actor in actors {
        actors[0].caller.put(path, named("Of the Root")).await.expect(200);
        got.push(cell(&actor.caller.get(path).await));
        put.push(cell(&actor.caller.put(path, named(&actor.email)).await));
        deleted.push(cell(&actor.caller.delete(path).await));
    }
    vec![row("get-resource", "", got), row("put-resource", "", put), row("delete-resource", "", deleted)]
}

/// What each of them may do with webhooks, those of the Root included.
async fn rows_of_webhooks(actors: &[Person]) -> Vec<Vec<String>> {
    let body = || json!({ "url": "https://localhost/", "event_types": ["account.closed"] });
    let mut columns = [const { Vec::new() }; 5];
    for actor in actors {
        let of_root = actors[0].caller.post("/v1/webhooks", body()).await.expect(201);
        let (by, path) = (&actor.caller, format!("/v1/webhooks/{}", of_root.text("id")));
        let from = of_root.text("created_at").to_owned();
        columns[0].push(cell(&by.post("/v1/webhooks", body()).await));
        columns[1].push(cell(&by.patch(&path, json!({ "url": "https://localhost/else" })).await));
        columns[2].push(cell(&by.post(&format!("{path}/secret"), json!({})).await));
        columns[3].push(cell(&by.post(&format!("{path}/replay"), json!({ "from": from })).await));
        columns[4].push(cell(&by.delete(&path).await));
    }
    let names =
        ["create-webhook", "update-webhook", "rotate-webhook-secret", "replay-webhook", "delete-webhook"];
    names.into_iter().zip(columns).map(|(name, cells)| row(name, "", cells)).collect()
}

/// What each of them may see and do of the plan and of what it costs.
async fn rows_of_billing(actors: &[Person]) -> Vec<Vec<String>> {
    let list = actors[0].caller.get("/v1/invoices").await.expect(200).body;
    let invoice = format!("/v1/invoices/{}", list["data"][0]["id"].as_str().expect("an invoice"));
    let plan = json!({ "plan": "pro", "interval": "monthly" });
    let mut rows = Vec::new();
    for (operation, method, path, body) in [
        ("billing-summary", Method::GET, "/v1/billing", None),
        ("list-invoices", Method::GET, "/v1/invoices", None),
        ("get-invoice", Method::GET, &*invoice, None),
        ("preview-charge", Method::POST, "/v1/billing/preview", Some(json!({ "add_users": 1 }))),
        ("change-plan", Method::PUT, "/v1/billing/plan", Some(plan)),
        ("cancel-plan", Method::DELETE, "/v1/billing/subscription", None),
        ("take-plan-back", Method::DELETE, "/v1/billing/plan", None),
    ] {
        let mut cells = Vec::new();
        for actor in actors {
            cells.push(cell(&actor.caller.call(method.clone(), path, body.clone()).await));
        }
        rows.push(row(operation, "", cells));
    }
    rows
}

/// What ends an account, or oneself in it: the Root tries last, since nobody tries anything after that.
async fn rows_of_ends(roster: &Roster) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    for (operation, path) in [("leave", "/v1/me?confirm=true"), ("close-account", "/v1/account?confirm=true")]
    {
        let team = roster.team(operation).await.on_pro().await;
        let mut cells = Vec::new();
        for role in ROLES[1..].iter().rev() {
            let actor = team.member(&format!("{role}@{operation}.test"), role).await;
            cells.push(cell(&actor.caller.delete(path).await));
        }
        cells.push(cell(&team.root.caller.delete(path).await));
        cells.reverse();
        rows.push(row(operation, "", cells));
    }
    rows
}

// RULE: AU-03, RO-01, RO-02, RO-03, RO-04, SU-06, DE-03, IN-10, RS-01, RC-03, RC-04, AC-07, AC-06
#[tokio::test]
#[allow(clippy::too_many_lines)] // it is one table
async fn every_role_tries_every_operation_on_every_role() {
    let roster = Roster::start().await;
    let team = roster.team("matrix").await.on_pro().await;
    let (mut actors, mut key_ids) = (vec![team.root.clone()], vec![team.root.key("own").await.id]);
    for role in &ROLES[1..] {
        let (actor, keys) = with_everything(&team, &format!("{role}@matrix.test"), role).await;
        actors.push(actor);
        key_ids.push(keys[0].id.clone());
    }
    roster.review(&team.account_id, DAYS_WITH_ALL_REVIEWS).await;
    let mut reviews = Vec::new();
    for kind in [ReviewKind::Inactivity, ReviewKind::Roles] {
        let id = roster.newest_review(&team.account_id, kind).await;
        reviews.push((format!("get-review of {}", kind.name()), format!("/v1/reports/reviews/{id}")));
    }
    let mut cast = Cast { team, actors, targets: BTreeMap::new(), invited: BTreeMap::new(), made: 0 };
    let mut rows = vec![row("operation", "on", ROLES.map(str::to_owned).to_vec())];

    let reads = [
        ("list-users", "/v1/users"),
        ("seats", "/v1/seats"),
        ("savings", "/v1/reports/savings"),
        ("export-users", "/v1/exports/users"),
        ("export-events", "/v1/exports/events"),
        ("export-invoices", "/v1/exports/invoices"),
        ("export-reviews", "/v1/exports/reviews"),
        ("list-reviews", "/v1/reports/reviews"),
        ("onboarding", "/v1/reports/onboarding"),
        ("list-webhooks", "/v1/webhooks"),
        ("list-events", "/v1/events"),
        ("get-profile", "/v1/me"),
        ("get-account", "/v1/account"),
        ("list-resources", "/v1/resources"),
    ];
    let reads = reads.map(|(operation, path)| (operation.to_owned(), path.to_owned()));
    for (operation, path) in reads.into_iter().chain(reviews) {
        let mut cells = Vec::new();
        for actor in &cast.actors {
            cells.push(cell(&actor.caller.get(&path).await));
        }
        rows.push(row(operation, "", cells));
    }
    rows.extend(rows_of_resources(&cast.actors).await);
    rows.extend(rows_of_webhooks(&cast.actors).await);
    rows.extend(rows_of_billing(&cast.actors).await);
    let (mut asked, mut renamed) = (Vec::new(), Vec::new());
    for actor in &cast.actors {
        asked.push(cell(&actor.caller.post("/v1/authorize", json!({ "action": "account.close" })).await));
        renamed.push(cell(&actor.caller.patch("/v1/account", json!({ "name": actor.email })).await));
    }
    rows.push(row("authorize", "", asked));
    rows.push(row("update-account", "", renamed));
    for role in ROLES {
        let mut cells = Vec::new();
        for (n, actor) in cast.actors.iter().enumerate() {
            let body = invitee(&format!("{role}-by-{n}@matrix.test"), role);
            cells.push(cell(&actor.caller.post("/v1/users", body).await));
        }
        rows.push(row(format!("invite as {role}"), "", cells));
    }
    for role in ROLES {
        let mut cells = Vec::new();
        for (n, actor) in cast.actors.iter().enumerate() {
            let body = json!({ "users": [invitee(&format!("{role}-of-many-by-{n}@matrix.test"), role)] });
            cells.push(cell(&actor.caller.post("/v1/users/bulk", body).await));
        }
        rows.push(row(format!("invite-many as {role}"), "", cells));
    }
    for act in Act::all() {
        cast.next_minute().await;
        for role in ROLES {
            let mut cells = Vec::new();
            for actor in 0..ROLES.len() {
                cells.push(cast.attempt(act, actor, role).await);
            }
            rows.push(row(act.name(), role, cells));
        }
        let mut cells = Vec::new();
        for (actor, key_id) in cast.actors.iter().zip(&key_ids) {
            cells.push(cell(&act.on(&actor.caller, &actor.id, key_id).await));
        }
        rows.push(row(act.name(), "oneself", cells));
    }
    rows.extend(rows_of_oneself(&roster, &cast.actors).await);
    rows.extend(rows_of_ends(&roster).await);
    let tried: BTreeSet<&str> = rows.iter().filter_map(|row| row[0].split(' ').next()).collect();
    let untried = routes().into_iter().filter(|route| !route.is_public && !tried.contains(&*route.name));
    assert_eq!(untried.map(|route| route.name).collect::<Vec<_>>(), [""; 0], "operations that nobody tries");
    insta::assert_snapshot!(table(&rows));
}
