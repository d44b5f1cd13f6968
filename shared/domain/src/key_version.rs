//! Versions of the HMAC keys that live outside the table, so that a key can be replaced. RULE: AC-09

use serde::{Deserialize, Serialize};

/// As many as one digit or small letter tells apart.
const LATEST: u8 = 35;
const RADIX: u32 = 36;

/// A version of a key: 1 and up. What is made under a key says under which version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct KeyVersion(u8);

impl KeyVersion {
    /// The number.
    pub const fn number(self) -> u8 {
        self.0
    }

    /// The one that this character of a token stands for: `1` to `9`, then `a` to `z`. Each has one spelling.
    pub fn from_char(character: char) -> Option<Self> {
        let digit = character.to_digit(RADIX).filter(|_| !character.is_ascii_uppercase())?;
        u8::try_from(digit).ok()?.try_into().ok()
    }

    /// The character that stands for it in a token.
    pub fn to_char(self) -> char {
        // No version is as large as the radix, and none is 0.
        char::from_digit(self.0.into(), RADIX).unwrap_or('0')
    }
}

impl TryFrom<u8> for KeyVersion {
    type Error = &'static str;

    fn try_from(number: u8) -> Result<Self, &'static str> {
        let is_one = (1..=LATEST).contains(&number);
        if is_one { Ok(Self(number)) } else { Err("the version of a key is a number from 1 to 35") }
    }
}

impl From<KeyVersion> for u8 {
    fn from(version: KeyVersion) -> Self {
        version.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // RULE: AC-09
    #[test]
    fn a_version_is_a_number_in_an_item_and_one_character_in_a_token() {
        let mut characters = Vec::new();
        for number in 1..=LATEST {
            let version = KeyVersion::try_from(number).unwrap();
            let json = serde_json::to_string(&version).unwrap();
            assert_eq!(json, number.to_string());
            assert_eq!(serde_json::from_str::<KeyVersion>(&json).unwrap(), version);
            assert_eq!(KeyVersion::from_char(version.to_char()), Some(version));
            characters.push(version.to_char());
        }
        assert_eq!(characters.iter().collect::<String>(), "123456789abcdefghijklmnopqrstuvwxyz");
    }

    // RULE: AC-09
    #[test]
    fn whatever_else_is_no_version() {
        for number in [0, LATEST + 1, u8::MAX] {
            assert!(KeyVersion::try_from(number).is_err());
            assert!(serde_json::from_str::<KeyVersion>(&number.to_string()).is_err());
        }
        for character in ['0', 'A', 'Z', '-', ' ', '\u{661}', '\u{1F511}'] {
            assert_eq!(KeyVersion::from_char(character), None, "{character}");
        }
    }
}
