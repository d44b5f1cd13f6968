//! What whoever runs the product sees of it: what was given up, and what the functions said.

use local::redrive::{self, Mode, Tally};
use serde_json::Value;

use crate::Roster;

impl Roster {
    /// Runs the tool on a dead-letter queue and waits for what comes of it; what it did and what it said.
    pub async fn redrive(&self, queue: &str, mode: Mode) -> (Tally, String) {
        let client = redrive::client(Some(self.stack.aws_url())).expect("a client");
        let mut said = Vec::new();
        let tally = redrive::run(&client, queue, mode, &mut said).await.expect("the tool comes to its end");
        self.stack.settle().await;
        (tally, String::from_utf8(said).expect("UTF-8"))
    }

    /// The lines that a function wrote, the oldest first.
    pub fn lines_of(&self, function: &str) -> Vec<Value> {
        let lines = self.stack.logs().into_iter().filter(|(by, _)| by == function);
        lines.filter_map(|(_, line)| serde_json::from_str(&line).ok()).collect()
    }
}
