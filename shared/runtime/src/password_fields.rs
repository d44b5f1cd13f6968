//! Passwords in a request: those that are there already, and those that somebody chooses. RULE: AC-02

use domain::{NewPassword, spelt_alike};

use crate::fields::Problem;
use crate::{Fields, Shape};

/// More than any password that was ever accepted, and few enough to hash.
const PASSWORD_BYTES_MAX: usize = 1024;

fn known_password(text: &str) -> Result<String, Problem> {
    match text.len() {
        0 => Err(("empty", "Must not be empty.".into())),
        n if n > PASSWORD_BYTES_MAX => Err(("too_long", "Is longer than any password.".into())),
        _ => Ok(spelt_alike(text)),
    }
}

impl Fields {
    /// A password that is there already: it was judged when it was chosen.
    pub fn password(&mut self, name: &str, about: &str) -> Option<String> {
        self.required(name, Shape::text(about, &(1..=PASSWORD_BYTES_MAX)), known_password)
    }

    /// The same, where it may be missing.
    pub fn optional_password(&mut self, name: &str, about: &str) -> Option<Option<String>> {
        self.optional(name, Shape::text(about, &(1..=PASSWORD_BYTES_MAX)), known_password)
    }

    /// A password that somebody chooses. RULE: AC-02
    pub fn new_password(&mut self, name: &str, about: &str) -> Option<NewPassword> {
        let chars = NewPassword::CHARS_MIN..=NewPassword::CHARS_MAX;
        self.required(name, Shape::text(about, &chars), NewPassword::parse)
    }
}
