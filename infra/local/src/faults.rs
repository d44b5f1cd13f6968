//! Faults on demand: what AWS does on a bad day, at a call that is named. They stand in for AWS, not for the product:
//! none of them switches one of its rules off.

use std::sync::{Mutex, PoisonError};

use serde_json::{Map, Value, json};

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// An error; nothing was done.
    Before,
    /// An error; it was done all the same.
    After,
    /// No answer; nothing was done.
    Timeout,
    /// No answer; it was done all the same.
    AppliedTimeout,
    /// Too many requests, for now.
    Throttle,
    /// Another transaction is at the same item.
    Conflict,
    /// What was delivered comes a second time.
    Duplicate,
    /// The latest is delivered first.
    Reorder,
}

impl Kind {
    const ALL: [(&'static str, Self); 8] = [
        ("before", Self::Before),
        ("after", Self::After),
        ("timeout", Self::Timeout),
        ("applied-timeout", Self::AppliedTimeout),
        ("throttle", Self::Throttle),
        ("conflict", Self::Conflict),
        ("duplicate", Self::Duplicate),
        ("reorder", Self::Reorder),
    ];

    /// As it is asked for.
    pub(crate) fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, kind)| *kind == self).map_or("", |(name, _)| name)
    }

    /// Whether it can happen there.
    fn fits(self, service: &str, operation: &str) -> bool {
        match self {
            Self::Conflict => {
                let writes = ["TransactWriteItems", "PutItem", "UpdateItem", "DeleteItem"];
                service == "dynamodb" && writes.contains(&operation)
            }
            Self::Duplicate => {
                DELIVERIES.contains(&(service, operation)) || (service, operation) == PUT_EVENTS
            }
            Self::Reorder => (service, operation) == QUEUE,
            _ => CALLED.contains(&service),
        }
    }
}

const PUT_EVENTS: (&str, &str) = ("events", "PutEvents");
/// A batch from a queue on its way to its function.
pub(crate) const QUEUE: (&str, &str) = ("sqs", "ReceiveMessage");
/// A batch from a stream on its way to its function.
pub(crate) const STREAM: (&str, &str) = ("streams", "GetRecords");
const DELIVERIES: [(&str, &str); 2] = [QUEUE, STREAM];
/// What functions call.
const CALLED: [&str; 5] = ["dynamodb", "events", "kms", "ses", "sqs"];
const MEMBERS: [&str; 6] = ["service", "operation", "function", "kind", "nth", "every"];

/// Which of the calls.
#[derive(Clone, Copy)]
enum Which {
    Nth(u64),
    Every(u64),
}

/// One fault that was asked for.
struct Fault {
    service: String,
    operation: String,
    function: Option<String>,
    which: Which,
    kind: Kind,
    seen: u64,
    hits: u64,
}

/// All of them.
#[derive(Default)]
pub(crate) struct Faults(Mutex<Vec<Fault>>);

impl Faults {
    /// Takes one more, or says what is wrong with it.
    pub(crate) fn add(&self, body: &Value) -> Result<(), String> {
        let fault = Fault::read(body.as_object().ok_or("send an object")?)?;
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(fault);
        Ok(())
    }

    /// Forgets all.
    pub(crate) fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// All of them, with how often each saw a call and hit one.
    pub(crate) fn list(&self) -> Value {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().map(Fault::json).collect()
    }

    /// What goes wrong with this call. Each fault counts the calls that it is about; the first that hits decides.
    pub(crate) fn hit(&self, function: &str, (service, operation): (&str, &str)) -> Option<Kind> {
        let mut faults = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let about = |fault: &&mut Fault| {
            fault.service == service
                && fault.operation == operation
                && fault.function.as_ref().is_none_or(|wanted| wanted == function)
        };
        let mut hit = None;
        for fault in faults.iter_mut().filter(about) {
            fault.seen += 1;
            let is_meant = match fault.which {
                Which::Nth(nth) => fault.seen == nth,
                Which::Every(every) => fault.seen.is_multiple_of(every),
            };
            if is_meant && hit.is_none() {
                fault.hits += 1;
                hit = Some(fault.kind);
            }
        }
        hit
    }
}

impl Fault {
    fn read(body: &Map<String, Value>) -> Result<Self, String> {
        if let Some(unknown) = body.keys().find(|name| !MEMBERS.contains(&name.as_str())) {
            return Err(format!("`{unknown}` is unknown; a fault has {}", MEMBERS.join(", ")));
        }
        let text = |name: &str| {
            let value = body.get(name).and_then(Value::as_str);
            value.map(str::to_owned).ok_or(format!("`{name}` has to be a text"))
        };
        let (service, operation, kind) = (text("service")?, text("operation")?, text("kind")?);
        let function = body.contains_key("function").then(|| text("function")).transpose()?;
        let number = |name: &str| body.get(name).map(|value| value.as_u64().filter(|number| *number > 0));
        let which = match (number("nth"), number("every")) {
            (Some(Some(nth)), None) => Which::Nth(nth),
            (None, Some(Some(every))) => Which::Every(every),
            _ => return Err("either `nth` or `every` has to be a number from 1".to_owned()),
        };
        let known = Kind::ALL.iter().find(|(name, _)| *name == kind);
        let Some((_, kind)) = known else {
            let names = Kind::ALL.map(|(name, _)| name);
            return Err(format!("`kind` is one of {}", names.join(", ")));
        };
        if !kind.fits(&service, &operation) {
            return Err(format!("{} cannot happen at {operation} of {service}", kind.name()));
        }
        Ok(Self { service, operation, function, which, kind: *kind, seen: 0, hits: 0 })
    }

    fn json(&self) -> Value {
        let mut fault = json!({
            "service": self.service,
            "operation": self.operation,
            "kind": self.kind.name(),
            "seen": self.seen,
            "hits": self.hits,
        });
        if let Some(function) = &self.function {
            fault["function"] = function.as_str().into();
        }
        match self.which {
            Which::Nth(nth) => fault["nth"] = nth.into(),
            Which::Every(every) => fault["every"] = every.into(),
        }
        fault
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_hits_the_calls_it_is_about() {
        let faults = Faults::default();
        let add = |fault: Value| faults.add(&fault).unwrap();
        add(json!({ "service": "kms", "operation": "GenerateMac", "nth": 2, "kind": "before" }));
        add(
            json!({ "service": "dynamodb", "operation": "PutItem", "function": "invite", "every": 3, "kind": "conflict" }),
        );
        let mac = || faults.hit("invite", ("kms", "GenerateMac"));
        assert_eq!([mac(), mac(), mac()], [None, Some(Kind::Before), None]);
        let put = |function| faults.hit(function, ("dynamodb", "PutItem"));
        assert_eq!(["suspend"; 3].map(put), [None; 3]);
        assert_eq!(
            ["invite"; 6].map(put),
            [None, None, Some(Kind::Conflict), None, None, Some(Kind::Conflict)]
        );
        assert_eq!(faults.list()[1]["hits"], 2);
        faults.clear();
        assert_eq!(faults.list(), json!([]));
    }

    #[test]
    fn what_cannot_happen_is_refused() {
        let refusal = |fault: Value| Faults::default().add(&fault).unwrap_err();
        let fault = |service: &str, operation: &str, kind: &str| json!({ "service": service, "operation": operation, "kind": kind, "nth": 1 });
        assert_eq!(
            refusal(fault("kms", "GenerateMac", "conflict")),
            "conflict cannot happen at GenerateMac of kms"
        );
        assert_eq!(
            refusal(fault("dynamodb", "Query", "conflict")),
            "conflict cannot happen at Query of dynamodb"
        );
        assert_eq!(
            refusal(fault("streams", "GetRecords", "reorder")),
            "reorder cannot happen at GetRecords of streams"
        );
        assert_eq!(refusal(fault("s3", "PutObject", "before")), "before cannot happen at PutObject of s3");
        assert!(refusal(fault("kms", "GenerateMac", "fire")).starts_with("`kind` is one of before, "));
        let mut both = fault("kms", "GenerateMac", "before");
        both["every"] = 1.into();
        assert_eq!(refusal(both), "either `nth` or `every` has to be a number from 1");
        let mut more = fault("kms", "GenerateMac", "before");
        more["when"] = 1.into();
        assert!(refusal(more).starts_with("`when` is unknown"));
    }
}
