//! The token of a mailed link that a user can use once: to set a new password, or to answer a question. RULE: AC-08, AU-04

use domain::{Account, Claim, Instant, Refusal, User};
use store::{Loaded, Wants};

use crate::{Call, Env, Failure, Fields, MacError, Token};

/// Which link of a user is open at an instant, by what its token is a MAC of.
pub type OpenLink = fn(&User, Instant) -> Option<Claim>;

/// What a caller claims to hold.
#[derive(Clone)]
pub struct LinkToken(Token);

impl LinkToken {
    /// What an operation is refused with that takes one.
    pub const REFUSES: &'static str = "token_invalid";

    /// The token in `token`.
    pub fn read(fields: &mut Fields) -> Option<Self> {
        Token::read(fields, "token", "The token of the mail's link, which stands behind its `#`.").map(Self)
    }

    /// The token of the link that is open, for the mail that carries it.
    pub async fn derive(
        env: &Env,
        user: &User,
        open: OpenLink,
        now: Instant,
    ) -> Result<Option<String>, MacError> {
        let Some(claim) = open(user, now) else { return Ok(None) };
        Token::derive(env, &claim).await.map(Some)
    }

    /// Has the claimed user and account read.
    pub fn want(&self, wants: &mut Wants) {
        wants.key(self.0.account_key());
        wants.key(self.0.user_key());
    }

    /// Whose link it is, where it is genuine and open and their account is.
    ///
    /// # Errors
    ///
    /// [`Refusal::TokenInvalid`], whatever is wrong with it; and whatever fails on the way.
    pub async fn holder(
        &self,
        open: OpenLink,
        call: &Call<'_>,
        loaded: &mut Loaded,
    ) -> Result<User, Failure> {
        let user = loaded.get::<User>(&self.0.user_key())?;
        let account = loaded.get::<Account>(&self.0.account_key())?;
        let (Some(user), Some(_)) = (user, account.filter(Account::is_open)) else {
            return Err(Refusal::TokenInvalid.into());
        };
        let claim = open(&user, call.moment.now).ok_or(Refusal::TokenInvalid)?;
        if self.0.is_of(call.env, &claim).await? { Ok(user) } else { Err(Refusal::TokenInvalid.into()) }
    }
}
