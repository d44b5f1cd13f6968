//! DELETE `/v1/webhooks/{webhook_id}`: nothing more is sent to it, what waited included.

use domain::{Account, Actor, Change, Decision, EntityKey, FactKind, Permission, Removal, WebhookId};
use runtime::{Fields, Moment, Operation};

use crate::named::{self, Named, OnWebhook};

/// The path says it all.
pub(crate) struct DeleteWebhook {
    id: Option<WebhookId>,
}

impl OnWebhook for DeleteWebhook {
    fn id(&self) -> Option<WebhookId> {
        self.id
    }
}

impl Operation for DeleteWebhook {
    const NAME: &str = "delete-webhook";
    const ABOUT: &str = "Deletes a webhook";
    const SUCCESS: u16 = 204;
    const NEEDS: Option<Permission> = Some(Permission::ManageAccount);
    type Caller = Actor;
    type Loads = (Account, Named);
    type Reply = ();

    fn read(fields: &mut Fields) -> Option<Self> {
        Some(Self { id: named::id(fields) })
    }

    fn decide(&self, _: &Actor, (account, Named(webhook)): (Account, Named), _: &Moment) -> Decision<()> {
        let removal = Removal::AsRead(EntityKey::Webhook(webhook.account_id, webhook.id));
        let fact = webhook.fact(FactKind::WebhookDeleted);
        Ok(Change::reply(()).fact(fact).put(account.without_webhook()).delete(removal))
    }
}
