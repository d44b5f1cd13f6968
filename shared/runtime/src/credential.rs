//! The credential format: `ros_ses_` or `ros_key_` and base62 of account, user, session or key, and 32 random bytes, with a
//! checksum. The first 8 of the random bytes are the same in all sessions of one user, and in all keys of one account:
//! requests are counted under them.
//!
//! The identifiers locate the items, so that no look-up is needed. They are believed only once the stored
//! digest of the random part matched.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::{AccountId, EntityKey, KeyId, RateTag, SessionId, UserId};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

const SESSION_PREFIX: &str = "ros_ses_";
const KEY_PREFIX: &str = "ros_key_";
/// 128 bits in base62.
const WORD_CHARS: usize = 22;
/// Account, user, session, and the secret's two halves.
const WORDS: usize = 5;
/// 32 bits in base62.
const CHECKSUM_CHARS: usize = 6;

/// How much of the secret is the tag.
const TAG_BYTES: usize = size_of::<u64>();

/// What a credential is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CredentialId {
    /// A session.
    Session(SessionId),
    /// An API key.
    Key(KeyId),
}

impl From<SessionId> for CredentialId {
    fn from(id: SessionId) -> Self {
        Self::Session(id)
    }
}

impl From<KeyId> for CredentialId {
    fn from(id: KeyId) -> Self {
        Self::Key(id)
    }
}

impl std::fmt::Display for CredentialId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Session(id) => id.fmt(f),
            Self::Key(id) => id.fmt(f),
        }
    }
}

impl CredentialId {
    const fn prefix(self) -> &'static str {
        match self {
            Self::Session(_) => SESSION_PREFIX,
            Self::Key(_) => KEY_PREFIX,
        }
    }

    const fn bits(self) -> u128 {
        match self {
            Self::Session(id) => id.bits(),
            Self::Key(id) => id.bits(),
        }
    }
}

/// The credential of a session or an API key.
#[derive(Clone, PartialEq, Eq)]
pub struct Credential {
    /// The account it claims.
    pub account_id: AccountId,
    /// The user it claims.
    pub user_id: UserId,
    /// The session or the key it claims.
    pub id: CredentialId,
    secret: [u8; 32],
}

impl Credential {
    /// The session, where it is one's.
    pub(crate) const fn session_id(&self) -> Option<SessionId> {
        match self.id {
            CredentialId::Session(id) => Some(id),
            CredentialId::Key(_) => None,
        }
    }

    /// A new one, of a secret just drawn and the tag of its user or account.
    pub fn issue(
        account_id: AccountId,
        user_id: UserId,
        id: impl Into<CredentialId>,
        tag: RateTag,
        mut secret: [u8; 32],
    ) -> Self {
        secret[..TAG_BYTES].copy_from_slice(&tag.bits().to_be_bytes());
        Self { account_id, user_id, id: id.into(), secret }
    }

    /// The text that its holder sends.
    pub fn expose(&self) -> String {
        let (high, low) = halves(self.secret);
        let words = [self.account_id.bits(), self.user_id.bits(), self.id.bits(), high, low];
        let body: String = words.iter().map(|word| encode_word(*word)).collect();
        format!("{}{body}{}", self.id.prefix(), checksum(&body))
    }

    /// Reads the text. A typing error is found by the checksum, without a look into the table.
    pub fn parse(text: &str) -> Option<Self> {
        let (is_key, text) = match text.strip_prefix(KEY_PREFIX) {
            Some(text) => (true, text),
            None => (false, text.strip_prefix(SESSION_PREFIX)?),
        };
        let (body, sum) = text.split_at_checked(WORD_CHARS * WORDS)?;
        if sum != checksum(body) {
            return None;
        }
        let [account, user, id, high, low] = decode_words(body)?;
        let id = if is_key { KeyId::from_bits(id).into() } else { SessionId::from_bits(id).into() };
        Some(Self {
            account_id: AccountId::from_bits(account),
            user_id: UserId::from_bits(user),
            id,
            secret: joined(high, low),
        })
    }

    /// Where the session or the key stands.
    pub const fn key(&self) -> EntityKey {
        match self.id {
            CredentialId::Session(id) => EntityKey::Session(self.account_id, self.user_id, id),
            CredentialId::Key(id) => EntityKey::ApiKey(self.account_id, self.user_id, id),
        }
    }

    /// What its holder's requests are counted under. RULE: AP-08
    pub fn rate_tag(&self) -> RateTag {
        RateTag::new(self.secret[..TAG_BYTES].iter().fold(0, |bits, byte| bits << 8 | u64::from(*byte)))
    }

    /// What is stored of the secret. RULE: AC-09
    pub fn digest(&self) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest(self.secret))
    }

    /// Compares with what is stored, in constant time.
    pub fn matches(&self, digest: &str) -> bool {
        self.digest().as_bytes().ct_eq(digest.as_bytes()).into()
    }
}

/// 32 bytes of two words.
pub(crate) fn joined(high: u128, low: u128) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes[..16].copy_from_slice(&high.to_be_bytes());
    bytes[16..].copy_from_slice(&low.to_be_bytes());
    bytes
}

/// 32 bytes as two words.
pub(crate) fn halves(secret: [u8; 32]) -> (u128, u128) {
    let half = |bytes: &[u8]| bytes.iter().fold(0_u128, |bits, byte| bits << 8 | u128::from(*byte));
    (half(&secret[..16]), half(&secret[16..]))
}

fn checksum(body: &str) -> String {
    format!("{:0>CHECKSUM_CHARS$}", base62::encode(crc32fast::hash(body.as_bytes())))
}

/// 128 bits as 22 characters.
pub(crate) fn encode_word(word: u128) -> String {
    format!("{:0>WORD_CHARS$}", base62::encode(word))
}

/// As many words as asked for, and nothing behind them.
pub(crate) fn decode_words<const N: usize>(text: &str) -> Option<[u128; N]> {
    if text.len() != WORD_CHARS * N || !text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return None;
    }
    let mut words = [0; N];
    for (word, chunk) in words.iter_mut().zip(text.as_bytes().chunks(WORD_CHARS)) {
        *word = base62::decode(chunk).ok()?;
    }
    Some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn credential() -> Credential {
        Credential::issue(
            AccountId::from_bits(1),
            UserId::from_bits(2),
            SessionId::from_bits(u128::MAX),
            RateTag::new(u64::MAX),
            [7; 32],
        )
    }

    // RULE: AC-09
    #[test]
    fn a_credential_reads_back_and_matches_its_digest_only() {
        let text = credential().expose();
        let read = Credential::parse(&text).unwrap();
        assert!(read == credential());
        assert_eq!(read.rate_tag(), RateTag::new(u64::MAX));
        assert!(read.matches(&credential().digest()));
        let other = Credential::issue(
            read.account_id,
            read.user_id,
            SessionId::from_bits(1),
            read.rate_tag(),
            [8; 32],
        );
        assert!(!other.matches(&credential().digest()));
        assert!(!text.contains(&credential().digest()));
    }

    // RULE: AC-07
    #[test]
    fn a_key_is_no_session_and_says_so() {
        let key = Credential::issue(
            AccountId::from_bits(1),
            UserId::from_bits(2),
            KeyId::from_bits(3),
            RateTag::new(4),
            [7; 32],
        );
        let text = key.expose();
        assert!(text.starts_with("ros_key_"));
        assert!(Credential::parse(&text).unwrap() == key);
        let other = Credential::parse(&text.replace("ros_key_", "ros_ses_")).unwrap();
        assert_eq!(other.id, CredentialId::Session(SessionId::from_bits(3)));
    }

    #[test]
    fn a_mistyped_or_mangled_credential_is_none() {
        let text = credential().expose();
        for at in 0..text.len() {
            let mut mangled = text.clone().into_bytes();
            mangled[at] = if mangled[at] == b'0' { b'1' } else { b'0' };
            assert!(Credential::parse(std::str::from_utf8(&mangled).unwrap()).is_none(), "at {at}");
        }
        for text in [
            "",
            "ros_ses_",
            "ros_key_",
            "ros_",
            &text[..text.len() - 1],
            &format!("{text}0"),
            "ros_ses_\u{e9}\u{e9}",
        ] {
            assert!(Credential::parse(text).is_none());
        }
    }
}
