//! The invitation a pending user holds.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{AccountId, Email, Instant, Message, UserId};

/// How long an invitation lives unless the account says otherwise. RULE: IN-11
const INVITATION_LIFETIME: TimeDelta = TimeDelta::hours(48);

/// 128 random bits that tell one version of an invitation from the next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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

    /// Its printed form.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What is known of the mail that carries the invitation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    /// The mail is on its way to the mail service.
    Queued,
    /// The mail service took it.
    Sent,
    /// The recipient's server took it.
    Delivered,
    /// Nothing was heard of it for long.
    DeliveryDelayed,
    /// It bounced.
    DeliveryFailed,
}

/// An invitation: who sent it, how long it is good for, and what became of its mail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invitation {
    /// Who invited; none for the Root that a sign-up creates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invited_by: Option<UserId>,
    /// From this instant on it is expired.
    pub expires_at: Instant,
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
}

impl Invitation {
    pub(crate) fn new(
        invited_by: Option<UserId>,
        message: Option<Message>,
        nonce: Nonce,
        now: Instant,
    ) -> Self {
        Self {
            invited_by,
            expires_at: now + INVITATION_LIFETIME,
            nonce: Some(nonce),
            message,
            sent_at: None,
            delivered_at: None,
            delivery: Delivery::Queued,
        }
    }

    /// RULE: IN-11
    pub fn is_expired(&self, now: Instant) -> bool {
        now >= self.expires_at
    }

    /// The bytes that an invitation's token is a MAC of: account, user, version, address, in one order,
    /// each ended by a zero byte that none of them holds. RULE: IN-12
    pub fn claim(account_id: AccountId, user_id: UserId, nonce: &Nonce, email: &Email) -> Vec<u8> {
        let identity = email.identity();
        format!("invitation\0{account_id}\0{user_id}\0{}\0{identity}\0", nonce.as_str()).into_bytes()
    }
}
