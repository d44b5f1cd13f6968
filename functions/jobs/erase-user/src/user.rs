//! Somebody who is gone: their sessions, keys and second factors, their calls, what others were answered about them; and, once their last mails are
//! out, who they were. RULE: DE-02

use std::collections::BTreeSet;

use chrono::TimeDelta;
use domain::{
    AccountId, Change, Departure, Dispatch, Entity, EntityKey, Event, EventId, Fact, FactKind, Instant,
    Replay, Tombstone, UserId,
};
use runtime::{Collection, Env, Fault, Loaded, Settled, Wants, settle};
use store::Capacity;

/// How far back calls are kept, and mails may still be on their way.
const LOOK_BACK: TimeDelta = TimeDelta::hours(25);
/// Events that one read brings.
const EVENTS_MAX: i32 = 500;
/// Reads of events: beyond that the calls of a day are left to their expiry.
const PAGES_MAX: usize = 40;

/// What happened to somebody in their last day.
#[derive(Default)]
struct LastDay {
    /// Whoever did anything, themselves included: what they were answered may speak of whoever is gone.
    actors: BTreeSet<UserId>,
    /// Whatever about them leads to mails.
    told: Vec<String>,
}

pub(crate) async fn erase(env: &Env, account_id: AccountId, user_id: UserId) -> Result<Settled, Fault> {
    let key = EntityKey::Tombstone(account_id, user_id);
    let mut capacity = Capacity::default();
    let mut loaded = Loaded::default();
    let mut wants = Wants::default();
    wants.key(key.clone());
    env.table.load(&wants, &mut loaded).await?;
    capacity += loaded.capacity;
    let tombstone: Option<Tombstone> = loaded.get(&key)?;
    let now = env.clock.now();
    let is_due = |tombstone: &Tombstone| tombstone.erasure_due_at.is_some_and(|at| at <= now);
    let Some(tombstone) = tombstone.filter(is_due) else {
        return Ok(Settled { capacity, ..Settled::default() });
    };

    let last_day = last_day(env, &tombstone, &mut capacity).await?;
    sweep_away(env, &Collection::Sessions(account_id, user_id), &mut capacity).await?;
    sweep_away(env, &Collection::Keys(account_id, user_id), &mut capacity).await?;
    sweep_away(env, &Collection::Challenges(account_id, user_id), &mut capacity).await?;
    capacity += env.table.erase(&[EntityKey::Factors(account_id, user_id)]).await?;
    sweep_away(env, &Collection::Replays { account_id, user_id, after: None }, &mut capacity).await?;
    for actor in last_day.actors.iter().filter(|actor| **actor != user_id) {
        forget_answers(env, account_id, *actor, user_id, &mut capacity).await?;
    }
    let is_told = tombstone.must_be_erased(now) || all_sent(env, &last_day.told, &mut capacity).await?;
    let departure = EntityKey::Departure(account_id, user_id);
    wants.key(departure.clone());
    let settled = settle(env, &wants, |loaded, at| {
        Ok(forget(loaded.get(&key)?, loaded.get(&departure)?, is_told, at.now))
    })
    .await?;
    capacity += settled.capacity;
    Ok(Settled { capacity, ..settled })
}

fn forget(
    tombstone: Option<Tombstone>,
    departure: Option<Departure>,
    is_told: bool,
    now: Instant,
) -> Option<Change<()>> {
    let tombstone = tombstone.filter(|tombstone| tombstone.erasure_due_at.is_some())?;
    if !is_told {
        return Some(Change::reply(()).put(tombstone.erased_later(now)));
    }
    let fact = Fact { target: Some(tombstone.user_id), ..Fact::bare(FactKind::UserErased) };
    let account_id = tombstone.account_id;
    let change = Change::reply(()).fact(fact).put(tombstone.erased()).performed_by_nobody(account_id);
    // What somebody wrote about their departure may name them.
    Some(match departure {
        Some(departure) => change.put(Departure { note: None, ..departure }),
        None => change,
    })
}

async fn last_day(env: &Env, tombstone: &Tombstone, capacity: &mut Capacity) -> Result<LastDay, Fault> {
    let mut found = LastDay::default();
    let mut not_after: Option<EventId> = None;
    for _ in 0..PAGES_MAX {
        let collection = Collection::Events {
            account_id: tombstone.account_id,
            from: Some(tombstone.deleted_at - LOOK_BACK),
            to: None,
            not_after,
            limit: EVENTS_MAX,
        };
        let loaded = read(env, &collection, capacity).await?;
        let events: Vec<Event> = loaded.all(&collection)?;
        for event in &events {
            found.note(event, tombstone.user_id);
        }
        match events.last().filter(|_| loaded.has_more(&collection)) {
            Some(oldest) => not_after = Some(EventId::from_bits(oldest.id.bits().saturating_sub(1))),
            None => break,
        }
    }
    Ok(found)
}

impl LastDay {
    fn note(&mut self, event: &Event, user_id: UserId) {
        self.actors.extend(event.actor.id);
        for (n, fact) in event.facts.iter().enumerate().filter(|(_, fact)| fact.target == Some(user_id)) {
            if fact.is_mailed() {
                self.told.push(format!("{}.{n}", event.id));
            }
        }
    }
}

/// Whether every mail to them is out, or will never be. RULE: DE-02
async fn all_sent(env: &Env, facts: &[String], capacity: &mut Capacity) -> Result<bool, Fault> {
    let keys: Vec<EntityKey> = facts.iter().map(|fact| EntityKey::Dispatch(fact.clone())).collect();
    let (mut wants, mut loaded) = (Wants::default(), Loaded::default());
    for key in &keys {
        wants.key(key.clone());
    }
    env.table.load(&wants, &mut loaded).await?;
    *capacity += loaded.capacity;
    for key in &keys {
        let dispatch: Option<Dispatch> = loaded.get(key)?;
        if dispatch.is_none_or(|dispatch| dispatch.settled_as.is_none()) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Erases all that a query finds, page by page.
pub(crate) async fn sweep_away(
    env: &Env,
    collection: &Collection,
    capacity: &mut Capacity,
) -> Result<(), Fault> {
    for _ in 0..PAGES_MAX {
        let loaded = read(env, collection, capacity).await?;
        let (erased, took) = env.table.erase_found(&loaded, collection).await?;
        *capacity += took;
        if erased == 0 || !loaded.has_more(collection) {
            break;
        }
    }
    Ok(())
}

pub(crate) async fn read(
    env: &Env,
    collection: &Collection,
    capacity: &mut Capacity,
) -> Result<Loaded, Fault> {
    let (mut wants, mut loaded) = (Wants::default(), Loaded::default());
    wants.collection(collection.clone());
    env.table.load(&wants, &mut loaded).await?;
    *capacity += loaded.capacity;
    Ok(loaded)
}

/// What somebody else was answered about them, and would be told once more under the same key.
async fn forget_answers(
    env: &Env,
    account_id: AccountId,
    actor: UserId,
    user_id: UserId,
    capacity: &mut Capacity,
) -> Result<(), Fault> {
    let id = user_id.to_string();
    let mut after = None;
    for _ in 0..PAGES_MAX {
        let collection = Collection::Replays { account_id, user_id: actor, after };
        let loaded = read(env, &collection, capacity).await?;
        let mut replays: Vec<Replay> = loaded.all(&collection)?;
        after = replays.last().map(|replay| replay.key.clone()).filter(|_| loaded.has_more(&collection));
        replays.retain(|replay| replay.body.as_ref().is_some_and(|body| body.contains(&id)));
        let keys: Vec<EntityKey> = replays.into_iter().map(|replay| Entity::from(replay).key()).collect();
        *capacity += env.table.erase(&keys).await?;
        if after.is_none() {
            break;
        }
    }
    Ok(())
}
