//! Money: what is charged for seats, when, and once.

mod closing;
mod crowds;
mod enterprise;
mod handed_on;
mod invoices;
mod plans;
mod reconcile;
mod sequences;
mod year;

use serde_json::{Value, json};
use tests::{Caller, Person, Roster, Team};

/// An account that comes and goes by the calendar.
struct Books<'a> {
    team: Team<'a>,
    members: Vec<Person>,
    drawn: usize,
}

impl<'a> Books<'a> {
    /// A team of one, who pays from now on.
    async fn open(roster: &'a Roster, name: &str, plan: &str, interval: &str) -> Self {
        let books = Self { team: roster.team(name).await, members: Vec::new(), drawn: 0 };
        books.change(plan, interval).await;
        books
    }

    /// The Root, signed in just now.
    async fn root(&self) -> Caller {
        self.team.roster.sign_in(&self.team.root.email).await.caller
    }

    async fn change(&self, plan: &str, interval: &str) -> Value {
        let body = json!({ "plan": plan, "interval": interval });
        self.root().await.put("/v1/billing/plan", body).await.expect(200).body
    }

    /// So many more accept, one after the other; what each was told that they would cost.
    async fn join(&mut self, more: usize) -> Vec<i64> {
        let root = self.root().await;
        let mut told = Vec::new();
        for _ in 0..more {
            self.drawn += 1;
            let email = format!("m{}@{}", self.drawn, self.team.root.email.replace('@', "."));
            let invited = root.post("/v1/users", tests::invitee(&email, "monitor")).await.expect(201).body;
            told.push(invited["charge_preview"]["amount_now"].as_i64().expect("an amount"));
            self.members.push(self.team.roster.accept(&email).await);
        }
        told
    }

    async fn leave(&mut self, fewer: usize) {
        let root = self.root().await;
        for person in self.members.drain(..fewer) {
            root.delete(&format!("/v1/users/{}?confirm=true", person.id)).await.expect(204);
        }
    }

    /// The clock shows noon of this day.
    async fn noon_of(&self, day: &str) {
        self.team.roster.advance_to(&format!("{day}T12:00:00Z")).await;
    }

    async fn summary(&self) -> Value {
        self.root().await.get("/v1/billing").await.expect(200).body
    }

    /// All invoices, the oldest first.
    async fn invoices(&self) -> Vec<Value> {
        let list = self.root().await.get("/v1/invoices?limit=200").await.expect(200).body;
        let mut invoices = list["data"].as_array().expect("a list").clone();
        invoices.reverse();
        let numbers: Vec<u64> = invoices.iter().filter_map(|invoice| invoice["number"].as_u64()).collect();
        assert!(numbers.iter().copied().eq(1..=numbers.len() as u64), "{numbers:?}");
        invoices
    }

    /// Date and total of all invoices, the oldest first.
    async fn charged(&self) -> Vec<(String, i64)> {
        let of = |invoice: &Value| {
            (
                invoice["date"].as_str().unwrap_or_default().to_owned(),
                invoice["total"].as_i64().unwrap_or_default(),
            )
        };
        self.invoices().await.iter().map(of).collect()
    }

    async fn assert_charged(&self, expected: &[(&str, i64)]) {
        let charged = self.charged().await;
        let charged: Vec<(&str, i64)> = charged.iter().map(|(date, total)| (date.as_str(), *total)).collect();
        assert_eq!(charged, expected);
    }
}
