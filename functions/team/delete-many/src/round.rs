//! One round: as many users as one transaction can take out.

use std::ops::ControlFlow;

use domain::{
    Account, Actor, Billed, Change, Departure, Exit, FACTS_MAX, Fact, Instant, REPLAY_RETENTION, Refusal,
    Tombstone, User,
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
        let user_id = row.user_id;
        let (outcome, account, change) = match row.standing {
            Standing::Gone(tombstone) => (self.outcome_of(&tombstone), None, None),
            Standing::Unknown => (Outcome::NotFound, None, None),
            Standing::There(there) => {
                let (user, departure) = *there;
                match self.without(&user) {
                    Ok(billed) => {
                        let account = billed.account.clone();
                        (Outcome::Deleted, Some(account), Some(self.removing(&user, billed, departure)))
                    }
                    Err(refusal) => {
                        // An attempt as any other. RULE: EV-01
                        let fact = Fact::refused(DeleteMany::NAME, &refusal, Some(user_id));
                        (Outcome::of(refusal)?, None, Some(self.change.clone().fact(fact)))
                    }
                }
            }
        };
        if let Some(change) = change {
            if change.facts.len() > FACTS_MAX {
                return Ok(ControlFlow::Break(self));
            }
            self.change = change;
        }
        self.account = account.unwrap_or(self.account);
        self.results.push(UserResult { user_id, outcome });
        Ok(ControlFlow::Continue(self))
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

    fn removing(&self, user: &User, billed: Billed, departure: Option<Departure>) -> Change<()> {
        let exit = Exit::of_removed(user);
        self.change.clone().removing(user, billed, departure, exit, self.by.user.id, self.now)
    }

    pub(crate) fn into_change(self) -> Change<DeletedUsers> {
        let reply = DeletedUsers::of(self.results, &self.account);
        self.change.map(|()| reply)
    }
}
