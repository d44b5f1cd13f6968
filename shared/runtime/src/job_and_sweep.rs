//! A job that takes up what it could not finish when that is due: one function of both. What a message's body says it comes
//! from tells which it is for.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use serde_json::Value;

use crate::sweep::SOURCE;
use crate::{Fault, Function, Handler, Host, Job, StartError, Sweep, batch, sweep};

/// The function of what is both, under the job's name.
pub const fn job_and_sweep<T: Job + Sweep>() -> Function {
    Function::of_events(<T as Job>::NAME, start::<T>)
}

struct BothHandler {
    job: Arc<dyn Handler>,
    sweep: Arc<dyn Handler>,
}

fn start<T: Job + Sweep>(host: &Host) -> Result<Arc<dyn Handler>, StartError> {
    Ok(Arc::new(BothHandler { job: batch::start::<T>(host)?, sweep: sweep::start::<T>(host)? }))
}

impl Handler for BothHandler {
    fn call(&self, event: Value) -> BoxFuture<'_, Result<Value, Fault>> {
        if is_of_sweep(&event) { self.sweep.call(event) } else { self.job.call(event) }
    }
}

/// A tick has no records; and all messages of a batch are of one queue.
fn is_of_sweep(event: &Value) -> bool {
    if event.get("Records").is_none() {
        return true;
    }
    let body = event.pointer("/Records/0/body").and_then(Value::as_str).unwrap_or_default();
    serde_json::from_str::<Value>(body).is_ok_and(|body| body["source"] == SOURCE)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn ticks_and_parts_of_the_wheel_are_the_sweeps_and_all_else_is_the_jobs() {
        let records = |body: &str| json!({ "Records": [{ "messageId": "1", "body": body }] });
        assert!(is_of_sweep(&json!({})));
        assert!(is_of_sweep(&records(r#"{"source":"roster.sweep","detail":{"shard":3}}"#)));
        assert!(!is_of_sweep(&records(r#"{"source":"roster","detail":{}}"#)));
        assert!(!is_of_sweep(&records("no JSON")), "a poison message is the job's, which says why");
    }
}
