//! Who signs in with an address, found without telling whether there is anybody.

use domain::{Challenge, User};
use runtime::{Call, ChallengeToken, Failure, Guesses, Loaded, Loads, MeantUser, Wants};

use crate::SignIn;

/// The user meant, if there is one, and whether the password is theirs.
pub struct Candidate {
    pub(crate) user: Option<User>,
    pub(crate) epoch: u64,
    pub(crate) is_right: bool,
    pub(crate) guesses: Guesses,
    /// What still has to be met where the password is right, and its token.
    pub(crate) challenge: Option<(Challenge, String)>,
}

impl Loads<SignIn> for Candidate {
    fn wants(sign_in: &SignIn, call: &Call<'_>, wants: &mut Wants) {
        Guesses::want(&sign_in.email.key(), call, wants);
        MeantUser::want(&sign_in.email, sign_in.account_id, wants);
    }

    async fn take(sign_in: &SignIn, call: &Call<'_>, loaded: &mut Loaded) -> Result<Self, Failure> {
        let guesses = Guesses::take(&sign_in.email.key(), call, loaded)?;
        let MeantUser(user) = MeantUser::load(&sign_in.email, sign_in.account_id, call, loaded).await?;
        let epoch = user.as_ref().map_or(0, |user| call.first_epoch(user));
        let hash = user.as_ref().and_then(|user| user.password_hash.as_deref());
        let is_right = call.verify_password(&sign_in.password, hash).await.map_err(Failure::Fault)?;
        let challenge = match user.as_ref().filter(|user| is_right && user.mfa_enabled) {
            None => None,
            Some(user) => {
                let nonce = call.moment.fresh.nonce.clone();
                let challenge = Challenge::new(nonce, user, epoch, sign_in.handover, call.moment.now);
                let token = ChallengeToken::derive(call.env, &challenge).await?;
                Some((challenge, token))
            }
        };
        Ok(Self { user, epoch, is_right, guesses, challenge })
    }
}
