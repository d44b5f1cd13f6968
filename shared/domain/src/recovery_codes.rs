//! Recovery codes: ten of them, each good once, for whoever is without their authenticator. RULE: RC-01

use data_encoding::{BASE64URL_NOPAD, Encoding, Specification};
use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use crate::text::Problem;
use crate::{AccountId, Instant, KeyVersion, Nonce, UserId};

/// How many a set has.
pub const CODES: usize = 10;
const CHARS: usize = 10;
/// Where the dash stands.
const HALF: usize = CHARS / 2;
/// Crockford's base 32: no I, L, O or U.
const ALPHABET: &str = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// One code, without its dash.
#[derive(Clone, PartialEq, Eq)]
pub struct RecoveryCode(String);

impl RecoveryCode {
    /// Reads a code; case, dashes and spaces do not matter, and letters that look like digits are those.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let read: Option<String> =
            text.chars().filter(|c| !matches!(c, '-' | ' ')).map(|c| digit(c.to_ascii_uppercase())).collect();
        match read.filter(|code| code.len() == CHARS) {
            Some(code) => Ok(Self(code)),
            None => Err(("invalid_code", "Must be a recovery code, such as 7Q4KM-0XHZ2.".into())),
        }
    }

    /// As people see it.
    pub fn expose(&self) -> String {
        let (first, last) = self.0.split_at(HALF);
        format!("{first}-{last}")
    }
}

fn digit(c: char) -> Option<char> {
    let c = match c {
        'O' => '0',
        'I' | 'L' => '1',
        c => c,
    };
    ALPHABET.contains(c).then_some(c)
}

/// What a set of codes is expanded from: a MAC of its seed, or random bytes that are kept nowhere.
pub struct CodesKey([u8; 32]);

impl CodesKey {
    /// Of these bytes.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The ten codes, by HKDF-Expand of RFC 5869.
    pub fn codes(&self) -> Vec<RecoveryCode> {
        let mut specification = Specification::new();
        specification.symbols.push_str(ALPHABET);
        let (Ok(base32), Ok(expand)) = (specification.encoding(), Hkdf::<Sha256>::from_prk(&self.0)) else {
            return Vec::new();
        };
        (1..=CODES).map(|n| Self::code(&base32, &expand, n)).collect()
    }

    fn code(base32: &Encoding, expand: &Hkdf<Sha256>, n: usize) -> RecoveryCode {
        // 56 bits are 11 characters and a bit; ten of them are the code's 50 bits.
        let mut bytes = [0; 10];
        let info = format!("recovery code {n}");
        let expanded = expand.expand(info.as_bytes(), &mut bytes);
        let mut text = base32.encode(&bytes);
        text.truncate(CHARS);
        debug_assert!(expanded.is_ok(), "ten bytes are less than HKDF's limit");
        RecoveryCode(text)
    }
}

/// What codes are hashed under: a MAC that the table does not hold. RULE: AC-09
pub struct HashKey([u8; 32]);

impl HashKey {
    /// Of a set's MAC.
    pub const fn new(mac: [u8; 32]) -> Self {
        Self(mac)
    }

    fn hash(&self, code: &RecoveryCode) -> String {
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.0) else { return String::new() };
        mac.update(code.0.as_bytes());
        BASE64URL_NOPAD.encode(&mac.finalize().into_bytes())
    }
}

/// A code as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct StoredCode {
    hash: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    used_at: Option<Instant>,
}

/// Who has seen the codes of a set, its owner aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SeenBy {
    /// Nobody.
    Owner,
    /// Whoever issued or viewed them.
    Others,
}

/// A set of codes as it is stored: hashes, and the seed from which all but a Root's can be made once more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecoveryCodes {
    /// Tells this set from every other.
    pub id: Nonce,
    /// The version of the key that hashes and codes are made under.
    pub key_version: KeyVersion,
    /// What the codes are made from; none where nobody may see them again. RULE: RC-04
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<Nonce>,
    /// Who has seen them.
    pub seen_by: SeenBy,
    /// When they were issued.
    pub issued_at: Instant,
    codes: Vec<StoredCode>,
}

/// What becomes a set of codes.
pub struct NewCodes {
    /// What the codes are expanded from.
    pub key: CodesKey,
    /// What their hashes are made under.
    pub hash_key: HashKey,
    /// The version of the key of both MACs.
    pub key_version: KeyVersion,
    /// The set.
    pub id: Nonce,
    /// What the codes' MAC is of; none where they were drawn.
    pub seed: Option<Nonce>,
}

impl NewCodes {
    /// The set, and the codes to be shown. RULE: RC-02
    pub fn issue(self, seen_by: SeenBy, now: Instant) -> (RecoveryCodes, Vec<RecoveryCode>) {
        let codes = self.key.codes();
        let stored = codes.iter().map(|code| StoredCode { hash: self.hash_key.hash(code), used_at: None });
        let set = RecoveryCodes {
            id: self.id,
            key_version: self.key_version,
            seed: self.seed,
            seen_by,
            issued_at: now,
            codes: stored.collect(),
        };
        (set, codes)
    }
}

impl RecoveryCodes {
    /// What the MAC is of under which the codes of a set are hashed.
    pub fn hash_claim(account_id: AccountId, user_id: UserId, id: &Nonce) -> Vec<u8> {
        format!("code hashes\0{account_id}\0{user_id}\0{}\0", id.as_str()).into_bytes()
    }

    /// What the MAC is of that codes are expanded from.
    pub fn seed_claim(account_id: AccountId, user_id: UserId, seed: &Nonce) -> Vec<u8> {
        format!("codes\0{account_id}\0{user_id}\0{}\0", seed.as_str()).into_bytes()
    }

    /// Which of the unused codes this is. All are compared, whichever it is.
    pub fn find(&self, hash_key: &HashKey, code: &RecoveryCode) -> Option<usize> {
        let hash = hash_key.hash(code);
        let same = |stored: &StoredCode| bool::from(stored.hash.as_bytes().ct_eq(hash.as_bytes()));
        let matching = self.codes.iter().enumerate().filter(|(_, stored)| same(stored));
        matching.filter(|(_, stored)| stored.used_at.is_none()).map(|(n, _)| n).next_back()
    }

    /// The same once this code is used. RULE: RC-01
    pub fn used(mut self, n: usize, now: Instant) -> Self {
        if let Some(stored) = self.codes.get_mut(n) {
            stored.used_at = Some(now);
        }
        self
    }

    /// How many are left.
    pub fn left(&self) -> usize {
        self.codes.iter().filter(|stored| stored.used_at.is_none()).count()
    }

    /// Of all codes those that are unused.
    pub fn unused(&self, codes: Vec<RecoveryCode>) -> Vec<RecoveryCode> {
        let pairs = codes.into_iter().zip(&self.codes);
        pairs.filter(|(_, stored)| stored.used_at.is_none()).map(|(code, _)| code).collect()
    }

    /// Once their owner is a Root: what others have seen is good no more, and nobody sees them again. RULE: RC-04
    pub fn of_new_root(self) -> Option<Self> {
        (self.seen_by == SeenBy::Owner).then_some(Self { seed: None, ..self })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn new(seed: Option<Nonce>) -> NewCodes {
        NewCodes {
            key: CodesKey::new([7; 32]),
            hash_key: HashKey::new([9; 32]),
            key_version: KeyVersion::try_from(1).unwrap(),
            id: Nonce::new(1),
            seed,
        }
    }

    // RULE: RC-01
    #[test]
    fn a_set_is_ten_codes_of_ten_characters_in_crockfords_base_32() {
        let codes: Vec<String> = CodesKey::new([7; 32]).codes().iter().map(RecoveryCode::expose).collect();
        assert_eq!(codes.len(), 10);
        for code in &codes {
            assert!(RecoveryCode::parse(code).is_ok_and(|read| read.expose() == *code), "{code}");
            assert_eq!(code.chars().position(|c| c == '-'), Some(5));
        }
        let mut distinct = codes.clone();
        distinct.sort();
        distinct.dedup();
        assert_eq!(distinct.len(), 10);
        assert_ne!(CodesKey::new([8; 32]).codes()[0].expose(), codes[0]);
    }

    // RULE: RC-01
    #[test]
    fn case_and_dash_are_ignored_and_letters_that_look_like_digits_are_those() {
        let read = |text: &str| RecoveryCode::parse(text).map(|code| code.expose());
        assert_eq!(read("7q4km0xhz2").as_deref(), Ok("7Q4KM-0XHZ2"));
        assert_eq!(read(" 7Q4KM-OXHZ2").as_deref(), Ok("7Q4KM-0XHZ2"));
        assert_eq!(read("il111-11111").as_deref(), Ok("11111-11111"));
        for text in ["", "7Q4KM-0XHZ", "7Q4KM-0XHZ22", "7Q4KM-0XHZU", "7Q4KM_0XHZ2"] {
            assert!(RecoveryCode::parse(text).is_err(), "{text}");
        }
    }

    // RULE: RC-01, AC-09
    #[test]
    fn a_code_is_found_once_and_only_under_its_key() {
        let (set, codes) = new(None).issue(SeenBy::Owner, Instant::default());
        let key = HashKey::new([9; 32]);
        assert_eq!(set.find(&key, &codes[3]), Some(3));
        assert_eq!(set.find(&HashKey::new([8; 32]), &codes[3]), None);
        let used = set.used(3, Instant::default());
        assert_eq!((used.find(&key, &codes[3]), used.left()), (None, 9));
        assert_eq!(used.unused(codes).len(), 9);
    }

    // RULE: RC-04
    #[test]
    fn a_new_root_keeps_only_codes_that_nobody_else_has_seen() {
        let set = |seen_by| new(Some(Nonce::new(2))).issue(seen_by, Instant::default()).0;
        assert_eq!(set(SeenBy::Owner).of_new_root().map(|codes| codes.seed), Some(None));
        assert_eq!(set(SeenBy::Others).of_new_root(), None);
    }
}
