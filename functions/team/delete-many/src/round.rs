//! One round: as many users as one transaction can take out.

use std::ops::ControlFlow;

use domain::{
    Account, Actor, Billed, Change, Exit, FACTS_MAX, Fact, Instant, REPLAY_RETENTION, Refusal, Tombstone,
    User,
};
use runtime::Operation;

use crate::DeleteMany;
use crate::reply::{DeletedUsers, Outcome, UserResult};
use crate::rows::{Row, Standing};

/// A round that is being decided.
pub(crate) struct Round<'a> {
    by: &'a Actor,
    now: Instant,
    account: Account,
    results: Vec<UserResult>,
    change: Change<()>,
}

impl<'a> Round<'a> {
    pub(crate) fn new(account: Account, by: &'a Actor, now: Instant) -> Self {
        Self { by, now, account, results: Vec::new(), change: Change::reply(()) }
    }

    /// Deals with the next user, or ends the round before them.
    pub(crate) fn deal_with(mut self, row: Row) -> Result<ControlFlow<Self, Self>, Refusal> {
        let (mut account, mut change) = (self.account.clone(), self.change.clone());
        let outcome = match row.standing {
            Standing::Gone(tombstone) => self.outcome_of(&tombstone),
            Standing::Unknown => Outcome::NotFound,
            Standing::There(there) => {
                let (user, departure) = *there;
                match self.without(&user) {
                    Ok(billed) => {
                        account = billed.account.clone();
                        let exit = Exit::of_removed(&user);
                        change = change.removing(&user, billed, departure, exit, self.by.user.id, self.now);
                        Outcome::Deleted
                    }
                    Err(refusal) => {
                        // An attempt as any other. RULE: EV-01
                        change = change.fact(Fact::refused(DeleteMany::NAME, &refusal, Some(user.id)));
                        Outcome::of(refusal)?
                    }
                }
            }
        };
        if change.facts.len() > FACTS_MAX {
            return Ok(ControlFlow::Break(self));
        }
        self.results.push(UserResult { user_id: row.user_id, outcome });
        Ok(ControlFlow::Continue(Self { account, change, ..self }))
    }

    /// Whom the caller has deleted themselves within a day, they have deleted: so a call that was cut off is told the same
    /// when it is made again. RULE: AP-02
    fn outcome_of(&self, gone: &Tombstone) -> Outcome {
        let is_own = gone.deleted_by == self.by.user.id && self.now < gone.deleted_at + REPLAY_RETENTION;
        if is_own { Outcome::Deleted } else { Outcome::UserDeleted }
    }

    /// RULE: DE-03, RO-02, RO-06
    fn without(&self, user: &User) -> Result<Billed, Refusal> {
        self.by.reaches_user(user)?;
        self.account.clone().remove(user, self.now)
    }

    pub(crate) fn into_change(self) -> Change<DeletedUsers> {
        let reply = DeletedUsers::of(self.results, &self.account);
        self.change.map(|()| reply)
    }
}
