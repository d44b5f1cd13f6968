use passki::{ClientData, Passki};
use serde_json::Value;

use crate::{Challenge, CredentialId, Error, UserHandle, base64url};

/// What an answer says of itself, to find what to hold it against. Nothing of it is proven.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claims {
    /// The passkey that it says it is of.
    pub credential_id: CredentialId,
    /// The user that it says it is of, if it says so: only answers to requests do, and not all.
    pub user_handle: Option<UserHandle>,
    /// The challenge that it says it answers.
    pub challenge: Challenge,
}

impl Claims {
    /// Reads an answer of either ceremony.
    pub fn read(answer: &Value) -> Result<Self, Error> {
        let response = &answer["response"];
        let client_data = ClientData::from_base64(text(response, "clientDataJSON")?)?;
        let user_handle = response["userHandle"].as_str().map(base64url::decode).transpose()?;
        Ok(Self {
            credential_id: base64url::decode(text(answer, "rawId")?)?.try_into()?,
            user_handle: UserHandle::read(user_handle)?,
            challenge: Challenge::read(&Passki::base64_decode(&client_data.challenge)?)?,
        })
    }
}

fn text<'a>(object: &'a Value, name: &str) -> Result<&'a str, Error> {
    object[name].as_str().ok_or_else(|| Error::Malformed(format!("no {name}")))
}
