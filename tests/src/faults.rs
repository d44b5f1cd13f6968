//! AWS's bad days, asked for at `/_local/faults`.

use serde_json::json;

use crate::Roster;

/// A call of a function that goes wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault<'a> {
    /// The function that calls.
    pub function: &'a str,
    /// The service, and its operation.
    pub call: (&'a str, &'a str),
    /// How it goes wrong.
    pub kind: &'a str,
    /// Which of the calls.
    pub which: Which,
}

/// Which of the calls go wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// This one, counted from 1.
    Nth(usize),
    /// Each that is a multiple of it.
    Every(usize),
}

/// More than it takes to invite somebody, and less than a few ticks.
const UNSWEPT_SECONDS: u32 = 40;

impl Roster {
    /// From now on this goes wrong.
    pub async fn break_call(&self, fault: &Fault<'_>) {
        let (service, operation) = fault.call;
        let mut body = json!({ "service": service, "operation": operation, "kind": fault.kind });
        if !fault.function.is_empty() {
            body["function"] = fault.function.into();
        }
        match fault.which {
            Which::Nth(nth) => body["nth"] = nth.into(),
            Which::Every(every) => body["every"] = every.into(),
        }
        self.caller().post("/_local/faults", body).await.expect(204);
    }

    /// Two days pass, and the sweeps miss the last seconds of them: an invitation of just now has expired, and nobody has
    /// noted it. Until it is mended the index of what is due does not answer.
    pub async fn lapse_unswept(&self) {
        self.advance(&format!("{}s", 48 * 60 * 60 - UNSWEPT_SECONDS)).await;
        self.stop_sweeps().await;
        self.advance(&format!("{UNSWEPT_SECONDS}s")).await;
    }

    /// The index of what is due does not answer: no sweep finds anything until it is mended.
    pub async fn stop_sweeps(&self) {
        for function in ["deadlines", "erase-user", "billing-close", "inactivity", "deliver-webhooks"] {
            let call = ("dynamodb", "Query");
            self.break_call(&Fault { function, call, kind: "before", which: Which::Every(1) }).await;
        }
    }

    /// Everything goes well again; how often it went wrong.
    pub async fn mend(&self) -> u64 {
        let faults = self.caller().get("/_local/faults").await.expect(200).body;
        self.caller().delete("/_local/faults").await.expect(204);
        let hits = faults["data"].as_array().into_iter().flatten().filter_map(|fault| fault["hits"].as_u64());
        hits.sum()
    }

    /// What the table and the inbox hold, by kind and state: enough to tell whether something was done, and how often.
    pub async fn effects(&self) -> Effects {
        let mut effects = Effects::default();
        for item in self.dump().await {
            let text = |name: &str| item[name].as_str().unwrap_or_default();
            let partition = text("pk").split('#').next().unwrap_or_default();
            let kind = match partition {
                "A" => text("sk").split('#').next().unwrap_or_default(),
                other => other,
            };
            effects.add(format!("{partition} {kind} {} {}", text("status"), text("role")));
            for fact in item["facts"].as_array().into_iter().flatten() {
                effects.add(format!("fact {}", fact["type"].as_str().unwrap_or_default()));
            }
        }
        let mails = self.caller().get("/_local/mail").await.expect(200).body;
        for _ in mails["data"].as_array().into_iter().flatten() {
            effects.add("mail".to_owned());
        }
        effects
    }
}

/// How many there are of what.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Effects(std::collections::BTreeMap<String, i64>);

impl Effects {
    fn add(&mut self, what: String) {
        *self.0.entry(what).or_default() += 1;
    }

    /// What is more, or less, than before.
    pub fn since(&self, before: &Self) -> Self {
        let mut since = self.clone();
        for (what, count) in &before.0 {
            *since.0.entry(what.clone()).or_default() -= count;
        }
        since.0.retain(|_, count| *count != 0);
        since
    }

    /// How many there are of this.
    pub fn of(&self, what: &str) -> i64 {
        self.0.get(what).copied().unwrap_or_default()
    }

    /// Whether nothing is different.
    pub fn is_none(&self) -> bool {
        self.0.is_empty()
    }
}
