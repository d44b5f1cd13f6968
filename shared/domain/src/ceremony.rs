//! Ceremonies of passkeys: what a browser is asked, and what its authenticator answers. RULE: AC-04

use chrono::TimeDelta;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::{AccountId, Claim, Factors, Instant, Nonce, Reply, SessionId, UserId};

/// What an answer of a passkey is for. An answer to one is none to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CeremonyFor {
    /// One more passkey.
    Adding,
    /// A session, without a password.
    SigningIn,
    /// A session that is fresh again.
    SteppingUp,
}

/// Two halves: what a browser is asked, and what its authenticator answers. Nothing is kept in between; the nonce says when
/// it began, and the token's MAC that it did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ceremony {
    purpose: CeremonyFor,
    account_id: AccountId,
    user_id: UserId,
    bound_to: String,
    nonce: Nonce,
}

impl Ceremony {
    /// Longer than a browser waits for its authenticator.
    const LIFETIME: TimeDelta = TimeDelta::minutes(6);

    /// Of whoever comes: an answer says who it is of.
    pub const fn to_sign_in(nonce: Nonce) -> Self {
        let (account_id, user_id) = (AccountId::from_bits(0), UserId::from_bits(0));
        Self { purpose: CeremonyFor::SigningIn, account_id, user_id, bound_to: String::new(), nonce }
    }

    /// Of this user in this session, and no other.
    pub fn of_session(
        purpose: CeremonyFor,
        (account_id, user_id): (AccountId, UserId),
        session_id: SessionId,
        nonce: Nonce,
    ) -> Self {
        Self { purpose, account_id, user_id, bound_to: session_id.to_string(), nonce }
    }

    /// When it began.
    pub fn begun_at(&self) -> Instant {
        self.nonce.drawn_at().unwrap_or_default()
    }

    /// From this instant on no answer is taken.
    pub fn expires_at(&self) -> Instant {
        self.begun_at() + Self::LIFETIME
    }

    /// Whether an answer is still taken of whoever has these: once, and not after an answer to a later one. RULE: AC-04
    pub fn is_open(&self, factors: &Factors, now: Instant) -> bool {
        let is_used = factors.last_ceremony_at.is_some_and(|last| self.begun_at() <= last);
        !is_used && now < self.expires_at()
    }

    /// What its token is a MAC of.
    pub fn claim(&self) -> Claim {
        let purpose = match self.purpose {
            CeremonyFor::Adding => "passkey-add",
            CeremonyFor::SigningIn => "passkey-sign-in",
            CeremonyFor::SteppingUp => "passkey-step-up",
        };
        Claim::new(purpose, (self.account_id, self.user_id), &self.nonce, &self.bound_to)
    }
}

/// What a browser is asked.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Ceremony")]
pub struct CeremonyView {
    /// To be sent with the answer.
    ceremony: String,
    /// For `navigator.credentials`, by way of `PublicKeyCredential.parseCreationOptionsFromJSON` or
    /// `parseRequestOptionsFromJSON`.
    options: Map<String, Value>,
    /// From this instant on no answer is taken.
    expires_at: Instant,
}

impl Reply for CeremonyView {}

impl CeremonyView {
    /// Under this token, with these options.
    pub fn new(token: String, options: Map<String, Value>, ceremony: &Ceremony) -> Self {
        Self { ceremony: token, options, expires_at: ceremony.expires_at() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // RULE: AC-04, AC-06
    #[test]
    fn a_ceremony_is_for_one_purpose_of_one_session() {
        let nonce = || Nonce::new(7);
        let ann = (AccountId::from_bits(1), UserId::from_bits(1));
        let of = |purpose, session| {
            Ceremony::of_session(purpose, ann, SessionId::from_bits(session), nonce()).claim()
        };
        let claims = [
            Ceremony::to_sign_in(nonce()).claim(),
            of(CeremonyFor::Adding, 1),
            of(CeremonyFor::SteppingUp, 1),
            of(CeremonyFor::SteppingUp, 2),
        ];
        for (n, claim) in claims.iter().enumerate() {
            assert!(claims[..n].iter().all(|other| other.bytes() != claim.bytes()), "{n}");
        }
    }
}
