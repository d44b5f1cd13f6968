//! How many steps each operation takes to the table. Calls issued together are one step; each further one is a round
//! trip that the caller waits for.
#![allow(clippy::expect_used)]

mod access;
mod declared;
mod webhooks;

use std::time::Duration;

use declared::{EXCEPTIONS, MACS};
use local::Options;
use serde_json::json;
use tests::{By, Call, Caller, PASSWORD, Reply, Roster, invitee, invitees};

/// Long enough for calls that are issued together to overlap for certain.
const AWS_LATENCY: Duration = Duration::from_millis(60);
/// Reads take one step, writes two: one that reads, one that commits.
const READ: usize = 1;
const WRITE: usize = 2;

/// What a request did, by `/_local/calls`.
struct Steps {
    table: usize,
    macs: usize,
    writes: usize,
    calls: Vec<String>,
}

struct Bench<'a> {
    roster: &'a Roster,
    rows: Vec<String>,
}

impl Bench<'_> {
    async fn steps(&self, reply: &Reply) -> Steps {
        let calls = self.roster.calls(reply, By::Operation).await;
        let is_write = |call: &&Call| ["TransactWriteItems", "PutItem"].contains(&call.operation.as_str());
        let mut table: Vec<usize> =
            calls.iter().filter(|call| call.service == "dynamodb").map(|call| call.step).collect();
        table.dedup();
        let mut by_step: Vec<Vec<&str>> = Vec::new();
        for call in &calls {
            by_step.resize(call.step.max(by_step.len()), Vec::new());
            by_step[call.step - 1].push(&call.operation);
        }
        let names = |mut step: Vec<&str>| {
            step.sort_unstable();
            step.join(" + ")
        };
        Steps {
            table: table.len(),
            macs: calls.iter().filter(|call| call.service == "kms").count(),
            writes: calls.iter().filter(is_write).count(),
            calls: by_step.into_iter().map(names).collect(),
        }
    }

    /// Notes a row, and holds it against what is declared.
    async fn note(&mut self, what: &str, declared: usize, reply: Reply) -> Reply {
        let steps = self.steps(&reply).await;
        let outcome = if reply.status < 300 { "ok" } else { reply.code() };
        let most = EXCEPTIONS.iter().find(|(name, ..)| *name == what).map_or(declared, |(_, most, _)| *most);
        assert!(steps.table <= most, "{what} ({outcome}) takes {} steps: {:?}", steps.table, steps.calls);
        let writes = (most / 2).max(1);
        assert!(
            steps.writes <= writes,
            "{what} ({outcome}) writes {} times: {:?}",
            steps.writes,
            steps.calls
        );
        let asked = MACS.iter().find(|(name, ..)| *name == what).map_or(0, |(_, asked, _)| *asked);
        let as_declared = if reply.status < 300 { steps.macs == asked } else { steps.macs <= asked };
        assert!(
            as_declared,
            "{what} ({outcome}) asks the key service {} times: {:?}",
            steps.macs, steps.calls
        );
        let calls = if steps.calls.is_empty() { "none".to_owned() } else { steps.calls.join(", ") };
        self.rows.push(format!("{what:30} {outcome:24} {:5}  {calls}", steps.table));
        reply
    }

    async fn garbage(&mut self, what: &str, reply: Reply) {
        let steps = self.steps(&reply).await;
        assert_eq!(steps.writes, 0, "{what}: whoever is nobody writes nothing: {:?}", steps.calls);
        self.note(what, READ, reply).await;
    }
}

async fn sign_in(caller: Caller, email: &str, password: &str) -> Reply {
    caller.post("/v1/sessions", json!({ "email": email, "password": password })).await
}

/// A team of its own, since its account ends.
async fn of_account_and_resources(bench: &mut Bench<'_>) {
    let team = bench.roster.team("ending").await;
    let root = &team.root.caller;
    let dan = team.member("dan@ending.test", "developer").await;
    let sessions = format!("/v1/users/{}/sessions", dan.id);
    bench.note("list-user-sessions", READ, root.get(&sessions).await).await.expect(200);
    bench.note("get-account", READ, root.get("/v1/account").await).await.expect(200);
    let named = |name: &str| json!({ "name": name });
    for (what, steps) in [("update-account", WRITE), ("update-account, the same", READ)] {
        bench.note(what, steps, root.patch("/v1/account", named("New")).await).await.expect(200);
    }
    let question = json!({ "action": "resources.run" });
    bench.note("authorize", READ, root.post("/v1/authorize", question).await).await.expect(200);
    webhooks::steps(bench, root).await;
    let path = "/v1/resources/agents/a";
    bench.note("put-resource", WRITE, root.put(path, named("A")).await).await.expect(200);
    bench.note("put-resource, the same", READ, root.put(path, named("A")).await).await.expect(200);
    bench.note("put-resource, another", WRITE, root.put(path, named("B")).await).await.expect(200);
    bench.note("change another's resource", 0, dan.caller.put(path, named("C")).await).await.expect(200);
    bench.note("get-resource", READ, root.get(path).await).await.expect(200);
    bench.note("get another's resource", 0, dan.caller.get(path).await).await.expect(200);
    bench.note("list-resources", READ, root.get("/v1/resources").await).await.expect(200);
    bench.note("list resources of others", 0, dan.caller.get("/v1/resources").await).await.expect(200);
    let of_root = format!("/v1/resources?created_by={}", team.root.id);
    bench.note("list resources of one", READ, dan.caller.get(&of_root).await).await.expect(200);
    bench.note("delete-resource", WRITE, dan.caller.delete(path).await).await.expect(204);
    bench.note("delete-resource", READ, dan.caller.delete(path).await).await.expect(404);
    bench.note("leave", READ, root.delete("/v1/me?confirm=true").await).await.expect(409);
    bench.note("leave", WRITE, dan.caller.delete("/v1/me?confirm=true").await).await.expect(204);
    bench.note("close-account", WRITE, root.delete("/v1/account?confirm=true").await).await.expect(204);
}

/// A team of its own, whose period ends.
async fn of_billing(bench: &mut Bench<'_>) {
    let team = bench.roster.team("paying").await;
    let root = &team.root.caller;
    let plan = |plan: &str| json!({ "plan": plan, "interval": "monthly" });
    bench.note("change-plan", WRITE, root.put("/v1/billing/plan", plan("team")).await).await.expect(200);
    bench.note("change-plan, the same", READ, root.put("/v1/billing/plan", plan("team")).await).await;
    bench.note("change-plan, to come", WRITE, root.put("/v1/billing/plan", plan("pro")).await).await;
    bench.note("take-plan-back", WRITE, root.delete("/v1/billing/plan").await).await.expect(200);
    bench.note("cancel-plan", WRITE, root.delete("/v1/billing/subscription").await).await.expect(200);
    root.delete("/v1/billing/plan").await.expect(200);
    bench.note("billing-summary", READ, root.get("/v1/billing").await).await.expect(200);
    let preview = root.post("/v1/billing/preview", json!({ "add_users": 1 })).await;
    bench.note("preview-charge", READ, preview).await.expect(200);
    let dan = team.member("dan@paying.test", "developer").await;
    bench.roster.advance("1d").await;
    bench.roster.stop_sweeps().await;
    let root = &bench.roster.sign_in(&team.root.email).await.caller;
    let list = bench.note("list-invoices", READ, root.get("/v1/invoices").await).await.expect(200);
    for (what, at, accept) in [
        ("get-invoice", 1, "application/json"),
        ("get-invoice as a page", 1, "text/html"),
        ("get-invoice of additions", 0, "application/json"),
        ("get-invoice of additions as a page", 0, "text/html"),
    ] {
        let path = format!("/v1/invoices/{}", list.body["data"][at]["id"].as_str().expect("an invoice"));
        bench.note(what, READ, root.with_header("accept", accept).get(&path).await).await.expect(200);
    }
    let clock = bench.roster.stack.clock();
    clock.advance(chrono::TimeDelta::days(62));
    let root = &bench.roster.sign_in(&team.root.email).await.caller;
    let gone = root.delete(&format!("/v1/users/{}?confirm=true", dan.id)).await;
    bench.note("delete, two periods late", 0, gone).await.expect(204);
    bench.roster.mend().await;
}

/// What is done to the invitation of somebody who is pending, and invitations of many.
async fn invitations(bench: &mut Bench<'_>, root: &Caller) {
    let roster = bench.roster;
    roster.advance("61s").await;
    let eve = root.get("/v1/users?email=eve@steps.test").await.expect(200).body["data"][0]["id"].clone();
    let eve = format!("/v1/users/{}/invitation", eve.as_str().expect("an identifier"));
    bench.note("resend-invite", WRITE, root.post(&eve, json!({})).await).await.expect(200);
    bench.note("revoke-invite", WRITE, root.delete(&eve).await).await.expect(204);
    bench.note("revoke-invite once more", READ, root.delete(&eve).await).await.expect(204);
    let pro = json!({ "plan": "pro", "interval": "monthly" });
    root.put("/v1/billing/plan", pro).await.expect(200);
    let many = |rows: std::ops::Range<usize>| invitees(rows.map(|n| format!("n{n}@steps.test")));
    for (what, rows) in [("invite-many of 8", 0..8), ("invite-many of 20", 20..40)] {
        bench.note(what, WRITE, root.post("/v1/users/bulk", many(rows)).await).await.expect(200);
    }
    let known = root.post("/v1/users/bulk", many(20..40)).await;
    bench.note("invite-many of known addresses", 0, known.clone()).await.expect(200);
    let ids = known.user_ids();
    for (what, of) in [("delete-many of 2", 0..2), ("delete-many of 8", 2..10)] {
        let body = json!({ "user_ids": &ids[of], "confirm": true });
        bench.note(what, WRITE, root.post("/v1/users/bulk-delete", body).await).await.expect(200);
    }
}

// RULE: IN-04, IN-05, SE-01, AC-12
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[allow(clippy::too_many_lines)] // it is one table
async fn each_operation_takes_the_steps_that_are_declared() {
    let options = Options { aws_latency: AWS_LATENCY, ..Options::default() };
    let roster = Roster::start_with(options).await;
    let mut bench = Bench { roster: &roster, rows: Vec::new() };
    let team = roster.team("steps").await;
    let root = &team.root.caller;

    let sign_up =
        json!({ "account_name": "New", "email": "new@new.test", "first_name": "Nia", "last_name": "New" });
    bench.note("sign-up", WRITE, roster.caller().post("/v1/accounts", sign_up).await).await.expect(202);
    bench.note("sign-in", 0, sign_in(roster.caller(), &team.root.email, "wrong").await).await.expect(401);
    bench.note("sign-in", 0, sign_in(roster.caller(), "nobody@steps.test", "wrong").await).await.expect(401);
    let to_account = json!({ "email": team.root.email, "password": PASSWORD, "account_id": team.account_id });
    let challenged = roster.caller().post("/v1/sessions", to_account).await;
    let challenged = bench.note("sign-in to an account", 0, challenged).await.expect(200);
    let signed_in = access::verify(&roster, &team.root.email, &challenged).await;
    let signed_in = bench.note("verify-mfa", WRITE, signed_in).await.expect(201);
    let other = roster.caller().with_token(signed_in.text("token"));
    bench.note("get-profile", READ, other.get("/v1/me").await).await.expect(200);
    bench.note("sign-out", WRITE, other.delete("/v1/sessions/current").await).await.expect(204);

    let invited = root.post("/v1/users", invitee("ann@steps.test", "developer")).await;
    let ann = bench.note("invite", WRITE, invited).await.expect(201).body["id"].clone();
    let ann = ann.as_str().expect("an identifier");
    let again = root.post("/v1/users", invitee("ann@steps.test", "developer")).await;
    bench.note("invite a known address", 0, again).await.expect(409);
    let token = roster.token_for("ann@steps.test").await;
    let lookup = roster.caller().post("/v1/invitations/lookup", json!({ "token": token })).await;
    bench.note("lookup-invite", READ, lookup).await.expect(200);
    let accept = json!({ "token": token, "password": PASSWORD });
    let accepted = roster.caller().post("/v1/invitations/accept", accept.clone()).await;
    bench.note("accept-invite", WRITE, accepted).await.expect(201);
    bench.note("accept-invite", WRITE, roster.caller().post("/v1/invitations/accept", accept).await).await;

    let path = format!("/v1/users/{ann}");
    bench.note("list-users", READ, root.get("/v1/users").await).await.expect(200);
    bench.note("list-users filtered", READ, root.get("/v1/users?status=active").await).await.expect(200);
    let by_address = root.get("/v1/users?email=ann@steps.test").await;
    bench.note("list-users by address", 0, by_address).await.expect(200);
    bench.note("list-users by address", 0, root.get("/v1/users?email=no@steps.test").await).await.expect(200);
    bench.note("get-user", READ, root.get(&path).await).await.expect(200);
    bench.note("savings", READ, root.get("/v1/reports/savings").await).await.expect(200);
    bench.note("onboarding", READ, root.get("/v1/reports/onboarding").await).await.expect(200);
    bench.note("list-reviews", READ, root.get("/v1/reports/reviews").await).await.expect(200);
    roster.review(&team.account_id, 31).await;
    let review = roster.newest_review(&team.account_id, domain::ReviewKind::Inactivity).await;
    let review = root.get(&format!("/v1/reports/reviews/{review}")).await;
    bench.note("get-review", READ, review).await.expect(200);
    for what in ["users", "events", "invoices", "reviews"] {
        let exported = root.get(&format!("/v1/exports/{what}")).await;
        bench.note(&format!("export-{what}"), WRITE, exported).await.expect(200);
    }
    bench.note("seats", READ, root.get("/v1/seats").await).await.expect(200);
    let role = |role: &str| json!({ "role": role });
    bench
        .note("change-role", WRITE, root.put(&format!("{path}/role"), role("monitor")).await)
        .await
        .expect(200);
    bench
        .note("change-role to the same", READ, root.put(&format!("{path}/role"), role("monitor")).await)
        .await;
    let confirm = || json!({ "confirm": true });
    bench.note("logout", WRITE, root.post(&format!("{path}/logout"), confirm()).await).await.expect(200);
    for (what, steps, status) in [("ask-access", WRITE, 200), ("ask-access once more", READ, 429)] {
        let reply = root.post(&format!("{path}/access-question"), json!({})).await;
        bench.note(what, steps, reply).await.expect(status);
    }
    bench.note("suspend", WRITE, root.post(&format!("{path}/suspend"), confirm()).await).await.expect(200);
    bench.note("suspend once more", READ, root.post(&format!("{path}/suspend"), confirm()).await).await;
    bench
        .note("reactivate", WRITE, root.post(&format!("{path}/reactivate"), json!({})).await)
        .await
        .expect(200);

    let keyed = root.with_header("idempotency-key", "k");
    let logout_path = format!("{path}/logout");
    let logout = || keyed.post(&logout_path, confirm());
    bench.note("logout under a key", WRITE, logout().await).await.expect(200);
    bench.note("logout again under its key", READ, logout().await).await.expect(200);
    let refused = root.with_header("idempotency-key", "n").post(&format!("{path}x/logout"), confirm()).await;
    bench.note("refused under a key", 0, refused).await.expect(404);
    bench.note("list-events", READ, root.get("/v1/events").await).await.expect(200);

    let own = format!("/v1/users/{}", team.root.id);
    bench.note("suspend oneself", WRITE, root.post(&format!("{own}/suspend"), confirm()).await).await;
    bench.note("change one's own role", WRITE, root.put(&format!("{own}/role"), role("admin")).await).await;
    let old = format!("/v1/users/{}/invitation", team.pending("old@steps.test", "developer").await);
    let full = root.post("/v1/users", invitee("eve@steps.test", "developer")).await;
    bench.note("invite over a lapsed seat", WRITE, full).await.refused(403, "maximum_users_reached");
    roster.lapse_unswept().await;
    let root = &roster.sign_in(&team.root.email).await.caller;
    let over = root.post("/v1/users", invitee("eve@steps.test", "developer")).await;
    bench.note("invite over a lapsed seat", 0, over).await.expect(201);
    bench.note("resend-invite without a seat", 0, root.post(&old, json!({})).await).await.expect(403);
    roster.mend().await;
    roster.lapse_unswept().await;
    let root = &roster.sign_in(&team.root.email).await.caller;
    let again = root.post("/v1/users", invitee("eve@steps.test", "developer")).await;
    bench.note("invite again after expiry", 0, again).await.expect(201);
    roster.mend().await;
    let departure = format!("{path}/departure");
    let departing = root.post(&departure, json!({ "mode": "auto" })).await;
    bench.note("start-departure", WRITE, departing).await.expect(200);
    bench.note("get-departure", READ, root.get(&departure).await).await.expect(200);
    bench.note("cancel-departure", WRITE, root.delete(&departure).await).await.expect(200);
    bench.note("delete", WRITE, root.delete(&format!("{path}?confirm=true")).await).await.expect(204);
    bench.note("get-user", READ, root.get(&path).await).await.expect(410);
    bench.note("suspend", READ, root.post("/v1/users/usr_none/suspend", confirm()).await).await.expect(404);

    of_account_and_resources(&mut bench).await;
    access::ways_in(&mut bench).await;
    invitations(&mut bench, root).await;

    let nobody = roster.caller();
    bench.garbage("no credential", nobody.get("/v1/users").await).await;
    bench.garbage("a made-up credential", nobody.with_token("ros_ses_made-up").get("/v1/users").await).await;
    bench
        .garbage("a dead credential", other.post("/v1/users", invitee("x@steps.test", "monitor")).await)
        .await;
    let body = Some((b"{".to_vec(), "application/json"));
    bench.garbage("no JSON", nobody.raw(reqwest::Method::POST, "/v1/sessions", body).await).await;
    bench.garbage("missing fields", nobody.post("/v1/accounts", json!({})).await).await;
    let made_up = json!({ "token": "made-up", "password": PASSWORD });
    bench.garbage("a made-up invitation", nobody.post("/v1/invitations/accept", made_up.clone()).await).await;
    bench
        .garbage("a made-up invitation", nobody.post("/v1/invitations/lookup", json!({ "token": "x" })).await)
        .await;

    of_billing(&mut bench).await;
    let heading = format!("{:30} {:24} steps  calls, step by step", "operation", "outcome");
    let exceptions =
        EXCEPTIONS.map(|(name, steps, reason)| format!("{name:30} {steps}  {reason}")).join("\n");
    let rows = bench.rows.join("\n");
    let macs = MACS.map(|(name, asked, reason)| format!("{name:30} {asked}  {reason}")).join("\n");
    let table = format!(
        "{heading}\n{rows}\n\nmore than 1 to read or 2 to write\n{exceptions}\n\nwhat asks the key service\n{macs}"
    );
    insta::assert_snapshot!(table);
}
