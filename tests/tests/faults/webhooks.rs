//! Webhooks, each of an account of its own, since one has few. They are told of nothing that happens here.

use reqwest::Method;
use serde_json::json;
use tests::Team;

use crate::operation::Operation;
use crate::scene::Attempt;

const WEBHOOKS: &str = "/v1/webhooks";

pub(crate) async fn attempt(team: &Team<'_>, operation: Operation, n: usize) -> Attempt {
    let roster = team.roster;
    let telling = roster.team(&format!("{}{n}", operation.name())).await;
    let root = telling.root.caller;
    let hook = json!({ "url": "https://localhost/", "event_types": ["account.erased"] });
    let caller = root.with_header("idempotency-key", "webhook");
    if operation == Operation::CreateWebhook {
        roster.stack.settle().await;
        return Attempt { caller, method: Method::POST, path: WEBHOOKS.into(), body: Some(hook) };
    }
    let made = root.post(WEBHOOKS, hook).await.expect(201);
    let path = format!("{WEBHOOKS}/{}", made.text("id"));
    let (method, path, body) = match operation {
        Operation::UpdateWebhook => (Method::PATCH, path, Some(json!({ "enabled": false }))),
        Operation::RotateWebhookSecret => (Method::POST, format!("{path}/secret"), None),
        Operation::ReplayWebhook => {
            (Method::POST, format!("{path}/replay"), Some(json!({ "from": made.text("created_at") })))
        }
        _ => (Method::DELETE, path, None),
    };
    roster.stack.settle().await;
    Attempt { caller, method, path, body }
}
