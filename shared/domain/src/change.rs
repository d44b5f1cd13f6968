//! What a decision wants written, all of it or nothing.

use serde_json::json;

use crate::{
    Account, AccountId, Actor, AttemptsScope, Billed, Departure, Entity, EntityKey, Exit, Fact, FactKind,
    Instant, Membership, Performer, Refusal, Role, Status, Tombstone, User, UserId, Via,
};

/// What comes back from a decision.
pub type Decision<R> = Result<Change<R>, Refusal>;

/// What a decision relied on and does not write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reliance {
    /// It is as it was read, or still absent.
    Unchanged(EntityKey),
    /// What counts failed sign-ins is locked no more and no less than when it was read; the count may have moved.
    SameLock(EntityKey),
    /// The actor still is who they were. RULE: RO-07, SE-02
    Actor {
        /// Their record.
        key: EntityKey,
        /// Active.
        status: Status,
        /// The role they acted in.
        role: Role,
        /// The epoch of their session.
        session_epoch: u64,
        /// The epoch of their keys, where they act by one. RULE: AC-07
        key_epoch: Option<u64>,
    },
}

impl Reliance {
    /// The key it is about.
    pub const fn key(&self) -> &EntityKey {
        match self {
            Self::Unchanged(key) | Self::SameLock(key) | Self::Actor { key, .. } => key,
        }
    }

    /// This actor, unchanged.
    pub fn on_actor(actor: &Actor) -> Self {
        let user = &actor.user;
        Self::Actor {
            key: EntityKey::User(user.account_id, user.id),
            status: user.status,
            role: user.role,
            session_epoch: user.session_epoch,
            key_epoch: (actor.via() == Via::Key).then_some(user.key_epoch),
        }
    }
}

/// Something that is to be gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Removal {
    /// As it was read.
    AsRead(EntityKey),
    /// Whatever else it says, as long as it is this user's; it need not have been read.
    Membership(Membership),
    /// Whatever was counted there, and whether anything was; it need not have been read.
    Attempts(AttemptsScope),
}

impl Removal {
    /// The key of what goes.
    pub fn key(&self) -> EntityKey {
        match self {
            Self::AsRead(key) => key.clone(),
            Self::Attempts(scope) => EntityKey::Attempts(scope.clone()),
            Self::Membership(membership) => {
                EntityKey::Membership(membership.address.clone(), membership.account_id)
            }
        }
    }
}

/// Writes, facts and a reply; committed as one.
///
/// A put of something that was read updates it, if nobody changed it since; a put of something that was
/// not read, or was not there, creates it, if it still is not there. A put that changes nothing writes nothing.
#[derive(Clone, Debug)]
pub struct Change<R> {
    /// What is to be as given.
    pub puts: Vec<Entity>,
    /// What is to be gone.
    pub deletes: Vec<Removal>,
    /// What must not have changed.
    pub reliances: Vec<Reliance>,
    /// What happened; none where nothing did.
    pub facts: Vec<Fact>,
    /// Who did it and where, for calls without an authenticated actor.
    pub performer: Option<(AccountId, Performer)>,
    /// The answer once all is written: refused, where what is written is the count of refusals.
    pub reply: Result<R, Refusal>,
}

impl<R> Change<R> {
    /// Nothing but an answer.
    pub const fn reply(reply: R) -> Self {
        Self::of(Ok(reply))
    }

    /// A refusal, which may leave something behind.
    pub const fn refuse(refusal: Refusal) -> Self {
        Self::of(Err(refusal))
    }

    const fn of(reply: Result<R, Refusal>) -> Self {
        Self {
            puts: Vec::new(),
            deletes: Vec::new(),
            reliances: Vec::new(),
            facts: Vec::new(),
            performer: None,
            reply,
        }
    }

    /// The same with another answer.
    pub fn map<S>(self, answer: impl FnOnce(R) -> S) -> Change<S> {
        let Self { puts, deletes, reliances, facts, performer, reply } = self;
        Change { puts, deletes, reliances, facts, performer, reply: reply.map(answer) }
    }

    /// Writes this. Of an account, which several steps of one change move, it is the last that counts.
    #[must_use]
    pub fn put(mut self, entity: impl Into<Entity>) -> Self {
        let entity = entity.into();
        if let Entity::Account(account) = &entity {
            self.puts.retain(|before| !matches!(before, Entity::Account(before) if before.id == account.id));
        }
        self.puts.push(entity);
        self
    }

    /// Writes each of these, or the one that there may be.
    #[must_use]
    pub fn put_all(self, entities: impl IntoIterator<Item: Into<Entity>>) -> Self {
        entities.into_iter().fold(self, Self::put)
    }

    /// Removes this.
    #[must_use]
    pub fn delete(mut self, removal: Removal) -> Self {
        self.deletes.push(removal);
        self
    }

    /// The seats of these have come back: their invitations are over. RULE: PS-05
    #[must_use]
    pub fn lapse(self, users: Vec<User>) -> Self {
        users
            .into_iter()
            .map(User::lapse)
            .fold(self, |change, user| change.fact(Fact::of(FactKind::InvitationExpired, &user)).put(user))
    }

    /// Holds only if this does.
    #[must_use]
    pub fn relying_on(mut self, reliance: Reliance) -> Self {
        self.reliances.push(reliance);
        self
    }

    /// Takes a user out of the account: the seat is free, all access gone, a tombstone in their place. The account is as it
    /// is without them; a departure that is under way is over with them. RULE: DE-01, DE-02, DE-04, PS-10, CK-02
    #[must_use]
    pub fn removing(
        self,
        user: &User,
        billed: Billed,
        departure: Option<Departure>,
        exit: Exit,
        by: UserId,
        now: Instant,
    ) -> Self {
        let account = billed.account.clone();
        let kind = match exit {
            Exit::Deleted => FactKind::UserDeleted,
            Exit::Revoked => FactKind::InvitationRevoked,
            Exit::Left => FactKind::UserLeft,
        };
        let fact = Fact::of(kind, user)
            .before("status", user.status_at(now).name())
            .before("role", Role::name(user.role));
        self.fact(fact)
            .billed(billed)
            .put(Tombstone::of(user, exit, by, now))
            .delete(Removal::AsRead(EntityKey::User(user.account_id, user.id)))
            .delete(Removal::Membership(Membership::of(user)))
            .finishing(departure, &account, now)
    }

    /// A departure that is under way is over with whoever departs. RULE: CK-02
    #[must_use]
    pub fn finishing(self, departure: Option<Departure>, account: &Account, now: Instant) -> Self {
        let Some(departure) = departure.filter(Departure::is_running) else { return self };
        let fact = Fact { target: Some(departure.user_id), ..Fact::bare(FactKind::DepartureFinished) };
        let fact = fact.after("departure_id", departure.id.to_string()).after("billable", account.billable());
        let departure = departure.finish(now, account);
        let fact = match departure.next_invoice {
            Some(next) => {
                fact.after("next_invoice", json!({ "date": next.date.to_string(), "amount": next.amount }))
            }
            None => fact,
        };
        self.fact(fact).put(departure)
    }

    /// The account as it is billed from here on, with what was charged and what moved. RULE: BI-07, BI-19
    #[must_use]
    pub fn billed(mut self, billed: Billed) -> Self {
        let Billed { account, invoices, entries, facts, timer } = billed;
        self.facts.extend(facts);
        self.put(account).put_all(invoices).put_all(entries).put_all(timer)
    }

    /// Says what happened.
    #[must_use]
    pub fn fact(mut self, fact: Fact) -> Self {
        self.facts.push(fact);
        self
    }

    /// Says who did it, where nobody is signed in.
    #[must_use]
    pub fn performed_by(mut self, user: &User) -> Self {
        self.performer = Some((user.account_id, Performer::new(user, Via::Public)));
        self
    }

    /// Says that nobody did it: it was time, or the mail service reported.
    #[must_use]
    pub const fn performed_by_nobody(mut self, account_id: AccountId) -> Self {
        self.performer = Some((account_id, Performer::NOBODY));
        self
    }

    /// Says that whoever runs the product did it.
    #[must_use]
    pub const fn performed_by_the_operator(mut self, account_id: AccountId) -> Self {
        self.performer = Some((account_id, Performer::OPERATOR));
        self
    }
}
