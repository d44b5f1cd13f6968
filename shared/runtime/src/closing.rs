//! Closing what is due of an account: one period, or one day, in one commit. RULE: BI-05, BI-07, BI-08

use std::sync::OnceLock;

use domain::{
    Account, AccountId, Catalogue, Change, Entity, EntityKey, FACTS_MAX, Instant, Refusal, Room, Scheduled,
    TimerKind, User,
};
use store::{Collection, Loaded, Outcome, Wants};

use crate::record::Record;
use crate::settle::{commit, moment};
use crate::shell::{Ended, Retrying};
use crate::{Env, Failure, Fault, Moment, Operation, Settled, settle};

/// Users who are looked through at once for invitations that were over.
const PAGE_MAX: i32 = 200;

/// Closes the next of what is due by now; where nothing is, nothing is written.
pub async fn close_next(env: &Env, account_id: AccountId) -> Result<Settled, Fault> {
    let mut wants = Wants::default();
    wants.key(EntityKey::Account(account_id));
    // One of an earlier end may stand there still.
    wants.key(EntityKey::Timer(account_id, TimerKind::LapsedInvitations));
    let undecided = OnceLock::new();
    let settled = settle(env, &wants, |loaded, at| {
        let account: Option<Account> = loaded.get(&EntityKey::Account(account_id))?;
        let Some(account) = account else { return Ok(None) };
        match account.boundary_that_lapses_decide(at.now) {
            Some(boundary) => {
                undecided.get_or_init(|| boundary);
                Ok(None)
            }
            None => Ok(next(account, at)),
        }
    })
    .await?;
    let Some(boundary) = undecided.into_inner() else { return Ok(settled) };
    let released = release_lapsed(env, account_id, boundary).await?;
    let closed = settle(env, &wants, |loaded, at| {
        let account: Option<Account> = loaded.get(&EntityKey::Account(account_id))?;
        Ok(account.and_then(|account| next(account, at)))
    });
    Ok(settled.and(released).and(closed.await?))
}

/// The seats of invitations that were over at the boundary come back, as if they had been looked at then. RULE: PS-05
async fn release_lapsed(env: &Env, account_id: AccountId, boundary: Instant) -> Result<Settled, Fault> {
    let page = Collection::pages_of_users(account_id, PAGE_MAX);
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
        let account: Option<Account> = loaded.get(&EntityKey::Account(account_id))?;
        let Some(account) = account else { return Ok(Ended::Contended) };
        // Few requests may read all users. Where a period might be charged for it, that is left to time, which comes within a
        // minute where an invitation was over; a cancellation is honoured in any case.
        let might_charge = account.billing.scheduled == Some(Scheduled::Downgrade);
        if might_charge && account.boundary_that_lapses_decide(moment.now).is_some() {
            return Err(Refusal::Busy.into());
        }
        let Some(change) = next(account, &moment) else { return Ok(Ended::Contended) };
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

fn next(account: Account, at: &Moment) -> Option<Change<()>> {
    let account_id = account.id;
    let billed = account.close_next(Catalogue::LISTS, at.now)?;
    Some(Change::reply(()).performed_by_nobody(account_id).billed(billed))
}
