//! Which AWS calls each request led to, and in how many sequential steps.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};

use crate::faults::Kind;

/// Requests remembered.
const REQUESTS_MAX: usize = 2000;
/// Calls remembered of one request.
const CALLS_MAX: usize = 500;
/// Calls remembered altogether, so that a sweep's many take no more memory than the few of a request.
const CALLS_ALTOGETHER_MAX: usize = 20_000;

/// The latest requests.
#[derive(Default)]
pub(crate) struct Calls {
    ring: Mutex<Ring>,
}

#[derive(Default)]
struct Ring {
    requests: VecDeque<Request>,
    calls: usize,
    /// How many requests there ever were.
    begun: u64,
}

#[allow(clippy::struct_field_names)] // as AWS names it
struct Request {
    /// Which of all it is: one that goes on after it was forgotten is another one.
    serial: u64,
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
    serial: u64,
    index: usize,
}

impl Calls {
    fn lock(&self) -> MutexGuard<'_, Ring> {
        self.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A call begins: in a new step when every earlier call of its request had ended.
    pub(crate) fn begin(&self, request_id: &str, function: &str, service: &str, operation: &str) -> Begun {
        let mut ring = self.lock();
        let request = ring.request(request_id, function);
        if request.running == 0 {
            request.step += 1;
        }
        request.running += 1;
        let serial = request.serial;
        let index = request.calls.len();
        if index < CALLS_MAX {
            request.calls.push(Call {
                service: service.to_owned(),
                operation: operation.to_owned(),
                step: request.step,
                status: None,
                consumed_capacity: None,
                fault: None,
            });
            ring.calls += 1;
            ring.forget_the_oldest();
        }
        Begun { serial, index }
    }

    /// A call has ended.
    pub(crate) fn end(
        &self,
        begun: &Begun,
        status: u16,
        consumed_capacity: Option<f64>,
        fault: Option<Kind>,
    ) {
        let mut ring = self.lock();
        let request = ring.requests.iter_mut().rfind(|request| request.serial == begun.serial);
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
        self.lock().requests.iter().rev().filter(shown).map(Request::json).collect()
    }

    /// Forgets all.
    pub(crate) fn clear(&self) {
        *self.lock() = Ring::default();
    }
}

impl Ring {
    /// The request, or a new one.
    fn request(&mut self, request_id: &str, function: &str) -> &mut Request {
        let known =
            self.requests.iter().rposition(|it| it.request_id == request_id && it.function == function);
        let at = known.unwrap_or_else(|| {
            self.begun += 1;
            self.requests.push_back(Request {
                serial: self.begun,
                request_id: request_id.to_owned(),
                function: function.to_owned(),
                calls: Vec::new(),
                running: 0,
                step: 0,
            });
            self.requests.len() - 1
        });
        &mut self.requests[at]
    }

    fn forget_the_oldest(&mut self) {
        while self.requests.len() > REQUESTS_MAX || self.calls > CALLS_ALTOGETHER_MAX {
            let Some(oldest) = self.requests.pop_front() else { return };
            self.calls -= oldest.calls.len();
        }
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

    #[test]
    fn the_latest_are_remembered_by_requests_and_by_calls() {
        let calls = Calls::default();
        let oldest = calls.begin("oldest", "invite", "dynamodb", "Query");
        for sweep in 0..CALLS_ALTOGETHER_MAX / CALLS_MAX {
            for _ in 0..=CALLS_MAX {
                calls.begin(&format!("sweep {sweep}"), "billing-close", "dynamodb", "Query");
            }
        }
        calls.end(&oldest, 200, None, None);
        assert_eq!(calls.list(Some("oldest")), json!([]));
        let goes_on = calls.begin("oldest", "invite", "kms", "GenerateMac");
        calls.end(&oldest, 200, None, None);
        assert_eq!(calls.list(Some("oldest"))[0]["calls"][0]["status"], json!(null), "that was another call");
        calls.end(&goes_on, 200, None, None);
        assert_eq!(calls.list(Some("sweep 1"))[0]["calls"].as_array().map(Vec::len), Some(CALLS_MAX));
        for request in 0..REQUESTS_MAX {
            calls.begin(&format!("request {request}"), "invite", "dynamodb", "Query");
        }
        assert_eq!(calls.list(None).as_array().map(Vec::len), Some(REQUESTS_MAX));
    }
}
