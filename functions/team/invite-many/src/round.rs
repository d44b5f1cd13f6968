//! One round: as many rows as one transaction can change. RULE: IN-21

use std::iter::Peekable;
use std::ops::ControlFlow;
use std::vec::IntoIter;

use domain::{Account, Actor, Candidate, Change, FACTS_MAX, Fact, Refusal, Room, User};
use runtime::{Moment, Operation};

use crate::InviteMany;
use crate::reply::{InvitedUsers, Outcome, RowResult};
use crate::rows::{Row, Standing};

/// A round that is being decided.
pub(crate) struct Round<'a> {
    by: &'a Actor,
    at: &'a Moment,
    account: Account,
    lapsed: Peekable<IntoIter<User>>,
    results: Vec<RowResult>,
    change: Change<()>,
}

impl<'a> Round<'a> {
    pub(crate) fn new(Room { account, lapsed }: Room, by: &'a Actor, at: &'a Moment) -> Self {
        let (lapsed, change) = (lapsed.into_iter().peekable(), Change::reply(()));
        Self { by, at, account, lapsed, results: Vec::new(), change }
    }

    /// Deals with the next row, or ends the round before it.
    pub(crate) fn deal_with(self, (row, candidate): (Row, &Candidate)) -> ControlFlow<Self, Self> {
        let Row { number, standing } = row;
        match standing {
            Standing::Taken(outcome, user_id, is_to_come) => {
                let user_id = Some(user_id);
                ControlFlow::Continue(self.told(RowResult { row: number, outcome, user_id, is_to_come }))
            }
            Standing::Free => self.invite(number, candidate, None),
            Standing::Expired(holder) => self.invite(number, candidate, Some(&holder)),
        }
    }

    fn invite(
        mut self,
        row: usize,
        candidate: &Candidate,
        replaced: Option<&User>,
    ) -> ControlFlow<Self, Self> {
        let facts = 1 + usize::from(replaced.is_some());
        if self.change.facts.len() + facts > FACTS_MAX {
            return ControlFlow::Break(self);
        }
        // Lapsed seats come back one by one, as they are needed. RULE: PS-05
        while self.is_full_without(replaced)
            && let Some(lapsed) = self.lapsed.peek().cloned()
        {
            if self.change.facts.len() + 1 + facts > FACTS_MAX {
                return ControlFlow::Break(self);
            }
            self.lapsed.next();
            self.account = self.account.release_pending(&lapsed);
            self.change = self.change.lapse(vec![lapsed]);
        }
        let refused = |outcome| RowResult { row, outcome, user_id: None, is_to_come: false };
        // RULE: IN-10, RO-02
        if let Some((holder, refusal)) =
            replaced.and_then(|holder| Some((holder, self.by.may_look_at(holder).err()?)))
        {
            // An attempt as any other. RULE: EV-01
            self.change = self.change.fact(Fact::refused(InviteMany::NAME, &refusal, Some(holder.id)));
            return ControlFlow::Continue(self.told(refused(Outcome::AdminCannotModifyRoot)));
        }
        match self.seated(replaced) {
            Ok(account) => self.account = account,
            Err(Refusal::RateLimited { .. }) => {
                return ControlFlow::Continue(self.told(refused(Outcome::RateLimited)));
            }
            Err(_) => return ControlFlow::Continue(self.told(refused(Outcome::MaximumUsersReached))),
        }
        let user = candidate.invited_by(self.by, &self.account, self.at.fresh.nth_user(row), self.at.now);
        let invited = RowResult { row, outcome: Outcome::Invited, user_id: Some(user.id), is_to_come: true };
        self.change = self.change.fact(candidate.fact(&user)).put_user(user);
        if let Some(holder) = replaced {
            self.change = self.change.replace(holder, self.by, self.at.now);
        }
        ControlFlow::Continue(self.told(invited))
    }

    /// The account without an expired invitation that makes way.
    fn without(&self, replaced: Option<&User>) -> Account {
        let account = self.account.clone();
        match replaced {
            Some(holder) => account.revoke(holder),
            None => account,
        }
    }

    fn is_full_without(&self, replaced: Option<&User>) -> bool {
        self.without(replaced).is_full()
    }

    fn seated(&self, replaced: Option<&User>) -> Result<Account, Refusal> {
        self.without(replaced).reserve_seat()?.count_invitation(self.at.now)
    }

    fn told(mut self, result: RowResult) -> Self {
        self.results.push(result);
        self
    }

    pub(crate) fn into_change(self) -> Change<InvitedUsers> {
        let reply = InvitedUsers::of(self.results, self.account.clone(), self.at.now);
        self.change.put(self.account).map(|()| reply)
    }
}
