//! Everything that is stored, and what tells one thing from another.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::{
    Account, AccountId, AddressKey, ApiKey, Attempts, AttemptsScope, Challenge, Departure, Due, DueKind,
    EventId, FactId, Factors, HistoryEntry, IdempotencyKey, Instant, Invoice, KeyId, MailWindow,
    MailWindowScope, Nonce, Replay, Resource, ResourceKey, Review, ReviewId, Session, SessionId, Timer,
    TimerKind, Tombstone, User, UserId, Webhook, WebhookDelivery, WebhookId,
};

/// How long a mail's dispatch is remembered: longer than any queue keeps a message.
const DISPATCH_RETENTION: TimeDelta = TimeDelta::days(30);

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

/// A mail of a fact, so that no retry and no redelivery sends it twice. A fact that leads to several mails has one for
/// each recipient, and one for all of them, which is settled last. RULE: EV-03
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dispatch {
    /// The fact's published identifier.
    pub fact_id: String,
    /// Whose mail it is, where the fact leads to several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recipient: Option<UserId>,
    /// Until then whoever claimed it is at work; after that somebody else may.
    pub claimed_until: Instant,
    /// The mail service's identifier, once it took the mail; `skipped` where there was nothing to send, `all` where each
    /// recipient's is settled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settled_as: Option<String>,
}

impl Dispatch {
    /// Where the mail of a fact stands, or that to one of its recipients.
    pub fn key_of(fact_id: &str, recipient: Option<UserId>) -> EntityKey {
        EntityKey::Dispatch(match recipient {
            Some(recipient) => format!("{fact_id}/{recipient}"),
            None => fact_id.to_owned(),
        })
    }
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
    /// See [`ApiKey`].
    ApiKey(ApiKey),
    /// See [`Factors`].
    Factors(Box<Factors>),
    /// See [`Challenge`].
    Challenge(Challenge),
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
    /// See [`Departure`].
    Departure(Box<Departure>),
    /// See [`Resource`].
    Resource(Resource),
    /// See [`Timer`].
    Timer(Timer),
    /// See [`Invoice`].
    Invoice(Box<Invoice>),
    /// See [`HistoryEntry`].
    HistoryEntry(HistoryEntry),
    /// See [`Review`].
    Review(Box<Review>),
    /// See [`Webhook`].
    Webhook(Box<Webhook>),
    /// See [`WebhookDelivery`].
    WebhookDelivery(WebhookDelivery),
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
    /// An API key of a user.
    ApiKey(AccountId, UserId, KeyId),
    /// The second factors of a user.
    Factors(AccountId, UserId),
    /// What a sign-in of a user waits for.
    Challenge(AccountId, UserId, Nonce),
    /// Failed sign-ins.
    Attempts(AttemptsScope),
    /// Mails asked for by anonymous callers.
    MailWindow(MailWindowScope),
    /// An event.
    Event(AccountId, EventId),
    /// A mail of a fact: see [`Dispatch::key_of`].
    Dispatch(String),
    /// A committed call.
    Replay(AccountId, UserId, IdempotencyKey),
    /// The departure of a user.
    Departure(AccountId, UserId),
    /// A resource.
    Resource(AccountId, ResourceKey),
    /// A timer of an account.
    Timer(AccountId, TimerKind),
    /// An invoice, by its number.
    Invoice(AccountId, u32),
    /// An entry of the history of seats, by its number.
    HistoryEntry(AccountId, u64),
    /// A review.
    Review(AccountId, ReviewId),
    /// A webhook.
    Webhook(AccountId, WebhookId),
    /// An event on its way to a webhook's receiver.
    WebhookDelivery(AccountId, WebhookId, FactId),
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
            Self::ApiKey(key) => EntityKey::ApiKey(key.account_id, key.user_id, key.id),
            Self::Factors(factors) => EntityKey::Factors(factors.account_id, factors.user_id),
            Self::Challenge(challenge) => {
                EntityKey::Challenge(challenge.account_id, challenge.user_id, challenge.nonce.clone())
            }
            Self::Attempts(attempts) => EntityKey::Attempts(attempts.scope.clone()),
            Self::MailWindow(window) => EntityKey::MailWindow(window.scope.clone()),
            Self::Event(event) => EntityKey::Event(event.account_id, event.id),
            Self::Dispatch(dispatch) => Dispatch::key_of(&dispatch.fact_id, dispatch.recipient),
            Self::Replay(replay) => EntityKey::Replay(replay.account_id, replay.user_id, replay.key.clone()),
            Self::Departure(departure) => EntityKey::Departure(departure.account_id, departure.user_id),
            Self::Resource(resource) => EntityKey::Resource(resource.account_id, resource.key.clone()),
            Self::Timer(timer) => EntityKey::Timer(timer.account_id, timer.kind),
            Self::Invoice(invoice) => EntityKey::Invoice(invoice.account_id, invoice.number),
            Self::HistoryEntry(entry) => EntityKey::HistoryEntry(entry.account_id, entry.number),
            Self::Review(review) => EntityKey::Review(review.account_id, review.id),
            Self::Webhook(webhook) => EntityKey::Webhook(webhook.account_id, webhook.id),
            Self::WebhookDelivery(delivery) => {
                EntityKey::WebhookDelivery(delivery.account_id, delivery.webhook_id, delivery.fact_id)
            }
        }
    }

    /// When it may be tidied away. Nothing is correct because of it.
    pub fn forgotten_at(&self) -> Option<Instant> {
        match self {
            Self::Session(session) => Some(session.expires_at),
            Self::ApiKey(key) => Some(key.expires_at),
            Self::Challenge(challenge) => Some(challenge.expires_at),
            Self::Attempts(attempts) => Some(attempts.forgotten_at()),
            Self::MailWindow(window) => window.forgotten_at(),
            Self::Event(event) => event.forgotten_at(),
            Self::Dispatch(dispatch) => Some(dispatch.claimed_until + DISPATCH_RETENTION),
            Self::Replay(replay) => Some(replay.forgotten_at()),
            Self::Review(review) => Some(review.forgotten_at()),
            Self::WebhookDelivery(delivery) => Some(delivery.forgotten_at()),
            Self::Account(_)
            | Self::User(_)
            | Self::Tombstone(_)
            | Self::Membership(_)
            | Self::Factors(_)
            | Self::Departure(_)
            | Self::Resource(_)
            | Self::Timer(_)
            | Self::Invoice(_)
            | Self::HistoryEntry(_)
            | Self::Webhook(_) => None,
        }
    }

    /// When time alone calls for something to be done about it, and by whom. What belongs to one account is on one shard, so
    /// that not too many are at its counters at once.
    pub fn due(&self) -> Option<Due> {
        match self {
            Self::Account(account) => {
                Some(Due::new(DueKind::Billing, account.id.bits(), account.close_due_at()?))
            }
            Self::User(user) => {
                let deadline = user.deadline()?;
                Some(Due::new(DueKind::Deadlines, user.account_id.bits(), deadline.at))
            }
            Self::Departure(departure) => {
                Some(Due::new(DueKind::Deadlines, departure.account_id.bits(), departure.due_at()?))
            }
            Self::Tombstone(tombstone) => {
                Some(Due::new(DueKind::Erasure, tombstone.account_id.bits(), tombstone.erasure_due_at?))
            }
            Self::Timer(timer) => Some(Due::new(timer.kind.due(), timer.account_id.bits(), timer.at)),
            Self::Webhook(webhook) => {
                Some(Due::new(DueKind::Webhooks, webhook.id.bits(), webhook.replay?.next_at))
            }
            // These touch no counter of the account, and an account may have many at once: they are on all shards.
            Self::WebhookDelivery(delivery) => {
                Some(Due::new(DueKind::Webhooks, delivery.fact_id.event_id.bits(), delivery.next_at?))
            }
            _ => None,
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

entity_from!(
    Account,
    Tombstone,
    Membership,
    Session,
    ApiKey,
    Challenge,
    Attempts,
    MailWindow,
    Dispatch,
    Replay,
    Resource,
    Timer,
    HistoryEntry,
    WebhookDelivery
);

impl From<User> for Entity {
    fn from(user: User) -> Self {
        Self::User(Box::new(user))
    }
}

impl From<Factors> for Entity {
    fn from(factors: Factors) -> Self {
        Self::Factors(Box::new(factors))
    }
}

impl From<Webhook> for Entity {
    fn from(webhook: Webhook) -> Self {
        Self::Webhook(Box::new(webhook))
    }
}

impl From<Invoice> for Entity {
    fn from(invoice: Invoice) -> Self {
        Self::Invoice(Box::new(invoice))
    }
}

impl From<Review> for Entity {
    fn from(review: Review) -> Self {
        Self::Review(Box::new(review))
    }
}

impl From<Departure> for Entity {
    fn from(departure: Departure) -> Self {
        Self::Departure(Box::new(departure))
    }
}
