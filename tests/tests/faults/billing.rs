//! The plan of an account, changed as often as one likes: each time that of another account.

use reqwest::Method;
use serde_json::{Value, json};
use tests::Team;

use crate::operation::Operation;
use crate::scene::Attempt;

const PLAN: &str = "/v1/billing/plan";
const SUBSCRIPTION: &str = "/v1/billing/subscription";

pub(crate) async fn attempt(team: &Team<'_>, operation: Operation, n: usize) -> Attempt {
    let roster = team.roster;
    let mut paying = roster.team(&format!("{}{n}", operation.name())).await;
    if operation != Operation::ChangePlan {
        paying = paying.on_pro().await;
    }
    let root = paying.root.caller;
    if operation == Operation::TakePlanBack {
        root.delete(SUBSCRIPTION).await.expect(200);
    }
    let (method, path, body): (_, _, Option<Value>) = match operation {
        Operation::ChangePlan => (Method::PUT, PLAN, Some(json!({ "plan": "team", "interval": "annual" }))),
        Operation::TakePlanBack => (Method::DELETE, PLAN, None),
        _ => (Method::DELETE, SUBSCRIPTION, None),
    };
    roster.stack.settle().await;
    let caller = root.with_header("idempotency-key", "plan");
    Attempt { caller, method, path: path.into(), body }
}

/// Where the team's first invoice is.
pub(crate) async fn invoice(team: &Team<'_>) -> String {
    let list = team.root.caller.get("/v1/invoices").await.expect(200).body;
    format!("/v1/invoices/{}", list["data"][0]["id"].as_str().expect("an invoice"))
}
