//! A browser and an authenticator in software, that do what a test asks them to, right or wrong.

use ed25519_dalek::Signer as _;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::HANDLE;
use crate::base64url::{decode, encode};

pub(super) const PRESENT: u8 = 0x01;
pub(super) const VERIFIED: u8 = 0x04;
pub(super) const BACKUP_ELIGIBLE: u8 = 0x08;
pub(super) const BACKED_UP: u8 = 0x10;
const HOLDS_CREDENTIAL: u8 = 0x40;

/// A key pair of an authenticator.
pub(super) enum Key {
    Es256(p256::ecdsa::SigningKey),
    EdDsa(ed25519_dalek::SigningKey),
}

impl Key {
    pub(super) fn es256(seed: u8) -> Self {
        Self::Es256(p256::ecdsa::SigningKey::from_slice(&[seed; 32]).unwrap())
    }

    pub(super) fn eddsa(seed: u8) -> Self {
        Self::EdDsa(ed25519_dalek::SigningKey::from_bytes(&[seed; 32]))
    }

    fn sign(&self, message: &[u8]) -> Vec<u8> {
        match self {
            Self::Es256(key) => {
                let signature: p256::ecdsa::Signature = key.sign(message);
                signature.to_der().as_bytes().to_vec()
            }
            Self::EdDsa(key) => key.sign(message).to_bytes().to_vec(),
        }
    }

    /// The public key as COSE writes it in CBOR.
    pub(super) fn cose(&self) -> Vec<u8> {
        match self {
            Self::Es256(key) => {
                let point = key.verifying_key().to_sec1_bytes();
                let (x, y) = point[point.len() - 64..].split_at(32);
                [&[0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20], x, &[0x22, 0x58, 0x20], y]
                    .concat()
            }
            Self::EdDsa(key) => {
                let x = key.verifying_key().to_bytes();
                [&[0xa4, 0x01, 0x01, 0x03, 0x27, 0x20, 0x06, 0x21, 0x58, 0x20], &x[..]].concat()
            }
        }
    }
}

/// In what circumstances an authenticator is asked.
pub(super) struct Scene {
    pub(super) type_: Option<&'static str>,
    pub(super) challenge: Vec<u8>,
    pub(super) origin: &'static str,
    pub(super) in_frame: Option<&'static str>,
    pub(super) rp_id: &'static str,
    pub(super) flags: u8,
    pub(super) counter: u32,
}

impl Default for Scene {
    fn default() -> Self {
        Self {
            type_: None,
            challenge: super::CHALLENGE.as_bytes().to_vec(),
            origin: "https://roster.example",
            in_frame: None,
            rp_id: "roster.example",
            flags: PRESENT | VERIFIED,
            counter: 0,
        }
    }
}

impl Scene {
    fn client_data(&self, type_: &str) -> Vec<u8> {
        let mut data = json!({
            "type": self.type_.unwrap_or(type_),
            "challenge": encode(&self.challenge),
            "origin": self.origin,
            "crossOrigin": self.in_frame.is_some(),
        });
        if let Some(top) = self.in_frame {
            data["topOrigin"] = top.into();
        }
        serde_json::to_vec(&data).unwrap()
    }

    fn authenticator_data(&self, flags: u8) -> Vec<u8> {
        [&Sha256::digest(self.rp_id)[..], &[flags], &self.counter.to_be_bytes()].concat()
    }
}

pub(super) struct Authenticator {
    key: Key,
    id: Vec<u8>,
}

impl Authenticator {
    pub(super) fn new(key: Key, id: &[u8]) -> Self {
        Self { key, id: id.to_vec() }
    }

    /// What a page sends after `navigator.credentials.create()`.
    pub(super) fn create(&self, scene: &Scene) -> Value {
        let length = u16::try_from(self.id.len()).unwrap().to_be_bytes();
        let header = scene.authenticator_data(scene.flags | HOLDS_CREDENTIAL);
        let data = [&header[..], &[0; 16], &length, &self.id, &self.key.cose()].concat();
        let size = u16::try_from(data.len()).unwrap().to_be_bytes();
        let object =
            [b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x59".as_slice(), &size, &data].concat();
        self.answer(&json!({
            "clientDataJSON": encode(&scene.client_data("webauthn.create")),
            "attestationObject": encode(&object),
            "transports": ["hybrid", "internal", "one-of-tomorrow"],
        }))
    }

    /// What a page sends after `navigator.credentials.get()`.
    pub(super) fn use_(&self, scene: &Scene) -> Value {
        let client_data = scene.client_data("webauthn.get");
        let data = scene.authenticator_data(scene.flags);
        let signature = self.key.sign(&[&data[..], &Sha256::digest(&client_data)].concat());
        self.answer(&json!({
            "clientDataJSON": encode(&client_data),
            "authenticatorData": encode(&data),
            "signature": encode(&signature),
            "userHandle": encode(&HANDLE),
        }))
    }

    fn answer(&self, response: &Value) -> Value {
        json!({
            "id": encode(&self.id),
            "rawId": encode(&self.id),
            "type": "public-key",
            "authenticatorAttachment": "platform",
            "clientExtensionResults": {},
            "response": response,
        })
    }
}

/// The answer with one part of its response changed, and nothing signed anew.
pub(super) fn altered(answer: &Value, part: &str, change: impl FnOnce(&mut Vec<u8>)) -> Value {
    let mut answer = answer.clone();
    let mut bytes = decode(answer["response"][part].as_str().unwrap()).unwrap();
    change(&mut bytes);
    answer["response"][part] = encode(&bytes).into();
    answer
}
