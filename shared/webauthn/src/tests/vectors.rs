//! The test vectors of the specification, which no code here had a part in.
//!
//! `vectors.json` includes material copied from or derived from Web Authentication: An API for accessing Public Key
//! Credentials, Level 3, section 16, <https://www.w3.org/TR/webauthn-3/#sctn-test-vectors>.
//! Copyright (c) 2026 World Wide Web Consortium, <https://www.w3.org/copyright/document-license/>.

use serde_json::Value;

use crate::base64url::decode;
use crate::{Challenge, Error, Registered, RelyingParty, UserVerification, Verified};

struct Vector(Value);

impl Vector {
    fn named(name: &str) -> Self {
        let all: Vec<Value> = serde_json::from_str(include_str!("vectors.json")).unwrap();
        Self(all.into_iter().find(|vector| vector["name"] == name).unwrap())
    }

    fn challenge(&self, half: &str) -> Challenge {
        Challenge::read(&decode(self.0[half]["challenge"].as_str().unwrap()).unwrap()).unwrap()
    }

    fn create(&self) -> Result<Registered, Error> {
        let (challenge, answer) = (self.challenge("creation"), &self.0["creation"]["answer"]);
        relying_party().finish_creation(&challenge, answer, UserVerification::Preferred)
    }

    fn use_(&self, registered: &Registered) -> Result<Verified, Error> {
        let (challenge, answer) = (self.challenge("request"), &self.0["request"]["answer"]);
        relying_party().finish_request(&challenge, answer, registered, UserVerification::Preferred)
    }
}

fn relying_party() -> RelyingParty {
    RelyingParty::new("example.org", "https://example.org", "Example")
}

#[test]
fn what_the_specification_holds_for_right_is_taken() {
    for name in
        ["none-es256", "packed-self-es256", "none-es256-long-credential-id", "packed-rs256", "packed-eddsa"]
    {
        let vector = Vector::named(name);
        let registered = vector.create().unwrap_or_else(|error| panic!("{name}: {error}"));
        vector.use_(&registered).unwrap_or_else(|error| panic!("{name}: {error}"));
    }
}

#[test]
fn what_is_not_offered_here_is_refused() {
    for name in ["none-es256-crossOrigin", "none-es256-topOrigin"] {
        assert_eq!(Vector::named(name).create(), Err(Error::Framed), "{name}");
    }
    assert_eq!(Vector::named("packed-es384").create(), Err(Error::Key));
    assert!(matches!(Vector::named("apple-es256").create(), Err(Error::Attestation(_))));
}

#[test]
fn the_key_of_one_vector_does_not_open_another() {
    let (one, other) = (Vector::named("none-es256"), Vector::named("packed-self-es256"));
    assert_eq!(other.use_(&one.create().unwrap()), Err(Error::OtherCredential));
}
