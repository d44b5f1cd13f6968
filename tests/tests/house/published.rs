//! Everything that happens is published in the shape that `events/schema.json` promises.

use std::collections::BTreeSet;
use std::sync::Arc;

use local::Options;
use runtime::{Fault, Function, Handler, Host, Output, StartError};
use serde_json::{Value, json};
use tests::{Caller, PASSWORD, Person, Roster, Team, invitee};

use crate::schema::{kinds, misfit, schema};

const MARK: &str = "published ";

/// `send-mail`, which tells what it is given.
struct Telling {
    inner: Arc<dyn Handler>,
    output: Output,
}

impl Handler for Telling {
    fn call(&self, event: Value) -> futures_util::future::BoxFuture<'_, Result<Value, Fault>> {
        for record in event["Records"].as_array().into_iter().flatten() {
            (self.output)(&format!("{MARK}{}", record["body"].as_str().unwrap_or_default()));
        }
        self.inner.call(event)
    }
}

fn start(host: &Host) -> Result<Arc<dyn Handler>, StartError> {
    Ok(Arc::new(Telling { inner: (send_mail::FUNCTION.start)(host)?, output: host.output.clone() }))
}

/// The product, where the mail queue gets everything that is published.
async fn telling() -> Roster {
    let mut options = Options::default();
    options.template = tests::with_every_event_mailed(&options.template);
    let mail = options.functions.iter_mut().find(|function| function.name == "send-mail");
    *mail.expect("send-mail is linked") = Function::of_events("send-mail", start);
    Roster::start_with(options).await
}

/// Whatever can happen, happens.
async fn everything(roster: &Roster) {
    let team = roster.team("acme").await;
    let root = &team.root.caller;
    let bounced = team.pending("bounce@simulator.amazonses.com", "monitor").await;
    roster.stack.settle().await;
    root.delete(&format!("/v1/users/{bounced}?confirm=true")).await.expect(204);
    team.pending("old@acme.test", "monitor").await;
    let bea = team.member("bea@acme.test", "developer").await;
    bea.caller.get("/v1/seats").await.refused(403, "insufficient_role");
    let of_bea = |what: &str| format!("/v1/users/{}{what}", bea.id);
    root.put(&of_bea("/role"), json!({ "role": "monitor" })).await.expect(200);
    departures(root, &of_bea("")).await;
    let why = json!({ "confirm": true, "reason": "extended_leave" });
    root.post(&of_bea("/suspend"), why).await.expect(200);
    root.post(&of_bea("/reactivate"), json!({})).await.expect(200);
    root.post(&of_bea("/logout"), json!({ "confirm": true })).await.expect(200);
    roster.advance("61s").await;
    let old = root.get("/v1/users?email=old@acme.test").await.expect(200).body;
    let old = old["data"][0]["id"].as_str().expect("an identifier");
    root.post(&format!("/v1/users/{old}/invitation"), json!({})).await.expect(200);
    // The seat of the expired invitation goes to the next one.
    roster.advance("3d").await;
    let root = &roster.sign_in(&team.root.email).await.caller;
    root.post("/v1/users", invitee("new@acme.test", "billing")).await.expect(201);
    let next = root.get("/v1/users?email=new@acme.test").await.expect(200).body;
    let next = next["data"][0]["id"].as_str().expect("an identifier").to_owned();
    root.delete(&format!("/v1/users/{next}?confirm=true")).await.expect(204);
    root.delete(&of_bea("?confirm=true")).await.expect(204);
    root.delete("/v1/sessions/current").await.expect(204);
    an_account_and_what_is_made_in_it(roster).await;
    ways_in(roster).await;
    money(roster).await;
    what_time_alone_brings(roster).await;
}

/// A plan is changed, or is not, and an account cannot be charged.
async fn money(roster: &Roster) {
    let team = roster.team("money").await;
    let root = &team.root.caller;
    root.put("/v1/billing/plan", json!({ "plan": "pro", "interval": "monthly" })).await.expect(200);
    for _ in 0..2 {
        root.put("/v1/billing/plan", json!({ "plan": "free" })).await.expect(200);
        root.delete("/v1/billing/plan").await.expect(200);
    }
    root.put("/v1/billing/plan", json!({ "plan": "free" })).await.expect(200);
    for n in 0..3 {
        team.member(&format!("m{n}@money.test"), "monitor").await;
    }
    let large = roster.team("large").await;
    for unit_amount in [3000, 2500] {
        let agreed = json!({
            "account_id": large.account_id, "interval": "monthly", "unit_amount": unit_amount, "reason": "Contract 1",
        });
        roster.caller().post("/_local/run/set-enterprise-price", agreed).await.expect(200);
    }
    let withdraw = json!({ "account_id": large.account_id, "reason": "Typed wrong" });
    roster.caller().post("/_local/run/set-enterprise-price", withdraw).await.expect(200);
    let broken = roster.team("broken").await.on_pro().await;
    roster.stack.settle().await;
    roster.table().set_schema(&format!("A#{}", broken.account_id), "A", 9).await;
}

/// One is begun and called off.
async fn departures(root: &Caller, user: &str) {
    let path = format!("{user}/departure");
    root.post(&path, json!({})).await.expect(200);
    root.delete(&path).await.expect(200);
}

async fn what_time_alone_brings(roster: &Roster) {
    let ghost = json!({ "account_name": "G", "email": "g@ghost.test", "first_name": "G", "last_name": "G" });
    roster.caller().post("/v1/accounts", ghost).await.expect(202);
    let team = roster.team("slow").await.on_pro().await;
    let root = &team.root.caller;
    let resent = team.pending("resent@slow.test", "monitor").await;
    // Its receiver is this machine, which is called by nobody: after a day it is switched off.
    let webhook = json!({ "url": "https://localhost/", "event_types": ["*"] });
    root.post("/v1/webhooks", webhook).await.expect(201);
    roster.advance("2m").await;
    root.post(&format!("/v1/users/{resent}/invitation"), json!({})).await.expect(200);
    let user = |person: &Person, what: &str| format!("/v1/users/{}{what}", person.id);
    let sue = team.member("sue@slow.test", "monitor").await;
    root.post(&user(&sue, "/suspend"), json!({ "confirm": true })).await.expect(200);
    for (name, mode) in [("auto", "auto"), ("told", "remind")] {
        let person = team.member(&format!("{name}@slow.test"), "monitor").await;
        root.post(&user(&person, "/departure"), json!({ "mode": mode })).await.expect(200);
    }
    // Whoever has become the last Root meanwhile does not depart.
    let last = team.member("last@slow.test", "monitor").await;
    root.post(&user(&last, "/departure"), json!({ "mode": "auto" })).await.expect(200);
    root.post(&user(&last, "/reactivate"), json!({})).await.expect(200);
    root.put(&user(&last, "/role"), json!({ "role": "root" })).await.expect(200);
    let last = roster.sign_in("last@slow.test").await;
    last.caller.put(&user(&team.root, "/role"), json!({ "role": "monitor" })).await.expect(200);
    // The account that was closed is erased, too.
    roster.advance("31d").await;
}

/// Somebody minds how they get in, and others try to.
async fn ways_in(roster: &Roster) {
    let team = roster.team("access").await;
    let ann = team.member("ann@access.test", "developer").await;
    ann.caller.patch("/v1/me", json!({ "first_name": "Anna" })).await.expect(200);
    ann.caller.put("/v1/me/notifications", json!({ "roles": false })).await.expect(200);
    let elsewhere = roster.caller().with_header("user-agent", "curl/8.5.0");
    let credentials = json!({ "email": ann.email, "password": PASSWORD });
    elsewhere.post("/v1/sessions", credentials.clone()).await.expect(201);
    ann.caller.delete("/v1/me/sessions").await.expect(200);
    keys(&team, &ann).await;
    second_factor(roster, &ann).await;
    let change = json!({ "current_password": PASSWORD, "new_password": "fern-cobalt-otter-52" });
    ann.caller.put("/v1/me/password", change).await.expect(204);
    roster.caller().post("/v1/password-resets", json!({ "email": ann.email })).await.expect(202);
    let mails = roster.mails(&ann.email).await;
    let link = mails.iter().find_map(|mail| mail["links"][0].as_str()?.split_once("/reset#"));
    let reset = json!({ "token": link.expect("a link").1, "password": "fern-cobalt-otter-53" });
    roster.caller().post("/v1/password-resets/confirm", reset).await.expect(204);
    let asked = team.ask_access(&ann).await;
    let answer = json!({ "token": asked, "answer": "no" });
    roster.caller().post("/v1/access-answers", answer).await.expect(204);
    for _ in 0..5 {
        elsewhere.post("/v1/sessions", credentials.clone()).await.refused(401, "invalid_credentials");
    }
}

/// One is used and deleted by its owner, another by the Root with all that there are.
async fn keys(team: &Team<'_>, ann: &Person) {
    let create = async || ann.caller.post("/v1/me/api-keys", json!({ "name": "ci" })).await.expect(201).body;
    let (first, _) = (create().await, create().await);
    let program = ann.caller.with_token(first["token"].as_str().expect("a credential"));
    program.put("/v1/resources/agents/bot", json!({ "name": "Bot" })).await.expect(200);
    let id = first["id"].as_str().expect("an identifier");
    ann.caller.delete(&format!("/v1/me/api-keys/{id}")).await.expect(204);
    team.root.caller.delete(&format!("/v1/users/{}/api-keys", ann.id)).await.expect(204);
}

/// It is set up, used, guessed at until no code is looked at any more, and removed.
async fn second_factor(roster: &Roster, ann: &Person) {
    roster.step_up(ann).await;
    roster.enroll(ann).await;
    ann.caller.post("/v1/me/recovery-codes/view", json!({})).await.expect(200);
    let credentials = json!({ "email": ann.email, "password": PASSWORD });
    let challenge = roster.caller().post("/v1/sessions", credentials).await.expect(200).body;
    let code = roster.authenticators.recovery_codes(&ann.email).remove(0);
    let answer = json!({ "challenge": challenge["challenge"], "recovery_code": code });
    roster.caller().post("/v1/sessions/mfa", answer).await.expect(201);
    let right = roster.authenticators.code(&ann.email);
    let wrong = format!("{:06}", (right.parse::<u32>().expect("digits") + 500_000) % 1_000_000);
    for _ in 0..10 {
        let guess = json!({ "code": wrong });
        ann.caller.post("/v1/sessions/current/step-up", guess).await.refused(401, "invalid_code");
    }
    ann.caller.delete("/v1/me/mfa/totp").await.expect(204);
}

/// One is made, changed, told again of what happened, and deleted.
async fn webhooks(root: &Caller) {
    let hook = json!({ "url": "https://localhost/", "event_types": ["user.invited"] });
    let made = root.post("/v1/webhooks", hook).await.expect(201).body;
    let path = format!("/v1/webhooks/{}", made["id"].as_str().expect("an identifier"));
    let changes = json!({ "url": "https://localhost/else", "event_types": ["*"] });
    root.patch(&path, changes).await.expect(200);
    root.post(&format!("{path}/secret"), json!({})).await.expect(200);
    let from = made["created_at"].clone();
    root.post(&format!("{path}/replay"), json!({ "from": from })).await.expect(202);
    root.patch(&path, json!({ "enabled": false })).await.expect(200);
    root.delete(&path).await.expect(204);
}

async fn an_account_and_what_is_made_in_it(roster: &Roster) {
    let team = roster.team("ending").await;
    let root = &team.root.caller;
    let changes = json!({ "name": "New name", "invitation_lifetime_days": 7 });
    root.patch("/v1/account", changes).await.expect(200);
    root.get("/v1/exports/users?format=csv").await.expect(200);
    webhooks(root).await;
    let path = "/v1/resources/mcp-servers/crm";
    for name in ["CRM", "Another"] {
        root.put(path, json!({ "name": name })).await.expect(200);
    }
    root.delete(path).await.expect(204);
    let lea = team.member("lea@ending.test", "developer").await.caller;
    lea.delete("/v1/me?confirm=true").await.expect(204);
    root.delete("/v1/account?confirm=true").await.expect(204);
}

// RULE: EV-02, AC-10
#[tokio::test]
async fn whatever_happens_is_published_as_the_schema_says() {
    let roster = telling().await;
    everything(&roster).await;
    roster.stack.settle().await;
    let mut seen = BTreeSet::new();
    for (_, line) in roster.stack.logs() {
        let Some(body) = line.strip_prefix(MARK) else { continue };
        let body: Value = serde_json::from_str(body).unwrap();
        let detail = &body["detail"];
        assert_eq!(body["detail-type"], detail["type"]);
        assert_eq!(misfit(&schema(), &schema(), detail), None, "{detail:#}");
        seen.insert(detail["type"].as_str().unwrap().to_owned());
    }
    assert_eq!(seen, kinds(), "every type that there is was published");
}
