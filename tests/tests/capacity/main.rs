//! What each operation costs in capacity units of the table, by outcome; `capacity.snap` is the list.
#![allow(clippy::expect_used)]

mod access;
mod promised;
mod webhooks;

use promised::WRITE_UNITS_MAX;
use serde_json::{Value, json};
use tests::{By, Call, Caller, PASSWORD, Reply, Roster, Team, invitee, invitees};

/// Beside which everything is counted: every request of a session adds one to its user's count of the minute.
const COUNT: &str = "UpdateItem";
const WRITES: [&str; 2] = ["TransactWriteItems", "PutItem"];

const REFUSAL_WRITE_UNITS_MAX: f64 = 1.0;
/// A wrong password or code is counted in two places, and a code's is audited as well.
const COUNTED_WRITE_UNITS_MAX: f64 = 6.0;
/// The record of an idempotency key holds the reply: an item of up to 2 KB in a transaction.
const KEY_WRITE_UNITS_MAX: f64 = 4.0;
const PAGE_USERS: usize = 50;
/// A strongly consistent page of 50 users of 1 KB, beside credential, actor and account.
const PAGE_READ_UNITS_MAX: f64 = 13.0;

/// The units that a request took.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Units {
    read: f64,
    write: f64,
    count: f64,
}

impl Units {
    fn of(calls: &[Call]) -> Self {
        let sum = |is: &dyn Fn(&str) -> bool| {
            let meant = calls.iter().filter(|call| call.service == "dynamodb" && is(&call.operation));
            meant.map(|call| call.units).sum()
        };
        Self {
            read: sum(&|operation| operation != COUNT && !WRITES.contains(&operation)),
            write: sum(&|operation| WRITES.contains(&operation)),
            count: sum(&|operation| operation == COUNT),
        }
    }
}

/// A call, how it ended, and what it took.
struct Row {
    what: &'static str,
    outcome: String,
    units: Units,
}

/// A team's life, with or without a key on every change.
struct Life<'a> {
    team: Team<'a>,
    keys: Option<u32>,
    rows: Vec<Row>,
}

impl Life<'_> {
    /// The Root, with a key of its own for each call where keys are used.
    fn root(&mut self) -> Caller {
        let root = self.team.root.caller.clone();
        let Some(used) = &mut self.keys else { return root };
        *used += 1;
        root.with_header("idempotency-key", &format!("key {used}"))
    }

    async fn note(&mut self, what: &'static str, reply: Reply) -> Reply {
        let units = Units::of(&self.team.roster.calls(&reply, By::Operation).await);
        let outcome = if reply.status < 300 { "ok" } else { reply.code() }.to_owned();
        self.rows.push(Row { what, outcome, units });
        // A mail on its way writes to the user too; what comes next must not meet it.
        self.team.roster.stack.settle().await;
        reply
    }

    async fn post(&mut self, what: &'static str, path: &str, body: Value) -> Reply {
        let reply = self.root().post(path, body).await;
        self.note(what, reply).await
    }

    async fn role(&mut self, what: &'static str, user: &str, role: &str) -> Reply {
        let reply = self.root().put(&format!("{user}/role"), json!({ "role": role })).await;
        self.note(what, reply).await
    }

    async fn delete(&mut self, user: &str) -> Reply {
        let reply = self.root().delete(&format!("{user}?confirm=true")).await;
        self.note("delete", reply).await
    }

    async fn invitations(&mut self, domain: &str) {
        let roster = self.team.roster;
        let bob = self.team.pending(&format!("bob@{domain}.test"), "monitor").await;
        roster.advance("61s").await;
        let invitation = format!("/v1/users/{bob}/invitation");
        self.post("resend-invite", &invitation, json!({})).await.expect(200);
        self.post("resend-invite", &invitation, json!({})).await.refused(429, "rate_limited");
        for what in ["revoke-invite", "revoke-invite once more"] {
            let reply = self.root().delete(&invitation).await;
            self.note(what, reply).await.expect(204);
        }
        let many = |n: usize| invitees((0..n).map(|row| format!("row{row}@{domain}.test")));
        let what = "invite-many of 8";
        self.post(what, "/v1/users/bulk", many(8)).await.refused(403, "maximum_users_reached");
        self.team.take("pro").await;
        let invited = self.post(what, "/v1/users/bulk", many(8)).await.expect(200);
        let body = json!({ "user_ids": invited.user_ids(), "confirm": true });
        self.post("delete-many of 8", "/v1/users/bulk-delete", body).await.expect(200);
    }

    async fn run(&mut self, domain: &str) {
        let roster = self.team.roster;
        let email = format!("ann@{domain}.test");
        let sign_up = json!({ "account_name": "New", "email": format!("new@{domain}.test"), "first_name": "N", "last_name": "N" });
        let reply = roster.caller().post("/v1/accounts", sign_up).await;
        self.note("sign-up", reply).await.expect(202);
        let ann = self.post("invite", "/v1/users", invitee(&email, "monitor")).await.expect(201);
        // Nothing is heard of mails to there, so that nobody writes but the sender.
        let silent = invitee("silent@simulator.amazonses.com", "monitor");
        let silent = self.root().post("/v1/users", silent).await.expect(201);
        roster.stack.settle().await;
        let after = Units::of(&roster.calls(&silent, By::Afterwards).await);
        self.rows.push(Row { what: "its event and mail", outcome: "ok".into(), units: after });
        let path = format!("/v1/users/{}/invitation", silent.text("id"));
        self.root().delete(&path).await.expect(204);
        roster.stack.settle().await;
        self.post("invite", "/v1/users", invitee(&email, "monitor")).await.refused(409, "invitation_pending");
        let accept = json!({ "token": roster.token_for(&email).await, "password": PASSWORD });
        for status in [201, 404] {
            let reply = roster.caller().post("/v1/invitations/accept", accept.clone()).await;
            self.note("accept-invite", reply).await.expect(status);
        }
        for (password, status) in [(PASSWORD, 201), ("wrong", 401)] {
            let body = json!({ "email": email, "password": password });
            let reply = roster.caller().post("/v1/sessions", body).await;
            self.note("sign-in", reply).await.expect(status);
        }
        let user = format!("/v1/users/{}", ann.text("id"));
        let confirm = || json!({ "confirm": true });
        self.role("change-role", &user, "billing").await.expect(200);
        self.role("change-role to the same", &user, "billing").await.expect(200);
        self.role("change-role to Root", &user, "root").await.expect(200);
        self.role("change-role from Root", &user, "monitor").await.expect(200);
        self.post("logout", &format!("{user}/logout"), confirm()).await.expect(200);
        self.post("ask-access", &format!("{user}/access-question"), json!({})).await.expect(200);
        self.post("suspend", &format!("{user}/suspend"), confirm()).await.expect(200);
        self.post("suspend once more", &format!("{user}/suspend"), confirm()).await.expect(200);
        self.post("reactivate", &format!("{user}/reactivate"), json!({})).await.expect(200);
        let departure = format!("{user}/departure");
        self.post("start-departure", &departure, json!({ "mode": "auto" })).await.expect(200);
        let reply = self.root().get(&departure).await.expect(200);
        self.note("get-departure", reply).await;
        let reply = self.root().delete(&departure).await.expect(200);
        self.note("cancel-departure", reply).await;
        self.invitations(domain).await;
        let own = format!("/v1/users/{}", self.team.root.id);
        self.role("change-role", &own, "admin").await.refused(403, "cannot_change_own_role");
        self.post("suspend", &format!("{own}/suspend"), confirm()).await.refused(403, "cannot_act_on_self");
        self.delete(&own).await.refused(403, "cannot_act_on_self");
        self.delete(&user).await.expect(204);
        self.delete(&user).await.refused(410, "user_deleted");
        for (what, path) in [
            ("get-user", own.as_str()),
            ("seats", "/v1/seats"),
            ("savings", "/v1/reports/savings"),
            ("export-users", "/v1/exports/users"),
            ("list-reviews", "/v1/reports/reviews"),
            ("onboarding", "/v1/reports/onboarding"),
            ("get-profile", "/v1/me"),
            ("list-events", "/v1/events"),
        ] {
            let reply = self.root().get(path).await.expect(200);
            self.note(what, reply).await;
        }
        self.registry().await;
        self.billing().await;
        self.ways_in(domain).await;
        self.ends(domain).await;
    }

    async fn billing(&mut self) {
        for (what, plan, interval) in [
            ("change-plan", "team", "monthly"),
            ("change-plan to a year", "team", "annual"),
            ("change-plan to come", "pro", "annual"),
        ] {
            let body = json!({ "plan": plan, "interval": interval });
            let reply = self.root().put("/v1/billing/plan", body).await.expect(200);
            self.note(what, reply).await;
        }
        for (what, path) in
            [("take-plan-back", "/v1/billing/plan"), ("cancel-plan", "/v1/billing/subscription")]
        {
            let reply = self.root().delete(path).await.expect(200);
            self.note(what, reply).await;
        }
        self.post("preview-charge", "/v1/billing/preview", json!({ "add_users": 1 })).await.expect(200);
        let list = self.root().get("/v1/invoices").await.expect(200);
        let newest = format!("/v1/invoices/{}", list.body["data"][0]["id"].as_str().expect("an invoice"));
        self.note("list-invoices", list).await;
        for (what, path) in [("get-invoice", &*newest), ("billing-summary", "/v1/billing")] {
            let reply = self.root().get(path).await.expect(200);
            self.note(what, reply).await;
        }
    }

    async fn registry(&mut self) {
        let path = "/v1/resources/agents/support-bot";
        for (what, name) in [
            ("put-resource", "Support bot"),
            ("put-resource the same", "Support bot"),
            ("put-resource", "Bot of the support"),
        ] {
            let reply = self.root().put(path, json!({ "name": name })).await.expect(200);
            self.note(what, reply).await;
        }
        for (what, path) in [("get-resource", path), ("list-resources", "/v1/resources")] {
            let reply = self.root().get(path).await.expect(200);
            self.note(what, reply).await;
        }
        let reply = self.root().delete(path).await.expect(204);
        self.note("delete-resource", reply).await;
        self.webhooks().await;
        let question = json!({ "action": "resources.run" });
        self.post("authorize", "/v1/authorize", question).await.expect(200);
    }

    async fn ends(&mut self, domain: &str) {
        let lea = self.team.member(&format!("lea@{domain}.test"), "developer").await;
        self.team.roster.stack.settle().await;
        let sessions = self.root().get(&format!("/v1/users/{}/sessions", lea.id)).await.expect(200);
        self.note("list-user-sessions", sessions).await;
        let leaving = match self.keys {
            Some(_) => lea.caller.with_header("idempotency-key", "leave"),
            None => lea.caller,
        };
        let reply = leaving.delete("/v1/me?confirm=true").await.expect(204);
        self.note("leave", reply).await;
        let reply = self.root().get("/v1/account").await.expect(200);
        self.note("get-account", reply).await;
        let changes = json!({ "invitation_lifetime_days": 7 });
        for what in ["update-account", "update-account the same"] {
            let reply = self.root().patch("/v1/account", changes.clone()).await.expect(200);
            self.note(what, reply).await;
        }
        let reply = self.root().delete("/v1/account?confirm=true").await.expect(204);
        self.note("close-account", reply).await;
    }
}

async fn life(roster: &Roster, domain: &str, keys: Option<u32>) -> Vec<Row> {
    let mut life = Life { team: roster.team(domain).await, keys, rows: Vec::new() };
    life.run(domain).await;
    life.rows
}

/// Units as a table shows them: nothing where there are none.
fn cell(units: f64) -> String {
    if units > 0.0 { units.to_string() } else { String::new() }
}

/// What takes more than is promised, in words.
fn beyond(row: &Row) -> Option<String> {
    let Row { what, outcome, units } = row;
    let most = match outcome.as_str() {
        "ok" => WRITE_UNITS_MAX.iter().find(|(name, _)| name == what).map(|(_, most)| *most),
        "invalid_credentials" | "invalid_code" | "invalid_passkey" => Some(COUNTED_WRITE_UNITS_MAX),
        _ => Some(REFUSAL_WRITE_UNITS_MAX),
    };
    most.filter(|most| units.write > *most).map(|_| format!("{what} ({outcome}) takes {units:?}"))
}

// RULE: IN-04, AC-05, AP-02, EV-01
#[tokio::test]
async fn each_operation_takes_the_capacity_that_is_listed() {
    let roster = Roster::start().await;
    let without = life(&roster, "plain", None).await;
    let with = life(&roster, "keyed", Some(0)).await;
    assert_eq!(without.iter().filter_map(beyond).collect::<Vec<_>>(), Vec::<String>::new());
    let mut lines =
        vec![format!("{:28}{:24}{:>6}{:>7}{:>15}", "operation", "outcome", "read", "write", "under a key")];
    for (row, keyed) in without.iter().zip(&with) {
        assert_eq!((row.what, &row.outcome), (keyed.what, &keyed.outcome));
        let beside = keyed.units.write - row.units.write;
        assert!((0.0..=KEY_WRITE_UNITS_MAX).contains(&beside), "{}: {:?}", row.what, keyed.units);
        // That a credential was used is noted as well, once in five minutes.
        let counts = if row.what == access::FIRST_USE { 2.0 } else { 1.0 };
        assert!(row.units.count <= counts, "{} is counted once: {:?}", row.what, row.units);
        let [read, write, more] = [row.units.read, row.units.write, keyed.units.write].map(cell);
        lines.push(
            format!("{:28}{:24}{read:>6}{write:>7}{more:>15}", row.what, row.outcome).trim_end().to_owned(),
        );
    }
    insta::with_settings!({ snapshot_path => "../..", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("capacity", lines.join("\n"));
    });
}

// RULE: AP-04
#[tokio::test]
async fn a_page_of_50_users_is_read_as_one_piece() {
    let roster = Roster::start().await;
    let team = roster.team("page").await.on_pro().await;
    let root = &team.root.caller;
    let name = "n".repeat(100);
    for n in 1..PAGE_USERS {
        let email = format!("{n}-{}@{}.test", "a".repeat(60), "b".repeat(63));
        let body = json!({ "email": email, "first_name": name, "last_name": name, "role": "developer", "justification": "j".repeat(300) });
        root.post("/v1/users", body).await.expect(201);
    }
    let reply = root.get("/v1/users").await.expect(200);
    assert_eq!(reply.body["data"].as_array().map(Vec::len), Some(PAGE_USERS));
    let calls = roster.calls(&reply, By::Operation).await;
    let pages: Vec<f64> =
        calls.iter().filter(|call| call.operation == "Query").map(|call| call.units).collect();
    assert_eq!(pages.len(), 1, "one page is one query");
    assert!(pages[0] <= PAGE_READ_UNITS_MAX, "{pages:?}");
    println!("a page of {PAGE_USERS} users takes {} read units", pages[0]);
}
