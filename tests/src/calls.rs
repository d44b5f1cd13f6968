//! What a request did at AWS, by `/_local/calls`.

use serde_json::Value;

use crate::{Reply, Roster};

/// Functions that carry on a request's identifier after it was answered.
const AFTERWARDS: [&str; 5] =
    ["publish-events", "send-mail", "mail-feedback", "reconcile", "deliver-webhooks"];

/// An AWS call.
pub struct Call {
    /// Which step of the request it belongs to, from 1: what is issued together is one step.
    pub step: usize,
    /// The service.
    pub service: String,
    /// The service's operation.
    pub operation: String,
    /// The capacity units it took.
    pub units: f64,
}

/// Whose calls are meant.
#[derive(Clone, Copy)]
pub enum By {
    /// The operation's own.
    Operation,
    /// Those of the functions that the event and the mail lead to.
    Afterwards,
    /// Those of this function.
    Function(&'static str),
}

impl Roster {
    /// The AWS calls that a reply's request led to.
    pub async fn calls(&self, reply: &Reply, by: By) -> Vec<Call> {
        let request_id = reply.header("apigw-requestid").expect("the request's identifier");
        let path = format!("/_local/calls?request_id={request_id}");
        let list = self.caller().get(&path).await.expect(200).body;
        let is_meant = |request: &&Value| {
            let function = request["function"].as_str().unwrap_or_default();
            match by {
                By::Operation => !AFTERWARDS.contains(&function),
                By::Afterwards => AFTERWARDS.contains(&function),
                By::Function(name) => name == function,
            }
        };
        let requests = list["data"].as_array().expect("requests").iter().filter(is_meant);
        requests.flat_map(|request| request["calls"].as_array().into_iter().flatten()).map(call).collect()
    }
}

fn call(call: &Value) -> Call {
    let text = |name: &str| call[name].as_str().expect("a name").to_owned();
    let step = call["step"].as_u64().and_then(|step| usize::try_from(step).ok()).expect("a step");
    let units = call["consumed_capacity"].as_f64().unwrap_or_default();
    Call { step, service: text("service"), operation: text("operation"), units }
}
