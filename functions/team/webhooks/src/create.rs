//! POST /v1/webhooks: from now on an account's own service is told of what happens. The secret that it knows the calls by is
//! shown once.

use domain::{
    Account, Actor, Change, Decision, EventTypes, FactKind, Permission, Refusal, Webhook, WebhookSecret,
    WebhookUrl, WebhookWithSecret,
};
use runtime::{Call, Failure, Fields, Loaded, Loads, Moment, Operation, WEBHOOKS_KEYS, Wants};

use crate::named;

/// What the caller sends.
pub(crate) struct CreateWebhook {
    url: WebhookUrl,
    event_types: EventTypes,
}

/// What is made, and the secret that is derived for it.
pub(crate) struct Made {
    webhook: Webhook,
    secret: WebhookSecret,
}

impl Operation for CreateWebhook {
    const NAME: &str = "create-webhook";
    const ABOUT: &str = "Makes a webhook";
    const SUCCESS: u16 = 201;
    const SHOWS_SECRET: bool = true;
    const ROLE_FIRST: bool = true;
    const NEEDS: Option<Permission> = Some(Permission::ManageAccount);
    const SETTINGS: &'static [&'static str] = &[WEBHOOKS_KEYS];
    const REFUSES: &'static [&'static [&'static str]] = &[&["step_up_required", "too_many_webhooks"]];
    type Caller = Actor;
    type Loads = (Account, Made);
    type Reply = WebhookWithSecret;

    fn read(fields: &mut Fields) -> Option<Self> {
        let url = fields.required("url", named::url_shape(), WebhookUrl::parse);
        let types = fields.choices("event_types", named::ABOUT_TYPES, &EventTypes::names());
        Some(Self { url: url?, event_types: EventTypes::of(types?)? })
    }

    // What happens in the account leaves it from now on: it takes a recent authentication, as a new API key does.
    fn decide(
        &self,
        by: &Actor,
        (account, made): (Account, Made),
        at: &Moment,
    ) -> Decision<WebhookWithSecret> {
        by.is_fresh(at.now)?;
        let Made { webhook, secret } = made;
        let fact = webhook.fact(FactKind::WebhookCreated).after("event_types", webhook.event_types.listed());
        // The account counts them, so that two that are made at once do not both take the last place.
        Ok(Change::reply(WebhookWithSecret::new(&secret, webhook.clone()))
            .fact(fact)
            .put(account.with_webhook()?)
            .put(webhook))
    }
}

impl Loads<CreateWebhook> for Made {
    fn wants(_: &CreateWebhook, _: &Call<'_>, _: &mut Wants) {}

    async fn take(create: &CreateWebhook, call: &Call<'_>, _: &mut Loaded) -> Result<Self, Failure> {
        named::check_url(&create.url, call)?;
        let fresh = &call.moment.fresh;
        let webhook = Webhook::new(
            fresh.webhook_id,
            (call.account_id, call.caller_id.ok_or(Refusal::Unauthenticated)?),
            create.url.clone(),
            create.event_types.clone(),
            (fresh.nonce.clone(), call.env.current_key(WEBHOOKS_KEYS)?),
            call.moment.now,
        );
        let secret = named::secret_of(&webhook, call).await?;
        Ok(Self { webhook, secret })
    }
}
