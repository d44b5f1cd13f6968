//! A webhook, and what became of it.

use chrono::TimeDelta;
use domain::{
    Account, EventTypes, Instant, KeyVersion, Nonce, SwitchOffReason, UserId, Webhook, WebhookId, WebhookUrl,
};
use serde_json::json;

use super::scene::Scene;
use crate::fact::Published;

pub(super) fn webhook(account: &Account, now: Instant) -> Webhook {
    let url = WebhookUrl::parse("https://hooks.acme.example/roster").unwrap();
    let secret = (Nonce::new(1), KeyVersion::try_from(1).unwrap());
    let whose = (account.id, UserId::from_bits(2));
    Webhook::new(WebhookId::from_bits(1), whose, url, EventTypes::Every, secret, now)
}

impl Scene {
    /// It has failed for a day.
    pub(super) fn set_webhook(&mut self, variant: &str) -> Published {
        let gone = variant == "gone";
        let reason = if gone { SwitchOffReason::Gone } else { SwitchOffReason::LastingFailure };
        let failing = self.webhook.clone().failed("status_503".into(), self.now);
        self.now += TimeDelta::days(1);
        self.webhook = failing.switch_off(reason, self.now);
        self.fact("webhook.switched_off", json!({ "webhook_id": self.webhook.id, "reason": reason }))
    }
}
