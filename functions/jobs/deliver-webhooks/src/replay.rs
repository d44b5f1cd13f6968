//! What happened is sent again: each event of the span becomes a delivery that is due at once, the newest first, some events
//! in each commit. RULE: EV-05

use chrono::TimeDelta;
use domain::{
    Account, AccountId, Change, EntityKey, Event, EventId, FactId, Webhook, WebhookDelivery, WebhookId,
    WebhookReplay,
};
use runtime::{Collection, Env, Fault, Loaded, Settled, Wants, settle};
use store::Capacity;

/// Events of one commit, which may all change: with their facts they fit into one transaction.
const EVENTS_MAX: i32 = 10;
/// Between two goes, so that nobody is called by thousands at once.
const PAUSE: TimeDelta = TimeDelta::minutes(1);
/// Commits in one go.
const PAGES_MAX: usize = 50;

/// Goes on with it, as far as it comes.
pub(crate) async fn go_on(env: &Env, which: (AccountId, WebhookId)) -> Result<Settled, Fault> {
    let mut done = Settled::default();
    for _ in 0..PAGES_MAX {
        let page = one_page(env, which).await?;
        done = done.and(page);
        if !page.is_changed {
            break;
        }
    }
    Ok(done)
}

async fn one_page(env: &Env, (account_id, webhook_id): (AccountId, WebhookId)) -> Result<Settled, Fault> {
    let account_key = EntityKey::Account(account_id);
    let webhook_key = EntityKey::Webhook(account_id, webhook_id);
    let mut wants = Wants::default();
    wants.key(account_key.clone());
    wants.key(webhook_key.clone());
    let mut loaded = Loaded::default();
    env.table.load(&wants, &mut loaded).await?;
    let webhook: Option<Webhook> = loaded.get(&webhook_key)?;
    let Some(replay) = webhook.and_then(|webhook| webhook.replay) else { return Ok(Settled::default()) };
    let (events, has_more, took) = read(env, account_id, &replay).await?;
    let published: Vec<(FactId, domain::FactKind, String)> = events
        .iter()
        .flat_map(Event::published)
        .map(|(id, fact, body)| (id, fact.kind, body.to_string()))
        .collect();
    let not_after = events.last().map(|last| EventId::from_bits(last.id.bits().saturating_sub(1)));
    for (id, ..) in &published {
        wants.key(EntityKey::WebhookDelivery(account_id, webhook_id, *id));
    }
    let settled = settle(env, &wants, |loaded, at| {
        let is_open = loaded.get::<Account>(&account_key)?.is_some_and(|account| account.is_open());
        // Another one was asked for since, or the webhook is off.
        let Some(webhook) =
            loaded.get::<Webhook>(&webhook_key)?.filter(|webhook| webhook.replay == Some(replay))
        else {
            return Ok(None);
        };
        let whose = (account_id, webhook_id);
        let mut change = Change::reply(());
        let again = published.iter().filter(|(_, kind, _)| is_open && webhook.event_types.hold(*kind));
        for (id, _, body) in again {
            // What still waits is on its way, and its day goes on.
            let key = EntityKey::WebhookDelivery(account_id, webhook_id, *id);
            let known: Option<WebhookDelivery> = loaded.get(&key)?;
            if !known.is_some_and(|known| known.end.is_none() && webhook.awaits(&known)) {
                change = change.put(WebhookDelivery::new(whose, *id, body.clone(), at.now));
            }
        }
        let next = WebhookReplay { not_after, next_at: at.now + PAUSE, ..replay };
        let replay = (is_open && has_more).then_some(next);
        Ok(Some(change.put(Webhook { replay, ..webhook })))
    })
    .await?;
    let mut capacity = settled.capacity;
    capacity += loaded.capacity;
    capacity += took;
    Ok(Settled { capacity, ..settled })
}

async fn read(
    env: &Env,
    account_id: AccountId,
    replay: &WebhookReplay,
) -> Result<(Vec<Event>, bool, Capacity), Fault> {
    let page = Collection::Events {
        account_id,
        from: Some(replay.from),
        to: Some(replay.to),
        not_after: replay.not_after,
        limit: EVENTS_MAX,
    };
    let (mut wants, mut loaded) = (Wants::default(), Loaded::default());
    wants.collection(page.clone());
    env.table.load(&wants, &mut loaded).await?;
    Ok((loaded.all(&page)?, loaded.has_more(&page), loaded.capacity))
}
