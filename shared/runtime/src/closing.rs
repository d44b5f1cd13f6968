//! Closing what is due of an account: one period, or one day, in one commit. RULE: BI-05, BI-07, BI-08

use std::sync::{Mutex, PoisonError};

use domain::{
    Account, AccountId, Catalogue, Change, Entity, EntityKey, FACTS_MAX, Instant, Refusal, Room, Scheduled,
    TimerKind, User,
};
use store::{Collection, Loaded, Outcome, StoreError, Wants};

use crate::record::Record;
use crate::settle::{commit, moment};
use crate::shell::{Ended, Retrying};
use crate::{Env, Failure, Fault, Moment, Operation, Settled, settle};

/// Users who are looked through at once for invitations that were over.
const PAGE_MAX: i32 = 200;

/// What is to be closed next.
enum Next {
    Nothing,
    Change(Box<Change<()>>),
    /// It depends on whose invitations were over at this boundary.
    ByLapsed(Instant),
}

/// Closes the next of what is due by now; where nothing is, nothing is written.
pub async fn close_next(env: &Env, account_id: AccountId) -> Result<Settled, Fault> {
    let first = close_unless(env, account_id, |_| true).await?;
    let (settled, Some(boundary)) = first else { return Ok(first.0) };
    let released = release_lapsed(env, account_id, boundary).await?;
    let (closed, _) = close_unless(env, account_id, |later| later != boundary).await?;
    Ok(settled.and(released).and(closed))
}

/// Closes it, unless that depends on whose invitations were over at a boundary of which this holds.
async fn close_unless(
    env: &Env,
    account_id: AccountId,
    depends: impl Fn(Instant) -> bool,
) -> Result<(Settled, Option<Instant>), Fault> {
    let mut wants = Wants::default();
    wants.key(EntityKey::Account(account_id));
    // One of an earlier end may stand there still.
    wants.key(EntityKey::Timer(account_id, TimerKind::LapsedInvitations));
    let boundary = Mutex::new(None);
    let settled = settle(env, &wants, |loaded, at| {
        Ok(match next(account_id, loaded, at, &depends)? {
            Next::Nothing => None,
            Next::Change(change) => Some(*change),
            Next::ByLapsed(at) => {
                *boundary.lock().unwrap_or_else(PoisonError::into_inner) = Some(at);
                None
            }
        })
    })
    .await?;
    Ok((settled, boundary.into_inner().unwrap_or_else(PoisonError::into_inner)))
}

/// The seats of invitations that were over at the boundary come back, as if they had been looked at then. RULE: PS-05
async fn release_lapsed(env: &Env, account_id: AccountId, boundary: Instant) -> Result<Settled, Fault> {
    let page = |last: Option<&User>| Collection::Users {
        account_id,
        after: last.map(|user| user.id),
        limit: PAGE_MAX,
    };
    let mut users: Vec<User> = env.table.load_all(page, &mut Loaded::default()).await?;
    users.retain(|user| user.holds_a_lapsed_seat(boundary));
    let mut settled = Settled::default();
    for some in users.chunks(FACTS_MAX) {
        let mut wants = Wants::default();
        wants.key(EntityKey::Account(account_id));
        let keys: Vec<EntityKey> = some.iter().map(|user| EntityKey::User(account_id, user.id)).collect();
        for key in &keys {
            wants.key(key.clone());
        }
        let released = settle(env, &wants, |loaded, _| {
            let account: Option<Account> = loaded.get(&EntityKey::Account(account_id))?;
            let Some(account) = account else { return Ok(None) };
            let mut lapsed = Vec::new();
            for key in &keys {
                lapsed.extend(loaded.get::<User>(key)?);
            }
            lapsed.retain(|user| account.still_invites(user) && user.holds_a_lapsed_seat(boundary));
            let (account, lapsed) = Room { account, lapsed }.give_back(FACTS_MAX);
            let change = Change::reply(()).performed_by_nobody(account_id);
            Ok((!lapsed.is_empty()).then(|| change.lapse(lapsed).put(account)))
        });
        settled = settled.and(released.await?);
    }
    Ok(settled)
}

/// Periods that one request closes before the caller is told that it is busy. RULE: BI-08
const CLOSES_MAX: usize = 12;

impl<O: Operation> Retrying<'_, O> {
    /// Closes a period of the account as it was read. RULE: BI-08
    pub(crate) async fn close(
        &self,
        account_id: AccountId,
        loaded: &Loaded,
        record: &mut Record,
    ) -> Result<Ended<O::Reply>, Failure> {
        // What is left is closed by the next request, or by time.
        if record.closes == CLOSES_MAX {
            return Err(Refusal::Busy.into());
        }
        record.closes += 1;
        let moment = moment(self.env).map_err(Failure::Fault)?;
        // Few requests may read all users. Where a period might be charged for it, that is left to time, which comes within a
        // minute where an invitation was over; a cancellation is honoured in any case.
        let account: Option<Account> = loaded.get(&EntityKey::Account(account_id))?;
        let might_charge =
            account.is_some_and(|account| account.billing.scheduled == Some(Scheduled::Downgrade));
        let change = match next(account_id, loaded, &moment, &|_| might_charge)? {
            Next::Nothing => return Ok(Ended::Contended),
            Next::Change(change) => *change,
            Next::ByLapsed(_) => return Err(Refusal::Busy.into()),
        };
        if change.puts.iter().any(|put| matches!(put, Entity::Timer(_))) {
            let closed = close_next(self.env, account_id).await.map_err(Failure::Fault)?;
            record.capacity += closed.capacity;
            return Ok(Ended::Closed);
        }
        let (outcome, capacity) = commit(self.env, &moment, change, loaded).await.map_err(Failure::Fault)?;
        record.capacity += capacity;
        Ok(match outcome {
            Outcome::Committed => Ended::Closed,
            Outcome::Contended => Ended::Contended,
            Outcome::Unknown(error) => Ended::Unanswered(None, error.into()),
        })
    }
}

fn next(
    account_id: AccountId,
    loaded: &Loaded,
    at: &Moment,
    depends: &impl Fn(Instant) -> bool,
) -> Result<Next, StoreError> {
    let account: Option<Account> = loaded.get(&EntityKey::Account(account_id))?;
    let Some(account) = account else { return Ok(Next::Nothing) };
    if let Some(boundary) = account.boundary_that_lapses_decide(at.now).filter(|at| depends(*at)) {
        return Ok(Next::ByLapsed(boundary));
    }
    let billed = account.close_next(Catalogue::LISTS, at.now);
    let change = |billed| Change::reply(()).performed_by_nobody(account_id).billed(billed);
    Ok(billed.map_or(Next::Nothing, |billed| Next::Change(change(billed).into())))
}
