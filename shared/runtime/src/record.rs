//! One line a request: log and embedded metrics together. It holds identifiers, codes and counts; never a
//! secret, a token, a name or an address. RULE: AC-10

use domain::Instant;
use serde_json::{Map, Value, json};
use store::Capacity;

use crate::{Env, Settled, metrics};

/// What is known of a request or message by its end.
pub(crate) struct Record {
    /// The request.
    pub(crate) request_id: String,
    /// The route as the gateway names it, or the source of a message; never the path.
    pub(crate) route: String,
    /// `ok`, a refusal's code, or `fault`.
    pub(crate) outcome: &'static str,
    /// The reply's status; 0 where there is none.
    pub(crate) status: u16,
    /// Attempts to commit.
    pub(crate) attempts: usize,
    /// Attempts that others' writes undid.
    pub(crate) conflicts: usize,
    /// Periods that were over and were closed first.
    pub(crate) closes: usize,
    /// Runs of argon2.
    pub(crate) hashes: usize,
    /// Capacity units consumed.
    pub(crate) capacity: Capacity,
    /// Messages given up.
    pub(crate) dead_letters: usize,
    /// Things that were due, failed, and were put off.
    pub(crate) parked: usize,
    /// How long it took.
    pub(crate) duration_ms: u128,
    /// What else is worth knowing of a refusal.
    pub(crate) note: Option<String>,
    /// What failed, for the operator.
    pub(crate) fault: Option<String>,
}

impl Record {
    /// Nothing is known yet but where it came from.
    pub(crate) const fn new(request_id: String, route: String) -> Self {
        Self {
            request_id,
            route,
            outcome: "ok",
            status: 0,
            attempts: 0,
            conflicts: 0,
            closes: 0,
            hashes: 0,
            capacity: Capacity { read: 0.0, write: 0.0 },
            dead_letters: 0,
            parked: 0,
            duration_ms: 0,
            note: None,
            fault: None,
        }
    }

    /// Adds what was written of one thing among several.
    pub(crate) fn settled(&mut self, settled: Settled) {
        self.attempts += settled.attempts;
        self.conflicts += settled.attempts.saturating_sub(1);
        self.capacity += settled.capacity;
    }

    /// Notes why it failed; of several reasons the last, so that a line stays one.
    pub(crate) fn failed(&mut self, why: String) {
        self.outcome = "fault";
        self.fault = Some(why);
    }

    /// Adds what went wrong when that was dealt with.
    pub(crate) fn failed_besides(&mut self, why: &str) {
        self.fault = Some(self.fault.take().map_or(why.to_owned(), |fault| format!("{fault}; {why}")));
    }

    /// Writes the line.
    pub(crate) fn write(&self, env: &Env) {
        env.write(&self.line(env.function, env.clock.now()));
    }

    /// The line of this function.
    pub(crate) fn line(&self, function: &str, now: Instant) -> String {
        let mut line: Map<String, Value> = Map::new();
        line.insert("level".into(), if self.fault.is_some() { "error" } else { "info" }.into());
        line.insert("function".into(), function.into());
        line.insert("request_id".into(), self.request_id.clone().into());
        line.insert("route".into(), self.route.clone().into());
        line.insert("outcome".into(), self.outcome.into());
        line.insert("status".into(), self.status.into());
        for (metric, value) in self.metrics() {
            line.insert(metric.name.into(), value);
        }
        if let Some(note) = &self.note {
            line.insert("note".into(), note.clone().into());
        }
        if let Some(fault) = &self.fault {
            line.insert("fault".into(), fault.clone().into());
        }
        line.insert(
            "_aws".into(),
            json!({
                "Timestamp": now.timestamp_millis(),
                "CloudWatchMetrics": [{
                    "Namespace": metrics::NAMESPACE,
                    "Dimensions": [["function"], ["function", "outcome"]],
                    "Metrics": metrics::METRICS.map(|metric| json!({ "Name": metric.name, "Unit": metric.unit })),
                }],
            }),
        );
        Value::Object(line).to_string()
    }

    fn metrics(&self) -> [(metrics::Metric, Value); metrics::METRICS.len()] {
        [
            (metrics::REQUESTS, 1.into()),
            (metrics::ATTEMPTS, self.attempts.into()),
            (metrics::CONFLICTS, self.conflicts.into()),
            (metrics::HASHES, self.hashes.into()),
            (metrics::READ_UNITS, self.capacity.read.into()),
            (metrics::WRITE_UNITS, self.capacity.write.into()),
            (metrics::DEAD_LETTERS, self.dead_letters.into()),
            (metrics::PARKED, self.parked.into()),
            (metrics::DURATION_MS, u64::try_from(self.duration_ms).unwrap_or(u64::MAX).into()),
        ]
    }
}

/// An error and all that it came from, on one line.
pub fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text = format!("{text}: {error}");
        source = error.source();
    }
    text
}
