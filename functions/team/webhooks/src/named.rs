//! The webhook that a path names, and what is sent about one.

use domain::{AccountId, EntityKey, FieldError, Refusal, Webhook, WebhookId, WebhookSecret, WebhookUrl};
use runtime::{Call, Failure, Fields, Loaded, Loads, Shape, Wants};

/// What an address is for.
const ABOUT_URL: &str =
    "Where it leads: an https address in the public internet, without a user and without a #.";
/// What types are for.
pub(crate) const ABOUT_TYPES: &str =
    "Types of events that it is told of; `*` for all, those that there will be included.";

/// Reads the identifier in the path; none, where that is no webhook's.
pub(crate) fn id(fields: &Fields) -> Option<WebhookId> {
    WebhookId::parse(fields.path("webhook_id")?)
}

/// What an address looks like.
pub(crate) const fn url_shape() -> Shape<'static> {
    Shape::text(ABOUT_URL, &(1..=WebhookUrl::CHARS_MAX))
}

/// One field that is wrong, which only shows once its request is read.
pub(crate) fn wrong(field: &str, (code, detail): (&'static str, String)) -> Refusal {
    Refusal::Validation(vec![FieldError { field: field.into(), code, detail }])
}

/// Refuses an address that may not be called. RULE: EV-05
pub(crate) fn check_url(url: &WebhookUrl, call: &Call<'_>) -> Result<(), Refusal> {
    url.check(call.env.webhook_receiver).map_err(|problem| wrong("url", problem))
}

/// The secret of a webhook that is made or changed now.
pub(crate) async fn secret_of(webhook: &Webhook, call: &Call<'_>) -> Result<WebhookSecret, Failure> {
    let secret = call.env.webhook_secret(webhook).await?;
    secret.ok_or_else(|| Failure::Fault("the current key of webhooks is disabled".into()))
}

/// An operation on one webhook.
pub(crate) trait OnWebhook: Sync {
    /// What the path names, if that can be a webhook at all.
    fn id(&self) -> Option<WebhookId>;
}

fn key(account_id: AccountId, operation: &impl OnWebhook) -> Option<EntityKey> {
    Some(EntityKey::Webhook(account_id, operation.id()?))
}

/// What the path names. RULE: AP-05
pub(crate) struct Named(pub(crate) Webhook);

impl<O: OnWebhook> Loads<O> for Named {
    fn refuses() -> Vec<&'static str> {
        vec!["not_found"]
    }

    fn wants(operation: &O, call: &Call<'_>, wants: &mut Wants) {
        if let Some(key) = key(call.account_id, operation) {
            wants.key(key);
        }
    }

    async fn take(operation: &O, call: &Call<'_>, loaded: &mut Loaded) -> Result<Self, Failure> {
        let key = key(call.account_id, operation).ok_or(Refusal::NotFound)?;
        Ok(Self(loaded.get(&key)?.ok_or(Refusal::NotFound)?))
    }
}
