//! What webhooks cost, but for telling them.

use serde_json::json;

use crate::Life;

impl Life<'_> {
    pub(crate) async fn webhooks(&mut self) {
        let hook = json!({ "url": "https://localhost/", "event_types": ["account.closed"] });
        // Made a short while after a sign-in.
        let root = self.team.roster.sign_in(&self.team.root.email).await.caller;
        let made = root.post("/v1/webhooks", hook).await.expect(201);
        let path = format!("/v1/webhooks/{}", made.text("id"));
        self.note("create-webhook", made).await;
        let reply = self.root().get("/v1/webhooks").await.expect(200);
        self.note("list-webhooks", reply).await;
        let reply = self.root().patch(&path, json!({ "event_types": ["account.erased"] })).await.expect(200);
        self.note("update-webhook", reply).await;
        let reply = self.root().delete(&path).await.expect(204);
        self.note("delete-webhook", reply).await;
    }
}
