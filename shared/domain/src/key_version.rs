//! Which of its keys made something, so that keys can be exchanged one by one.

use serde::{Deserialize, Serialize};

/// The version of a key outside the table. What is made under it says so. RULE: AC-09
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct KeyVersion(u8);

impl KeyVersion {
    /// From 1 to 9: tokens say it in one character.
    pub const fn new(number: u8) -> Option<Self> {
        if matches!(number, 1..=9) { Some(Self(number)) } else { None }
    }

    /// The number.
    pub const fn number(self) -> u8 {
        self.0
    }
}
