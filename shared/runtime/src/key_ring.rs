//! The keys of one purpose, as a setting lists them. RULE: AC-09

use domain::KeyVersion;

/// Names the keys of invitations, password resets and sign-in challenges.
pub const TOKENS_KEYS: &str = "TOKENS_KEYS";
/// Names the keys of authenticator apps' secrets.
pub const TOTP_KEYS: &str = "TOTP_KEYS";
/// Names the keys of recovery codes.
pub const CODES_KEYS: &str = "CODES_KEYS";

/// Names the keys of webhooks' secrets.
pub const WEBHOOKS_KEYS: &str = "WEBHOOKS_KEYS";

/// The settings that list keys.
pub(crate) const KEY_SETTINGS: [&str; 4] = [TOKENS_KEYS, TOTP_KEYS, CODES_KEYS, WEBHOOKS_KEYS];

/// The keys that may be used: new things are made under the current one, older ones are recognised under theirs.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct KeyRing {
    current: KeyVersion,
    keys: Vec<(KeyVersion, String)>,
}

impl KeyRing {
    /// Reads `2:<key>,1:<key>`, the current one first.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut keys: Vec<(KeyVersion, String)> = Vec::new();
        for entry in text.split(',') {
            let (version, key) =
                entry.split_once(':').ok_or("is no list of `version:key`, the current one first")?;
            let number: u8 =
                version.parse().map_err(|_| format!("`{version}` is no number of a key's version"))?;
            let version = KeyVersion::try_from(number)?;
            if key.is_empty() || key.contains(char::is_whitespace) {
                return Err(format!("version {number} names no key"));
            }
            if keys.iter().any(|(known, _)| *known == version) {
                return Err(format!("version {number} is there twice"));
            }
            if keys.iter().any(|(_, known)| known == key) {
                return Err(format!("version {number} is a key that has another version already"));
            }
            keys.push((version, key.to_owned()));
        }
        let (current, _) = keys.first().ok_or("names no key")?;
        Ok(Self { current: *current, keys })
    }

    /// The version that new things are made under.
    pub(crate) const fn current(&self) -> KeyVersion {
        self.current
    }

    /// The key of this version, where there still is one.
    pub(crate) fn key(&self, version: KeyVersion) -> Option<&str> {
        self.keys.iter().find(|(known, _)| *known == version).map(|(_, key)| key.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(number: u8) -> KeyVersion {
        KeyVersion::try_from(number).unwrap()
    }

    // RULE: AC-09
    #[test]
    fn the_first_key_is_the_current_one_and_the_others_are_found_by_their_versions() {
        let alone = KeyRing::parse("1:arn:aws:kms:eu-central-1:000000000000:key/a").unwrap();
        assert_eq!(alone.current(), version(1));
        assert_eq!(alone.key(version(1)), Some("arn:aws:kms:eu-central-1:000000000000:key/a"));
        assert_eq!(alone.key(version(2)), None);
        let three = KeyRing::parse("12:c,1:a,2:b").unwrap();
        assert_eq!(three.current(), version(12));
        let keys = [12, 2, 1, 3].map(|number| three.key(version(number)));
        assert_eq!(keys, [Some("c"), Some("b"), Some("a"), None]);
    }

    // RULE: AC-09
    #[test]
    fn whatever_is_no_list_of_keys_says_what_is_wrong_with_it() {
        for (text, problem) in [
            ("", "is no list of `version:key`, the current one first"),
            ("a-key", "is no list of `version:key`, the current one first"),
            ("1:a,", "is no list of `version:key`, the current one first"),
            (":a", "`` is no number of a key's version"),
            ("one:a", "`one` is no number of a key's version"),
            ("2:b, 1:a", "` 1` is no number of a key's version"),
            ("256:a", "`256` is no number of a key's version"),
            ("0:a", "the version of a key is a number from 1 to 35"),
            ("36:a", "the version of a key is a number from 1 to 35"),
            ("2:", "version 2 names no key"),
            ("2:a b", "version 2 names no key"),
            ("1:a,1:b", "version 1 is there twice"),
            ("2:a,1:a", "version 1 is a key that has another version already"),
        ] {
            assert_eq!(KeyRing::parse(text), Err(problem.to_owned()), "{text}");
        }
    }
}
