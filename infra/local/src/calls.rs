//! Which AWS calls each request led to, and in how many sequential steps.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};

use crate::faults::Kind;

/// Requests remembered.
const REQUESTS_MAX: usize = 2000;
/// Calls remembered of one request.
const CALLS_MAX: usize = 500;

/// The ring of requests.
#[derive(Default)]
pub(crate) struct Calls {
    requests: Mutex<VecDeque<Request>>,
}

#[allow(clippy::struct_field_names)] // as AWS names it
struct Request {
    request_id: String,
    function: String,
    calls: Vec<Call>,
    running: usize,
    step: usize,
}

struct Call {
    service: String,
    operation: String,
    step: usize,
    status: Option<u16>,
    consumed_capacity: Option<f64>,
    fault: Option<Kind>,
}

/// A call that has begun.
pub(crate) struct Begun {
    request_id: String,
    function: String,
    index: usize,
}

impl Calls {
    fn lock(&self) -> MutexGuard<'_, VecDeque<Request>> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A call begins: in a new step when every earlier call of its request had ended.
    pub(crate) fn begin(&self, request_id: &str, function: &str, service: &str, operation: &str) -> Begun {
        let mut requests = self.lock();
        let known = requests.iter().rposition(|r| r.request_id == request_id && r.function == function);
        if known.is_none() {
            if requests.len() == REQUESTS_MAX {
                requests.pop_front();
            }
            requests.push_back(Request {
                request_id: request_id.to_owned(),
                function: function.to_owned(),
                calls: Vec::new(),
                running: 0,
                step: 0,
            });
        }
        let mut index = CALLS_MAX;
        let at = known.unwrap_or(requests.len().saturating_sub(1));
        if let Some(request) = requests.get_mut(at) {
            if request.running == 0 {
                request.step += 1;
            }
            request.running += 1;
            index = request.calls.len();
            if index < CALLS_MAX {
                request.calls.push(Call {
                    service: service.to_owned(),
                    operation: operation.to_owned(),
                    step: request.step,
                    status: None,
                    consumed_capacity: None,
                    fault: None,
                });
            }
        }
        Begun { request_id: request_id.to_owned(), function: function.to_owned(), index }
    }

    /// A call has ended.
    pub(crate) fn end(
        &self,
        begun: &Begun,
        status: u16,
        consumed_capacity: Option<f64>,
        fault: Option<Kind>,
    ) {
        let mut requests = self.lock();
        let request =
            requests.iter_mut().rfind(|r| r.request_id == begun.request_id && r.function == begun.function);
        let Some(request) = request else { return };
        request.running = request.running.saturating_sub(1);
        if let Some(call) = request.calls.get_mut(begun.index) {
            call.status = Some(status);
            call.consumed_capacity = consumed_capacity;
            call.fault = fault;
        }
    }

    /// What `/_local/calls` shows, newest first.
    pub(crate) fn list(&self, request_id: Option<&str>) -> Value {
        let shown = |request: &&Request| request_id.is_none_or(|wanted| wanted == request.request_id);
        self.lock().iter().rev().filter(shown).map(Request::json).collect()
    }

    /// Forgets all.
    pub(crate) fn clear(&self) {
        self.lock().clear();
    }
}

impl Request {
    fn json(&self) -> Value {
        let calls: Vec<Value> = self.calls.iter().map(Call::json).collect();
        json!({ "request_id": self.request_id, "function": self.function, "calls": calls })
    }
}

impl Call {
    fn json(&self) -> Value {
        let mut call = json!({
            "service": self.service,
            "operation": self.operation,
            "step": self.step,
            "status": self.status,
        });
        if let Some(fault) = self.fault {
            call["fault"] = fault.name().into();
        }
        if let Some(units) = self.consumed_capacity {
            call["consumed_capacity"] = json!(units);
        }
        call
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_begins_when_all_earlier_calls_have_ended() {
        let calls = Calls::default();
        let load = calls.begin("r1", "invite", "dynamodb", "BatchGetItem");
        let beside = calls.begin("r1", "invite", "dynamodb", "Query");
        calls.end(&load, 200, Some(2.0), None);
        let still_beside = calls.begin("r1", "invite", "kms", "GenerateMac");
        calls.end(&beside, 200, None, None);
        calls.end(&still_beside, 200, None, None);
        let commit = calls.begin("r1", "invite", "dynamodb", "TransactWriteItems");
        let other = calls.begin("r2", "invite", "dynamodb", "Query");
        calls.end(&commit, 400, None, None);
        calls.end(&other, 200, None, None);
        let list = calls.list(Some("r1"));
        let steps: Vec<_> = list[0]["calls"].as_array().unwrap().iter().map(|c| c["step"].clone()).collect();
        assert_eq!(steps, [1, 1, 1, 2]);
        assert_eq!(list[0]["calls"][0]["consumed_capacity"], 2.0);
        assert_eq!(list[0]["calls"][3]["status"], 400);
        assert_eq!(calls.list(None)[0]["request_id"], "r2", "newest first");
    }
}
