//! GET /v1/webhooks: all webhooks of the account, and how they do.

use domain::{Actor, Change, Decision, Permission, WEBHOOKS_MAX, Webhook, WebhookList};
use runtime::{Call, Collection, Failure, Fields, Loaded, Loads, Moment, Operation, Part, Wants};

/// Nothing is sent.
pub(crate) struct ListWebhooks;

/// All of the account, the oldest first.
pub(crate) struct All(Vec<Webhook>);

impl Operation for ListWebhooks {
    const NAME: &str = "list-webhooks";
    const ABOUT: &str = "Lists webhooks, and how they do";
    const NEEDS: Option<Permission> = Some(Permission::ManageAccount);
    type Caller = Actor;
    type Loads = All;
    type Reply = WebhookList;

    fn read(_: &mut Fields) -> Option<Self> {
        Some(Self)
    }

    fn decide(&self, _: &Actor, All(webhooks): All, _: &Moment) -> Decision<WebhookList> {
        Ok(Change::reply(WebhookList::of(webhooks)))
    }
}

fn all(call: &Call<'_>) -> Collection {
    let limit = i32::try_from(WEBHOOKS_MAX).unwrap_or(i32::MAX);
    Collection::Owned { account_id: call.account_id, part: Part::Webhooks, limit }
}

impl Loads<ListWebhooks> for All {
    fn wants(_: &ListWebhooks, call: &Call<'_>, wants: &mut Wants) {
        wants.collection(all(call));
    }

    async fn take(_: &ListWebhooks, call: &Call<'_>, loaded: &mut Loaded) -> Result<Self, Failure> {
        Ok(Self(loaded.all(&all(call))?))
    }
}
