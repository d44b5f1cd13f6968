//! Webhooks: an account's own services are told of what happened. RULE: EV-05

use chrono::TimeDelta;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Account, AccountId, EventId, EventTypes, Fact, FactId, FactKind, Instant, KeyVersion, Nonce, Refusal,
    UserId, WebhookDelivery, WebhookId, WebhookUrl,
};

/// Webhooks that one account may have at a time.
pub const WEBHOOKS_MAX: u32 = 10;
/// How exactly it is noted when the receiver last took something.
const NOTED_WITHIN: TimeDelta = TimeDelta::minutes(5);
/// How far back events are sent again.
pub const REPLAYED_DAYS: i64 = 7;

/// Why a webhook was switched off by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SwitchOffReason {
    /// It took nothing for a day.
    LastingFailure,
    /// It answered 410.
    Gone,
}

impl SwitchOffReason {
    /// The name in the interface.
    pub const fn name(self) -> &'static str {
        match self {
            Self::LastingFailure => "lasting_failure",
            Self::Gone => "gone",
        }
    }
}

/// That it was switched off by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SwitchedOff {
    /// When.
    pub at: Instant,
    /// Why.
    pub reason: SwitchOffReason,
}

/// That the receiver takes nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "WebhookFailure")]
pub struct Failing {
    /// Since the first try that failed.
    pub since: Instant,
    /// What became of the latest that was noted: `status_` and its number, `timed_out`, `not_connected`, `not_resolved`,
    /// `not_public` or `not_signed`.
    pub reason: String,
}

/// An event that the receiver did not take for a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct GivenUp {
    /// When it was given up.
    pub at: Instant,
    /// The event, as it was to be sent.
    #[schemars(with = "String")]
    pub event_id: FactId,
}

/// Events that are being sent again, the newest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookReplay {
    /// From this instant on.
    pub from: Instant,
    /// Before this one.
    pub to: Instant,
    /// This event and older ones are still to be looked at; all, where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_after: Option<EventId>,
    /// When that goes on.
    pub next_at: Instant,
}

/// Where an account's own service is told of what happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Webhook {
    /// Its identifier.
    pub id: WebhookId,
    /// The account.
    pub account_id: AccountId,
    /// Where it leads.
    pub url: WebhookUrl,
    /// What it is told of.
    pub event_types: EventTypes,
    /// Who made it.
    pub created_by: UserId,
    /// When it was made.
    pub created_at: Instant,
    /// What tells its secret from the one before. RULE: AC-09
    pub nonce: Nonce,
    /// The key that its secret is derived under.
    pub key_version: KeyVersion,
    /// Since when it is on; what happened before is not sent by itself. None while it is off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enabled_at: Option<Instant>,
    /// That it was switched off by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub switched_off: Option<SwitchedOff>,
    /// That its receiver takes nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failing: Option<Failing>,
    /// When its receiver last took something, to five minutes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_delivered_at: Option<Instant>,
    /// The latest event that was given up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_given_up: Option<GivenUp>,
    /// What is being sent again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replay: Option<WebhookReplay>,
}

impl Webhook {
    /// One that is on from now on, of this account and made by this user.
    pub fn new(
        id: WebhookId,
        (account_id, created_by): (AccountId, UserId),
        url: WebhookUrl,
        event_types: EventTypes,
        (nonce, key_version): (Nonce, KeyVersion),
        now: Instant,
    ) -> Self {
        Self {
            id,
            account_id,
            url,
            event_types,
            created_by,
            created_at: now,
            nonce,
            key_version,
            enabled_at: Some(now),
            switched_off: None,
            failing: None,
            last_delivered_at: None,
            last_given_up: None,
            replay: None,
        }
    }

    /// What its secret is a MAC of.
    pub fn claim(&self) -> Vec<u8> {
        format!("webhook\0{}\0{}\0{}\0", self.account_id, self.id, self.nonce.as_str()).into_bytes()
    }

    /// A fact about it.
    pub fn fact(&self, kind: FactKind) -> Fact {
        Fact::bare(kind).after("webhook_id", self.id.to_string())
    }

    /// Whether it is told of such a thing that happened then.
    pub fn hears(&self, kind: FactKind, at: Instant) -> bool {
        self.enabled_at.is_some_and(|since| since <= at) && self.event_types.hold(kind)
    }

    /// Whether a delivery still is for it: none that waits is, once it was off in between, or is told of no such thing any
    /// more.
    pub fn awaits(&self, delivery: &WebhookDelivery) -> bool {
        self.enabled_at.is_some_and(|since| since <= delivery.created_at)
            && delivery.kind().is_none_or(|kind| self.event_types.hold(kind))
    }

    /// Whether what a receiver has answered says anything of this one: it is on since the same instant, and leads there.
    pub fn is_still(&self, called: &Self) -> bool {
        self.enabled_at.is_some() && self.enabled_at == called.enabled_at && self.url == called.url
    }

    /// It leads elsewhere from now on; what the former receiver did not take says nothing of this one.
    pub fn leading_to(mut self, url: WebhookUrl) -> Self {
        (self.url, self.failing) = (url, None);
        self
    }

    /// Switched on by somebody, or off; where it is so already, nothing changes.
    pub fn switched(mut self, on: bool, now: Instant) -> Self {
        match (on, self.enabled_at) {
            (true, None) => {
                self.enabled_at = Some(now);
                (self.switched_off, self.failing) = (None, None);
            }
            (false, Some(_)) => {
                self.enabled_at = None;
                self.replay = None;
            }
            _ => {}
        }
        self
    }

    /// Switched off by itself. RULE: EV-05
    pub fn switch_off(mut self, reason: SwitchOffReason, now: Instant) -> Self {
        self.switched_off = Some(SwitchedOff { at: now, reason });
        self.switched(false, now)
    }

    /// Its receiver has taken something.
    pub fn delivered(mut self, now: Instant) -> Self {
        self.failing = None;
        if self.last_delivered_at.is_none_or(|noted| now - noted >= NOTED_WITHIN) {
            self.last_delivered_at = Some(now);
        }
        self
    }

    /// Its receiver has not taken what was tried then.
    pub fn failed(mut self, reason: String, tried_at: Instant) -> Self {
        let since = self.failing.map_or(tried_at, |failing| failing.since.min(tried_at));
        self.failing = Some(Failing { since, reason });
        self
    }

    /// This was given up. Where nothing was taken since it was first tried, the failure lasts. RULE: EV-05
    pub fn gave_up(mut self, delivery: &WebhookDelivery, now: Instant) -> Self {
        self.last_given_up = Some(GivenUp { at: now, event_id: delivery.fact_id });
        let lasts = self.failing.as_ref().is_some_and(|failing| delivery.was_met_by(failing.since));
        if lasts { self.switch_off(SwitchOffReason::LastingFailure, now) } else { self }
    }

    /// What happened since then is to be sent again.
    pub fn replaying(mut self, from: Instant, now: Instant) -> Result<Self, Refusal> {
        if self.enabled_at.is_none() {
            return Err(Refusal::WebhookDisabled);
        }
        // One that is under way goes on, back to the earlier of both.
        self.replay = Some(match self.replay {
            Some(running) => WebhookReplay { from: running.from.min(from), ..running },
            None => WebhookReplay { from, to: now, not_after: None, next_at: now },
        });
        Ok(self)
    }
}

impl Account {
    /// With one webhook more, where there is room.
    pub fn with_webhook(mut self) -> Result<Self, Refusal> {
        if self.webhooks >= WEBHOOKS_MAX {
            return Err(Refusal::TooManyWebhooks);
        }
        self.webhooks += 1;
        Ok(self)
    }

    /// Whether anything that happens in it may be sent to one. RULE: AC-11
    pub const fn tells_webhooks(&self) -> bool {
        self.webhooks > 0 && self.is_open()
    }

    /// With one less.
    pub const fn without_webhook(mut self) -> Self {
        self.webhooks = self.webhooks.saturating_sub(1);
        self
    }
}

#[cfg(test)]
pub(crate) mod tests;
