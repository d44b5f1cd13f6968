//! The secrets of webhooks, derived whenever they are needed. RULE: AC-09

use domain::{Webhook, WebhookSecret};

use crate::{Env, MacError, WEBHOOKS_KEYS};

impl Env {
    /// The secret that a webhook's receiver knows its calls by; none where its key is not used any more.
    pub async fn webhook_secret(&self, webhook: &Webhook) -> Result<Option<WebhookSecret>, MacError> {
        let mac = self.mac(WEBHOOKS_KEYS, webhook.key_version, &webhook.claim()).await?;
        Ok(mac.as_ref().map(WebhookSecret::of))
    }
}
