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
    /// Whether another page may be behind it, whose address goes with it.
    const HAS_NEXT: bool = false;
    /// The forms that it can be had in beside JSON; of two that are as good to a caller, the first. RULE: RC-06, BI-15
    const FORMATS: &'static [Format] = &[];

    /// The version that the reply's ETag names, where it shows one thing that has versions.
    fn version(&self) -> Option<u64> {
        None
    }

    /// Where the page behind it is, if there is one.
    fn next(&self) -> Option<&str> {
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

    /// The same in one of these forms.
    fn render(&self, _: Format) -> Option<Rendered> {
        None
    }
}

impl Reply for () {}

/// A form that a reply may be had in beside JSON, for download and print.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A text.
    Text,
    /// A page.
    Html,
    /// A document.
    Pdf,
    /// A sheet.
    Csv,
}

impl Format {
    /// Its media type.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Text => "text/plain; charset=utf-8",
            Self::Html => "text/html; charset=utf-8",
            Self::Pdf => "application/pdf",
            Self::Csv => "text/csv; charset=utf-8",
        }
    }
}

/// A reply in such a form. It may hold a secret, so it is not printed.
#[derive(Clone)]
pub enum Rendered {
    /// Words.
    Text(String),
    /// Bytes that are no text.
    Binary(Vec<u8>),
}

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
