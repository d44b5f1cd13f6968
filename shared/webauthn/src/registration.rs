//! A passkey is made.

use passki::{
    Passki, RegistrationChallenge, RegistrationCredential, RegistrationOptions, RegistrationState,
    StoredPasskey,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    Challenge, CredentialId, Discoverable, Error, RelyingParty, TIMEOUT_MILLISECONDS, Transport, UserHandle,
    UserVerification, Verified, base64url, flags, is_public_key, key,
};

/// Who is meant while an answer is checked: nobody, for the library looks at no user there.
const NOBODY: [u8; 16] = [0; 16];

/// What a passkey is to be made of.
#[derive(Clone, Copy, Debug)]
pub struct NewPasskey<'a> {
    /// What the authenticator is to keep of the user.
    pub user_handle: &'a UserHandle,
    /// What the authenticator shows to tell accounts apart, such as the address.
    pub user_name: &'a str,
    /// What the authenticator shows as a name.
    pub display_name: &'a str,
    /// What the user has already: an authenticator that holds one of these makes no second.
    pub exclude: &'a [Registered],
    /// Whether it is to be found without naming a user first.
    pub discoverable: Discoverable,
    /// Whether the holder has to be verified.
    pub user_verification: UserVerification,
}

/// A passkey, as it is to be kept: in JSON some 300 bytes for the usual key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registered {
    credential_id: CredentialId,
    /// As COSE writes it, so that any library can go on with it.
    #[serde(with = "base64url")]
    public_key: Vec<u8>,
    algorithm: i32,
    sign_count: u32,
    #[serde(default)]
    user_verified: bool,
    backup_eligible: bool,
    backed_up: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    transports: Vec<Transport>,
}

impl Registered {
    /// What the authenticator calls it.
    pub const fn credential_id(&self) -> &CredentialId {
        &self.credential_id
    }

    /// How often the authenticator says that it signed; 0 if it does not count.
    pub const fn sign_count(&self) -> u32 {
        self.sign_count
    }

    /// Whether its holder was verified when it was made. One whose holder was not may not stand alone: whoever finds it
    /// could set a PIN of their own, and be verified by that.
    pub const fn user_verified(&self) -> bool {
        self.user_verified
    }

    /// Whether it can be on more than one device.
    pub const fn backup_eligible(&self) -> bool {
        self.backup_eligible
    }

    /// Whether it was backed up when it was last seen.
    pub const fn backed_up(&self) -> bool {
        self.backed_up
    }

    /// How a browser reaches it.
    pub fn transports(&self) -> &[Transport] {
        &self.transports
    }

    /// As it is to be kept after this use.
    pub fn after(self, use_: &Verified) -> Self {
        Self { sign_count: use_.sign_count, backed_up: use_.backed_up, ..self }
    }

    fn of(passkey: StoredPasskey, flags: u8) -> Result<Self, Error> {
        key::check(passkey.algorithm, &passkey.public_key)?;
        Ok(Self {
            credential_id: passkey.credential_id.try_into()?,
            public_key: passkey.public_key,
            algorithm: passkey.algorithm,
            sign_count: passkey.counter,
            user_verified: flags & flags::USER_VERIFIED != 0,
            backup_eligible: passkey.be,
            backed_up: passkey.bs,
            transports: passkey.transports.into_iter().map(Into::into).collect(),
        })
    }

    /// As the library has it.
    pub(crate) fn passkey(&self) -> StoredPasskey {
        let mut passkey = StoredPasskey::default();
        passkey.credential_id = self.credential_id.as_bytes().to_vec();
        passkey.public_key.clone_from(&self.public_key);
        passkey.algorithm = self.algorithm;
        passkey.counter = self.sign_count;
        passkey.be = self.backup_eligible;
        passkey.bs = self.backed_up;
        passkey.transports = self.transports.iter().copied().map(Into::into).collect();
        passkey
    }
}

impl RelyingParty {
    /// What the browser makes a passkey of: `PublicKeyCredentialCreationOptionsJSON`.
    pub fn creation_options(&self, challenge: &Challenge, passkey: &NewPasskey<'_>) -> Result<Value, Error> {
        let (mut options, _) = self.creation(passkey)?;
        options.challenge = Passki::base64_encode(challenge.as_bytes());
        options.pub_key_cred_params.retain(|offered| key::ALGORITHMS.contains(&offered.alg));
        Ok(serde_json::to_value(&options)?)
    }

    /// The passkey that the browser made for this challenge. The verification is the one that was asked for.
    ///
    /// Whoever keeps it makes sure that nobody has one of this credential id yet.
    pub fn finish_creation(
        &self,
        challenge: &Challenge,
        answer: &Value,
        user_verification: UserVerification,
    ) -> Result<Registered, Error> {
        is_public_key(answer)?;
        let answer = RegistrationCredential::deserialize(answer)?;
        let (_, mut state) = self.creation(&NewPasskey {
            user_handle: &NOBODY.to_vec().try_into()?,
            user_name: "",
            display_name: "",
            exclude: &[],
            discoverable: Discoverable::Discouraged,
            user_verification,
        })?;
        state.challenge = challenge.as_bytes().to_vec();
        let passkey = self.library.finish_passkey_registration(&answer, &state)?;
        let data = authenticator_data(&base64url::decode(&answer.response.attestation_object)?)?;
        Registered::of(passkey, flags::of(&data))
    }

    /// The library's two halves, of a challenge that the library made and that is put aside.
    fn creation(
        &self,
        passkey: &NewPasskey<'_>,
    ) -> Result<(RegistrationChallenge, RegistrationState), Error> {
        let exclude: Vec<_> = passkey.exclude.iter().map(Registered::passkey).collect();
        let mut options = RegistrationOptions::default();
        options.timeout = TIMEOUT_MILLISECONDS;
        options.resident_key = passkey.discoverable.into();
        options.user_verification = passkey.user_verification.into();
        options.exclude_credentials = Some(&exclude);
        let user = passkey.user_handle.as_bytes();
        let halves = self.library.start_passkey_registration(
            user,
            passkey.user_name,
            passkey.display_name,
            options,
        )?;
        Ok(halves)
    }
}

/// What the authenticator said, of the statement about it that the library has taken.
fn authenticator_data(statement: &[u8]) -> Result<Vec<u8>, Error> {
    #[derive(Deserialize)]
    struct Statement {
        #[serde(rename = "authData")]
        data: ciborium::Value,
    }
    let malformed = || Error::Malformed("no authData".to_owned());
    let statement: Statement = ciborium::from_reader(statement).map_err(|_| malformed())?;
    statement.data.into_bytes().map_err(|_| malformed())
}
