//! A passkey is used.

use passki::{
    AuthenticationChallenge, AuthenticationCredential, AuthenticationOptions, AuthenticationResult,
    AuthenticationState, Passki, PasskiError,
};
use serde::Deserialize;
use serde_json::Value;

use crate::{
    Challenge, Error, Registered, RelyingParty, TIMEOUT_MILLISECONDS, UserHandle, UserVerification,
    base64url, flags, is_public_key,
};

/// A use of a passkey that was proven.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// The user that the authenticator keeps it for, if it says so. This is not signed: whoever signs somebody in by
    /// it holds it against the owner of the passkey.
    pub user_handle: Option<UserHandle>,
    /// How often the authenticator says that it signed.
    pub sign_count: u32,
    /// Whether the holder was verified, asked for or not.
    pub user_verified: bool,
    /// Whether the passkey is on more than one device now.
    pub backed_up: bool,
}

impl RelyingParty {
    /// What the browser finds a passkey by: `PublicKeyCredentialRequestOptionsJSON`. Where none is named, any
    /// discoverable one will do.
    pub fn request_options(
        &self,
        challenge: &Challenge,
        allow: &[Registered],
        user_verification: UserVerification,
    ) -> Result<Value, Error> {
        let (mut options, _) = self.request(allow, user_verification)?;
        options.challenge = Passki::base64_encode(challenge.as_bytes());
        Ok(serde_json::to_value(&options)?)
    }

    /// That this passkey was used for this challenge. The verification is the one that was asked for. Whether the passkey
    /// may stand alone is for the caller to say, see [`Registered::user_verified`].
    pub fn finish_request(
        &self,
        challenge: &Challenge,
        answer: &Value,
        registered: &Registered,
        user_verification: UserVerification,
    ) -> Result<Verified, Error> {
        is_public_key(answer)?;
        let answer = AuthenticationCredential::deserialize(answer)?;
        let (_, mut state) = self.request(std::slice::from_ref(registered), user_verification)?;
        state.challenge = challenge.as_bytes().to_vec();
        let result = self.prove(&answer, &state, registered)?;
        // What the library has just found signed.
        let said = flags::of(&base64url::decode(&answer.response.authenticator_data)?);
        if (said & flags::BACKUP_ELIGIBLE != 0) != registered.backup_eligible() {
            return Err(Error::BackupFlags);
        }
        Ok(Verified {
            user_handle: UserHandle::read(result.user_handle)?,
            sign_count: result.counter,
            user_verified: said & flags::USER_VERIFIED != 0,
            backed_up: said & flags::BACKED_UP != 0,
        })
    }

    /// The library looks at the counter before the signature. A counter that went back is news of a copied key only
    /// if the key signed it, so then the rest is looked at too.
    fn prove(
        &self,
        answer: &AuthenticationCredential,
        state: &AuthenticationState,
        registered: &Registered,
    ) -> Result<AuthenticationResult, Error> {
        let mut passkey = registered.passkey();
        match self.library.finish_passkey_authentication(answer, state, &passkey) {
            Err(PasskiError::CounterRegression) => {
                passkey.counter = 0;
                self.library.finish_passkey_authentication(answer, state, &passkey)?;
                Err(Error::Counter { stored: registered.sign_count() })
            }
            proven => Ok(proven?),
        }
    }

    /// The library's two halves, of a challenge that the library made and that is put aside.
    fn request(
        &self,
        allow: &[Registered],
        user_verification: UserVerification,
    ) -> Result<(AuthenticationChallenge, AuthenticationState), Error> {
        let allow: Vec<_> = allow.iter().map(Registered::passkey).collect();
        let mut options = AuthenticationOptions::default();
        options.timeout = TIMEOUT_MILLISECONDS;
        options.user_verification = user_verification.into();
        Ok(self.library.start_passkey_authentication(&allow, options)?)
    }
}
