//! Event bus → queue → customers' own services: what happened, to each webhook that is told of it. Tried at once, and again
//! with growing pauses for a day, by the wheel of timers. RULE: EV-05
//!
//! A try is noted before it is made, with when the next one is due. So a crash loses nothing, a repeat of the event starts
//! nothing, and a receiver may get an event more than once: it knows repeats by the event's identifier.

mod delivery;
mod guard;
mod receiver;
mod replay;

use domain::{Account, AccountId, DueKind, EntityKey, FactId, FactKind, Instant, WEBHOOKS_MAX, Webhook};
use futures_util::future::join_all;
use runtime::{
    BatchReply, Collection, DueItem, Env, Fault, Job, Loaded, Message, Part, Settled, StartError, Sweep,
    WEBHOOKS_KEYS, Wants,
};
use serde::Deserialize;

use receiver::Receivers;

/// The function.
pub const FUNCTION: runtime::Function = runtime::job_and_sweep::<DeliverWebhooks>();

/// Of what has just happened, and of what has waited.
pub struct DeliverWebhooks {
    receivers: Receivers,
}

/// What is published of a fact, as far as it matters whom it is sent to.
#[derive(Deserialize)]
struct Published {
    id: FactId,
    #[serde(rename = "type")]
    kind: FactKind,
    at: Instant,
    account_id: AccountId,
}

impl Job for DeliverWebhooks {
    const NAME: &str = "deliver-webhooks";
    const SETTINGS: &'static [&'static str] = &[WEBHOOKS_KEYS];

    fn start(_: &Env) -> Result<Self, StartError> {
        Ok(Self { receivers: Receivers::new() })
    }

    async fn work(&self, env: &Env, batch: Vec<Message>) -> BatchReply {
        Self::each(batch, |message| self.tell(env, message)).await
    }
}

impl DeliverWebhooks {
    /// Tells every webhook that is on and told of such things. A receiver that does not take it is no failure of the message.
    async fn tell(&self, env: &Env, message: Message) -> Result<(), Fault> {
        let detail = message.body.get("detail").cloned().unwrap_or_default();
        let body = detail.to_string();
        let fact: Published = serde_json::from_value(detail)?;
        let account_key = EntityKey::Account(fact.account_id);
        let limit = i32::try_from(WEBHOOKS_MAX)?;
        let all = Collection::Owned { account_id: fact.account_id, part: Part::Webhooks, limit };
        let (mut wants, mut loaded) = (Wants::default(), Loaded::default());
        wants.key(account_key.clone());
        env.table.load(&wants, &mut loaded).await?;
        // Most accounts have none: whatever happens in them ends here.
        if !loaded.get::<Account>(&account_key)?.is_some_and(|account| account.tells_webhooks()) {
            return Ok(());
        }
        let mut wants = Wants::default();
        wants.collection(all.clone());
        env.table.load(&wants, &mut loaded).await?;
        let webhooks: Vec<Webhook> = loaded.all(&all)?;
        let told = webhooks.iter().filter(|webhook| webhook.hears(fact.kind, fact.at));
        let tries = told.map(|webhook| self.receivers.first_try(env, webhook, fact.id, &body));
        join_all(tries).await.into_iter().collect()
    }
}

impl Sweep for DeliverWebhooks {
    const NAME: &str = <Self as Job>::NAME;
    const KIND: DueKind = DueKind::Webhooks;
    const SETTINGS: &'static [&'static str] = <Self as Job>::SETTINGS;

    fn start(env: &Env) -> Result<Self, StartError> {
        <Self as Job>::start(env)
    }

    async fn settle(&self, env: &Env, due: &DueItem) -> Result<Settled, Fault> {
        match due.key.as_ref().ok_or("nothing of this kind is known")? {
            EntityKey::WebhookDelivery(account_id, webhook_id, fact_id) => {
                self.receivers.next_try(env, (*account_id, *webhook_id, *fact_id)).await
            }
            EntityKey::Webhook(account_id, webhook_id) => {
                replay::go_on(env, (*account_id, *webhook_id)).await
            }
            _ => Err("nothing of this kind is sent to webhooks".into()),
        }
    }
}
