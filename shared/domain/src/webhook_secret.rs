//! The secret that a webhook's receiver knows its calls by. RULE: AC-09

use data_encoding::HEXLOWER;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::Instant;

/// What the receiver and the sender share. It is derived, shown once, and never stored.
pub struct WebhookSecret(String);

impl WebhookSecret {
    /// What every secret begins with.
    pub const PREFIX: &str = "whsec_";

    /// Of the MAC of what the webhook is.
    pub fn of(mac: &[u8; 32]) -> Self {
        Self(format!("{}{}", Self::PREFIX, HEXLOWER.encode(mac)))
    }

    /// As it is shown; all of it is the key.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What proves that this body was sent at this instant: the HMAC-SHA-256 over both.
    pub fn sign(&self, at: Instant, body: &str) -> String {
        let seconds = at.timestamp();
        // HMAC takes keys of any length.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(self.0.as_bytes()) else { return String::new() };
        mac.update(format!("{seconds}.{body}").as_bytes());
        format!("t={seconds},v1={}", HEXLOWER.encode(&mac.finalize().into_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_names_its_second_and_differs_with_whatever_it_is_of() {
        let secret = WebhookSecret::of(&[7; 32]);
        let signature = secret.sign(Instant::default(), "{}");
        assert!(signature.starts_with("t=0,v1="), "{signature}");
        assert_eq!(signature.len(), "t=0,v1=".len() + 64);
        let later = Instant::default() + chrono::TimeDelta::seconds(1);
        let others = [secret.sign(later, "{}"), secret.sign(Instant::default(), "{ }")];
        let other_secret = WebhookSecret::of(&[8; 32]).sign(Instant::default(), "{}");
        for other in others.into_iter().chain([other_secret]) {
            assert_ne!(other.split_once("v1=").unwrap().1, signature.split_once("v1=").unwrap().1);
        }
    }
}
