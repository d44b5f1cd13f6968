mod assertion;
mod authenticator;
mod key;
mod registration;
mod vectors;

use serde_json::Value;

use crate::{
    Challenge, Discoverable, Error, NewPasskey, Registered, RelyingParty, UserHandle, UserVerification,
    Verified,
};
use authenticator::{Authenticator, Key, Scene};

pub(crate) const CHALLENGE: Challenge = Challenge::new([7; 32]);
const HANDLE: [u8; 16] = [3; 16];

/// Made anew for every half: nothing is carried from one to the other.
fn relying_party() -> RelyingParty {
    RelyingParty::new("roster.example", "https://roster.example", "roster")
}

fn handle() -> UserHandle {
    UserHandle::try_from(HANDLE.to_vec()).unwrap()
}

fn new_passkey<'a>(user_handle: &'a UserHandle, exclude: &'a [Registered]) -> NewPasskey<'a> {
    NewPasskey {
        user_handle,
        user_name: "ada@roster.example",
        display_name: "Ada",
        exclude,
        discoverable: Discoverable::Required,
        user_verification: UserVerification::Required,
    }
}

fn create(answer: &Value) -> Result<Registered, Error> {
    relying_party().finish_creation(&CHALLENGE, answer, UserVerification::Required)
}

fn use_(answer: &Value, registered: &Registered) -> Result<Verified, Error> {
    relying_party().finish_request(&CHALLENGE, answer, registered, UserVerification::Required)
}

fn registered(authenticator: &Authenticator) -> Registered {
    create(&authenticator.create(&Scene::default())).unwrap()
}

/// As it comes back from the table.
fn kept(registered: &Registered) -> Registered {
    serde_json::from_str(&serde_json::to_string(registered).unwrap()).unwrap()
}

fn es256() -> Authenticator {
    Authenticator::new(Key::es256(11), b"es256")
}

fn eddsa() -> Authenticator {
    Authenticator::new(Key::eddsa(12), b"eddsa")
}
