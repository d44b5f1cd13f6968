//! What a query reads: which sort keys of which partition, in which order.

use domain::{
    AccountId, AddressKey, EventId, IdempotencyKey, Instant, ResourceKey, ResourceKind, ReviewId, User,
    UserId,
};

use crate::key;

/// Sessions that are counted: more than fit into the megabyte that a query reads at most.
const SESSIONS_MAX: i32 = 5000;
/// API keys of a user that were not tidied away yet: a few live ones, and those that are over.
const KEYS_MAX: i32 = 1000;
/// Challenges of a user that were not tidied away yet.
const CHALLENGES_MAX: i32 = 1000;
/// Accounts of one address that a sign-in without an account looks through: what one batch then reads.
const MEMBERSHIPS_MAX: i32 = 100;
/// Entries of the history of seats that one query reads: as many as fit into the megabyte that the table gives at most.
const HISTORY_MAX: i32 = 4000;
/// Committed calls of a day that are looked through.
const REPLAYS_MAX: i32 = 1000;

/// Things that are read by a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Collection {
    /// Sessions of a user that were not tidied away yet, the newest first.
    Sessions(AccountId, UserId),
    /// API keys of a user that were not tidied away yet, the newest first.
    Keys(AccountId, UserId),
    /// Challenges of a user that were not tidied away yet.
    Challenges(AccountId, UserId),
    /// The accounts that know an address.
    Memberships(AddressKey),
    /// Events of an account, the newest first.
    Events {
        /// The account.
        account_id: AccountId,
        /// From this instant on.
        from: Option<Instant>,
        /// Before this instant.
        to: Option<Instant>,
        /// This one and what is older.
        not_after: Option<EventId>,
        /// At most so many.
        limit: i32,
    },
    /// A part of an account's partition, in the order of its sort keys.
    Owned {
        /// The account.
        account_id: AccountId,
        /// Which part of it.
        part: Part,
        /// At most so many.
        limit: i32,
    },
    /// Committed calls of a user that were not tidied away yet.
    Replays {
        /// The account.
        account_id: AccountId,
        /// Who called.
        user_id: UserId,
        /// Those behind this one.
        after: Option<IdempotencyKey>,
    },
    /// Users of an account in the order of their identifiers.
    Users {
        /// The account.
        account_id: AccountId,
        /// Those behind this one.
        after: Option<UserId>,
        /// At most so many.
        limit: i32,
    },
    /// Invoices of an account, the newest first.
    Invoices {
        /// The account.
        account_id: AccountId,
        /// Those before this one.
        before: Option<u32>,
        /// At most so many.
        limit: i32,
    },
    /// Reviews of an account, the newest first.
    Reviews {
        /// The account.
        account_id: AccountId,
        /// Those before this one.
        before: Option<ReviewId>,
        /// At most so many.
        limit: i32,
    },
    /// Entries of the history of seats, in their order.
    History {
        /// The account.
        account_id: AccountId,
        /// From this number on.
        first: u64,
        /// Up to this one.
        last: u64,
    },
    /// Resources of an account in the order of kind and identifier.
    Resources {
        /// The account.
        account_id: AccountId,
        /// Of this kind alone.
        kind: Option<ResourceKind>,
        /// Those behind this one, which is of that kind.
        after: Option<ResourceKey>,
        /// At most so many.
        limit: i32,
    },
}

impl Collection {
    /// All users of an account, a page of so many behind the other.
    pub fn pages_of_users(account_id: AccountId, limit: i32) -> impl Fn(Option<&User>) -> Self {
        move |last| Self::Users { account_id, after: last.map(|user| user.id), limit }
    }
}

/// A part of an account's partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Departures.
    Departures,
    /// Resources.
    Resources,
    /// Sessions of all users.
    Sessions,
    /// API keys of all users.
    Keys,
    /// Second factors of all users.
    Factors,
    /// Challenges of all users.
    Challenges,
    /// Users.
    Users,
    /// What remains of users who are gone.
    Tombstones,
    /// Webhooks.
    Webhooks,
}

impl Part {
    /// All that names somebody, or somewhere.
    pub const ALL: [Self; 9] = [
        Self::Departures,
        Self::Resources,
        Self::Sessions,
        Self::Keys,
        Self::Factors,
        Self::Challenges,
        Self::Users,
        Self::Tombstones,
        Self::Webhooks,
    ];

    const fn prefix(self) -> &'static str {
        match self {
            Self::Departures => key::DEPARTURES_PREFIX,
            Self::Resources => key::RESOURCES_PREFIX,
            Self::Sessions => key::SESSIONS_PREFIX,
            Self::Keys => key::KEYS_PREFIX,
            Self::Factors => key::FACTORS_PREFIX,
            Self::Challenges => key::CHALLENGES_PREFIX,
            Self::Users => key::USERS_PREFIX,
            Self::Tombstones => key::TOMBSTONES_PREFIX,
            Self::Webhooks => key::WEBHOOKS_PREFIX,
        }
    }
}

/// Which sort keys of a partition a query reads.
pub(crate) struct Range {
    pub(crate) pk: String,
    pub(crate) first: String,
    pub(crate) last: String,
    pub(crate) after: Option<String>,
    pub(crate) order: Order,
    pub(crate) limit: i32,
}

#[derive(PartialEq, Eq)]
pub(crate) enum Order {
    Ascending,
    Descending,
}

impl Range {
    pub(crate) fn of(collection: &Collection) -> Self {
        match collection {
            Collection::Sessions(account, user) => {
                let prefix = key::sessions_prefix(*user);
                let newest_first = Order::Descending;
                Self {
                    order: newest_first,
                    ..Self::under(key::account_partition(*account), &prefix, SESSIONS_MAX)
                }
            }
            Collection::Keys(account, user) => {
                let prefix = key::keys_prefix(*user);
                let newest_first = Order::Descending;
                Self {
                    order: newest_first,
                    ..Self::under(key::account_partition(*account), &prefix, KEYS_MAX)
                }
            }
            Collection::Challenges(account, user) => {
                let prefix = key::challenges_prefix(*user);
                Self::under(key::account_partition(*account), &prefix, CHALLENGES_MAX)
            }
            Collection::Memberships(address) => {
                Self::under(key::memberships_partition(address), "A#", MEMBERSHIPS_MAX)
            }
            Collection::Owned { account_id, part, limit } => {
                Self::under(key::account_partition(*account_id), part.prefix(), *limit)
            }
            Collection::Replays { account_id, user_id, after } => Self {
                after: after.as_ref().map(|key| key.as_str().to_owned()),
                ..Self::under(key::replays_partition(*account_id, *user_id), "", REPLAYS_MAX)
            },
            Collection::Users { account_id, after, limit } => Self {
                after: after.map(key::user_sort_key),
                ..Self::under(key::account_partition(*account_id), key::USERS_PREFIX, *limit)
            },
            Collection::Invoices { account_id, before, limit } => {
                let last = before.map_or(u32::MAX, |number| number.saturating_sub(1));
                Self {
                    pk: key::account_partition(*account_id),
                    first: key::invoice_sort_key(0),
                    last: key::invoice_sort_key(last),
                    after: None,
                    order: Order::Descending,
                    limit: *limit,
                }
            }
            Collection::Reviews { account_id, before, limit } => {
                let last = before.map_or(u128::MAX, |review| review.bits().saturating_sub(1));
                Self {
                    pk: key::account_partition(*account_id),
                    first: key::review_sort_key(ReviewId::from_bits(0)),
                    last: key::review_sort_key(ReviewId::from_bits(last)),
                    after: None,
                    order: Order::Descending,
                    limit: *limit,
                }
            }
            Collection::History { account_id, first, last } => Self {
                pk: key::account_partition(*account_id),
                first: key::history_sort_key(*first),
                last: key::history_sort_key((*last).max(*first)),
                after: None,
                order: Order::Ascending,
                limit: HISTORY_MAX,
            },
            Collection::Resources { account_id, kind, after, limit } => {
                let prefix = kind.map_or_else(|| key::RESOURCES_PREFIX.to_owned(), key::resources_prefix);
                Self {
                    after: after.as_ref().map(key::resource_sort_key),
                    ..Self::under(key::account_partition(*account_id), &prefix, *limit)
                }
            }
            Collection::Events { account_id, from, to, not_after, limit } => {
                let before = to.map(EventId::before);
                let last = [before, *not_after].into_iter().flatten().min();
                let first = from.map_or(EventId::from_bits(0), EventId::first_of);
                Self {
                    pk: key::events_partition(*account_id),
                    first: first.to_string(),
                    // A span that ends before it begins is empty; the table would call it an error.
                    last: last.unwrap_or(EventId::from_bits(u128::MAX)).max(first).to_string(),
                    after: None,
                    order: Order::Descending,
                    limit: *limit,
                }
            }
        }
    }

    /// All sort keys with a prefix. What follows a prefix are identifiers, all of whose characters come before `~`.
    fn under(pk: String, prefix: &str, limit: i32) -> Self {
        // A key is never empty; all of ours begin behind the first printable character.
        let first = if prefix.is_empty() { "!" } else { prefix };
        let (first, last) = (first.to_owned(), format!("{prefix}~"));
        Self { pk, first, last, after: None, order: Order::Ascending, limit }
    }
}
