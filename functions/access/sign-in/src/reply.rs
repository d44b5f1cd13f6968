//! What a sign-in answers: a session, or a challenge that a second factor has to meet.

use domain::{Instant, Reply, SessionCookie, SessionView};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::candidate::Waiting;

/// Either.
#[derive(Serialize)]
#[serde(untagged)]
pub enum SignedIn {
    /// A session.
    Session(Box<SessionView>),
    /// Only half of what it takes.
    HalfWay(ChallengeView),
}

impl From<SessionView> for SignedIn {
    fn from(session: SessionView) -> Self {
        Self::Session(Box::new(session))
    }
}

/// What a sign-in waits for.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Challenge")]
pub struct ChallengeView {
    /// To be sent with a code or a passkey's answer to POST /v1/sessions/mfa.
    challenge: String,
    /// What meets it, of what there is.
    factors: Vec<&'static str>,
    /// What a browser needs to meet it by a passkey, where there is one: for `navigator.credentials`, by way of
    /// `PublicKeyCredential.parseRequestOptionsFromJSON`.
    #[serde(skip_serializing_if = "Option::is_none")]
    passkey_options: Option<Map<String, Value>>,
    /// From this instant on nothing does.
    expires_at: Instant,
}

impl ChallengeView {
    const HALF_WAY: u16 = 200;

    pub(crate) fn new(waiting: Waiting) -> Self {
        let Waiting { challenge, token, factors, passkey_options } = waiting;
        Self { challenge: token, factors: factors.names(), passkey_options, expires_at: challenge.expires_at }
    }
}

/// As the session's: of a challenge [`Reply::half_way`] tells.
impl JsonSchema for SignedIn {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        SessionView::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        SessionView::json_schema(generator)
    }
}

impl Reply for SignedIn {
    const HAS_COOKIE: bool = SessionView::HAS_COOKIE;

    fn cookie(&self) -> Option<SessionCookie> {
        match self {
            Self::Session(session) => session.cookie(),
            Self::HalfWay(_) => None,
        }
    }

    fn half_way(generator: &mut SchemaGenerator) -> Option<(u16, Schema)> {
        Some((ChallengeView::HALF_WAY, generator.subschema_for::<ChallengeView>()))
    }

    fn status_half_way(&self) -> Option<u16> {
        matches!(self, Self::HalfWay(_)).then_some(ChallengeView::HALF_WAY)
    }
}
