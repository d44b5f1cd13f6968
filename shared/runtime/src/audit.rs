//! The audit entry of a commit, which is the outbox's record too. RULE: EV-01, EV-02

use domain::{AccountId, Change, Event, FACTS_MAX, Fact, Performer, Refusal, UserId};

use crate::{Failure, Moment};

/// The entry of what a change says happened, if anything did. Who a change names has done it, else the caller.
pub(crate) fn entry<R>(
    moment: &Moment,
    caller: Option<(AccountId, Performer)>,
    change: &Change<R>,
) -> Result<Option<Event>, Failure> {
    let Some((account_id, actor)) = change.performer.or(caller) else { return Ok(None) };
    if change.facts.is_empty() {
        return Ok(None);
    }
    if change.facts.len() > FACTS_MAX {
        let problem = format!("{} facts are too many for one event", change.facts.len());
        return Err(Failure::Fault(problem.into()));
    }
    Ok(Some(Event {
        id: moment.fresh.event_id,
        account_id,
        at: moment.now,
        actor,
        origin: moment.origin.clone(),
        facts: change.facts.clone(),
    }))
}

/// A refused privileged attempt is a fact of its own.
pub(crate) fn refused(
    operation: &str,
    caller: Option<(AccountId, Performer)>,
    refusal: &Refusal,
    target: Option<UserId>,
) -> Option<Fact> {
    caller.filter(|_| refusal.is_audited())?;
    Some(Fact::refused(operation, refusal, target))
}
