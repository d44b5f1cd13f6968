//! A delivery: each try is noted before it is made, and what became of it afterwards. RULE: EV-05

use std::sync::{Mutex, PoisonError};

use domain::{
    Account, AccountId, Change, DeliveryEnd, EntityKey, FactId, FactKind, Instant, SwitchOffReason, Webhook,
    WebhookDelivery, WebhookId,
};
use runtime::{Env, Fault, Loaded, Settled, Wants, settle};

use crate::receiver::{Answer, Receivers, Sent};

/// Which delivery.
pub(crate) type Which = (AccountId, WebhookId, FactId);

/// A try that was noted and is to be made.
#[derive(Clone)]
struct Try {
    webhook: Webhook,
    delivery: WebhookDelivery,
    at: Instant,
}

impl Receivers {
    /// Of something that has just happened; where it was heard of before, whatever that led to goes on by itself.
    pub(crate) async fn first_try(
        &self,
        env: &Env,
        webhook: &Webhook,
        fact_id: FactId,
        body: &str,
    ) -> Result<(), Fault> {
        let whose = (webhook.account_id, webhook.id);
        let new = WebhookDelivery::new(whose, fact_id, body.to_owned(), env.clock.now());
        self.make(env, (whose.0, whose.1, fact_id), Some(&new)).await.map(drop)
    }

    /// Of something that waits, if it is due.
    pub(crate) async fn next_try(&self, env: &Env, which: Which) -> Result<Settled, Fault> {
        self.make(env, which, None).await
    }

    async fn make(&self, env: &Env, which: Which, new: Option<&WebhookDelivery>) -> Result<Settled, Fault> {
        let (noted, settled) = note(env, which, new).await?;
        let Some(made) = noted else { return Ok(settled) };
        let answer = match self.answer(env, &made).await {
            // Whatever keeps it from being sent, it is not tried for ever.
            Err(_) if made.delivery.is_last_try(made.at) => Answer::not_taken("not_sent"),
            answer => answer?,
        };
        Ok(settled.and(conclude(env, which, &made, &answer).await?))
    }

    async fn answer(&self, env: &Env, made: &Try) -> Result<Answer, Fault> {
        let Some(secret) = env.webhook_secret(&made.webhook).await? else {
            return Ok(Answer::not_taken("not_signed"));
        };
        let sent = Sent { fact_id: made.delivery.fact_id, body: &made.delivery.body, at: made.at };
        self.call(&made.webhook, &secret, sent, env.webhook_receiver).await
    }
}

fn keys((account_id, webhook_id, fact_id): Which) -> (EntityKey, EntityKey, EntityKey) {
    (
        EntityKey::Account(account_id),
        EntityKey::Webhook(account_id, webhook_id),
        EntityKey::WebhookDelivery(account_id, webhook_id, fact_id),
    )
}

fn wants(which: Which) -> Wants {
    let (account, webhook, delivery) = keys(which);
    let mut wants = Wants::default();
    for key in [account, webhook, delivery] {
        wants.key(key);
    }
    wants
}

/// Notes a try, and when the next one is due; only who has noted it makes it. What nobody waits for any more is dropped.
async fn note(
    env: &Env,
    which: Which,
    new: Option<&WebhookDelivery>,
) -> Result<(Option<Try>, Settled), Fault> {
    let noted = Mutex::new(None);
    let settled = settle(env, &wants(which), |loaded, at| {
        let (change, made) = decide_try(loaded, which, new, at.now)?;
        *noted.lock().unwrap_or_else(PoisonError::into_inner) = made;
        Ok(change)
    })
    .await?;
    let made = noted.into_inner().unwrap_or_else(PoisonError::into_inner);
    Ok((made.filter(|_| settled.is_changed), settled))
}

fn decide_try(
    loaded: &Loaded,
    which: Which,
    new: Option<&WebhookDelivery>,
    now: Instant,
) -> Result<(Option<Change<()>>, Option<Try>), Fault> {
    let (account, webhook, delivery) = keys(which);
    let known: Option<WebhookDelivery> = loaded.get(&delivery)?;
    let Some(delivery) = known.or_else(|| new.cloned()).filter(|delivery| delivery.is_due(now)) else {
        return Ok((None, None));
    };
    let account = loaded.get::<Account>(&account)?.filter(Account::is_open);
    let webhook = loaded.get::<Webhook>(&webhook)?.filter(|webhook| webhook.awaits(&delivery));
    let Some(webhook) = webhook.filter(|_| account.is_some()) else {
        return Ok((Some(Change::reply(()).put(delivery.ended(DeliveryEnd::Dropped))), None));
    };
    let delivery = delivery.tried(now);
    let change = Change::reply(()).put(delivery.clone());
    Ok((Some(change), Some(Try { webhook, delivery, at: now })))
}

/// Notes what became of a try.
async fn conclude(env: &Env, which: Which, made: &Try, answer: &Answer) -> Result<Settled, Fault> {
    settle(env, &wants(which), |loaded, at| {
        let (_, webhook, delivery) = keys(which);
        // Asked for again since, or told of by another try: then this one has nothing to say.
        let is_same =
            |known: &WebhookDelivery| known.end.is_none() && known.created_at == made.delivery.created_at;
        let Some(delivery) = loaded.get::<WebhookDelivery>(&delivery)?.filter(is_same) else {
            return Ok(None);
        };
        // One that is off, gone, or leads elsewhere has not failed.
        let webhook = loaded.get::<Webhook>(&webhook)?.filter(|webhook| webhook.is_still(&made.webhook));
        Ok(decide_end(delivery, webhook, made.at, answer, at.now))
    })
    .await
}

fn decide_end(
    delivery: WebhookDelivery,
    webhook: Option<Webhook>,
    tried_at: Instant,
    answer: &Answer,
    now: Instant,
) -> Option<Change<()>> {
    let before = webhook.clone();
    let (end, webhook) = match answer {
        Answer::Taken => (Some(DeliveryEnd::Delivered), webhook.map(|webhook| webhook.delivered(now))),
        Answer::Gone => {
            let off = |webhook: Webhook| {
                webhook.failed("status_410".into(), tried_at).switch_off(SwitchOffReason::Gone, now)
            };
            (Some(DeliveryEnd::Dropped), webhook.map(off))
        }
        Answer::NotTaken(reason) => {
            let webhook = webhook.map(|webhook| webhook.failed(reason.clone(), tried_at));
            if delivery.is_last_try(tried_at) {
                (Some(DeliveryEnd::GivenUp), webhook.map(|webhook| webhook.gave_up(&delivery, now)))
            } else {
                (None, webhook)
            }
        }
    };
    let account_id = delivery.account_id;
    let mut change = Change::reply(()).performed_by_nobody(account_id);
    let is_written = end.is_some() || webhook != before;
    if let Some(end) = end {
        change = change.put(delivery.ended(end));
    }
    if let Some(webhook) = webhook.filter(|webhook| Some(webhook) != before.as_ref()) {
        if let Some(off) = webhook.switched_off {
            let fact = webhook.fact(FactKind::WebhookSwitchedOff).after("reason", off.reason.name());
            change = change.fact(fact);
        }
        change = change.put(webhook);
    }
    is_written.then_some(change)
}
