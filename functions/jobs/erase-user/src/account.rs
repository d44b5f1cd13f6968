//! A closed account, thirty days later: everybody goes, and all that they had. The account itself, its invoices and what
//! happened stay; they name nobody. RULE: AC-11

use domain::{
    Account, AccountId, Change, EntityKey, Fact, FactKind, Membership, Removal, Timer, TimerKind, User,
};
use runtime::{Collection, Env, Fault, Loaded, Part, Settled, Wants, settle};
use store::Capacity;

use crate::user::{read, sweep_away};

/// Items of an account that are looked at once.
const PAGE_MAX: i32 = 100;
/// Such looks in one go; the next tick goes on.
const PAGES_MAX: usize = 50;

pub(crate) async fn erase(env: &Env, account_id: AccountId) -> Result<Settled, Fault> {
    let mut capacity = Capacity::default();
    let mut wants = Wants::default();
    wants.key(EntityKey::Account(account_id));
    wants.key(EntityKey::Timer(account_id, TimerKind::Erasure));
    if !is_due(env, &wants, account_id, &mut capacity).await? {
        return Ok(Settled { capacity, ..Settled::default() });
    }
    let mut looks = 0;
    for part in Part::ALL {
        loop {
            let owned = Collection::Owned { account_id, part, limit: PAGE_MAX };
            let loaded = read(env, &owned, &mut capacity).await?;
            if part == Part::Users {
                forget_people(env, loaded.all(&owned)?, &mut capacity).await?;
            }
            let (erased, took) = env.table.erase_found(&loaded, &owned).await?;
            capacity += took;
            if erased == 0 {
                break;
            }
            looks += 1;
            if looks == PAGES_MAX {
                return Ok(Settled { capacity, ..Settled::default() });
            }
        }
    }
    let settled = settle(env, &wants, |loaded, _| finish(loaded, account_id)).await?;
    capacity += settled.capacity;
    Ok(Settled { capacity, ..settled })
}

/// An account that is open is never erased, whatever a timer says.
async fn is_due(
    env: &Env,
    wants: &Wants,
    account_id: AccountId,
    capacity: &mut Capacity,
) -> Result<bool, Fault> {
    let mut loaded = Loaded::default();
    env.table.load(wants, &mut loaded).await?;
    *capacity += loaded.capacity;
    let account: Option<Account> = loaded.get(&EntityKey::Account(account_id))?;
    let timer: Option<Timer> = loaded.get(&EntityKey::Timer(account_id, TimerKind::Erasure))?;
    let is_closed = account.is_none_or(|account| !account.is_open());
    Ok(is_closed && timer.is_some_and(|timer| timer.at <= env.clock.now()))
}

/// Their addresses, and what they were answered.
async fn forget_people(env: &Env, users: Vec<User>, capacity: &mut Capacity) -> Result<(), Fault> {
    let addresses: Vec<EntityKey> = users
        .iter()
        .map(Membership::of)
        .map(|membership| EntityKey::Membership(membership.address, membership.account_id))
        .collect();
    *capacity += env.table.erase(&addresses).await?;
    for user in users {
        let own = Collection::Replays { account_id: user.account_id, user_id: user.id, after: None };
        sweep_away(env, &own, capacity).await?;
    }
    Ok(())
}

fn finish(loaded: &Loaded, account_id: AccountId) -> Result<Option<Change<()>>, Fault> {
    let timer = EntityKey::Timer(account_id, TimerKind::Erasure);
    if !loaded.contains(&timer) {
        return Ok(None);
    }
    let account: Option<Account> = loaded.get(&EntityKey::Account(account_id))?;
    let users = account.map_or(0, |account| account.seats().total);
    let fact = Fact::bare(FactKind::AccountErased).after("users", users);
    Ok(Some(Change::reply(()).fact(fact).delete(Removal::AsRead(timer)).performed_by_nobody(account_id)))
}
