//! PATCH `/v1/webhooks/{webhook_id}`: it leads elsewhere, is told of other things, is on or off. What is not sent stays as it
//! is. Once it was off, what waited for it is dropped.

use domain::{
    Actor, Change, Decision, EventTypes, Fact, FactKind, Instant, Permission, Webhook, WebhookId, WebhookUrl,
    WebhookView,
};
use runtime::{Call, Failure, Fields, Loaded, Loads, Moment, Operation, Wants};

use crate::named::{self, Named, OnWebhook};

/// What the caller sends.
pub(crate) struct UpdateWebhook {
    id: Option<WebhookId>,
    url: Option<WebhookUrl>,
    event_types: Option<EventTypes>,
    enabled: Option<bool>,
}

impl OnWebhook for UpdateWebhook {
    fn id(&self) -> Option<WebhookId> {
        self.id
    }
}

/// That the address may be called.
pub(crate) struct Checked;

impl Operation for UpdateWebhook {
    const NAME: &str = "update-webhook";
    const ABOUT: &str = "Changes a webhook";
    const NEEDS: Option<Permission> = Some(Permission::ManageAccount);
    const REFUSES: &'static [&'static [&'static str]] = &[&["step_up_required"]];
    type Caller = Actor;
    type Loads = (Named, Checked);
    type Reply = WebhookView;

    fn read(fields: &mut Fields) -> Option<Self> {
        let url = fields.optional("url", named::url_shape(), WebhookUrl::parse);
        let types = fields.optional_choices("event_types", named::ABOUT_TYPES, &EventTypes::names());
        let about = "Whether it is on. Switched on again, it is told of what happens from then on.";
        let enabled = fields.optional_switch("enabled", about);
        Some(Self {
            id: named::id(fields),
            url: url?,
            event_types: types?.and_then(EventTypes::of),
            enabled: enabled?,
        })
    }

    fn decide(
        &self,
        by: &Actor,
        (Named(webhook), Checked): (Named, Checked),
        at: &Moment,
    ) -> Decision<WebhookView> {
        let (changed, fact) = self.change(&webhook, at.now);
        // What happens in the account goes elsewhere from now on.
        if changed.url != webhook.url {
            by.is_fresh(at.now)?;
        }
        let reply = Change::reply(WebhookView::from(changed.clone()));
        Ok(if changed == webhook { reply } else { reply.fact(fact).put(changed) })
    }
}

impl UpdateWebhook {
    /// The webhook as it is then, and what to say of that. An address is nobody else's business.
    fn change(&self, before: &Webhook, now: Instant) -> (Webhook, Fact) {
        let mut webhook = before.clone();
        let mut fact = webhook.fact(FactKind::WebhookUpdated);
        if let Some(url) = self.url.clone().filter(|url| *url != before.url) {
            webhook = webhook.leading_to(url);
            fact = fact.after("url_changed", true);
        }
        if let Some(types) = self.event_types.clone().filter(|types| *types != before.event_types) {
            fact = fact.before("event_types", before.event_types.listed());
            fact = fact.after("event_types", types.listed());
            webhook.event_types = types;
        }
        if let Some(enabled) = self.enabled.filter(|enabled| *enabled != before.enabled_at.is_some()) {
            fact = fact.before("enabled", !enabled).after("enabled", enabled);
            webhook = webhook.switched(enabled, now);
        }
        (webhook, fact)
    }
}

impl Loads<UpdateWebhook> for Checked {
    fn wants(_: &UpdateWebhook, _: &Call<'_>, _: &mut Wants) {}

    async fn take(update: &UpdateWebhook, call: &Call<'_>, _: &mut Loaded) -> Result<Self, Failure> {
        update.url.as_ref().map_or(Ok(()), |url| named::check_url(url, call))?;
        Ok(Self)
    }
}
