//! `/v1/webhooks`: where an account's own services are told of what happened. `deliver-webhooks` tells them. RULE: EV-05

mod create;
mod delete;
mod list;
mod named;
mod replay;
mod rotate;
mod update;

use runtime::{Function, Routes, http, routes};

/// The function.
pub const FUNCTION: Function = routes::<Webhooks>();

/// The operations on webhooks.
struct Webhooks;

impl Routes for Webhooks {
    const NAME: &'static str = "webhooks";
    const ROUTES: &'static [(&'static str, Function)] = &[
        ("GET /v1/webhooks", http::<list::ListWebhooks>()),
        ("POST /v1/webhooks", http::<create::CreateWebhook>()),
        ("PATCH /v1/webhooks/{webhook_id}", http::<update::UpdateWebhook>()),
        ("DELETE /v1/webhooks/{webhook_id}", http::<delete::DeleteWebhook>()),
        ("POST /v1/webhooks/{webhook_id}/secret", http::<rotate::RotateWebhookSecret>()),
        ("POST /v1/webhooks/{webhook_id}/replay", http::<replay::ReplayWebhook>()),
    ];
}
