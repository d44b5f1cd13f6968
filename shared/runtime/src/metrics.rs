//! The metrics that functions leave in their log lines, by name: dashboards and alarms rest on these.

/// Where they stand in `CloudWatch`.
pub const NAMESPACE: &str = "roster";

/// A metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Metric {
    /// Its name.
    pub name: &'static str,
    /// Its unit, as `CloudWatch` spells it.
    pub unit: &'static str,
}

const fn count(name: &'static str) -> Metric {
    Metric { name, unit: "Count" }
}

/// Invocations: requests, or batches of messages.
pub(crate) const REQUESTS: Metric = count("requests");
/// Attempts to commit.
pub(crate) const ATTEMPTS: Metric = count("attempts");
/// Attempts that others' writes undid.
pub(crate) const CONFLICTS: Metric = count("conflicts");
/// Runs of argon2.
pub(crate) const HASHES: Metric = count("hashes");
/// Read capacity units consumed.
pub(crate) const READ_UNITS: Metric = count("read_units");
/// Write capacity units consumed.
pub(crate) const WRITE_UNITS: Metric = count("write_units");
/// Messages given up.
pub(crate) const DEAD_LETTERS: Metric = count("dead_letters");
/// Things that were due, failed, and were put off.
pub(crate) const PARKED: Metric = count("parked");
/// How long it took.
pub(crate) const DURATION_MS: Metric = Metric { name: "duration_ms", unit: "Milliseconds" };

/// All of them, in the order of a log line.
pub const METRICS: [Metric; 9] =
    [REQUESTS, ATTEMPTS, CONFLICTS, HASHES, READ_UNITS, WRITE_UNITS, DEAD_LETTERS, PARKED, DURATION_MS];
