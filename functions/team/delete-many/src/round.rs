//! One round: as many users as one transaction can take out.

use std::ops::ControlFlow;

use domain::{Account, Actor, Billed, Change, Departure, Exit, FACTS_MAX, Instant, Refusal, User};

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
    pub(crate) fn deal_with(
        mut self,
        Row { user_id, standing }: Row,
    ) -> Result<ControlFlow<Self, Self>, Refusal> {
        let outcome = match standing {
            Standing::Gone => Outcome::UserDeleted,
            Standing::Unknown => Outcome::NotFound,
            Standing::There(there) => {
                let (user, departure) = *there;
                match self.without(&user) {
                    Ok(billed) if self.lacks_room_for(&billed, departure.as_ref()) => {
                        return Ok(ControlFlow::Break(self));
                    }
                    Ok(billed) => {
                        self = self.remove(&user, billed, departure);
                        Outcome::Deleted
                    }
                    Err(refusal) => Outcome::of(refusal)?,
                }
            }
        };
        self.results.push(UserResult { user_id, outcome });
        Ok(ControlFlow::Continue(self))
    }

    /// One fact says that they are gone, and one that their departure is over.
    fn lacks_room_for(&self, billed: &Billed, departure: Option<&Departure>) -> bool {
        let departs = departure.is_some_and(Departure::is_running);
        self.change.facts.len() + billed.facts.len() + 1 + usize::from(departs) > FACTS_MAX
    }

    /// RULE: DE-03, RO-02, RO-06
    fn without(&self, user: &User) -> Result<Billed, Refusal> {
        self.by.reaches_user(user)?;
        self.account.clone().remove(user, self.now)
    }

    fn remove(mut self, user: &User, billed: Billed, departure: Option<Departure>) -> Self {
        self.account = billed.account.clone();
        let exit = Exit::of_removed(user);
        self.change = self.change.removing(user, billed, departure, exit, self.by.user.id, self.now);
        self
    }

    pub(crate) fn into_change(self) -> Change<DeletedUsers> {
        let reply = DeletedUsers::of(self.results, &self.account);
        self.change.map(|()| reply)
    }
}
