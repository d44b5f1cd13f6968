//! The history of seats: who came and went, and what was subscribed to, in the order in which it was committed. It
//! reproduces every invoice from nothing. RULE: BI-19

use serde::{Deserialize, Serialize};

use super::{Day, Scheduled, Terms};
use crate::{AccountId, Instant, UserId};

/// What moved a seat or the price of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum Moved {
    /// A user accepted: one billable seat more.
    Joined {
        /// Who.
        user_id: UserId,
        /// Whether it is above the mark of the period, and is charged.
        is_added: bool,
    },
    /// A user is gone: one billable seat less.
    Left {
        /// Who.
        user_id: UserId,
    },
    /// Other terms from this day on.
    Subscribed {
        /// Which.
        terms: Terms,
    },
    /// What the operator has agreed on for the next renewal; the terms that are in force, where it was withdrawn.
    Agreed {
        /// Which.
        terms: Terms,
    },
    /// Another plan from the next period on.
    Scheduled {
        /// Which.
        change: Scheduled,
    },
    /// The change that was to come does not come.
    TakenBack,
    /// Nothing is subscribed to any more.
    Ended,
}

/// One entry. Append-only; the account, which is written with each of them, counts them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryEntry {
    /// The account.
    pub account_id: AccountId,
    /// Its place, from 1 on, without gaps.
    pub number: u64,
    /// The day that it counts for.
    pub date: Day,
    /// When.
    pub at: Instant,
    /// What.
    #[serde(flatten)]
    pub moved: Moved,
}
