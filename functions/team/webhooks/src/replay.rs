//! POST `/v1/webhooks/{webhook_id}/replay`: what happened since an instant is sent again, as far as the webhook is told of it.

use chrono::TimeDelta;
use domain::{Actor, Change, Decision, FactKind, Instant, Permission, REPLAYED_DAYS, WebhookId, WebhookView};
use runtime::{Fields, Moment, Operation};

use crate::named::{self, Named, OnWebhook};

/// What the caller sends.
pub(crate) struct ReplayWebhook {
    id: Option<WebhookId>,
    from: Instant,
}

impl OnWebhook for ReplayWebhook {
    fn id(&self) -> Option<WebhookId> {
        self.id
    }
}

impl Operation for ReplayWebhook {
    const NAME: &str = "replay-webhook";
    const ABOUT: &str = "Sends a webhook once more what happened";
    const SUCCESS: u16 = 202;
    const NEEDS: Option<Permission> = Some(Permission::ManageAccount);
    const REFUSES: &'static [&'static [&'static str]] = &[&["webhook_disabled"]];
    type Caller = Actor;
    type Loads = Named;
    type Reply = WebhookView;

    fn read(fields: &mut Fields) -> Option<Self> {
        let from = fields.instant("from", "Events from this instant on, at most seven days ago.");
        Some(Self { id: named::id(fields), from: from? })
    }

    fn decide(&self, _: &Actor, Named(webhook): Named, at: &Moment) -> Decision<WebhookView> {
        let earliest = at.now - TimeDelta::days(REPLAYED_DAYS);
        if self.from < earliest || at.now < self.from {
            let problem = format!("Must be an instant of the last {REPLAYED_DAYS} days.");
            return Err(named::wrong("from", ("out_of_range", problem)));
        }
        let fact = webhook.fact(FactKind::WebhookReplayed).after("from", self.from.to_rfc3339());
        let webhook = webhook.replaying(self.from, at.now)?;
        Ok(Change::reply(WebhookView::from(webhook.clone())).fact(fact).put(webhook))
    }
}
