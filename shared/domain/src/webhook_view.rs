//! Webhooks as they are shown. Their secrets are not here.

use schemars::JsonSchema;
use serde::Serialize;

use crate::webhook::{Failing, GivenUp};
use crate::{EventTypes, Instant, Reply, SwitchedOff, UserId, Webhook, WebhookId, WebhookUrl};

/// A webhook.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Webhook")]
pub struct WebhookView {
    /// The webhook.
    id: WebhookId,
    /// Where it leads.
    url: WebhookUrl,
    /// What it is told of.
    event_types: EventTypes,
    /// Whether it is on.
    enabled: bool,
    /// Who made it.
    created_by: UserId,
    /// When it was made.
    created_at: Instant,
    /// When and why it was switched off by itself; null unless it was.
    switched_off: Option<SwitchedOff>,
    /// Since when its receiver takes nothing, and why; null while it does.
    failing: Option<Failing>,
    /// When its receiver last took something, to five minutes.
    last_delivered_at: Option<Instant>,
    /// The latest event that its receiver did not take for a day.
    last_given_up: Option<GivenUp>,
    /// What is being sent again, while that is looked up.
    replay: Option<ReplayView>,
}

/// What is being sent again.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "WebhookReplay")]
struct ReplayView {
    /// Events from this instant on.
    from: Instant,
    /// Events before this one.
    to: Instant,
}

impl Reply for WebhookView {}

impl From<Webhook> for WebhookView {
    fn from(webhook: Webhook) -> Self {
        Self {
            id: webhook.id,
            url: webhook.url,
            event_types: webhook.event_types,
            enabled: webhook.enabled_at.is_some(),
            created_by: webhook.created_by,
            created_at: webhook.created_at,
            switched_off: webhook.switched_off,
            failing: webhook.failing,
            last_delivered_at: webhook.last_delivered_at,
            last_given_up: webhook.last_given_up,
            replay: webhook.replay.map(|replay| ReplayView { from: replay.from, to: replay.to }),
        }
    }
}

/// The webhooks of an account.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Webhooks")]
pub struct WebhookList {
    /// The oldest first.
    #[schemars(length(max = 10))]
    data: Vec<WebhookView>,
}

impl Reply for WebhookList {}

impl WebhookList {
    /// All of them.
    pub fn of(webhooks: Vec<Webhook>) -> Self {
        Self { data: webhooks.into_iter().map(WebhookView::from).collect() }
    }
}

/// A webhook with its secret.
#[derive(Serialize, JsonSchema)]
pub struct WebhookWithSecret {
    /// What its receiver verifies signatures with. Shown this once.
    secret: String,
    #[serde(flatten)]
    webhook: WebhookView,
}

impl Reply for WebhookWithSecret {}

impl WebhookWithSecret {
    /// Shown this once.
    pub fn new(secret: &crate::WebhookSecret, webhook: Webhook) -> Self {
        Self { secret: secret.expose().to_owned(), webhook: webhook.into() }
    }
}
