//! What an account is told of its team by itself: each month who is inactive and what that costs, each week who is suspended,
//! each quarter who has which role, each year how it is guarded. What was found is kept as it was, and mailed.
//! RULE: AU-01, AU-02, AU-03, SU-07
//!
//! All users are looked through once for whatever is due, a page at a time. A tick that comes late or twice, or two that run at
//! once, make each review once: it is committed with the timer that called for it.

use domain::{
    Account, AccountId, Catalogue, Change, DueKind, EntityKey, FACTS_MAX, Findings, Instant, Removal, Review,
    ReviewKind, Timer, TimerKind,
};
use runtime::{Capacity, DueItem, Env, Fault, Loaded, Settled, StartError, Sweep, Wants, census, settle};

/// The function.
pub const FUNCTION: runtime::Function = runtime::sweep::<Inactivity>();

// All that can be due at once is one event.
const _: () = assert!(ReviewKind::ALL.len() <= FACTS_MAX);

/// All accounts.
pub struct Inactivity;

impl Sweep for Inactivity {
    const NAME: &str = "inactivity";
    const KIND: DueKind = DueKind::Reviews;
    /// Half a minute each, within a quarter of an hour.
    const FURTHER_MAX: u64 = 28;
    /// Twenty minutes or so: no moment's trouble. A month's figures that nobody gets are worth a look.
    const LETTER_AFTER: Option<u32> = Some(3);

    fn start(_: &Env) -> Result<Self, StartError> {
        Ok(Self)
    }

    async fn settle(&self, env: &Env, due: &DueItem) -> Result<Settled, Fault> {
        match due.key {
            Some(EntityKey::Timer(account_id, TimerKind::Reviews)) => review(env, account_id).await,
            _ => Err("nothing of this kind is reviewed".into()),
        }
    }
}

async fn review(env: &Env, account_id: AccountId) -> Result<Settled, Fault> {
    let now = env.clock.now();
    let timer_key = EntityKey::Timer(account_id, TimerKind::Reviews);
    let mut wants = Wants::default();
    wants.key(EntityKey::Account(account_id));
    wants.key(timer_key.clone());
    let mut loaded = Loaded::default();
    env.table.load(&wants, &mut loaded).await?;
    let mut capacity = loaded.capacity;
    let Some(timer) = loaded.get::<Timer>(&timer_key)?.filter(|timer| timer.at <= now) else {
        return Ok(Settled { capacity, ..Settled::default() });
    };
    let account: Option<Account> = loaded.get(&EntityKey::Account(account_id))?;
    let account = account.filter(Account::is_open);
    let was_open = account.is_some();
    let change = match account {
        Some(account) => make(env, account, &timer, now, &mut capacity).await?,
        // RULE: AC-11
        None => Change::reply(()).delete(Removal::AsRead(timer_key.clone())),
    };
    let settled = settle(env, &wants, |loaded, _| {
        // Others were quicker, or it was closed meanwhile: the next tick looks again.
        let is_open = loaded.get::<Account>(&EntityKey::Account(account_id))?.is_some_and(|it| it.is_open());
        let is_as_it_was = is_open == was_open && loaded.get::<Timer>(&timer_key)? == Some(timer);
        Ok(is_as_it_was.then(|| change.clone()))
    })
    .await?;
    Ok(settled.and(Settled { capacity, ..Settled::default() }))
}

/// Everything that is due, of one look at all users. RULE: AU-02, AU-03, SU-07
async fn make(
    env: &Env,
    account: Account,
    timer: &Timer,
    now: Instant,
    capacity: &mut Capacity,
) -> Result<Change<()>, Fault> {
    let account_id = account.id;
    let findings = Findings::of(census(env, account, now, capacity).await?, Catalogue::LISTS);
    let reviews: Vec<Review> = timer
        .reviews_due(now)
        .into_iter()
        .map(|(kind, scheduled_at)| Review::of(account_id, kind, scheduled_at, &findings))
        .filter(Review::is_kept)
        .collect();
    let change = Change::reply(()).performed_by_nobody(account_id).put(Timer::of_reviews(account_id, now));
    let change = reviews.iter().fold(change, |change, review| change.fact(review.made()));
    Ok(change.put_all(reviews))
}
