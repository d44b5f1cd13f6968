//! Passkeys: what a browser is asked, and what its authenticator answers. RULE: AC-04

use domain::{AccountId, Factors, Passkey, PasskeyUse, Text, User, UserId};
use serde_json::{Map, Value};
use webauthn::{
    Challenge, Claims, Discoverable, Error, NewPasskey, Registered, RelyingParty, UserHandle,
    UserVerification,
};

use crate::fields::Problem;
use crate::{Call, Env, Failure, Fields, Shape};

/// The setting with the console's address, of whose pages passkeys are.
pub const CONSOLE_URL: &str = "CONSOLE_URL";

/// Where the passkey stands beside a password, or beside a session.
pub const SECOND_FACTOR: UserVerification = UserVerification::Discouraged;
/// Where it stands for all there is.
pub const SOLE_PROOF: UserVerification = UserVerification::Required;
/// Good for both, where the authenticator can.
const NEW: (Discoverable, UserVerification) = (Discoverable::Preferred, UserVerification::Preferred);

/// What authenticators show as the service's name.
const NAME: &str = "roster";
/// Account and user.
const HANDLE_BYTES: usize = 32;

/// A passkey's answer, as it was sent, and what it says of itself.
pub struct PasskeyAnswer {
    answer: Value,
    claims: Claims,
}

impl PasskeyAnswer {
    fn read(answer: &Value) -> Result<Self, Problem> {
        let claims = Claims::read(answer);
        let wrong = |_| ("invalid_answer", "Is no answer of a passkey, as `toJSON()` makes it.".into());
        Ok(Self { claims: claims.map_err(wrong)?, answer: answer.clone() })
    }

    /// Whose it says it is; nobody's, where it does not say.
    pub fn owner(&self) -> (AccountId, UserId) {
        let handle = self.claims.user_handle.as_ref().map(UserHandle::as_bytes);
        let halves = handle.and_then(|bytes| bytes.split_first_chunk());
        let (account, user) = match halves {
            Some((account, user)) => (*account, user.try_into().unwrap_or_default()),
            None => Default::default(),
        };
        (AccountId::from_bits(u128::from_be_bytes(account)), UserId::from_bits(u128::from_be_bytes(user)))
    }

    /// The passkey of these factors that it says it is of.
    pub fn passkey_of<'a>(&self, factors: &'a Factors) -> Option<&'a Passkey> {
        factors.passkey_called(&self.claims.credential_id)
    }
}

/// What an authenticator keeps of a user: nothing that says who they are.
fn handle(account_id: AccountId, user_id: UserId) -> Result<UserHandle, Error> {
    let mut bytes = Vec::with_capacity(HANDLE_BYTES);
    bytes.extend(account_id.bits().to_be_bytes());
    bytes.extend(user_id.bits().to_be_bytes());
    bytes.try_into()
}

impl Fields {
    /// A passkey's answer in `passkey`.
    pub fn passkey(&mut self) -> Option<PasskeyAnswer> {
        self.object("passkey", shape(), PasskeyAnswer::read)
    }

    /// The same, where it may be missing.
    pub fn optional_passkey(&mut self) -> Option<Option<PasskeyAnswer>> {
        self.optional_object("passkey", shape(), PasskeyAnswer::read)
    }
}

const fn shape() -> Shape<'static> {
    let about = "What the authenticator answered: `credential.toJSON()` of a PublicKeyCredential.";
    Shape::object(about, &["id", "rawId", "response", "type"])
}

impl Env {
    /// The console's pages, for which passkeys are made.
    fn relying_party(&self) -> Result<RelyingParty, Failure> {
        let url = self.setting(CONSOLE_URL).map_err(Failure::Fault)?;
        match site(url) {
            Some((origin, host)) => Ok(RelyingParty::new(host, origin, NAME)),
            None => Err(Failure::Fault(format!("{CONSOLE_URL} is no address: {url}").into())),
        }
    }

    /// What a browser makes a passkey of this user of.
    pub fn passkey_creation(
        &self,
        to_sign: &Challenge,
        user: &User,
        factors: &Factors,
    ) -> Result<Map<String, Value>, Failure> {
        let (discoverable, user_verification) = NEW;
        let passkey = NewPasskey {
            user_handle: &handle(user.account_id, user.id).map_err(fault)?,
            user_name: user.email.spelling(),
            display_name: &format!("{} {}", user.first_name.as_str(), user.last_name.as_str()),
            exclude: &factors.registered(),
            discoverable,
            user_verification,
        };
        members(self.relying_party()?.creation_options(to_sign, &passkey))
    }

    /// What a browser finds one of these passkeys by, as a second factor.
    pub fn passkey_request(
        &self,
        to_sign: &Challenge,
        factors: &Factors,
    ) -> Result<Map<String, Value>, Failure> {
        members(self.relying_party()?.request_options(to_sign, &factors.registered(), SECOND_FACTOR))
    }

    /// What a browser finds anybody's passkey by, without a password.
    pub fn passkey_sign_in(&self, to_sign: &Challenge) -> Result<Map<String, Value>, Failure> {
        members(self.relying_party()?.request_options(to_sign, &[], SOLE_PROOF))
    }
}

impl Call<'_> {
    /// The passkey that was made; none where the answer is not right.
    pub fn created_passkey(
        &self,
        answer: &PasskeyAnswer,
        to_sign: Challenge,
    ) -> Result<Option<Registered>, Failure> {
        let (_, verification) = NEW;
        let made = self.env.relying_party()?.finish_creation(&to_sign, &answer.answer, verification);
        Ok(self.noted(made))
    }

    /// Why an answer is not taken is for the log alone, without a word of the answer. RULE: AC-10
    fn noted<T>(&self, result: Result<T, Error>) -> Option<T> {
        let why = |error: &Error| match error {
            Error::Malformed(_) => "does not read".to_owned(),
            Error::Attestation(_) => "attestation".to_owned(),
            error => error.to_string(),
        };
        result.inspect_err(|error| self.memo.note(format!("a passkey's answer: {}", why(error)))).ok()
    }

    /// The use of one of these passkeys that an answer proves; none where it is not right.
    pub fn prove_passkey(
        &self,
        factors: &Factors,
        answer: &PasskeyAnswer,
        to_sign: Challenge,
        verification: UserVerification,
    ) -> Result<Option<PasskeyUse>, Failure> {
        let Some(passkey) = answer.passkey_of(factors) else {
            self.memo.note("a passkey's answer: of none of this user's".to_owned());
            return Ok(None);
        };
        let party = self.env.relying_party()?;
        let proven = party.finish_request(&to_sign, &answer.answer, &passkey.registered, verification);
        let Some(verified) = self.noted(proven) else { return Ok(None) };
        // An authenticator that says whose the passkey is has to say it right.
        let owner = handle(factors.account_id, factors.user_id).map_err(fault)?;
        if verified.user_handle.as_ref().is_some_and(|handle| *handle != owner) {
            self.memo.note("a passkey's answer: of another user's handle".to_owned());
            return Ok(None);
        }
        let registered = passkey.registered.clone().after(&verified);
        Ok(Some(PasskeyUse { id: passkey.id, registered, begun_at: None }))
    }
}

fn members(options: Result<Value, Error>) -> Result<Map<String, Value>, Failure> {
    match options.map_err(fault)? {
        Value::Object(members) => Ok(members),
        _ => Err(Failure::Fault("the options of a passkey are no object".into())),
    }
}

fn fault(error: Error) -> Failure {
    Failure::Fault(error.into())
}

/// The origin of an address, and its host.
pub(crate) fn site(url: &str) -> Option<(&str, &str)> {
    let host_at = url.find("://")? + "://".len();
    let end = url.get(host_at..)?.find('/').map_or(url.len(), |length| host_at + length);
    let (origin, authority) = (url.get(..end)?, url.get(host_at..end)?);
    let host = authority.split(':').next()?;
    (!host.is_empty()).then_some((origin, host))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::Host;

    #[test]
    fn passkeys_are_of_the_consoles_origin_and_host() {
        for (url, expected) in [
            ("https://team.example", Some(("https://team.example", "team.example"))),
            ("https://team.example/console/", Some(("https://team.example", "team.example"))),
            ("http://localhost:8700", Some(("http://localhost:8700", "localhost"))),
            ("https:///console", None),
            ("team.example", None),
            ("", None),
        ] {
            assert_eq!(site(url), expected, "{url}");
        }
    }

    #[test]
    fn what_needs_the_consoles_address_does_not_start_with_one_that_is_none() {
        let started = |url: &str| {
            let settings = ["AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "TABLE_NAME"];
            let none = settings.map(|name| (name.to_owned(), "none".to_owned()));
            let environment = none.into_iter().chain([(CONSOLE_URL.to_owned(), url.to_owned())]).collect();
            let host = Host { environment, clock: crate::Clock::default(), output: Arc::new(|_| ()) };
            Env::new("sign-in", &host, &[CONSOLE_URL]).map(|_| ()).map_err(|error| error.setting)
        };
        assert_eq!(started("https://team.example"), Ok(()));
        assert_eq!(started("team.example"), Err(CONSOLE_URL));
    }
}
