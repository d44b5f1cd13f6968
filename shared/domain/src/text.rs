//! Texts that people type: trimmed, NFC, bounded, without control characters.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

/// A field's value was refused: a stable code and a sentence.
pub(crate) type Problem = (&'static str, String);

/// A bounded text of a person.
pub trait Text: Sized {
    /// The most characters it may have.
    const CHARS_MAX: usize;
    /// Whether line breaks are part of it.
    const MULTILINE: bool;

    /// The text itself.
    fn as_str(&self) -> &str;

    /// Takes what was checked by [`Text::parse`].
    fn from_checked(text: String) -> Self;

    /// Trims, normalises and checks.
    fn parse(text: &str) -> Result<Self, Problem> {
        let text: String = text.trim().nfc().collect();
        if text.is_empty() {
            return Err(("empty", "Must not be empty.".into()));
        }
        if text.chars().any(|c| c.is_control() && !(Self::MULTILINE && c == '\n') || is_deceptive(c)) {
            return Err(("control_character", "Must not contain control characters or line breaks.".into()));
        }
        if text.chars().count() > Self::CHARS_MAX {
            return Err(("too_long", format!("Must have at most {} characters.", Self::CHARS_MAX)));
        }
        Ok(Self::from_checked(text))
    }
}

/// Characters that break a line, turn its direction or show nothing, without being "control" to Unicode. Joiners
/// inside of words (U+200C, U+200D) are part of how some scripts are written.
pub(crate) fn is_deceptive(c: char) -> bool {
    matches!(
        c,
        '\u{AD}'
            | '\u{61C}'
            | '\u{115F}' | '\u{1160}' | '\u{3164}' | '\u{FFA0}'
            | '\u{200B}' | '\u{200E}' | '\u{200F}'
            | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}'
            | '\u{FEFF}'
            | '\u{FFF9}'..='\u{FFFB}'
            | '\u{E0000}'..='\u{E007F}'
    )
}

macro_rules! text {
    ($(#[$doc:meta])* $name:ident, $max:literal, $multiline:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl Text for $name {
            const CHARS_MAX: usize = $max;
            const MULTILINE: bool = $multiline;

            fn as_str(&self) -> &str {
                &self.0
            }

            fn from_checked(text: String) -> Self {
                Self(text)
            }
        }

        impl JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "type": "string", "minLength": 1, "maxLength": Self::CHARS_MAX })
            }
        }
    };
}

text!(
    /// A name of a person or an account: 1 to 100 characters on one line.
    Name, 100, false
);
text!(
    /// The personal message of an invitation: up to 500 characters, lines allowed.
    Message, 500, true
);
text!(
    /// Why somebody was given a role: up to 500 characters, lines allowed.
    Justification, 500, true
);
text!(
    /// Words for whoever deals with a departure: up to 500 characters, lines allowed.
    Note, 500, true
);
text!(
    /// Why somebody was suspended, in the admin's words: up to 500 characters, lines allowed.
    ReasonText, 500, true
);

#[cfg(test)]
mod tests {
    use super::*;

    // RULE: IN-01, AP-09
    #[test]
    fn a_name_is_trimmed_bounded_and_without_control_characters() {
        assert_eq!(Name::parse("  Ann ").map(|n| n.as_str().to_owned()), Ok("Ann".to_owned()));
        assert_eq!(Name::parse(&"é".repeat(100)).map(|n| n.as_str().chars().count()), Ok(100));
        for (text, code) in [
            ("", "empty"),
            (" \t ", "empty"),
            ("a\nb", "control_character"),
            ("a\u{0}b", "control_character"),
            ("a\u{202E}b", "control_character"),
            ("a\u{61C}b", "control_character"),
            ("\u{200B}", "control_character"),
            ("\u{3164}", "control_character"),
            (&"x".repeat(101), "too_long"),
            (&"x".repeat(10_000), "too_long"),
        ] {
            assert_eq!(Name::parse(text).map_err(|p| p.0), Err(code), "{text:.20}");
        }
        assert!(Message::parse("two\nlines").is_ok());
    }
}
