//! What holds messages of queues back, by the stack's clock.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::work::Work;

/// What is tried again within this counts as under way; what waits longer waits for the clock.
const SOON_MS: i64 = 2000;

/// Why a message is not visible.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Hold {
    WithFunction,
    /// Until this instant, in milliseconds.
    Soon(i64),
    /// Until this instant, and nobody waits for it.
    Later(i64),
}

/// When a message is visible.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Visible {
    Now,
    /// At this instant, in milliseconds.
    At(i64),
    /// When its function has answered.
    Unknown,
}

/// All that is held back.
#[derive(Default)]
pub(crate) struct Holds(Mutex<HashMap<i64, Hold>>);

/// What was held back at a moment.
pub(crate) struct Held(HashMap<i64, Hold>);

impl Held {
    /// When this message is visible.
    pub(crate) fn visible(&self, message: i64, now_ms: i64) -> Visible {
        match self.0.get(&message) {
            Some(Hold::WithFunction) => Visible::Unknown,
            Some(Hold::Soon(until_ms) | Hold::Later(until_ms)) if *until_ms > now_ms => {
                Visible::At(*until_ms)
            }
            _ => Visible::Now,
        }
    }
}

impl Holds {
    /// Begins with what was with a function when an earlier run ended, as (message, until when in milliseconds).
    /// Nobody is at work on it any more, but as on AWS it stays invisible for its time: attempts that follow each
    /// other at once would use up what the dead-letter queue allows.
    pub(crate) fn new(left_over: Vec<(i64, i64)>, work: &Work) -> Self {
        let holds = Self::default();
        holds.change(work, |held| {
            held.extend(left_over.into_iter().map(|(message, until_ms)| (message, Hold::Later(until_ms))));
        });
        holds
    }

    /// What is held back now.
    pub(crate) fn now(&self) -> Held {
        Held(self.0.lock().unwrap_or_else(PoisonError::into_inner).clone())
    }

    /// These are with a function.
    pub(crate) fn take(&self, work: &Work, messages: &[i64]) {
        self.change(work, |held| held.extend(messages.iter().map(|message| (*message, Hold::WithFunction))));
    }

    /// This one failed, and is tried again then.
    pub(crate) fn until(&self, work: &Work, message: i64, now_ms: i64, until_ms: i64) {
        let hold = if until_ms - now_ms <= SOON_MS { Hold::Soon(until_ms) } else { Hold::Later(until_ms) };
        self.change(work, |held| _ = held.insert(message, hold));
    }

    /// Nothing holds these back any more.
    pub(crate) fn free(&self, work: &Work, messages: impl IntoIterator<Item = i64>) {
        self.change(work, |held| messages.into_iter().for_each(|message| _ = held.remove(&message)));
    }

    /// The clock was moved: what is due now is under way again.
    pub(crate) fn clock_moved(&self, work: &Work, now_ms: i64) {
        self.change(work, |held| held.retain(|_, hold| !matches!(hold, Hold::Later(at) if *at <= now_ms)));
    }

    fn change(&self, work: &Work, change: impl FnOnce(&mut HashMap<i64, Hold>)) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut held);
        work.held_back(held.values().filter(|hold| matches!(hold, Hold::Later(_))).count());
    }
}
