//! POST `/v1/webhooks/{webhook_id}/secret`: another secret, which is shown once. What is sent from now on is signed with it.

use domain::{
    Actor, Change, Decision, FactKind, Permission, Webhook, WebhookId, WebhookSecret, WebhookWithSecret,
};
use runtime::{Call, Failure, Fields, Loaded, Loads, Moment, Operation, WEBHOOKS_KEYS, Wants};

use crate::named::{self, Named, OnWebhook};

/// The path says it all.
pub(crate) struct RotateWebhookSecret {
    id: Option<WebhookId>,
}

impl OnWebhook for RotateWebhookSecret {
    fn id(&self) -> Option<WebhookId> {
        self.id
    }
}

/// The webhook with its new secret.
pub(crate) struct Rotated {
    webhook: Webhook,
    secret: WebhookSecret,
}

impl Operation for RotateWebhookSecret {
    const NAME: &str = "rotate-webhook-secret";
    const ABOUT: &str = "Gives a webhook another secret";
    const SHOWS_SECRET: bool = true;
    const NEEDS: Option<Permission> = Some(Permission::ManageAccount);
    const SETTINGS: &'static [&'static str] = &[WEBHOOKS_KEYS];
    const REFUSES: &'static [&'static [&'static str]] = &[&["step_up_required"]];
    type Caller = Actor;
    type Loads = Rotated;
    type Reply = WebhookWithSecret;

    fn read(fields: &mut Fields) -> Option<Self> {
        Some(Self { id: named::id(fields) })
    }

    fn decide(&self, by: &Actor, rotated: Rotated, at: &Moment) -> Decision<WebhookWithSecret> {
        by.is_fresh(at.now)?;
        let Rotated { webhook, secret } = rotated;
        let fact = webhook.fact(FactKind::WebhookSecretRotated);
        Ok(Change::reply(WebhookWithSecret::new(&secret, webhook.clone())).fact(fact).put(webhook))
    }
}

impl Loads<RotateWebhookSecret> for Rotated {
    fn refuses() -> Vec<&'static str> {
        <Named as Loads<RotateWebhookSecret>>::refuses()
    }

    fn wants(rotate: &RotateWebhookSecret, call: &Call<'_>, wants: &mut Wants) {
        <Named as Loads<RotateWebhookSecret>>::wants(rotate, call, wants);
    }

    async fn take(
        rotate: &RotateWebhookSecret,
        call: &Call<'_>,
        loaded: &mut Loaded,
    ) -> Result<Self, Failure> {
        let Named(webhook) = Named::take(rotate, call, loaded).await?;
        let key_version = call.env.current_key(WEBHOOKS_KEYS)?;
        let webhook = Webhook { nonce: call.moment.fresh.nonce.clone(), key_version, ..webhook };
        let secret = named::secret_of(&webhook, call).await?;
        Ok(Self { webhook, secret })
    }
}
