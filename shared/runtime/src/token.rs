//! The tokens that are mailed or handed out for one purpose: the version of a key, then account, user, a nonce, and a MAC
//! under that key over all that the token is bound to.
//!
//! The table holds nonces only. Each kind of token has a claim of its own and stands on this one.

use domain::{AccountId, Claim, EntityKey, KeyVersion, Nonce, UserId};
use subtle::ConstantTimeEq;

use crate::credential::{decode_words, encode_word, halves, joined};
use crate::{Env, Fields, MacError, Shape, TOKENS_KEYS};

/// Account, user, nonce, and the MAC's two halves.
const WORDS: usize = 5;

/// What a caller claims to hold.
#[derive(Clone)]
pub struct Token {
    /// None where it is nobody's.
    version: Option<KeyVersion>,
    account_id: AccountId,
    user_id: UserId,
    nonce: Nonce,
    mac: [u8; 32],
}

impl Token {
    /// The token in this field.
    pub fn read(fields: &mut Fields, name: &'static str, about: &'static str) -> Option<Self> {
        fields.required(name, Shape::opaque(about), |text| Ok(Self::parse(text)))
    }

    /// The token in this field, which may be missing.
    pub fn read_optional(
        fields: &mut Fields,
        name: &'static str,
        about: &'static str,
    ) -> Option<Option<Self>> {
        fields.optional(name, Shape::opaque(about), |text| Ok(Self::parse(text)))
    }

    /// Reads a token. Whatever is none becomes one of nobody: it is looked up and refused as any other is,
    /// so that neither the answer nor the effort tells them apart. RULE: IN-13
    pub fn parse(text: &str) -> Self {
        let read = read(text);
        let [account, user, nonce, high, low] = read.map_or_else(Default::default, |(_, words)| words);
        Self {
            version: read.map(|(version, _)| version),
            account_id: AccountId::from_bits(account),
            user_id: UserId::from_bits(user),
            nonce: Nonce::new(nonce),
            mac: joined(high, low),
        }
    }

    /// The token of this claim, made under the current key.
    pub async fn derive(env: &Env, claim: &Claim) -> Result<String, MacError> {
        let version = env.current_key(TOKENS_KEYS)?;
        let mac = env.mac(TOKENS_KEYS, version, claim.bytes()).await?;
        let mac = mac.ok_or_else(|| MacError::Refused("the current key of tokens is disabled".into()))?;
        let (high, low) = halves(mac);
        let words = [claim.account_id.bits(), claim.user_id.bits(), claim.nonce.bits(), high, low];
        Ok(words.iter().fold(version.to_char().to_string(), |token, word| token + &encode_word(*word)))
    }

    /// Whether it is the token of this claim. All but the MAC is compared first, so that garbage never reaches KMS; nor does
    /// what was made under a key that is not used any more. RULE: AC-09
    pub async fn is_of(&self, env: &Env, claim: &Claim) -> Result<bool, MacError> {
        let named = (self.account_id, self.user_id, &self.nonce);
        let Some(version) = self.version.filter(|_| named == (claim.account_id, claim.user_id, &claim.nonce))
        else {
            return Ok(false);
        };
        let mac = env.mac(TOKENS_KEYS, version, claim.bytes()).await?;
        Ok(mac.is_some_and(|mac| mac.ct_eq(&self.mac).into()))
    }

    /// What a passkey has to sign for it. Nobody foresees it, and it is genuine where the token is.
    pub const fn to_sign(&self) -> webauthn::Challenge {
        webauthn::Challenge::new(self.mac)
    }

    /// The nonce that it names.
    pub const fn nonce(&self) -> &Nonce {
        &self.nonce
    }

    /// Where the challenge stands that it claims to be of.
    pub fn challenge_key(&self) -> EntityKey {
        EntityKey::Challenge(self.account_id, self.user_id, self.nonce.clone())
    }

    /// Where the second factors of the claimed user stand.
    pub const fn factors_key(&self) -> EntityKey {
        EntityKey::Factors(self.account_id, self.user_id)
    }

    /// Where the claimed user stands.
    pub const fn user_key(&self) -> EntityKey {
        EntityKey::User(self.account_id, self.user_id)
    }

    /// Where the claimed account stands.
    pub const fn account_key(&self) -> EntityKey {
        EntityKey::Account(self.account_id)
    }
}

/// The version and the words, where the text is of this form.
fn read(text: &str) -> Option<(KeyVersion, [u128; WORDS])> {
    let mut characters = text.chars();
    let version = KeyVersion::from_char(characters.next()?)?;
    Some((version, decode_words(characters.as_str())?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(version: char, words: [u128; WORDS]) -> String {
        words.iter().fold(version.to_string(), |token, word| token + &encode_word(*word))
    }

    // RULE: AC-09, IN-13
    #[test]
    fn a_token_names_the_version_of_its_key_and_what_is_no_token_is_one_of_nobody() {
        let genuine = text('2', [1, 2, 3, 4, 5]);
        let token = Token::parse(&genuine);
        assert_eq!(token.version.map(KeyVersion::number), Some(2));
        assert_eq!(token.user_key(), EntityKey::User(AccountId::from_bits(1), UserId::from_bits(2)));
        assert_eq!((token.nonce().bits(), halves(token.mac)), (3, (4, 5)));
        let bad = [
            String::new(),
            "2".to_owned(),
            genuine[1..].to_owned(),
            genuine[..genuine.len() - 1].to_owned(),
            format!("{genuine}0"),
            text('0', [1, 2, 3, 4, 5]),
            text('A', [1, 2, 3, 4, 5]),
            text('\u{1F511}', [1, 2, 3, 4, 5]),
        ];
        for bad in bad {
            let token = Token::parse(&bad);
            assert_eq!(token.version, None, "{bad}");
            assert_eq!(token.user_key(), EntityKey::User(AccountId::from_bits(0), UserId::from_bits(0)));
        }
    }
}
