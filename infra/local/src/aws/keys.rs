//! KMS: MACs under the template's keys. The keys live in a file of their own that only its owner may read.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use axum::http::StatusCode;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use super::{AwsReply, body_json};
use crate::state::State;
use crate::template::{ACCOUNT_ID, REGION};
use crate::{StackError, World, demo};

/// The longest message KMS takes.
const MESSAGE_BYTES_MAX: usize = 4096;

/// The setting that keeps the names of the keys that are disabled.
const DISABLED: &str = "disabled_keys";

/// The keys by name.
pub(crate) struct Keys {
    keys: BTreeMap<String, Vec<u8>>,
    disabled: Mutex<BTreeSet<String>>,
}

impl Keys {
    /// Reads the file, or begins one, and makes the keys that are missing.
    pub(crate) fn open(file: Option<&Path>, names: &[String], state: &State) -> Result<Self, StackError> {
        let mut keys: BTreeMap<String, Vec<u8>> = BTreeMap::new();
        if let Some(path) = file.filter(|path| path.exists()) {
            let text = std::fs::read_to_string(path)?;
            let stored: BTreeMap<String, String> = serde_json::from_str(&text)
                .map_err(|error| StackError::Data(format!("{}: {error}", path.display())))?;
            for (name, key) in stored {
                let key =
                    STANDARD.decode(key).map_err(|error| StackError::Data(format!("key {name}: {error}")))?;
                keys.insert(name, key);
            }
        }
        let missing: Vec<&String> = names.iter().filter(|name| !keys.contains_key(*name)).collect();
        for name in &missing {
            let mut key = vec![0; 32];
            getrandom::fill(&mut key).map_err(|error| StackError::Data(error.to_string()))?;
            keys.insert((*name).clone(), key);
        }
        if let Some(path) = file.filter(|_| !missing.is_empty()) {
            let stored: BTreeMap<_, _> =
                keys.iter().map(|(name, key)| (name, STANDARD.encode(key))).collect();
            write_private(path, json!(stored).to_string().as_bytes())?;
        }
        let disabled = state.setting(DISABLED)?.unwrap_or_else(|| "[]".to_owned());
        let disabled = serde_json::from_str(&disabled)
            .map_err(|error| StackError::Data(format!("the keys that are disabled: {error}")))?;
        Ok(Self { keys, disabled: Mutex::new(disabled) })
    }

    /// The key that a request names, by its identifier or its ARN.
    fn named<'a>(&self, body: &'a Value) -> Result<(&'a str, &[u8]), AwsReply> {
        let key_id = body["KeyId"].as_str().unwrap_or_default();
        let name = key_id.rsplit('/').next().unwrap_or_default();
        self.keys.get(name).map(|key| (name, key.as_slice())).ok_or_else(|| {
            let message = format!("Key '{key_id}' does not exist");
            AwsReply::error(StatusCode::BAD_REQUEST, "NotFoundException", &message)
        })
    }

    fn find(&self, body: &Value) -> Result<(String, Hmac<Sha256>), AwsReply> {
        let (name, key) = self.named(body)?;
        if self.disabled.lock().unwrap_or_else(PoisonError::into_inner).contains(name) {
            let message = format!("{} is disabled.", arn(name));
            return Err(AwsReply::error(StatusCode::BAD_REQUEST, "DisabledException", &message));
        }
        let refuse = |message: &str| AwsReply::error(StatusCode::BAD_REQUEST, "ValidationException", message);
        if body["MacAlgorithm"] != "HMAC_SHA_256" {
            return Err(refuse("the keys of the local stack are for HMAC_SHA_256"));
        }
        let message = STANDARD.decode(body["Message"].as_str().unwrap_or_default()).unwrap_or_default();
        if message.is_empty() || message.len() > MESSAGE_BYTES_MAX {
            return Err(refuse("Message has 1 to 4096 bytes"));
        }
        // So that the tokens in the sample events are genuine on every machine.
        let key = if demo::is_claim(&message) { demo::MAC_KEY } else { key };
        let mut mac = Hmac::<Sha256>::new_from_slice(key).map_err(|error| AwsReply::failure(&error))?;
        mac.update(&message);
        Ok((arn(name), mac))
    }

    /// `DisableKey`: nothing is made or recognised under it any more, over restarts too.
    pub(super) fn disable(&self, state: &State, body: &[u8]) -> AwsReply {
        let body = match body_json(body) {
            Ok(body) => body,
            Err(refusal) => return refusal,
        };
        let name = match self.named(&body) {
            Ok((name, _)) => name,
            Err(refusal) => return refusal,
        };
        let mut disabled = self.disabled.lock().unwrap_or_else(PoisonError::into_inner);
        disabled.insert(name.to_owned());
        match state.keep(DISABLED, &json!(*disabled).to_string()) {
            Ok(()) => AwsReply::ok(&json!({})),
            Err(error) => AwsReply::failure(&error),
        }
    }

    /// `GenerateMac`.
    pub(super) fn generate_mac(&self, body: &[u8]) -> AwsReply {
        match body_json(body).and_then(|body| self.find(&body)) {
            Ok((arn, mac)) => {
                let mac = STANDARD.encode(mac.finalize().into_bytes());
                AwsReply::ok(&json!({ "KeyId": arn, "Mac": mac, "MacAlgorithm": "HMAC_SHA_256" }))
            }
            Err(refusal) => refusal,
        }
    }

    /// `VerifyMac`.
    pub(super) fn verify_mac(&self, body: &[u8]) -> AwsReply {
        let found = body_json(body).and_then(|body| self.find(&body).map(|found| (body, found)));
        let (body, (arn, mac)) = match found {
            Ok(found) => found,
            Err(refusal) => return refusal,
        };
        let given = STANDARD.decode(body["Mac"].as_str().unwrap_or_default()).unwrap_or_default();
        match mac.verify_slice(&given) {
            Ok(()) => {
                AwsReply::ok(&json!({ "KeyId": arn, "MacValid": true, "MacAlgorithm": "HMAC_SHA_256" }))
            }
            Err(_) => {
                AwsReply::error(StatusCode::BAD_REQUEST, "KMSInvalidMacException", "the MAC is not valid")
            }
        }
    }
}

/// A key's ARN.
fn arn(name: &str) -> String {
    format!("arn:aws:kms:{REGION}:{ACCOUNT_ID}:key/{name}")
}

/// Asks where the keys are, if that is not here.
pub(super) async fn ask(world: &World, operation: &str, body: &[u8]) -> AwsReply {
    match (body_json(body), &world.elsewhere) {
        (Ok(body), Some(elsewhere)) => AwsReply::of_elsewhere(elsewhere.key(operation, body).await),
        (Err(refusal), _) => refusal,
        (Ok(_), None) => AwsReply::error(StatusCode::NOT_FOUND, "NotFoundException", "the keys are here"),
    }
}

/// Writes a file that its owner alone may read, whole or not at all.
fn write_private(path: &Path, content: &[u8]) -> Result<(), std::io::Error> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let fresh = path.with_extension("new");
    let mut file = options.open(&fresh)?;
    file.write_all(content)?;
    file.sync_all()?;
    std::fs::rename(fresh, path)
}
