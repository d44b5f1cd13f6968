//! What a sign-in answers: a session, or a challenge that a code has to meet.

use domain::{Instant, Reply, SessionCookie, SessionView};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;

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
    /// To be sent with a code to POST /v1/sessions/mfa.
    challenge: String,
    /// What meets it.
    factors: [&'static str; 2],
    /// From this instant on nothing does.
    expires_at: Instant,
}

impl ChallengeView {
    const HALF_WAY: u16 = 200;

    pub(crate) const fn new(challenge: String, expires_at: Instant) -> Self {
        Self { challenge, factors: ["totp", "recovery_code"], expires_at }
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
