//! E-mail addresses: the spelling given, and the identity it stands for.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use unicode_normalization::UnicodeNormalization;

use crate::text::{Problem, is_deceptive};

const LOCAL_CHARS_MAX: usize = 64;

/// An address as it was spelt, and its identity: trimmed, NFC, lower-cased, the domain as IDNA ASCII.
///
/// Dots and plus tags are part of the identity: what they mean is known to the domain's owner only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Email {
    spelling: String,
    identity: String,
}

/// The digest of an address's identity. It stands where an address is looked up, so that keys hold none.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AddressKey(String);

impl Email {
    /// The most characters an address may have.
    pub const CHARS_MAX: usize = 254;

    /// Reads an address. RULE: IN-17
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let bad = |detail: &str| ("invalid_email", detail.to_owned());
        let spelling: String = text.trim().nfc().collect();
        if spelling.chars().any(|c| c.is_control() || c.is_whitespace() || is_deceptive(c)) {
            return Err(bad("Must not contain spaces, line breaks or control characters."));
        }
        if spelling.chars().count() > Self::CHARS_MAX {
            return Err(("too_long", format!("Must have at most {} characters.", Self::CHARS_MAX)));
        }
        let Some((local, domain)) = spelling.rsplit_once('@') else {
            return Err(bad("Must be an e-mail address, such as ann@example.com."));
        };
        if !is_local_part(local) {
            return Err(bad("The part before the @ is not one that mail can be sent to."));
        }
        let domain = idna::domain_to_ascii_strict(domain)
            .ok()
            .filter(|domain| is_mail_domain(domain))
            .ok_or_else(|| bad("The part after the @ is not a domain name."))?;
        let identity = format!("{}@{domain}", local.to_lowercase().nfc().collect::<String>());
        if identity.len() > Self::CHARS_MAX {
            return Err(("too_long", format!("Must have at most {} characters.", Self::CHARS_MAX)));
        }
        Ok(Self { spelling, identity })
    }

    /// As it was typed, to be shown.
    pub fn spelling(&self) -> &str {
        &self.spelling
    }

    /// What makes two spellings one address.
    pub fn identity(&self) -> &str {
        &self.identity
    }

    /// The part before the @, in lower case.
    pub fn local_part(&self) -> &str {
        self.identity.rsplit_once('@').map_or("", |(local, _)| local)
    }

    /// Where the address is looked up.
    pub fn key(&self) -> AddressKey {
        AddressKey(URL_SAFE_NO_PAD.encode(Sha256::digest(self.identity.as_bytes())))
    }
}

impl AddressKey {
    /// The digest's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// RFC 5321's dot-string, with letters beyond ASCII (RFC 6531); quoted strings are not accepted.
fn is_local_part(local: &str) -> bool {
    let atom = |c: char| c.is_alphanumeric() || !c.is_ascii() || "!#$%&'*+-/=?^_`{|}~".contains(c);
    local.chars().count() <= LOCAL_CHARS_MAX
        && local.split('.').all(|word| !word.is_empty() && word.chars().all(atom))
}

fn is_mail_domain(domain: &str) -> bool {
    domain.contains('.') && domain.len() <= 253 && !domain.ends_with('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity(text: &str) -> String {
        Email::parse(text).unwrap().identity().to_owned()
    }

    // RULE: IN-17
    #[test]
    fn spellings_of_one_address_are_one_and_different_people_stay_two() {
        assert_eq!(identity("Ann@X.com "), identity("ann@x.com"));
        assert_eq!(identity("jose\u{301}@x.com"), identity("jos\u{e9}@x.com"));
        assert_eq!(identity("a@B\u{fc}cher.de"), "a@xn--bcher-kva.de");
        assert_ne!(identity("alice@x.com"), identity("ice@x.com"));
        assert_ne!(identity("a.b@x.com"), identity("ab@x.com"), "no dot folding");
        assert_ne!(identity("a+b@x.com"), identity("a@x.com"), "no plus folding");
        assert_eq!(Email::parse(" Ann@X.com ").unwrap().spelling(), "Ann@X.com");
    }

    // RULE: IN-17, IN-19
    #[test]
    fn what_is_no_address_is_refused() {
        for text in [
            "",
            "ann",
            "@x.com",
            "ann@",
            "ann@x",
            "ann@x..com",
            "a b@x.com",
            "ann@x.com\nBcc: b@y.com",
            "ann\u{0}@x.com",
            ".ann@x.com",
            "ann.@x.com",
            "a..b@x.com",
            "ann@-x-.com",
            "\"a b\"@x.com",
            "ann@x.com,bob@x.com",
            "<ann@x.com>",
            "ann@[127.0.0.1]",
            "ann@x.com.",
            "a\u{202e}b@x.com",
            "\u{200b}ann@x.com",
        ] {
            assert!(Email::parse(text).is_err(), "{text:?}");
        }
        assert!(Email::parse(&format!("{}@x.com", "a".repeat(65))).is_err());
        assert!(Email::parse(&format!("a@{}.com", "x".repeat(250))).is_err());
    }
}
