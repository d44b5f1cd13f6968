//! What ceremonies speak of.

use std::fmt::{self, Display};

use passki::{AuthenticatorTransport, ResidentKeyRequirement, UserVerificationRequirement};
use serde::{Deserialize, Serialize};

use crate::{Error, base64url};

/// The 32 bytes of which an answer must speak. The caller makes them, and must be able to tell that it did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Challenge([u8; Self::BYTES]);

impl Challenge {
    /// How many bytes a challenge has.
    pub const BYTES: usize = 32;

    /// These bytes as a challenge.
    pub const fn new(bytes: [u8; Self::BYTES]) -> Self {
        Self(bytes)
    }

    /// The bytes.
    pub const fn as_bytes(&self) -> &[u8; Self::BYTES] {
        &self.0
    }

    pub(crate) fn read(bytes: &[u8]) -> Result<Self, Error> {
        bytes.try_into().map(Self).map_err(|_| Error::Challenge)
    }
}

/// What an authenticator calls a passkey: 1 to 1023 bytes, in text base64url.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CredentialId(Vec<u8>);

impl CredentialId {
    const BYTES_MAX: usize = 1023;

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl TryFrom<Vec<u8>> for CredentialId {
    type Error = Error;

    fn try_from(bytes: Vec<u8>) -> Result<Self, Error> {
        if bytes.is_empty() || bytes.len() > Self::BYTES_MAX {
            return Err(Error::Malformed(format!("a credential id of {} bytes", bytes.len())));
        }
        Ok(Self(bytes))
    }
}

impl TryFrom<String> for CredentialId {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        base64url::decode(&text)?.try_into()
    }
}

impl From<CredentialId> for String {
    fn from(id: CredentialId) -> Self {
        id.to_string()
    }
}

impl Display for CredentialId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&base64url::encode(&self.0))
    }
}

/// What an authenticator keeps of a user to tell them by: 16 to 64 bytes, the same for every passkey of theirs,
/// and nothing that says who they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserHandle(Vec<u8>);

impl UserHandle {
    const BYTES_MIN: usize = 16;
    const BYTES_MAX: usize = 64;

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The handle of an answer. Authenticators that keep none send nothing, or nothing between quotes.
    pub(crate) fn read(bytes: Option<Vec<u8>>) -> Result<Option<Self>, Error> {
        bytes.filter(|bytes| !bytes.is_empty()).map(Self::try_from).transpose()
    }
}

impl TryFrom<Vec<u8>> for UserHandle {
    type Error = Error;

    fn try_from(bytes: Vec<u8>) -> Result<Self, Error> {
        if !(Self::BYTES_MIN..=Self::BYTES_MAX).contains(&bytes.len()) {
            return Err(Error::Malformed(format!("a user handle of {} bytes", bytes.len())));
        }
        Ok(Self(bytes))
    }
}

/// Whether the authenticator has to have asked its holder for a PIN, a finger or a face.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserVerification {
    /// An answer without it is refused: for sign-in without a password.
    Required,
    /// It is asked for, and an answer without it is taken.
    Preferred,
    /// It is not asked for: for a second factor beside a password.
    Discouraged,
}

impl From<UserVerification> for UserVerificationRequirement {
    fn from(verification: UserVerification) -> Self {
        match verification {
            UserVerification::Required => Self::Required,
            UserVerification::Preferred => Self::Preferred,
            UserVerification::Discouraged => Self::Discouraged,
        }
    }
}

/// Whether the authenticator keeps the passkey so that it is found without naming a user first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Discoverable {
    /// Without that, none is made: for sign-in without a password.
    Required,
    /// If there is room.
    Preferred,
    /// No room is to be taken for it: for a second factor.
    Discouraged,
}

impl From<Discoverable> for ResidentKeyRequirement {
    fn from(discoverable: Discoverable) -> Self {
        match discoverable {
            Discoverable::Required => Self::Required,
            Discoverable::Preferred => Self::Preferred,
            Discoverable::Discouraged => Self::Discouraged,
        }
    }
}

/// How a browser reaches an authenticator. A hint; nothing rests on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Transport {
    /// Plugged in.
    Usb,
    /// Held close.
    Nfc,
    /// By Bluetooth.
    Ble,
    /// A smart card.
    SmartCard,
    /// A phone beside the computer.
    Hybrid,
    /// Part of the device.
    Internal,
}

impl From<AuthenticatorTransport> for Transport {
    fn from(transport: AuthenticatorTransport) -> Self {
        match transport {
            AuthenticatorTransport::Usb => Self::Usb,
            AuthenticatorTransport::Nfc => Self::Nfc,
            AuthenticatorTransport::Ble => Self::Ble,
            AuthenticatorTransport::SmartCard => Self::SmartCard,
            AuthenticatorTransport::Hybrid => Self::Hybrid,
            AuthenticatorTransport::Internal => Self::Internal,
        }
    }
}

impl From<Transport> for AuthenticatorTransport {
    fn from(transport: Transport) -> Self {
        match transport {
            Transport::Usb => Self::Usb,
            Transport::Nfc => Self::Nfc,
            Transport::Ble => Self::Ble,
            Transport::SmartCard => Self::SmartCard,
            Transport::Hybrid => Self::Hybrid,
            Transport::Internal => Self::Internal,
        }
    }
}
