//! What may be a password. RULE: AC-02

use unicode_normalization::UnicodeNormalization;
use zxcvbn::feedback::Warning;

use crate::text::Problem;
use crate::{Email, Name, Text};

/// Shorter words of one's own are no help to a guesser.
const OWN_WORD_CHARS_MIN: usize = 3;

/// A password somebody chooses: 8 to 128 characters of any kind. Whether it is common, or made of one's
/// own name, can be told only when it is known whose it is.
#[derive(Clone, PartialEq, Eq)]
pub struct NewPassword(String);

impl NewPassword {
    /// The fewest characters.
    pub const CHARS_MIN: usize = 8;
    /// The most characters.
    pub const CHARS_MAX: usize = 128;

    /// Takes the characters as they are, but for how they are composed.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let text = spelt_alike(text);
        let chars = text.chars().count();
        if chars < Self::CHARS_MIN {
            return Err(("too_short", format!("Must have at least {} characters.", Self::CHARS_MIN)));
        }
        if chars > Self::CHARS_MAX {
            return Err(("too_long", format!("Must have at most {} characters.", Self::CHARS_MAX)));
        }
        Ok(Self(text))
    }

    /// The characters, for hashing.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Refuses a common password, and one that is little but its owner's name and address.
    pub fn check_for(&self, email: &Email, names: [&Name; 2]) -> Result<(), Problem> {
        if is_common(&self.0) {
            return Err(("common_password", "Is on a list of common passwords.".into()));
        }
        let mut rest = self.0.to_lowercase();
        let before = rest.len();
        for word in own_words(email, names) {
            rest = rest.replace(&word, "");
        }
        if rest.len() < before && rest.chars().count() < Self::CHARS_MIN {
            let detail = format!(
                "Without your own name and address in it, at least {} characters must remain.",
                Self::CHARS_MIN
            );
            return Err(("personal_password", detail));
        }
        Ok(())
    }
}

/// The same letters composed differently by another keyboard are the same password (NFC).
pub fn spelt_alike(password: &str) -> String {
    password.nfc().collect()
}

/// The whole of it is one entry of the frequency list, however capitalised, or one character again and again.
fn is_common(password: &str) -> bool {
    let mut chars = password.chars();
    let first = chars.next();
    if chars.all(|c| Some(c) == first) {
        return true;
    }
    let entropy = zxcvbn::zxcvbn(password, &[]);
    let warning = entropy.feedback().and_then(zxcvbn::feedback::Feedback::warning);
    matches!(
        warning,
        Some(
            Warning::ThisIsATop10Password
                | Warning::ThisIsATop100Password
                | Warning::ThisIsACommonPassword
                | Warning::ThisIsSimilarToACommonlyUsedPassword
        )
    )
}

/// The longest first, so that a part does not spoil the whole.
fn own_words(email: &Email, names: [&Name; 2]) -> Vec<String> {
    let mut words = vec![email.identity().to_owned(), email.local_part().to_owned()];
    words.extend(email.identity().split(['@', '.', '-', '_', '+']).map(str::to_owned));
    for name in names {
        words.push(name.as_str().to_lowercase());
        words.extend(name.as_str().to_lowercase().split_whitespace().map(str::to_owned));
    }
    words.retain(|word| word.chars().count() >= OWN_WORD_CHARS_MIN);
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(password: &str) -> Result<(), &'static str> {
        let email = Email::parse("ann.smith@example.com").unwrap();
        let names = [&Name::parse("Ann").unwrap(), &Name::parse("Smith-Jones").unwrap()];
        NewPassword::parse(password)
            .and_then(|password| password.check_for(&email, names))
            .map_err(|problem| problem.0)
    }

    // RULE: AC-02
    #[test]
    fn a_password_is_long_enough_uncommon_and_not_ones_own_name() {
        for (password, verdict_expected) in [
            ("correct horse battery staple", Ok(())),
            ("\u{1F511}\u{1F512}\u{1F513}\u{1F511}\u{1F512}\u{1F513}\u{1F511}\u{1F512}", Ok(())),
            ("ann likes tangerines", Ok(())),
            ("   vex tungsten   ", Ok(())),
            ("short", Err("too_short")),
            ("password", Err("common_password")),
            ("Password1", Err("common_password")),
            ("iloveyou", Err("common_password")),
            ("12345678", Err("common_password")),
            ("aaaaaaaa", Err("common_password")),
            ("        ", Err("common_password")),
            ("qwertyuiop", Err("common_password")),
            ("ann.smith@example.com", Err("personal_password")),
            ("AnnSmith-Jones7", Err("personal_password")),
            ("smith-jones99", Err("personal_password")),
        ] {
            assert_eq!(verdict(password), verdict_expected, "{password}");
        }
        assert_eq!(verdict(&"x7".repeat(64)), Ok(()));
        assert_eq!(verdict(&"x7".repeat(65)), Err("too_long"));
    }
}
