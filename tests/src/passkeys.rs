//! Passkeys of people in a test: an authenticator in software, and the page that asks it.

use data_encoding::BASE64URL_NOPAD;
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::{Caller, PASSWORD, Person, Reply, Roster};

const PRESENT: u8 = 0x01;
const VERIFIED: u8 = 0x04;
const HOLDS_CREDENTIAL: u8 = 0x40;

/// A passkey, as its authenticator holds it.
#[derive(Clone)]
pub struct Passkey {
    /// What the product calls it; nothing before it is added.
    pub passkey_id: String,
    /// What the authenticator calls it.
    pub credential_id: Vec<u8>,
    /// What the authenticator keeps of the user.
    pub user_handle: Option<Vec<u8>>,
    /// How often the authenticator says that it signed.
    pub sign_count: u32,
    /// Whether the authenticator asks for a PIN or a finger.
    pub verifies: bool,
    /// Of which page the browser is.
    pub origin: String,
    /// What it signs by.
    pub key: SigningKey,
}

/// The first byte keeps it below the order of the curve.
fn new_key() -> SigningKey {
    let mut bytes = [0; 32].map(|_: u8| fastrand::u8(..));
    bytes[0] = 1;
    SigningKey::from_slice(&bytes).expect("a key")
}

fn encoded(bytes: &[u8]) -> String {
    BASE64URL_NOPAD.encode(bytes)
}

impl Passkey {
    /// What an authenticator makes on a page of this origin when it is asked so, and its answer.
    pub fn create(origin: &str, options: &Value) -> (Self, Value) {
        let handle = options["user"]["id"].as_str().expect("a user handle");
        let passkey = Self {
            passkey_id: String::new(),
            credential_id: (0..16).map(|_| fastrand::u8(..)).collect(),
            user_handle: Some(BASE64URL_NOPAD.decode(handle.as_bytes()).expect("base64url")),
            sign_count: 0,
            verifies: true,
            origin: origin.to_owned(),
            key: new_key(),
        };
        let answer = passkey.created(options);
        (passkey, answer)
    }

    /// The answer of making it.
    pub fn created(&self, options: &Value) -> Value {
        let length = u16::try_from(self.credential_id.len()).expect("short").to_be_bytes();
        let head = self.authenticator_data(options["rp"]["id"].as_str(), HOLDS_CREDENTIAL);
        let data = [&head, &[0; 16][..], &length, &self.credential_id, &self.cose()].concat();
        let size = u16::try_from(data.len()).expect("short").to_be_bytes();
        let object =
            [b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x59".as_slice(), &size, &data].concat();
        self.wrapped(&json!({
            "clientDataJSON": encoded(&self.client_data("webauthn.create", options)),
            "attestationObject": encoded(&object),
            "transports": ["internal"],
        }))
    }

    /// Its answer when it is used.
    pub fn answer(&self, options: &Value) -> Value {
        let client_data = self.client_data("webauthn.get", options);
        let data = self.authenticator_data(options["rpId"].as_str(), 0);
        let signature: Signature = self.key.sign(&[&data[..], &Sha256::digest(&client_data)].concat());
        self.wrapped(&json!({
            "clientDataJSON": encoded(&client_data),
            "authenticatorData": encoded(&data),
            "signature": encoded(signature.to_der().as_bytes()),
            "userHandle": self.user_handle.as_deref().map(encoded),
        }))
    }

    /// The public key as COSE writes it in CBOR.
    fn cose(&self) -> Vec<u8> {
        let point = self.key.verifying_key().to_sec1_bytes();
        let (x, y) = point[point.len() - 64..].split_at(32);
        [&[0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20], x, &[0x22, 0x58, 0x20], y].concat()
    }

    fn client_data(&self, ceremony: &str, options: &Value) -> Vec<u8> {
        let data = json!({
            "type": ceremony, "challenge": options["challenge"], "origin": self.origin, "crossOrigin": false,
        });
        data.to_string().into_bytes()
    }

    fn authenticator_data(&self, rp_id: Option<&str>, flags: u8) -> Vec<u8> {
        let flags = flags | PRESENT | if self.verifies { VERIFIED } else { 0 };
        let rp_id = Sha256::digest(rp_id.expect("the id of a relying party"));
        [&rp_id[..], &[flags], &self.sign_count.to_be_bytes()].concat()
    }

    fn wrapped(&self, response: &Value) -> Value {
        json!({
            "id": encoded(&self.credential_id),
            "rawId": encoded(&self.credential_id),
            "type": "public-key",
            "authenticatorAttachment": "platform",
            "clientExtensionResults": {},
            "response": response,
        })
    }

    /// The body that answers what a page was asked.
    pub fn answered(&self, asked: &Reply) -> Value {
        json!({ "ceremony": asked.body["ceremony"], "passkey": self.answer(&asked.body["options"]) })
    }
}

impl Roster {
    /// Somebody makes a passkey that is not added yet; what adds it.
    pub async fn make_passkey(&self, by: &Caller, name: &str) -> (Passkey, Value) {
        let asked = by.post("/v1/me/mfa/passkeys/options", json!({})).await.expect(200).body;
        let (passkey, answer) = Passkey::create(self.stack.url(), &asked["options"]);
        (passkey, json!({ "name": name, "ceremony": asked["ceremony"], "passkey": answer }))
    }

    /// Somebody adds a passkey; the reply tells what comes with it.
    pub async fn add_passkey(&self, by: &Caller, name: &str) -> (Passkey, Reply) {
        let (mut passkey, body) = self.make_passkey(by, name).await;
        let added = by.post("/v1/me/mfa/passkeys", body).await.expect(201);
        added.text("id").clone_into(&mut passkey.passkey_id);
        (passkey, added)
    }

    /// What a page that nobody is signed in on is asked.
    pub async fn asked_to_sign_in(&self) -> Reply {
        self.caller().post("/v1/sessions/passkey/options", json!({})).await.expect(200)
    }

    /// Signs in by a passkey and nothing else.
    pub async fn sign_in_by(&self, passkey: &Passkey) -> Reply {
        let body = passkey.answered(&self.asked_to_sign_in().await);
        self.caller().post("/v1/sessions/passkey", body).await
    }

    /// What a sign-in by password is answered where there is a second factor.
    pub async fn half_way(&self, person: &Person) -> Reply {
        let body = json!({ "email": person.email, "password": PASSWORD });
        self.caller().post("/v1/sessions", body).await.expect(200)
    }
}
