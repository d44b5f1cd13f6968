//! The parameters that several operations take.

use domain::{
    Identifier, InvoiceId, KeyId, PasskeyId, ResourceId, ResourceKind, ReviewId, SessionId, UserId, WebhookId,
};
use runtime::IDEMPOTENCY_KEY;
use serde_json::{Value, json};

/// An identifier on the path.
fn identifier<T: Identifier>(name: &str, about: &str) -> Value {
    json!({
        "name": name,
        "in": "path",
        "required": true,
        "description": format!("{about} Whatever else stands here is not found."),
        "schema": { "type": "string", "pattern": format!("^{}[0-7][0-9A-HJKMNP-TV-Z]{{25}}$", T::PREFIX) },
    })
}

/// The parameters that several operations take.
pub(super) fn parameters() -> Value {
    let (key, chars_max) = IDEMPOTENCY_KEY;
    let prefix = UserId::PREFIX;
    json!({
        "user_id": {
            "name": "user_id",
            "in": "path",
            "required": true,
            "description": "A user of the caller's account. Whatever else stands here is not found.",
            "schema": { "type": "string", "pattern": format!("^{prefix}[0-7][0-9A-HJKMNP-TV-Z]{{25}}$") },
        },
        "session_id": identifier::<SessionId>("session_id", "One of the caller's sessions."),
        "key_id": identifier::<KeyId>("key_id", "An API key."),
        "passkey_id": identifier::<PasskeyId>("passkey_id", "A passkey."),
        "review_id": identifier::<ReviewId>("review_id", "A review."),
        "webhook_id": identifier::<WebhookId>("webhook_id", "A webhook."),
        "invoice_id": identifier::<InvoiceId>("invoice_id", "An invoice."),
        "kind": {
            "name": "kind",
            "in": "path",
            "required": true,
            "description": "What kind of thing it is.",
            "schema": { "type": "string", "enum": ResourceKind::ALL.map(ResourceKind::name) },
        },
        "id": {
            "name": "id",
            "in": "path",
            "required": true,
            "description": "What the service that it belongs to calls it.",
            "schema": { "type": "string", "pattern": ResourceId::PATTERN },
        },
        key: {
            "name": key,
            "in": "header",
            "required": false,
            "description": "The same call under the same key is done once within 24 hours, and answered alike.",
            "schema": { "type": "string", "minLength": 1, "maxLength": chars_max, "pattern": "^[ -~]+$" },
        },
        "If-Match": {
            "name": "If-Match",
            "in": "header",
            "required": false,
            "description": "The ETag of what is changed, as it was seen; it is done only if that is still its version. \
                            `*` is any version.",
            "schema": { "type": "string" },
            "example": "\"3\"",
        },
    })
}
