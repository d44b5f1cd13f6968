//! What everybody may do to themselves: tried by every role.

use serde_json::json;
use tests::{PASSWORD, Person, Reply, Roster, app_code};

use crate::matrix::{cell, row};

/// In this order: what comes later takes away what the former need.
const OPERATIONS: [&str; 22] = [
    "step-up",
    "update-profile",
    "get-notifications",
    "change-notifications",
    "list-sessions",
    "end-session",
    "end-other-sessions",
    "list-keys",
    "create-key",
    "delete-key",
    "view-own-codes",
    "issue-own-codes",
    "change-password",
    "begin-passkey",
    "add-passkey",
    "list-passkeys",
    "begin-step-up",
    "remove-passkey",
    "enroll-mfa",
    "confirm-mfa",
    "remove-mfa",
    "sign-out",
];

async fn attempted(operation: &str, by: &Person, roster: &Roster) -> Reply {
    let caller = &by.caller;
    match operation {
        "step-up" => {
            let code = roster.authenticators.code(&by.email);
            caller.post("/v1/sessions/current/step-up", json!({ "code": code })).await
        }
        "update-profile" => caller.patch("/v1/me", json!({ "first_name": "New" })).await,
        "get-notifications" => caller.get("/v1/me/notifications").await,
        "change-notifications" => caller.put("/v1/me/notifications", json!({ "roles": false })).await,
        "list-sessions" => caller.get("/v1/me/sessions").await,
        "end-session" => {
            let other = roster.sign_in(&by.email).await.caller;
            let sessions = other.get("/v1/me/sessions").await.expect(200).body;
            let id = sessions["data"][0]["id"].as_str().expect("an identifier").to_owned();
            caller.delete(&format!("/v1/me/sessions/{id}")).await
        }
        "end-other-sessions" => caller.delete("/v1/me/sessions").await,
        "list-keys" => caller.get("/v1/me/api-keys").await,
        "create-key" => caller.post("/v1/me/api-keys", json!({ "name": "new" })).await,
        "delete-key" => {
            let keys = caller.get("/v1/me/api-keys").await.expect(200).body;
            let id = keys["data"][0]["id"].as_str().expect("an identifier").to_owned();
            caller.delete(&format!("/v1/me/api-keys/{id}")).await
        }
        "view-own-codes" => caller.post("/v1/me/recovery-codes/view", json!({})).await,
        "issue-own-codes" => caller.post("/v1/me/recovery-codes", json!({})).await,
        "change-password" => {
            let body = json!({ "current_password": PASSWORD, "new_password": "quartz-lattice-heron-7" });
            caller.put("/v1/me/password", body).await
        }
        "begin-passkey" => caller.post("/v1/me/mfa/passkeys/options", json!({})).await,
        "add-passkey" => {
            let (_, body) = roster.make_passkey(caller, "Laptop").await;
            caller.post("/v1/me/mfa/passkeys", body).await
        }
        "list-passkeys" => caller.get("/v1/me/mfa/passkeys").await,
        "begin-step-up" => caller.post("/v1/sessions/current/step-up/options", json!({})).await,
        "remove-passkey" => {
            let passkeys = caller.get("/v1/me/mfa/passkeys").await.expect(200).body;
            let id = passkeys["data"][0]["id"].as_str().expect("an identifier").to_owned();
            caller.delete(&format!("/v1/me/mfa/passkeys/{id}")).await
        }
        "enroll-mfa" => caller.post("/v1/me/mfa/totp", json!({})).await,
        "confirm-mfa" => {
            let secret = caller.post("/v1/me/mfa/totp", json!({})).await.expect(200);
            let code = app_code(roster, secret.text("secret"), 0);
            caller.post("/v1/me/mfa/totp/confirm", json!({ "code": code })).await
        }
        "remove-mfa" => caller.delete("/v1/me/mfa/totp").await,
        _ => {
            let reply = caller.delete("/v1/sessions/current").await;
            caller.get("/v1/me").await.refused(401, "unauthenticated");
            reply
        }
    }
}

/// Nobody does anything after that.
pub(crate) async fn rows_of_oneself(roster: &Roster, actors: &[Person]) -> Vec<Vec<String>> {
    roster.advance("2m").await;
    let mut rows = Vec::new();
    for operation in OPERATIONS {
        let mut cells = Vec::new();
        for actor in actors {
            cells.push(cell(&attempted(operation, actor, roster).await));
        }
        rows.push(row(operation, "", cells));
    }
    rows
}
