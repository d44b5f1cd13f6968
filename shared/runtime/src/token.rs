//! The invitation token: account, user, the invitation's nonce, and a MAC over all that it is bound to.

use domain::{Account, AccountId, EntityKey, Invitation, Nonce, Refusal, User, UserId};
use store::{Loaded, Wants};
use subtle::ConstantTimeEq;

use crate::credential::{decode_words, encode_word, halves, joined};
use crate::{Call, Env, Failure, Fields, Loads, MacError, Shape};

/// The setting that names the key of invitations.
pub const INVITATIONS_KEY: &str = "INVITATIONS_KEY_ID";
/// The key's version, so that a later key can tell its own tokens.
const VERSION: char = '1';

/// What a caller claims to hold.
#[derive(Clone)]
pub struct InvitationToken {
    account_id: AccountId,
    user_id: UserId,
    nonce: Nonce,
    mac: [u8; 32],
}

impl InvitationToken {
    /// The token in `token`.
    pub fn read(fields: &mut Fields) -> Option<Self> {
        let shape = Shape::opaque("The token of an invitation's link, which stands behind its `#`.");
        fields.required("token", shape, |text| Ok(Self::parse(text)))
    }

    /// Reads a token. Whatever is none becomes one of nobody: it is looked up and refused as any other is,
    /// so that neither the answer nor the effort tells them apart. RULE: IN-13
    fn parse(text: &str) -> Self {
        let words = text.strip_prefix(VERSION).and_then(decode_words::<5>);
        let [account, user, nonce, high, low] = words.unwrap_or_default();
        Self {
            account_id: AccountId::from_bits(account),
            user_id: UserId::from_bits(user),
            nonce: Nonce::new(nonce),
            mac: joined(high, low),
        }
    }

    /// The token of a pending user's invitation, for the mail that carries it. RULE: IN-12
    pub async fn derive(env: &Env, user: &User) -> Result<Option<String>, MacError> {
        let Some(nonce) = &user.invitation.nonce else { return Ok(None) };
        let claim = Invitation::claim(user.account_id, user.id, nonce, &user.email);
        let mac = env.mac(INVITATIONS_KEY, &claim).await?;
        let (high, low) = halves(mac);
        let words = [user.account_id.bits(), user.id.bits(), nonce.bits(), high, low];
        Ok(Some(words.iter().fold(VERSION.to_string(), |token, word| token + &encode_word(*word))))
    }

    /// Where the claimed user stands.
    pub const fn user_key(&self) -> EntityKey {
        EntityKey::User(self.account_id, self.user_id)
    }

    /// Where the claimed account stands.
    pub const fn account_key(&self) -> EntityKey {
        EntityKey::Account(self.account_id)
    }

    /// Whether the token is this user's. The nonce is compared first, so that garbage never reaches KMS.
    async fn is_of(&self, env: &Env, user: &User) -> Result<bool, MacError> {
        if user.invitation.nonce.as_ref() != Some(&self.nonce) {
            return Ok(false);
        }
        let claim = Invitation::claim(self.account_id, self.user_id, &self.nonce, &user.email);
        Ok(env.mac(INVITATIONS_KEY, &claim).await?.ct_eq(&self.mac).into())
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
        if user.invitation.is_expired(call.moment.now) {
            return Err(Refusal::InvitationExpired.into());
        }
        Ok(Self { account, user })
    }
}
