//! The same call twice is done once: what an `Idempotency-Key` claims, and what it is answered. RULE: AP-02

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::{EntityKey, Format, IdempotencyKey, Instant, Refusal, Rendered, Replay, SessionCookie};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use store::{Loaded, StoreError};

use crate::credential::CredentialId;
use crate::gateway::Request;
use crate::{Credential, Fields};

pub(crate) const HEADER: &str = "Idempotency-Key";
pub(crate) const KEY_CHARS_MAX: usize = 255;
/// Fields that the fingerprint leaves out: not even a digest of a secret is kept.
const SECRET_FIELDS: [&str; 8] =
    ["ceremony", "code", "current_password", "new_password", "passkey", "password", "recovery_code", "token"];

/// What the caller is told.
#[derive(Clone)]
pub(crate) struct Answer {
    pub(crate) body: String,
    /// The same in the form that the caller would rather have. None is kept: a kept answer is told as JSON.
    pub(crate) rendered: Option<(Format, Rendered)>,
    /// What becomes of the session's cookie. It is never kept.
    pub(crate) cookie: Option<SessionCookie>,
    /// The status, where it asks for one step more.
    pub(crate) status_half_way: Option<u16>,
    /// The version of what it shows.
    pub(crate) version: Option<u64>,
    /// Where the page behind it is.
    pub(crate) next: Option<String>,
    /// Whether it was kept from the call's first time.
    pub(crate) is_replayed: bool,
}

/// A call under a key.
pub(crate) struct Claim {
    account_id: domain::AccountId,
    user_id: domain::UserId,
    key: IdempotencyKey,
    fingerprint: String,
}

impl Claim {
    /// The claim of a request that changes something; the fields note a key that cannot be one. What is about one
    /// session is claimed for that session alone.
    pub(crate) fn read(
        operation: &str,
        of_session: Option<CredentialId>,
        request: &Request,
        credential: &Credential,
        fields: &mut Fields,
    ) -> Option<Self> {
        let key = request.header(HEADER).filter(|_| request.is_mutation())?;
        let is_printable = key.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ');
        if key.is_empty() || key.len() > KEY_CHARS_MAX || !is_printable {
            let detail = format!("Must have 1 to {KEY_CHARS_MAX} printable ASCII characters.");
            return fields.fail(HEADER, "out_of_range", &detail);
        }
        let scoped = of_session.map_or_else(|| key.to_owned(), |session| format!("{session} {key}"));
        Some(Self {
            account_id: credential.account_id,
            user_id: credential.user_id,
            key: IdempotencyKey::new(digest(&scoped)),
            fingerprint: fingerprint(operation, request, fields.members()),
        })
    }

    /// Where the record of the call stands.
    pub(crate) fn key(&self) -> EntityKey {
        EntityKey::Replay(self.account_id, self.user_id, self.key.clone())
    }

    /// What the record says, if there is one that is still good.
    pub(crate) fn settled(
        &self,
        loaded: &Loaded,
        now: Instant,
    ) -> Result<Option<Result<Answer, Refusal>>, StoreError> {
        let Some(replay) = loaded.get::<Replay>(&self.key())? else { return Ok(None) };
        let answer = |body: &str| Answer {
            body: body.to_owned(),
            rendered: None,
            cookie: None,
            status_half_way: None,
            version: replay.version,
            next: None,
            is_replayed: true,
        };
        Ok(replay.answer(&self.fingerprint, now).map(|body| body.map(answer)))
    }

    /// Whether parts of the call are done, and others are not. RULE: IN-21
    pub(crate) fn is_under_way(&self, loaded: &Loaded, now: Instant) -> Result<bool, StoreError> {
        let replay = loaded.get::<Replay>(&self.key())?;
        Ok(replay.is_some_and(|replay| replay.is_unfinished && now < replay.forgotten_at()))
    }

    /// What the identifiers of what the call makes are drawn from: it makes the same ones when it goes on.
    pub(crate) fn seed(&self) -> [u8; 32] {
        let (key, call) = (self.key.as_str(), &self.fingerprint);
        Sha256::digest(format!("rows\0{}\0{}\0{key}\0{call}", self.account_id, self.user_id)).into()
    }

    /// The record of the call, while parts of it are still to be done.
    pub(crate) fn begun(&self, now: Instant) -> Replay {
        Replay {
            account_id: self.account_id,
            user_id: self.user_id,
            key: self.key.clone(),
            fingerprint: self.fingerprint.clone(),
            committed_at: now,
            is_unfinished: true,
            body: None,
            version: None,
        }
    }

    /// The record of the call, once it is committed with this answer.
    pub(crate) fn replay(&self, answer: &Answer, shows_secret: bool, now: Instant) -> Replay {
        let hands_over = matches!(answer.cookie, Some(SessionCookie::Set { .. }));
        Replay {
            is_unfinished: false,
            body: (!shows_secret && !hands_over).then(|| answer.body.clone()),
            version: answer.version,
            ..self.begun(now)
        }
    }
}

/// Which call it is. Members are in the order of their names, so that spelling and order make no difference.
fn fingerprint(operation: &str, request: &Request, fields: &Map<String, Value>) -> String {
    let open: Map<String, Value> = fields
        .iter()
        .filter(|(name, _)| !SECRET_FIELDS.contains(&name.as_str()))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    digest(&serde_json::json!([operation, request.path(), open]).to_string())
}

fn digest(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(text.as_bytes()))
}

#[cfg(test)]
mod tests {
    use domain::{AccountId, SessionId, UserId};
    use serde_json::json;

    use super::*;

    fn claim(operation: &str, user_id: &str, key: &str, body: &Value) -> Option<Claim> {
        let event = json!({
            "headers": { "idempotency-key": key, "content-type": "application/json" },
            "pathParameters": { "user_id": user_id },
            "requestContext": { "requestId": "r", "http": { "method": "POST", "sourceIp": "127.0.0.1" } },
            "body": body.to_string(),
        });
        let request = Request::read(event).unwrap();
        let credential = Credential::issue(
            AccountId::from_bits(1),
            UserId::from_bits(2),
            SessionId::from_bits(3),
            domain::RateTag::new(4),
            [0; 32],
        );
        Claim::read(operation, None, &request, &credential, &mut request.fields().unwrap())
    }

    // RULE: AP-02
    #[test]
    fn a_fingerprint_is_of_operation_path_and_fields_without_secrets() {
        let of = |operation, user_id, body: Value| {
            claim(operation, user_id, "k", &body).map(|claim| claim.fingerprint).unwrap()
        };
        let first = of("suspend", "u1", json!({ "confirm": true, "reason": "other" }));
        assert_eq!(first, of("suspend", "u1", json!({ "reason": "other", "confirm": true })), "order");
        assert_ne!(first, of("suspend", "u1", json!({ "confirm": true })), "fields");
        assert_ne!(first, of("suspend", "u2", json!({ "confirm": true, "reason": "other" })), "path");
        assert_ne!(first, of("logout", "u1", json!({ "confirm": true, "reason": "other" })), "operation");
        let with = |password: &str| of("x", "u1", json!({ "new_password": password, "name": "a" }));
        assert_eq!(with("one"), with("two"), "secrets");
    }

    // RULE: AP-02
    #[test]
    fn a_key_has_1_to_255_printable_characters() {
        assert!(claim("x", "u", &"k".repeat(255), &json!({})).is_some());
        for key in ["", &"k".repeat(256), "k\u{e9}y", "k\ty"] {
            assert!(claim("x", "u", key, &json!({})).is_none(), "{key}");
        }
    }

    // RULE: AP-02
    #[test]
    fn the_record_of_a_secret_holds_none() {
        let claim = claim("x", "u", "k", &json!({})).unwrap();
        let answer = |cookie| Answer {
            body: "shown once".into(),
            rendered: Some((Format::Text, Rendered::Text("the same".into()))),
            cookie,
            status_half_way: None,
            version: None,
            next: None,
            is_replayed: false,
        };
        let set = SessionCookie::Set { credential: "secret".into(), lives: chrono::TimeDelta::hours(1) };
        assert_eq!(claim.replay(&answer(None), true, Instant::default()).body, None);
        assert_eq!(claim.replay(&answer(Some(set)), false, Instant::default()).body, None);
        for cookie in [None, Some(SessionCookie::Cleared)] {
            assert!(claim.replay(&answer(cookie), false, Instant::default()).body.is_some());
        }
    }
}
