//! The language and region that somebody reads.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use crate::text::Problem;

/// A language tag, such as `de-AT` (the common part of BCP 47: a language, then script, region or variants).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Locale(String);

impl Locale {
    /// The most characters.
    pub const CHARS_MAX: usize = 35;
    const PATTERN: &str = "^[A-Za-z]{2,3}(-[0-9A-Za-z]{2,8})*$";

    /// Reads a tag.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let mut parts = text.split('-');
        let is_language = parts.next().is_some_and(|part| {
            (2..=3).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphabetic())
        });
        let is_part = |part: &str| {
            (2..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
        };
        if is_language && parts.all(is_part) && text.len() <= Self::CHARS_MAX {
            Ok(Self(text.to_owned()))
        } else {
            Err(("invalid_locale", "Must be a language tag, such as de-AT.".into()))
        }
    }
}

impl JsonSchema for Locale {
    fn schema_name() -> Cow<'static, str> {
        "Locale".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A language tag, such as `de-AT`.",
            "type": "string",
            "maxLength": Self::CHARS_MAX,
            "pattern": Self::PATTERN,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_locale_is_a_language_with_parts() {
        for text in ["de", "de-AT", "zh-Hant-TW", "sl-rozaj"] {
            assert!(Locale::parse(text).is_ok(), "{text}");
        }
        for text in
            ["", "d", "deutsch", "de_AT", "de-", "1e", "de-AT-", &format!("de{}", "-abcdefgh".repeat(4))]
        {
            assert!(Locale::parse(text).is_err(), "{text}");
        }
    }
}
