//! Passkeys: a relying party that keeps nothing between the two halves of a ceremony.
//!
//! The caller makes the challenge, 32 bytes that it knows again when the answer comes, and hands the same bytes to
//! both halves. JSON goes to the browser as `parseCreationOptionsFromJSON` and `parseRequestOptionsFromJSON` take
//! it; the answer comes back as `credential.toJSON()` makes it. Why this library: `infra/decisions/0016`.

mod assertion;
mod base64url;
mod claims;
mod error;
mod flags;
mod key;
mod parts;
mod registration;

#[cfg(test)]
mod tests;

pub use assertion::Verified;
pub use claims::Claims;
pub use error::Error;
pub use parts::{Challenge, CredentialId, Discoverable, Transport, UserHandle, UserVerification};
pub use registration::{NewPasskey, Registered};

use passki::Passki;
use serde_json::Value;

/// How long a browser lets somebody look for their authenticator: what the specification recommends at least.
pub(crate) const TIMEOUT_MILLISECONDS: u64 = 300_000;

/// Who passkeys are made for, and where they may be used.
pub struct RelyingParty {
    library: Passki,
}

impl RelyingParty {
    /// The relying party of this id (a domain), of pages of this one origin (`https://...`, no slash at the end),
    /// under this name. Pages that stand in a frame of another origin are refused.
    pub fn new(id: &str, origin: &str, name: &str) -> Self {
        Self { library: Passki::new(id, &[origin], name) }
    }
}

/// That the answer is of the one type of credential that there is. The library takes any.
pub(crate) fn is_public_key(answer: &Value) -> Result<(), Error> {
    if answer["type"] == "public-key" { Ok(()) } else { Err(Error::Type) }
}
