//! Whoever's access is touched is told by mail, whoever did it.

use std::net::{IpAddr, Ipv4Addr};

use serde_json::{Value, json};
use tests::{Caller, PASSWORD, Person, Roster, Team};

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
const SAFARI: &str =
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Safari/604.1";

/// A mailbox, read on from where it was read last.
struct Mailbox<'a> {
    roster: &'a Roster,
    email: String,
    read: usize,
}

impl<'a> Mailbox<'a> {
    async fn of(roster: &'a Roster, person: &Person) -> Self {
        let read = roster.mails(&person.email).await.len();
        Self { roster, email: person.email.clone(), read }
    }

    /// What has come since, the oldest first.
    async fn arrived(&mut self) -> Vec<Value> {
        self.roster.stack.settle().await;
        let mut mails = self.roster.mails(&self.email).await;
        let new = mails.drain(..mails.len() - self.read).rev().collect::<Vec<_>>();
        self.read += new.len();
        new
    }

    /// The one mail that has come since; it says so.
    async fn one(&mut self, subject: &str, says: &[&str]) {
        let new = self.arrived().await;
        let subjects: Vec<&str> = new.iter().filter_map(|mail| mail["subject"].as_str()).collect();
        assert_eq!(subjects, [subject]);
        assert_eq!(new[0]["to"], json!([self.email]));
        let text = new[0]["text"].as_str().expect("a text").replace('\u{2060}', "");
        for words in says {
            assert!(text.contains(words), "{words} in {text}");
        }
    }
}

async fn developer(roster: &Roster) -> (Team<'_>, Person) {
    let team = roster.team("acme").await.on_pro().await;
    let dev = team.member("dev@acme.test", "developer").await;
    (team, dev)
}

/// An Admin called Ada Lovelace.
async fn ada(team: &Team<'_>) -> Person {
    let ada = team.member("ada@acme.test", "admin").await;
    let name = json!({ "first_name": "Ada", "last_name": "Lovelace" });
    ada.caller.patch("/v1/me", name).await.expect(200);
    ada
}

// RULE: RC-05
#[tokio::test]
async fn whose_recovery_codes_are_issued_or_viewed_is_told_by_whom() {
    let roster = Roster::start().await;
    let (team, dev) = developer(&roster).await;
    let ada = ada(&team).await;
    roster.enroll(&dev).await;
    let (mut his, mut hers) = (Mailbox::of(&roster, &dev).await, Mailbox::of(&roster, &ada).await);
    let codes = format!("/v1/users/{}/recovery-codes", dev.id);
    ada.caller.post(&codes, json!({ "confirm": true })).await.expect(200);
    his.one("Security Codes Viewed", &["Ada Lovelace issued new recovery codes", "Who: Ada Lovelace"]).await;
    ada.caller.post(&format!("{codes}/view"), json!({})).await.expect(200);
    his.one("Security Codes Viewed", &["Ada Lovelace viewed the recovery codes", "What: viewed"]).await;
    dev.caller.post("/v1/me/recovery-codes/view", json!({})).await.expect(200);
    his.one("Security Codes Viewed", &["You viewed the recovery codes", "Who: You"]).await;
    dev.caller.post("/v1/me/recovery-codes", json!({})).await.expect(200);
    his.one("Security Codes Viewed", &["You issued new recovery codes"]).await;
    assert_eq!(hers.arrived().await, Vec::<Value>::new(), "nobody else is told");
}

// RULE: RO-05, RO-08, SU-02, SU-04
#[tokio::test]
async fn whose_role_or_status_is_changed_is_told_by_whom() {
    let roster = Roster::start().await;
    let (team, dev) = developer(&roster).await;
    let ada = ada(&team).await;
    let mut his = Mailbox::of(&roster, &dev).await;
    let user = |what: &str| format!("/v1/users/{}/{what}", dev.id);
    ada.caller.put(&user("role"), json!({ "role": "billing" })).await.expect(200);
    let says = "Ada Lovelace changed your role in acme from Developer to Billing.";
    his.one("Your role in acme is Billing now", &[says]).await;
    ada.caller.put(&user("role"), json!({ "role": "admin" })).await.expect(200);
    let says = ["from Billing to Admin", "needs a second factor"];
    his.one("Your role in acme is Admin now", &says).await;
    ada.caller.post(&user("suspend"), json!({ "confirm": true })).await.expect(200);
    let says = ["Ada Lovelace suspended your access to acme."];
    his.one("Your access to acme is suspended", &says).await;
    ada.caller.post(&user("reactivate"), json!({})).await.expect(200);
    his.one("Your access to acme is back", &["You can sign in to acme again."]).await;
    ada.caller.post(&user("logout"), json!({ "confirm": true })).await.expect(200);
    assert_eq!(his.arrived().await, Vec::<Value>::new(), "of a logout nobody is mailed");
}

// RULE: SE-07, AC-08, RO-08, AC-07, RC-01
#[tokio::test]
async fn what_touches_how_somebody_signs_in_is_mailed_to_them() {
    let roster = Roster::start().await;
    let (_team, dev) = developer(&roster).await;
    let mut his = Mailbox::of(&roster, &dev).await;
    let key = dev.key("Nightly build").await;
    his.one("A new API key in acme", &[&key.id, "acts as you, with your role"]).await;
    roster.enroll(&dev).await;
    let subjects: Vec<Value> = his.arrived().await.iter().map(|mail| mail["subject"].clone()).collect();
    assert_eq!(subjects.len(), 2, "{subjects:?}");
    assert!(subjects.contains(&json!("An authenticator app was set up for your sign-in to acme")));
    assert!(subjects.contains(&json!("Security Codes Viewed")));
    let first =
        roster.caller().post("/v1/sessions", json!({ "email": dev.email, "password": PASSWORD })).await;
    let code = roster.authenticators.recovery_codes(&dev.email).remove(0);
    let answer = json!({ "challenge": first.expect(200).body["challenge"], "recovery_code": code });
    roster.caller().post("/v1/sessions/mfa", answer).await.expect(201);
    his.one("A recovery code was used for acme", &["9 are left"]).await;
    dev.caller.delete("/v1/me/mfa/totp").await.expect(204);
    his.one("An authenticator app was removed from your sign-in to acme", &[]).await;
    let change = json!({ "current_password": PASSWORD, "new_password": "marble-otter-71-lantern" });
    dev.caller.put("/v1/me/password", change).await.expect(204);
    his.one("Your password for acme was changed", &["All other sessions have ended"]).await;
    roster.caller().post("/v1/password-resets", json!({ "email": dev.email })).await.expect(202);
    his.one("Set a new password for acme", &["15 minutes", "for acme alone"]).await;
    let token = roster.reset_tokens(&dev.email).await.remove(0);
    let reset = json!({ "token": token, "password": PASSWORD });
    roster.caller().post("/v1/password-resets/confirm", reset).await.expect(204);
    his.one("Your password for acme was reset", &["Every session has ended"]).await;
}

async fn sign_in(roster: &Roster, from: &Caller, browser: &str) {
    let from = from.with_header("user-agent", browser);
    let body = json!({ "email": "dev@acme.test", "password": PASSWORD });
    roster.sign_in_with(&from, body).await.expect(201);
}

// RULE: EV-01
#[tokio::test]
async fn a_sign_in_from_another_network_or_browser_is_told_of_but_not_the_first() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    team.pending("dev@acme.test", "developer").await;
    let accept = json!({ "token": roster.token_for("dev@acme.test").await, "password": PASSWORD });
    let reply = roster.caller().post("/v1/invitations/accept", accept).await.expect(201);
    let caller = roster.caller();
    let dev = Person { id: reply.text("id").to_owned(), email: "dev@acme.test".into(), caller };
    let mut his = Mailbox::of(&roster, &dev).await;
    let at = |c: u8, d: u8| roster.caller_from(IpAddr::from(Ipv4Addr::new(127, 200, c, d)));
    sign_in(&roster, &at(1, 1), FIREFOX).await;
    sign_in(&roster, &at(1, 1), FIREFOX).await;
    sign_in(&roster, &at(1, 77), FIREFOX).await;
    assert_eq!(his.arrived().await, Vec::<Value>::new(), "the first, and the same network and browser");
    sign_in(&roster, &at(1, 1), SAFARI).await;
    his.one("New sign-in to acme", &["Safari on iOS", "127.200.1.0/24"]).await;
    sign_in(&roster, &at(2, 1), FIREFOX).await;
    his.one("New sign-in to acme", &["Firefox on Linux", "127.200.2.0/24"]).await;
    sign_in(&roster, &at(2, 9), FIREFOX).await;
    sign_in(&roster, &at(1, 1), SAFARI).await;
    assert_eq!(his.arrived().await, Vec::<Value>::new(), "they are known by now");
}
