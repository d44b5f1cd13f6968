//! The invitation a pending user holds.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ulid::Ulid;

use crate::{Account, AccountId, Claim, Email, Instant, Message, Refusal, UserId};

/// Between two mails of one invitation. RULE: IN-07
const RESEND_PAUSE: TimeDelta = TimeDelta::seconds(60);
/// How often an invitation is sent again. RULE: IN-07
const RESENDS_MAX: u32 = 5;
/// How long nothing may be heard of a mail before it counts as delayed. RULE: IN-20
const DELIVERY_PATIENCE: TimeDelta = TimeDelta::minutes(10);

/// 128 random bits that tell one version of an invitation from the next.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Nonce(String);

impl Nonce {
    /// The nonce made of these random bits.
    pub fn new(random: u128) -> Self {
        Self(URL_SAFE_NO_PAD.encode(random.to_be_bytes()))
    }

    /// The random bits.
    pub fn bits(&self) -> u128 {
        let bytes = URL_SAFE_NO_PAD.decode(&self.0).unwrap_or_default();
        bytes.iter().fold(0, |bits, byte| bits << 8 | u128::from(*byte))
    }

    /// One that says when it was drawn, beside 80 random bits.
    pub fn drawn(now: Instant, random: u128) -> Self {
        let milliseconds = u64::try_from(now.timestamp_millis()).unwrap_or_default();
        Self::new(u128::from_be_bytes(Ulid::from_parts(milliseconds, random).to_bytes()))
    }

    /// When one that says so was drawn.
    pub fn drawn_at(&self) -> Option<Instant> {
        let ulid = Ulid::from_bytes(self.bits().to_be_bytes());
        Instant::from_timestamp_millis(i64::try_from(ulid.timestamp_ms()).ok()?)
    }

    /// Its printed form.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What is known of the mail that carries the invitation. The later one outweighs the earlier ones, in whatever order
/// they are heard of. RULE: IN-20
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    /// The mail is on its way to the mail service.
    Queued,
    /// The mail service took it.
    Sent,
    /// Nothing was heard of it for long.
    DeliveryDelayed,
    /// The recipient's server took it.
    Delivered,
    /// It bounced.
    DeliveryFailed,
}

impl Delivery {
    /// The name in the interface.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sent => "sent",
            Self::DeliveryDelayed => "delivery_delayed",
            Self::Delivered => "delivered",
            Self::DeliveryFailed => "delivery_failed",
        }
    }
}

/// An invitation: who sent it, how long it is good for, and what became of its mail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invitation {
    /// Who invited; none for the Root that a sign-up creates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invited_by: Option<UserId>,
    /// From this instant on it is expired.
    pub expires_at: Instant,
    /// When it was last sent. RULE: IN-07
    #[serde(default)]
    pub issued_at: Instant,
    /// How often it was sent again.
    #[serde(default)]
    pub resends: u32,
    /// When the invitee was reminded, since it was last sent. RULE: IN-11
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reminded_at: Option<Instant>,
    /// The version that a token must name. It is gone once the invitation was accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nonce: Option<Nonce>,
    /// The inviter's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<Message>,
    /// When the mail service took the mail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent_at: Option<Instant>,
    /// When the recipient's server took it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivered_at: Option<Instant>,
    /// What became of the mail.
    pub delivery: Delivery,
    /// The account's epoch in which it was sent. RULE: BI-13
    #[serde(default, skip_serializing_if = "crate::user::is_default")]
    pub epoch: u64,
}

impl Invitation {
    pub(crate) fn new(
        invited_by: Option<UserId>,
        message: Option<Message>,
        nonce: Nonce,
        now: Instant,
        account: &Account,
    ) -> Self {
        Self {
            invited_by,
            expires_at: now + account.invitation_lifetime(),
            issued_at: now,
            resends: 0,
            reminded_at: None,
            nonce: Some(nonce),
            message,
            sent_at: None,
            delivered_at: None,
            delivery: Delivery::Queued,
            epoch: account.invitation_epoch,
        }
    }

    /// How often it will have been sent again, if it is now; or a refusal until it may be. RULE: IN-07
    pub(crate) fn resends_if_sent(&self, now: Instant) -> Result<u32, Refusal> {
        let pause_until = self.issued_at + RESEND_PAUSE;
        if now < pause_until {
            return Err(Refusal::rate_limited_until(pause_until, now));
        }
        // One that has expired begins a new life, so that a limit that is met ends when its time is over.
        let resends = if self.is_expired(now) { 0 } else { self.resends + 1 };
        if resends > RESENDS_MAX {
            return Err(Refusal::rate_limited_until(self.expires_at, now));
        }
        Ok(resends)
    }

    /// The same once more: older tokens are dead, its time begins anew. RULE: IN-07
    pub(crate) fn again(self, nonce: Nonce, now: Instant, account: &Account) -> Result<Self, Refusal> {
        let resends = self.resends_if_sent(now)?;
        Ok(Self { resends, ..Self::new(self.invited_by, self.message, nonce, now, account) })
    }

    /// When the invitee is to be reminded. RULE: IN-11
    pub fn half_life(&self) -> Instant {
        self.issued_at + (self.expires_at - self.issued_at) / 2
    }

    /// When its mail counts as delayed, if nothing is heard of it before. RULE: IN-20
    pub fn delayed_at(&self) -> Option<Instant> {
        (self.delivery < Delivery::DeliveryDelayed).then(|| self.issued_at + DELIVERY_PATIENCE)
    }

    /// Whether this is when it was last sent, to the millisecond: each sending has an instant of its own.
    pub fn is_of(&self, sending: Instant) -> bool {
        self.issued_at.timestamp_millis() == sending.timestamp_millis()
    }

    /// RULE: IN-11
    pub fn is_expired(&self, now: Instant) -> bool {
        now >= self.expires_at
    }

    /// What an invitation's token claims; it is bound to the address. RULE: IN-12
    pub fn claim(account_id: AccountId, user_id: UserId, nonce: &Nonce, email: &Email) -> Claim {
        Claim::new("invitation", (account_id, user_id), nonce, email.identity())
    }
}
