//! What is the caller's own: their second factors, their sessions, and whether a password is theirs.

use domain::{EntityKey, Factors, Refusal, Session, User};
use store::{Collection, Loaded, Wants};

use crate::{Call, Failure, Guesses, Loads, factors, want_factors};

/// The caller's second factors.
pub struct OwnFactors(pub Factors);

impl<O: Sync> Loads<O> for OwnFactors {
    fn wants(_: &O, call: &Call<'_>, wants: &mut Wants) {
        if let Some(caller_id) = call.caller_id {
            want_factors(wants, call.account_id, caller_id);
        }
    }

    async fn take(_: &O, call: &Call<'_>, loaded: &mut Loaded) -> Result<Self, Failure> {
        let caller_id = call.caller_id.ok_or(Refusal::Unauthenticated)?;
        Ok(Self(factors(loaded, call.account_id, caller_id)?))
    }
}

/// The caller's sessions that were not tidied away yet, live or not, the newest first.
pub struct OwnSessions(pub Vec<Session>);

impl<O: Sync> Loads<O> for OwnSessions {
    fn wants(_: &O, call: &Call<'_>, wants: &mut Wants) {
        if let Some(caller_id) = call.caller_id {
            wants.collection(Collection::Sessions(call.account_id, caller_id));
        }
    }

    async fn take(_: &O, call: &Call<'_>, loaded: &mut Loaded) -> Result<Self, Failure> {
        let caller_id = call.caller_id.ok_or(Refusal::Unauthenticated)?;
        Ok(Self(loaded.all(&Collection::Sessions(call.account_id, caller_id))?))
    }
}

/// Whether a password is the caller's, and what was guessed at it. RULE: AC-03
pub struct OwnPassword {
    /// What was counted of their address.
    pub guesses: Guesses,
    /// Whether it is theirs.
    pub is_right: bool,
}

impl OwnPassword {
    /// Holds it against the caller's: a step more, since their address is known only now.
    pub async fn check(password: &str, call: &Call<'_>, loaded: &mut Loaded) -> Result<Self, Failure> {
        let user = call.caller(loaded)?;
        let guesses = Guesses::load(&user.email.key(), call, loaded).await?;
        let is_right = call.verify_password(password, user.password_hash.as_deref()).await;
        Ok(Self { guesses, is_right: is_right.map_err(Failure::Fault)? })
    }
}

impl Call<'_> {
    /// The caller, as they were read with their credential.
    pub fn caller(&self, loaded: &Loaded) -> Result<User, Failure> {
        let caller_id = self.caller_id.ok_or(Refusal::Unauthenticated)?;
        let user = loaded.get(&EntityKey::User(self.account_id, caller_id))?;
        user.ok_or_else(|| Refusal::Unauthenticated.into())
    }
}
