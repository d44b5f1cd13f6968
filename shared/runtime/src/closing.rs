//! Closing what is due of an account: one period, or one day, in one commit. RULE: BI-05, BI-07, BI-08

use std::sync::atomic::{AtomicBool, Ordering};

use domain::{Account, AccountId, Catalogue, Change, Entity, EntityKey, Refusal, Room, TimerKind, User};
use store::{Collection, Loaded, Outcome, StoreError, Wants};

use crate::record::Record;
use crate::settle::{commit, moment};
use crate::shell::{Ended, Retrying};
use crate::{Env, Failure, Fault, Moment, Operation, Settled, settle};

/// Users who are looked through for invitations that were over: more than one read returns.
const USERS_MAX: i32 = 1000;
/// Seats that come back in one commit; more come back by several, before anything is closed.
const RELEASES_MAX: usize = 20;

/// What is to be closed next.
enum Next {
    Nothing,
    Change(Box<Change<()>>),
    /// It depends on whose invitations were over.
    ByUsers,
}

/// Closes the next of what is due by now; where nothing is, nothing is written.
pub async fn close_next(env: &Env, account_id: AccountId) -> Result<Settled, Fault> {
    let mut wants = Wants::default();
    wants.key(EntityKey::Account(account_id));
    // One of an earlier end may stand there still.
    wants.key(EntityKey::Timer(account_id, TimerKind::LapsedInvitations));
    let depends = AtomicBool::new(false);
    let settled = settle(env, &wants, |loaded, at| {
        Ok(match next(account_id, loaded, at, None)? {
            Next::Nothing => None,
            Next::Change(change) => Some(*change),
            Next::ByUsers => {
                depends.store(true, Ordering::Relaxed);
                None
            }
        })
    })
    .await?;
    if !depends.into_inner() {
        return Ok(settled);
    }
    let users = Collection::Users { account_id, after: None, limit: USERS_MAX };
    wants.collection(users.clone());
    settle(env, &wants, |loaded, at| {
        let change = next(account_id, loaded, at, Some(&users))?;
        Ok(if let Next::Change(change) = change { Some(*change) } else { None })
    })
    .await
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
        let change = match next(account_id, loaded, &moment, None)? {
            Next::Nothing => return Ok(Ended::Contended),
            Next::Change(change) => *change,
            // Few requests may read all users; time may.
            Next::ByUsers => return Err(Refusal::Busy.into()),
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
    users: Option<&Collection>,
) -> Result<Next, StoreError> {
    let account: Option<Account> = loaded.get(&EntityKey::Account(account_id))?;
    let Some(account) = account else { return Ok(Next::Nothing) };
    let change = Change::reply(()).performed_by_nobody(account_id);
    let (account, change) = match (account.lapses_decide(at.now), users) {
        (None, _) => (account, change),
        (Some(_), None) => return Ok(Next::ByUsers),
        (Some((boundary, missing)), Some(users)) => {
            let mut lapsed: Vec<User> = loaded.all(users)?;
            lapsed.retain(|user| account.still_invites(user) && user.holds_a_lapsed_seat(boundary));
            let missing = usize::try_from(missing).unwrap_or(usize::MAX);
            let given_back = if lapsed.len() < missing { 0 } else { missing.min(RELEASES_MAX) };
            let (account, lapsed) = Room { account, lapsed }.give_back(given_back);
            let change = change.lapse(lapsed);
            if missing > given_back && given_back > 0 {
                return Ok(Next::Change(change.put(account).into()));
            }
            (account, change)
        }
    };
    let billed = account.close_next(Catalogue::LISTS, at.now);
    Ok(billed.map_or(Next::Nothing, |billed| Next::Change(change.billed(billed).into())))
}
