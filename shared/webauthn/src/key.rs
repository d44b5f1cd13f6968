//! Whether a new passkey's public key is one. The library looks at it when it is first used, and at an Ed25519 key too
//! kindly even then: one of small order is content with one signature for whatever was signed.

use ciborium::Value;
use rsa::traits::PublicKeyParts;
use rsa::{BoxedUint, RsaPublicKey};

use crate::Error;

/// The labels and values of RFC 9053, sections 7 and 2, and of RFC 8230, section 4.
mod cose {
    pub(super) const KEY_TYPE: i8 = 1;
    pub(super) const ALGORITHM: i8 = 3;
    pub(super) const CURVE: i8 = -1;
    pub(super) const X: i8 = -2;
    pub(super) const Y: i8 = -3;
    pub(super) const MODULUS: i8 = -1;
    pub(super) const EXPONENT: i8 = -2;

    pub(super) const OKP: i64 = 1;
    pub(super) const EC2: i64 = 2;
    pub(super) const RSA: i64 = 3;
    pub(super) const P256: i64 = 1;
    pub(super) const ED25519: i64 = 6;
}

/// The COSE algorithms that are offered, in the order in which they are preferred: `EdDSA`, ES256, RS256.
pub(crate) const ALGORITHMS: [i32; 3] = [EDDSA, ES256, RS256];
const EDDSA: i32 = -8;
const ES256: i32 = -7;
const RS256: i32 = -257;

/// The largest key that is offered, of RSA with 8192 bits, and what COSE writes around it.
const BYTES_MAX: usize = 1100;
const RSA_BITS_MIN: u32 = 2048;
/// How SEC 1 begins a point with both its coordinates.
const UNCOMPRESSED: u8 = 4;

/// That this is a key of this algorithm, one that was offered, and that only its owner signs by it.
pub(crate) fn check(algorithm: i32, key: &[u8]) -> Result<(), Error> {
    if key.len() > BYTES_MAX {
        return Err(Error::Key);
    }
    let key = Key::read(key)?;
    key.says(cose::ALGORITHM, algorithm.into())?;
    match algorithm {
        EDDSA => key.check_ed25519(),
        ES256 => key.check_p256(),
        RS256 => key.check_rsa(),
        _ => Err(Error::Key),
    }
}

/// The entries of a COSE key.
struct Key(Vec<(Value, Value)>);

impl Key {
    fn read(bytes: &[u8]) -> Result<Self, Error> {
        let value = ciborium::from_reader::<Value, _>(bytes);
        value.ok().and_then(|value| value.into_map().ok()).map(Self).ok_or(Error::Key)
    }

    fn check_ed25519(&self) -> Result<(), Error> {
        self.says(cose::KEY_TYPE, cose::OKP)?;
        self.says(cose::CURVE, cose::ED25519)?;
        let point = self.coordinate(cose::X)?;
        let key = ed25519_dalek::VerifyingKey::from_bytes(&point).map_err(|_| Error::Key)?;
        if key.is_weak() { Err(Error::Key) } else { Ok(()) }
    }

    fn check_p256(&self) -> Result<(), Error> {
        self.says(cose::KEY_TYPE, cose::EC2)?;
        self.says(cose::CURVE, cose::P256)?;
        let point = [&[UNCOMPRESSED][..], &self.coordinate(cose::X)?, &self.coordinate(cose::Y)?].concat();
        p256::PublicKey::from_sec1_bytes(&point).map(|_| ()).map_err(|_| Error::Key)
    }

    /// The library asks for an odd modulus of at most 8192 bits, and for an odd exponent that is more than one.
    fn check_rsa(&self) -> Result<(), Error> {
        self.says(cose::KEY_TYPE, cose::RSA)?;
        let number = |label| self.bytes(label).map(BoxedUint::from_be_slice_vartime);
        let key = RsaPublicKey::new(number(cose::MODULUS)?, number(cose::EXPONENT)?);
        let key = key.map_err(|_| Error::Key)?;
        if key.n().bit_width() < RSA_BITS_MIN { Err(Error::Key) } else { Ok(()) }
    }

    fn says(&self, label: i8, expected: i64) -> Result<(), Error> {
        let said = self.get(label).and_then(Value::as_integer);
        if said == Some(expected.into()) { Ok(()) } else { Err(Error::Key) }
    }

    fn coordinate(&self, label: i8) -> Result<[u8; 32], Error> {
        self.bytes(label)?.try_into().map_err(|_| Error::Key)
    }

    fn bytes(&self, label: i8) -> Result<&[u8], Error> {
        self.get(label).and_then(Value::as_bytes).map(Vec::as_slice).ok_or(Error::Key)
    }

    /// What stands under this label; nothing, where it stands there twice.
    fn get(&self, label: i8) -> Option<&Value> {
        let mut found = self.0.iter().filter(|(key, _)| key.as_integer() == Some(label.into()));
        let (_, value) = found.next()?;
        found.next().is_none().then_some(value)
    }
}
