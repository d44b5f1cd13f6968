//! Where `now` comes from. Decisions never read a clock; the shell hands them the instant.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, TimeDelta, Utc};

/// The system's clock, shifted by an offset that whoever hosts the function may share and move.
///
/// On AWS the offset is zero and stays there. The local stack moves one offset for all its functions.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    offset_milliseconds: Arc<AtomicI64>,
}

impl Clock {
    /// The present instant, cut to the millisecond, which is what identifiers and stored instants carry.
    pub fn now(&self) -> DateTime<Utc> {
        let offset = TimeDelta::milliseconds(self.offset_milliseconds.load(Ordering::SeqCst));
        let milliseconds = (Utc::now() + offset).timestamp_millis();
        DateTime::from_timestamp_millis(milliseconds).unwrap_or_default()
    }

    /// Moves the clock of everyone who shares it by `by`.
    pub fn advance(&self, by: TimeDelta) {
        self.offset_milliseconds.fetch_add(by.num_milliseconds(), Ordering::SeqCst);
    }
}
