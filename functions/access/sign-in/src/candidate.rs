//! Who signs in with an address, found without telling whether there is anybody.

use domain::{Challenge, Factors, User};
use runtime::{
    Call, ChallengeToken, Failure, Guesses, Loaded, Loads, MeantUser, Wants, factors, want_factors,
};
use serde_json::{Map, Value};

use crate::SignIn;

/// The user meant, if there is one, and whether the password is theirs.
pub struct Candidate {
    pub(crate) user: Option<User>,
    pub(crate) epoch: u64,
    pub(crate) is_right: bool,
    pub(crate) guesses: Guesses,
    /// What is waited for where the password is right.
    pub(crate) waiting: Option<Waiting>,
}

/// A second factor is waited for.
pub(crate) struct Waiting {
    pub(crate) challenge: Challenge,
    pub(crate) token: String,
    pub(crate) factors: Factors,
    pub(crate) passkey_options: Option<Map<String, Value>>,
}

impl Loads<SignIn> for Candidate {
    fn wants(sign_in: &SignIn, call: &Call<'_>, wants: &mut Wants) {
        Guesses::want(&sign_in.email.key(), call, wants);
        MeantUser::want(&sign_in.email, sign_in.account_id, wants);
    }

    async fn take(sign_in: &SignIn, call: &Call<'_>, loaded: &mut Loaded) -> Result<Self, Failure> {
        let guesses = Guesses::take(&sign_in.email.key(), call, loaded)?;
        let MeantUser(user) =
            MeantUser::load_with(&sign_in.email, sign_in.account_id, want_factors, call, loaded).await?;
        let epoch = user.as_ref().map_or(0, |user| call.first_epoch(user));
        let hash = user.as_ref().and_then(|user| user.password_hash.as_deref());
        let is_right = call.verify_password(&sign_in.password, hash).await.map_err(Failure::Fault)?;
        let waiting = match user.as_ref().filter(|user| is_right && user.mfa_enabled) {
            None => None,
            Some(user) => {
                let nonce = call.moment.fresh.nonce.clone();
                let challenge = Challenge::new(nonce, user, epoch, sign_in.handover, call.moment.now);
                let factors = factors(loaded, user.account_id, user.id)?;
                let (token, to_sign) = ChallengeToken::derive(call.env, &challenge).await?;
                let has_passkey = !factors.passkeys.is_empty();
                let options = has_passkey.then(|| call.env.passkey_request(&to_sign, &factors));
                Some(Waiting { challenge, token, factors, passkey_options: options.transpose()? })
            }
        };
        Ok(Self { user, epoch, is_right, guesses, waiting })
    }
}
