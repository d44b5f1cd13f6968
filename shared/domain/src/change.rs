//! What a decision wants written, all of it or nothing.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::{
    Account, AccountId, Actor, AddressKey, Attempts, AttemptsScope, EventId, Fact, IdempotencyKey, Instant,
    MailWindow, MailWindowScope, Performer, Refusal, Replay, Role, Session, SessionId, Status, User, UserId,
    Via,
};

/// How long a mail's dispatch is remembered: longer than any queue keeps a message.
const DISPATCH_RETENTION: TimeDelta = TimeDelta::days(30);

/// What comes back from a decision.
pub type Decision<R> = Result<Change<R>, Refusal>;

/// That an address is a user of an account: uniqueness, and the way in. RULE: IN-16, IN-18
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Membership {
    /// The address.
    pub address: AddressKey,
    /// The account.
    pub account_id: AccountId,
    /// The user there.
    pub user_id: UserId,
}

impl Membership {
    /// This user's.
    pub fn of(user: &User) -> Self {
        Self { address: user.email.key(), account_id: user.account_id, user_id: user.id }
    }
}

/// What remains of a deleted user. It names nobody. RULE: DE-02, RS-03
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tombstone {
    /// The user that was.
    pub user_id: UserId,
    /// The account.
    pub account_id: AccountId,
    /// What is shown where the name stood.
    pub label: String,
    /// When they were deleted.
    pub deleted_at: Instant,
    /// By whom.
    pub deleted_by: UserId,
}

impl Tombstone {
    /// For this user.
    pub fn of(user: &User, deleted_by: UserId, now: Instant) -> Self {
        Self {
            user_id: user.id,
            account_id: user.account_id,
            label: "Deleted user".into(),
            deleted_at: now,
            deleted_by,
        }
    }
}

/// One mail of one fact, so that no retry and no redelivery sends it twice. RULE: EV-03
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dispatch {
    /// The fact's published identifier.
    pub fact_id: String,
    /// Until then whoever claimed it is at work; after that somebody else may.
    pub claimed_until: Instant,
    /// The mail service's identifier, once it took the mail; `skipped` where there was nothing to send.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settled_as: Option<String>,
}

/// Anything that is stored.
#[derive(Clone, Debug, PartialEq)]
pub enum Entity {
    /// See [`Account`].
    Account(Account),
    /// See [`User`].
    User(Box<User>),
    /// See [`Tombstone`].
    Tombstone(Tombstone),
    /// See [`Membership`].
    Membership(Membership),
    /// See [`Session`].
    Session(Session),
    /// See [`Attempts`].
    Attempts(Attempts),
    /// See [`MailWindow`].
    MailWindow(MailWindow),
    /// See [`crate::Event`].
    Event(crate::Event),
    /// See [`Dispatch`].
    Dispatch(Dispatch),
    /// See [`Replay`].
    Replay(Replay),
}

/// What tells a stored thing from all others.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum EntityKey {
    /// An account.
    Account(AccountId),
    /// A user.
    User(AccountId, UserId),
    /// What remains of one.
    Tombstone(AccountId, UserId),
    /// An address in an account.
    Membership(AddressKey, AccountId),
    /// A session of a user.
    Session(AccountId, UserId, SessionId),
    /// Failed sign-ins.
    Attempts(AttemptsScope),
    /// Mails asked for by anonymous callers.
    MailWindow(MailWindowScope),
    /// An event.
    Event(AccountId, EventId),
    /// A mail of a fact.
    Dispatch(String),
    /// A committed call.
    Replay(AccountId, UserId, IdempotencyKey),
}

impl Entity {
    /// Its key.
    pub fn key(&self) -> EntityKey {
        match self {
            Self::Account(account) => EntityKey::Account(account.id),
            Self::User(user) => EntityKey::User(user.account_id, user.id),
            Self::Tombstone(tombstone) => EntityKey::Tombstone(tombstone.account_id, tombstone.user_id),
            Self::Membership(membership) => {
                EntityKey::Membership(membership.address.clone(), membership.account_id)
            }
            Self::Session(session) => EntityKey::Session(session.account_id, session.user_id, session.id),
            Self::Attempts(attempts) => EntityKey::Attempts(attempts.scope.clone()),
            Self::MailWindow(window) => EntityKey::MailWindow(window.scope.clone()),
            Self::Event(event) => EntityKey::Event(event.account_id, event.id),
            Self::Dispatch(dispatch) => EntityKey::Dispatch(dispatch.fact_id.clone()),
            Self::Replay(replay) => EntityKey::Replay(replay.account_id, replay.user_id, replay.key.clone()),
        }
    }

    /// When it may be tidied away. Nothing is correct because of it.
    pub fn forgotten_at(&self) -> Option<Instant> {
        match self {
            Self::Session(session) => Some(session.expires_at),
            Self::Attempts(attempts) => Some(attempts.forgotten_at()),
            Self::MailWindow(window) => window.forgotten_at(),
            Self::Event(event) => event.forgotten_at(),
            Self::Dispatch(dispatch) => Some(dispatch.claimed_until + DISPATCH_RETENTION),
            Self::Replay(replay) => Some(replay.forgotten_at()),
            Self::Account(_) | Self::User(_) | Self::Tombstone(_) | Self::Membership(_) => None,
        }
    }
}

macro_rules! entity_from {
    ($($kind:ident),*) => {
        $(impl From<$kind> for Entity {
            fn from(value: $kind) -> Self {
                Self::$kind(value)
            }
        })*
    };
}

entity_from!(Account, Tombstone, Membership, Session, Attempts, MailWindow, Dispatch, Replay);

impl From<User> for Entity {
    fn from(user: User) -> Self {
        Self::User(Box::new(user))
    }
}

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
}

impl Removal {
    /// The key of what goes.
    pub fn key(&self) -> EntityKey {
        match self {
            Self::AsRead(key) => key.clone(),
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

    /// Writes this.
    #[must_use]
    pub fn put(mut self, entity: impl Into<Entity>) -> Self {
        self.puts.push(entity.into());
        self
    }

    /// Removes this.
    #[must_use]
    pub fn delete(mut self, removal: Removal) -> Self {
        self.deletes.push(removal);
        self
    }

    /// Holds only if this does.
    #[must_use]
    pub fn relying_on(mut self, reliance: Reliance) -> Self {
        self.reliances.push(reliance);
        self
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
}
