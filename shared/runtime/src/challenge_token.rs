//! The token of a challenge, for whoever has given the password.

use domain::{Challenge, EntityKey};

use crate::{Env, Fields, MacError, Token};

/// What a caller claims to hold.
#[derive(Clone)]
pub struct ChallengeToken(Token);

impl ChallengeToken {
    /// The token in `challenge`.
    pub fn read(fields: &mut Fields) -> Option<Self> {
        Token::read(fields, "challenge", "What the sign-in was answered.").map(Self)
    }

    /// The token of this challenge, and what a passkey has to sign to meet it.
    pub async fn derive(env: &Env, challenge: &Challenge) -> Result<(String, webauthn::Challenge), MacError> {
        let token = Token::derive(env, &challenge.claim()).await?;
        let to_sign = Token::parse(&token).to_sign();
        Ok((token, to_sign))
    }

    /// Whether it is the token of this challenge.
    pub async fn is_of(&self, env: &Env, challenge: &Challenge) -> Result<bool, MacError> {
        self.0.is_of(env, &challenge.claim()).await
    }

    /// What a passkey has to sign to meet it.
    pub const fn to_sign(&self) -> webauthn::Challenge {
        self.0.to_sign()
    }

    /// Where the claimed challenge stands.
    pub fn challenge_key(&self) -> EntityKey {
        self.0.challenge_key()
    }

    /// Where the claimed user stands.
    pub const fn user_key(&self) -> EntityKey {
        self.0.user_key()
    }

    /// Where the claimed account stands.
    pub const fn account_key(&self) -> EntityKey {
        self.0.account_key()
    }

    /// All that is to be read to judge it and the code that comes with it.
    pub fn keys(&self) -> [EntityKey; 4] {
        [self.account_key(), self.user_key(), self.challenge_key(), self.0.factors_key()]
    }
}
