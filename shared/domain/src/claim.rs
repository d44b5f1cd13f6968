//! What a token is a MAC of. RULE: IN-12, AC-09

use crate::{AccountId, Nonce, UserId};

/// What a token claims: whose it is, what for, and what it is bound to. The table holds all of it, and none of it is
/// secret; the proof is the MAC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The account.
    pub account_id: AccountId,
    /// The user.
    pub user_id: UserId,
    /// What tells this token from the next of its kind.
    pub nonce: Nonce,
    bytes: Vec<u8>,
}

impl Claim {
    /// The purpose's word, account, user, nonce, and what else changes with the token's worth, in one order, each ended by
    /// a zero byte that none of them holds: so no claim can be read as another.
    pub(crate) fn new(
        purpose: &'static str,
        (account_id, user_id): (AccountId, UserId),
        nonce: &Nonce,
        bound_to: &str,
    ) -> Self {
        let text = format!("{purpose}\0{account_id}\0{user_id}\0{}\0{bound_to}\0", nonce.as_str());
        Self { account_id, user_id, nonce: nonce.clone(), bytes: text.into_bytes() }
    }

    /// The bytes that the MAC is of.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // RULE: IN-12
    #[test]
    fn a_claim_differs_with_whatever_it_is_of() {
        let (account, user) = (AccountId::from_bits(1), UserId::from_bits(2));
        let claim = Claim::new("invitation", (account, user), &Nonce::new(3), "ann@acme.test");
        for other in [
            Claim::new("reset", (account, user), &Nonce::new(3), "ann@acme.test"),
            Claim::new("invitation", (AccountId::from_bits(9), user), &Nonce::new(3), "ann@acme.test"),
            Claim::new("invitation", (account, UserId::from_bits(9)), &Nonce::new(3), "ann@acme.test"),
            Claim::new("invitation", (account, user), &Nonce::new(9), "ann@acme.test"),
            Claim::new("invitation", (account, user), &Nonce::new(3), "bob@acme.test"),
        ] {
            assert_ne!(claim.bytes(), other.bytes());
        }
        assert_eq!(claim.bytes().split(|byte| *byte == 0).count(), 6, "five fields, each ended");
    }
}
