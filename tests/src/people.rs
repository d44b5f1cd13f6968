//! People, and teams of them.

use serde_json::{Value, json};

use crate::{Caller, Reply, Roster};

/// The password that everybody in a test chooses.
pub const PASSWORD: &str = "vex-tungsten-quail-41";

/// A signed-in user.
#[derive(Clone)]
pub struct Person {
    /// Their identifier.
    pub id: String,
    /// Their address.
    pub email: String,
    /// Their way to the product, with a live session.
    pub caller: Caller,
}

/// An API key of somebody.
#[derive(Clone)]
pub struct Key {
    /// Its identifier.
    pub id: String,
    /// A program that holds it.
    pub caller: Caller,
}

impl Person {
    /// Makes an API key with this name.
    pub async fn key(&self, name: &str) -> Key {
        let made = self.caller.post("/v1/me/api-keys", json!({ "name": name })).await.expect(201);
        Key { id: made.text("id").to_owned(), caller: self.caller.with_token(made.text("token")) }
    }
}

/// An account and its first Root.
pub struct Team<'a> {
    /// The product.
    pub roster: &'a Roster,
    /// The account.
    pub account_id: String,
    /// Who signed up.
    pub root: Person,
}

impl Roster {
    /// Somebody signs up as `root@<name>.test`, confirms and signs in.
    pub async fn team(&self, name: &str) -> Team<'_> {
        let email = format!("root@{name}.test");
        let body =
            json!({ "account_name": name, "email": email, "first_name": "Robin", "last_name": "Root" });
        let account_id =
            self.caller().post("/v1/accounts", body).await.expect(202).body["account_id"].clone();
        let root = self.accept(&email).await;
        Team { roster: self, account_id: account_id.as_str().expect("an identifier").to_owned(), root }
    }

    /// Whoever is mailed at this address accepts and signs in.
    pub async fn accept(&self, email: &str) -> Person {
        let token = self.token_for(email).await;
        let body = json!({ "token": token, "password": PASSWORD });
        let account_id =
            self.caller().post("/v1/invitations/accept", body).await.expect(201).body["account_id"].clone();
        self.sign_in_to(email, account_id.as_str()).await
    }

    /// Signs in, where the address is a user of one account.
    pub async fn sign_in(&self, email: &str) -> Person {
        self.sign_in_to(email, None).await
    }

    /// Signs in to this account, and sets up an authenticator where one is owed.
    pub async fn sign_in_to(&self, email: &str, account_id: Option<&str>) -> Person {
        let caller = self.caller();
        let mut body = json!({ "email": email, "password": PASSWORD });
        if let Some(account_id) = account_id {
            body["account_id"] = account_id.into();
        }
        let session = self.sign_in_with(&caller, body).await.expect(201).body;
        let text = |value: &Value| value.as_str().expect("a string").to_owned();
        let caller = caller.with_token(&text(&session["token"]));
        let person = Person { id: text(&session["user"]["id"]), email: email.to_owned(), caller };
        // An Admin or a Root does nothing else before. RULE: RO-08
        if session["restricted"] == true {
            self.enroll(&person).await;
        }
        person
    }
}

/// The body of an invitation.
pub fn invitee(email: &str, role: &str) -> Value {
    json!({ "email": email, "first_name": "Ivy", "last_name": "Invited", "role": role })
}

/// The body of invitations to these addresses.
pub fn invitees(emails: impl IntoIterator<Item = String>) -> Value {
    let rows = emails.into_iter().map(|email| invitee(&email, "monitor"));
    json!({ "users": rows.collect::<Vec<_>>() })
}

impl Roster {
    /// The tokens of the links by which an address is asked whether access is needed, the newest first.
    pub async fn access_tokens(&self, address: &str) -> Vec<String> {
        self.tokens(address, "/access?answer=yes#").await
    }
}

impl Team<'_> {
    /// The Root takes this plan, by the month.
    pub async fn take(&self, plan: &str) {
        let body = json!({ "plan": plan, "interval": "monthly" });
        self.root.caller.put("/v1/billing/plan", body).await.expect(200);
    }

    /// The same team on the Pro plan, where seats do not run out.
    pub async fn on_pro(self) -> Self {
        self.take("pro").await;
        self
    }

    /// The same team on the Pro plan, cancelled, in the last five minutes that are paid for.
    pub async fn on_pro_for_five_minutes(self) -> Self {
        let team = self.on_pro().await;
        let cancelled = team.root.caller.delete("/v1/billing/subscription").await.expect(200).body;
        let end = cancelled["period"]["end"].as_str().expect("a day");
        team.roster.advance_to_before(&format!("{end}T00:00:00Z"), 300).await;
        Self { root: team.roster.sign_in(&team.root.email).await, ..team }
    }

    /// The Root invites somebody.
    pub async fn invite(&self, email: &str, role: &str) -> Reply {
        self.root.caller.post("/v1/users", invitee(email, role)).await
    }

    /// A pending user; their identifier.
    pub async fn pending(&self, email: &str, role: &str) -> String {
        self.invite(email, role).await.expect(201).body["id"].as_str().expect("an identifier").to_owned()
    }

    /// An active, signed-in user.
    pub async fn member(&self, email: &str, role: &str) -> Person {
        self.pending(email, role).await;
        self.roster.accept(email).await
    }

    /// Asks somebody whether they still need their access; the token of the links that they are mailed.
    pub async fn ask_access(&self, person: &Person) -> String {
        let path = format!("/v1/users/{}/access-question", person.id);
        self.root.caller.post(&path, serde_json::json!({})).await.expect(200);
        self.roster.stack.settle().await;
        self.roster.access_tokens(&person.email).await.remove(0)
    }

    /// The seat summary.
    pub async fn seats(&self) -> Value {
        self.root.caller.get("/v1/seats").await.expect(200).body
    }
}
