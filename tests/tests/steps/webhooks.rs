//! Webhooks, but for telling them.

use serde_json::json;
use tests::Caller;

use crate::{Bench, READ, WRITE};

pub(crate) async fn steps(bench: &mut Bench<'_>, root: &Caller) {
    let hook = json!({ "url": "https://localhost/", "event_types": ["account.closed"] });
    let made = bench.note("create-webhook", WRITE, root.post("/v1/webhooks", hook).await).await.expect(201);
    let path = format!("/v1/webhooks/{}", made.text("id"));
    bench.note("list-webhooks", READ, root.get("/v1/webhooks").await).await.expect(200);
    let types = json!({ "event_types": ["account.erased"] });
    for (what, steps) in [("update-webhook", WRITE), ("update-webhook, the same", READ)] {
        bench.note(what, steps, root.patch(&path, types.clone()).await).await.expect(200);
    }
    let rotated = root.post(&format!("{path}/secret"), json!({})).await;
    bench.note("rotate-webhook-secret", WRITE, rotated).await.expect(200);
    let again = json!({ "from": made.text("created_at") });
    let replayed = root.post(&format!("{path}/replay"), again).await;
    bench.note("replay-webhook", WRITE, replayed).await.expect(202);
    bench.note("delete-webhook", WRITE, root.delete(&path).await).await.expect(204);
}
