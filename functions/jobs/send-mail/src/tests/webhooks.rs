//! A webhook, and what became of it.

use chrono::TimeDelta;
use domain::{
    Account, EventTypes, Instant, KeyVersion, Nonce, SwitchOffReason, UserId, Webhook, WebhookId, WebhookUrl,
};
use serde_json::json;

use super::scene::Scene;
use crate::fact::Published;

pub(super) fn webhook(account: &Account, now: Instant) -> Webhook {
    Webhook {
        id: WebhookId::from_bits(1),
        account_id: account.id,
        url: WebhookUrl::parse("https://hooks.acme.example/roster").unwrap(),
        event_types: EventTypes::Every,
        created_by: UserId::from_bits(2),
        created_at: now,
        nonce: Nonce::new(1),
        key_version: KeyVersion::try_from(1).unwrap(),
        enabled_at: Some(now),
        switched_off: None,
        failing: None,
        last_delivered_at: None,
        last_given_up: None,
        replay: None,
    }
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
