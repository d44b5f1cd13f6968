//! The token of a link to set a new password. RULE: AC-08

use domain::{Claim, EntityKey, Instant, User};

use crate::{Env, Fields, MacError, Token};

/// What a caller claims to hold.
#[derive(Clone)]
pub struct ResetToken(Token);

impl ResetToken {
    /// The token in `token`.
    pub fn read(fields: &mut Fields) -> Option<Self> {
        Token::read(fields, "token", "The token of the mail's link, which stands behind its `#`.").map(Self)
    }

    /// The token of the link that is open, for the mail that carries it.
    pub async fn derive(env: &Env, user: &User, now: Instant) -> Result<Option<String>, MacError> {
        let Some(open) = user.open_reset(now) else { return Ok(None) };
        Token::derive(env, &open.claim(user)).await.map(Some)
    }

    /// Whether it is the token of this claim.
    pub async fn is_of(&self, env: &Env, claim: &Claim) -> Result<bool, MacError> {
        self.0.is_of(env, claim).await
    }

    /// Where the claimed user stands.
    pub const fn user_key(&self) -> EntityKey {
        self.0.user_key()
    }

    /// Where the claimed account stands.
    pub const fn account_key(&self) -> EntityKey {
        self.0.account_key()
    }
}
