//! Where things stand in the table.
//!
//! | partition | sort key | what |
//! |---|---|---|
//! | `A#<account>` | `A` | account |
//! | | `U#<user>` | user |
//! | | `X#<user>` | tombstone |
//! | | `S#<user>#<session>` | session |
//! | | `K#<user>#<key>` | API key |
//! | | `F#<user>` | second factors |
//! | | `H#<user>#<nonce>` | challenge of a sign-in |
//! | | `D#<user>` | departure |
//! | | `R#<kind>#<id>` | resource |
//! | | `T#<kind>` | timer of the account |
//! | | `I#<number>` | invoice |
//! | | `B#<number>` | entry of the history of seats |
//! | | `V#<review>` | review |
//! | | `W#<webhook>` | webhook |
//! | | `Y#<webhook>#<fact>` | event on its way to a webhook's receiver |
//! | `M#<address key>` | `A#<account>` | membership |
//! | `E#<account>` | `<event>` | event |
//! | `L#<address key>` | `F`, `F#<ip>`, `W` | failures from anywhere, from there; mails to it |
//! | `L#<ip>` | `W` | mails asked for from there |
//! | `L#<user or account>#<tag>` | `R#<minute>` | requests in a minute |
//! | `N#<account>#<user>` | `<key>` | committed call with an idempotency key |
//! | `C#<fact>`, `C#<fact>/<user>` | `C` | dispatch of a fact's mail, of that to one of several |
//!
//! What time alone calls for stands in the sparse index `due` as well: `<kind>#<shard>` by instant.

use domain::{
    AccountId, AttemptsScope, DueKind, EntityKey, FactId, MailWindowScope, RateScope, RateWindow,
    ResourceKey, ResourceKind, ReviewId, TimerKind, UserId, WebhookId,
};

/// Partition and sort key.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Position {
    pub(crate) pk: String,
    pub(crate) sk: String,
}

impl Position {
    pub(crate) fn of(key: &EntityKey) -> Self {
        let (pk, sk) = match key {
            EntityKey::Account(account) => (account_partition(*account), ACCOUNT.into()),
            EntityKey::User(account, user) => (account_partition(*account), user_sort_key(*user)),
            EntityKey::Tombstone(account, user) => {
                (account_partition(*account), format!("{TOMBSTONES_PREFIX}{user}"))
            }
            EntityKey::Session(account, user, session) => {
                (account_partition(*account), format!("{}{session}", sessions_prefix(*user)))
            }
            EntityKey::ApiKey(account, user, key) => {
                (account_partition(*account), format!("{}{key}", keys_prefix(*user)))
            }
            EntityKey::Factors(account, user) => {
                (account_partition(*account), format!("{FACTORS_PREFIX}{user}"))
            }
            EntityKey::Challenge(account, user, nonce) => {
                (account_partition(*account), format!("{}{}", challenges_prefix(*user), nonce.as_str()))
            }
            EntityKey::Membership(address, account) => {
                (format!("M#{}", address.as_str()), format!("A#{account}"))
            }
            EntityKey::Attempts(AttemptsScope::Address(address)) => {
                (format!("L#{}", address.as_str()), "F".into())
            }
            EntityKey::Attempts(AttemptsScope::AddressFrom(address, ip)) => {
                (format!("L#{}", address.as_str()), format!("F#{ip}"))
            }
            EntityKey::MailWindow(MailWindowScope::To(address)) => {
                (format!("L#{}", address.as_str()), "W".into())
            }
            EntityKey::MailWindow(MailWindowScope::From(ip)) => (format!("L#{ip}"), "W".into()),
            EntityKey::Event(account, event) => (events_partition(*account), event.to_string()),
            EntityKey::Replay(account, user, key) => {
                (replays_partition(*account, *user), key.as_str().into())
            }
            EntityKey::Dispatch(fact) => (format!("C#{fact}"), "C".into()),
            EntityKey::Departure(account, user) => {
                (account_partition(*account), format!("{DEPARTURES_PREFIX}{user}"))
            }
            EntityKey::Resource(account, key) => (account_partition(*account), resource_sort_key(key)),
            EntityKey::Timer(account, kind) => {
                (account_partition(*account), format!("{TIMERS_PREFIX}{}", kind.name()))
            }
            EntityKey::Invoice(account, number) => (account_partition(*account), invoice_sort_key(*number)),
            EntityKey::HistoryEntry(account, number) => {
                (account_partition(*account), history_sort_key(*number))
            }
            EntityKey::Review(account, review) => (account_partition(*account), review_sort_key(*review)),
            EntityKey::Webhook(account, webhook) => {
                (account_partition(*account), format!("{WEBHOOKS_PREFIX}{webhook}"))
            }
            EntityKey::WebhookDelivery(account, webhook, fact) => {
                (account_partition(*account), format!("{DELIVERIES_PREFIX}{webhook}#{fact}"))
            }
        };
        Self { pk, sk }
    }

    /// What stands here, of the things that may be due.
    pub(crate) fn key_of_due(&self) -> Option<EntityKey> {
        let account = AccountId::parse(self.pk.strip_prefix("A#")?)?;
        if self.sk == ACCOUNT {
            return Some(EntityKey::Account(account));
        }
        let (prefix, rest) = self.sk.split_at_checked(2)?;
        match prefix {
            USERS_PREFIX => Some(EntityKey::User(account, UserId::parse(rest)?)),
            TOMBSTONES_PREFIX => Some(EntityKey::Tombstone(account, UserId::parse(rest)?)),
            DEPARTURES_PREFIX => Some(EntityKey::Departure(account, UserId::parse(rest)?)),
            WEBHOOKS_PREFIX => Some(EntityKey::Webhook(account, WebhookId::parse(rest)?)),
            DELIVERIES_PREFIX => {
                let (webhook, fact) = rest.split_once('#')?;
                let webhook = WebhookId::parse(webhook)?;
                Some(EntityKey::WebhookDelivery(account, webhook, FactId::parse(fact)?))
            }
            TIMERS_PREFIX => {
                let kind = TimerKind::ALL.into_iter().find(|kind| kind.name() == rest)?;
                Some(EntityKey::Timer(account, kind))
            }
            _ => None,
        }
    }

    pub(crate) fn of_rate_window(window: &RateWindow) -> Self {
        let scope = match window.scope {
            RateScope::Sessions(user) => user.to_string(),
            RateScope::Keys(account) => account.to_string(),
        };
        Self {
            pk: format!("L#{scope}#{:016x}", window.tag.bits()),
            sk: format!("R#{}", window.begins_at.timestamp()),
        }
    }
}

impl std::fmt::Display for Position {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.pk, self.sk)
    }
}

const ACCOUNT: &str = "A";
pub(crate) const USERS_PREFIX: &str = "U#";
pub(crate) const TOMBSTONES_PREFIX: &str = "X#";
pub(crate) const SESSIONS_PREFIX: &str = "S#";
pub(crate) const KEYS_PREFIX: &str = "K#";
pub(crate) const FACTORS_PREFIX: &str = "F#";
pub(crate) const CHALLENGES_PREFIX: &str = "H#";
pub(crate) const DEPARTURES_PREFIX: &str = "D#";
pub(crate) const RESOURCES_PREFIX: &str = "R#";
pub(crate) const INVOICES_PREFIX: &str = "I#";
pub(crate) const HISTORY_PREFIX: &str = "B#";
pub(crate) const REVIEWS_PREFIX: &str = "V#";
pub(crate) const WEBHOOKS_PREFIX: &str = "W#";
const DELIVERIES_PREFIX: &str = "Y#";
const TIMERS_PREFIX: &str = "T#";

/// All of one length, so that they sort as numbers do.
pub(crate) fn invoice_sort_key(number: u32) -> String {
    format!("{INVOICES_PREFIX}{number:010}")
}

/// All of one length, so that they sort as numbers do.
pub(crate) fn history_sort_key(number: u64) -> String {
    format!("{HISTORY_PREFIX}{number:012}")
}

pub(crate) fn review_sort_key(review: ReviewId) -> String {
    format!("{REVIEWS_PREFIX}{review}")
}

pub(crate) fn resources_prefix(kind: ResourceKind) -> String {
    format!("{RESOURCES_PREFIX}{}#", kind.name())
}

pub(crate) fn resource_sort_key(key: &ResourceKey) -> String {
    format!("{}{}", resources_prefix(key.kind), key.id.as_str())
}

/// A part of the wheel of timers.
pub(crate) fn due_partition(kind: DueKind, shard: u8) -> String {
    format!("{}#{shard:02}", kind.name())
}

pub(crate) fn replays_partition(account: AccountId, user: UserId) -> String {
    format!("N#{account}#{user}")
}

pub(crate) fn account_partition(account: AccountId) -> String {
    format!("A#{account}")
}

pub(crate) fn events_partition(account: AccountId) -> String {
    format!("E#{account}")
}

pub(crate) fn user_sort_key(user: UserId) -> String {
    format!("{USERS_PREFIX}{user}")
}

pub(crate) fn sessions_prefix(user: UserId) -> String {
    format!("{SESSIONS_PREFIX}{user}#")
}

pub(crate) fn keys_prefix(user: UserId) -> String {
    format!("{KEYS_PREFIX}{user}#")
}

pub(crate) fn challenges_prefix(user: UserId) -> String {
    format!("{CHALLENGES_PREFIX}{user}#")
}

pub(crate) fn memberships_partition(address: &domain::AddressKey) -> String {
    format!("M#{}", address.as_str())
}
