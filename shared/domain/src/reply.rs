//! What an operation answers, and the cookie that a session may be in.

use chrono::TimeDelta;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};

/// What an operation answers.
pub trait Reply: Serialize + JsonSchema + Send + Sync {
    /// Whether it shows one thing that has versions.
    const HAS_VERSION: bool = false;
    /// Whether it may set or clear the session's cookie. One that sets it is a secret that is shown once.
    const HAS_COOKIE: bool = false;
    /// Whether it can be had as a text, for download and print. RULE: RC-06
    const HAS_TEXT: bool = false;

    /// The version that the reply's ETag names, where it shows one thing that has versions.
    fn version(&self) -> Option<u64> {
        None
    }

    /// What becomes of the session's cookie.
    fn cookie(&self) -> Option<SessionCookie> {
        None
    }

    /// The status and the shape of a reply that asks for one step more, where it may be one. RULE: AC-04
    fn half_way(_: &mut SchemaGenerator) -> Option<(u16, Schema)> {
        None
    }

    /// The status, where this is such a reply.
    fn status_half_way(&self) -> Option<u16> {
        None
    }

    /// The same as a text.
    fn text(&self) -> Option<String> {
        None
    }
}

impl Reply for () {}

/// What becomes of the session's cookie.
#[derive(Clone, PartialEq, Eq)]
pub enum SessionCookie {
    /// It holds a session's credential.
    Set {
        /// The credential.
        credential: String,
        /// How much longer the session lives.
        lives: TimeDelta,
    },
    /// It is gone, where the request came with it.
    Cleared,
}

/// How a new session's credential is handed over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Handover {
    /// As a text in the reply, for programs.
    #[default]
    Token,
    /// In a cookie that no script reads, for browsers.
    Cookie,
}

impl Handover {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Token, Self::Cookie];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Cookie => "cookie",
        }
    }

    /// The one of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|handover| handover.name() == name)
    }
}
