//! Closing what is due of an account: one period, or one day, in one commit. RULE: BI-05, BI-07, BI-08

use domain::{Account, AccountId, Catalogue, Change, Entity, EntityKey, Refusal, TimerKind};
use store::{Loaded, Outcome, StoreError, Wants};

use crate::record::Record;
use crate::settle::{commit, moment};
use crate::shell::{Ended, Retrying};
use crate::{Env, Failure, Fault, Moment, Operation, Settled, settle};

/// Closes the next of what is due by now; where nothing is, nothing is written.
pub async fn close_next(env: &Env, account_id: AccountId) -> Result<Settled, Fault> {
    let mut wants = Wants::default();
    wants.key(EntityKey::Account(account_id));
    // One of an earlier end may stand there still.
    wants.key(EntityKey::Timer(account_id, TimerKind::LapsedInvitations));
    settle(env, &wants, |loaded, at| Ok(next(account_id, loaded, at)?)).await
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
        let Some(change) = next(account_id, loaded, &moment)? else { return Ok(Ended::Contended) };
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

fn next(account_id: AccountId, loaded: &Loaded, at: &Moment) -> Result<Option<Change<()>>, StoreError> {
    let account: Option<Account> = loaded.get(&EntityKey::Account(account_id))?;
    let billed = account.and_then(|account| account.close_next(Catalogue::LISTS, at.now));
    Ok(billed.map(|billed| Change::reply(()).performed_by_nobody(account_id).billed(billed)))
}
