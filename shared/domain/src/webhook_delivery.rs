//! An event on its way to one receiver: tried at once, then again with growing pauses for a day. RULE: EV-05

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::{AccountId, FactId, FactKind, Instant, WebhookId};

/// How long after a try the next one comes; the last is for all that follow.
const PAUSES: [TimeDelta; 6] = [
    TimeDelta::minutes(1),
    TimeDelta::minutes(5),
    TimeDelta::minutes(15),
    TimeDelta::hours(1),
    TimeDelta::hours(3),
    TimeDelta::hours(6),
];
/// From the first try to the last.
const TRIED_FOR: TimeDelta = TimeDelta::hours(24);
/// How long it is remembered, so that no repeat of the event starts another: longer than any queue keeps a message.
const RETENTION: TimeDelta = TimeDelta::days(30);

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryEnd {
    /// The receiver has it.
    Delivered,
    /// The receiver did not take it for a day.
    GivenUp,
    /// The webhook is gone, or was switched off.
    Dropped,
}

/// An event on its way to one receiver.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookDelivery {
    /// The account.
    pub account_id: AccountId,
    /// The webhook.
    pub webhook_id: WebhookId,
    /// What is published.
    pub fact_id: FactId,
    /// As it is sent.
    pub body: String,
    /// When it was first to be sent, or was asked for again.
    pub created_at: Instant,
    /// When it was first tried.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_tried_at: Option<Instant>,
    /// How often it was tried.
    pub attempts: u32,
    /// When it is tried next; none once it has ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_at: Option<Instant>,
    /// How it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<DeliveryEnd>,
}

impl WebhookDelivery {
    /// One that is to be tried now.
    pub const fn new(
        (account_id, webhook_id): (AccountId, WebhookId),
        fact_id: FactId,
        body: String,
        now: Instant,
    ) -> Self {
        let next_at = Some(now);
        let (created_at, first_tried_at) = (now, None);
        Self {
            account_id,
            webhook_id,
            fact_id,
            body,
            created_at,
            first_tried_at,
            attempts: 0,
            next_at,
            end: None,
        }
    }

    /// Whether it is to be tried by now.
    pub fn is_due(&self, now: Instant) -> bool {
        self.next_at.is_some_and(|at| at <= now)
    }

    /// Whether a try at this instant is the last.
    pub fn is_last_try(&self, now: Instant) -> bool {
        self.last_at() <= now
    }

    /// It is being tried. Should nothing be heard of that, it is tried again, as after a failure.
    pub fn tried(mut self, now: Instant) -> Self {
        let before = usize::try_from(self.attempts).unwrap_or(usize::MAX);
        let pause = PAUSES[before.min(PAUSES.len() - 1)];
        self.attempts = self.attempts.saturating_add(1);
        self.first_tried_at.get_or_insert(now);
        self.next_at = Some((now + pause).min(self.last_at()).max(now + PAUSES[0]));
        self
    }

    /// What it is about, as far as it says so.
    pub fn kind(&self) -> Option<FactKind> {
        let body: serde_json::Value = serde_json::from_str(&self.body).ok()?;
        FactKind::parse(body["type"].as_str()?)
    }

    /// Whether a failure that began then has been there since it was first tried; where nothing was heard of that try, since
    /// the next.
    pub(crate) fn was_met_by(&self, failing_since: Instant) -> bool {
        failing_since <= self.first_at() + PAUSES[0]
    }

    /// It has ended so.
    pub fn ended(mut self, end: DeliveryEnd) -> Self {
        self.next_at = None;
        self.end = Some(end);
        self
    }

    /// When it may be forgotten.
    pub fn forgotten_at(&self) -> Instant {
        self.created_at + RETENTION
    }

    fn first_at(&self) -> Instant {
        self.first_tried_at.unwrap_or(self.created_at)
    }

    fn last_at(&self) -> Instant {
        self.first_at() + TRIED_FOR
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::EventId;

    // RULE: EV-05
    #[test]
    fn it_is_tried_at_once_then_ever_more_rarely_and_for_the_last_time_after_a_day() {
        let first = Instant::default();
        let fact_id = FactId::parse(&format!("{}.0", EventId::from_bits(1))).unwrap();
        let whose = (AccountId::from_bits(1), WebhookId::from_bits(2));
        let mut delivery = WebhookDelivery::new(whose, fact_id, "{}".into(), first);
        let mut minutes = Vec::new();
        loop {
            let now = delivery.next_at.unwrap();
            assert!(delivery.is_due(now) && !delivery.is_due(now - TimeDelta::milliseconds(1)));
            minutes.push((now - first).num_minutes());
            delivery = delivery.tried(now);
            if delivery.is_last_try(now) {
                break;
            }
        }
        assert_eq!(minutes, [0, 1, 6, 21, 81, 261, 621, 981, 1341, 1440]);
        assert_eq!(delivery.attempts, 10);
        let given_up = delivery.ended(DeliveryEnd::GivenUp);
        assert!(!given_up.is_due(first + TimeDelta::days(9)));
    }
}
