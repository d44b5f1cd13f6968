//! The token of an invitation, and who holds a genuine one.

use domain::{Account, EntityKey, Invitation, Refusal, Status, User};
use store::{Loaded, Wants};

use crate::{Call, Env, Failure, Fields, Loads, MacError, Token};

/// What a caller claims to hold.
#[derive(Clone)]
pub struct InvitationToken(Token);

impl InvitationToken {
    /// The token in `token`.
    pub fn read(fields: &mut Fields) -> Option<Self> {
        let about = "The token of an invitation's link, which stands behind its `#`.";
        Token::read(fields, "token", about).map(Self)
    }

    /// The token of a pending user's invitation, for the mail that carries it. RULE: IN-12
    pub async fn derive(env: &Env, user: &User) -> Result<Option<String>, MacError> {
        let Some(nonce) = &user.invitation.nonce else { return Ok(None) };
        let claim = Invitation::claim(user.account_id, user.id, nonce, &user.email);
        Token::derive(env, &claim).await.map(Some)
    }

    /// Where the claimed user stands.
    pub const fn user_key(&self) -> EntityKey {
        self.0.user_key()
    }

    /// Where the claimed account stands.
    pub const fn account_key(&self) -> EntityKey {
        self.0.account_key()
    }

    /// Whether the token is this user's.
    async fn is_of(&self, env: &Env, user: &User) -> Result<bool, MacError> {
        let Some(nonce) = &user.invitation.nonce else { return Ok(false) };
        let claim = Invitation::claim(user.account_id, user.id, nonce, &user.email);
        self.0.is_of(env, &claim).await
    }
}

/// An operation on an invitation, by its token.
pub trait OnInvitation: Sync {
    /// What the caller claims to hold.
    fn token(&self) -> &InvitationToken;
}

/// A pending user and their account, for a caller who holds the genuine token in time.
pub struct Invited {
    /// The account that invites.
    pub account: Account,
    /// The pending user.
    pub user: User,
}

/// RULE: IN-11, IN-12, IN-13
impl<O: OnInvitation> Loads<O> for Invited {
    fn refuses() -> Vec<&'static str> {
        vec!["invitation_invalid", "invitation_expired"]
    }

    fn wants(operation: &O, _: &Call<'_>, wants: &mut Wants) {
        wants.key(operation.token().account_key());
        wants.key(operation.token().user_key());
    }

    async fn take(operation: &O, call: &Call<'_>, loaded: &mut Loaded) -> Result<Self, Failure> {
        let token = operation.token();
        let user = loaded.get::<User>(&token.user_key())?;
        let account = loaded.get::<Account>(&token.account_key())?;
        let (Some(user), Some(account)) = (user, account.filter(Account::is_open)) else {
            return Err(Refusal::InvitationInvalid.into());
        };
        if !token.is_of(call.env, &user).await? {
            return Err(Refusal::InvitationInvalid.into());
        }
        if account.status_of(&user, call.moment.now) == Status::Expired {
            return Err(Refusal::InvitationExpired.into());
        }
        Ok(Self { account, user })
    }
}
