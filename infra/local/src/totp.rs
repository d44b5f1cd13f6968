//! The codes of an authenticator app: RFC 6238 with SHA-1, 6 digits, steps of 30 seconds.

use chrono::{DateTime, Utc};
use data_encoding::BASE32_NOPAD;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

const STEP_SECONDS: i64 = 30;
const DIGITS: u32 = 6;

/// The code of a secret, spelled as in an otpauth URI, at an instant. None for what is no such secret.
pub(crate) fn code(secret: &str, at: DateTime<Utc>) -> Option<String> {
    let spelled = secret.trim_end_matches('=').to_ascii_uppercase();
    let key = BASE32_NOPAD.decode(spelled.as_bytes()).ok().filter(|key| !key.is_empty())?;
    let step = u64::try_from(at.timestamp() / STEP_SECONDS).ok()?;
    hotp(&key, step, DIGITS)
}

/// RFC 4226, section 5.3.
fn hotp(key: &[u8], counter: u64, digits: u32) -> Option<String> {
    let mut mac = Hmac::<Sha1>::new_from_slice(key).ok()?;
    mac.update(&counter.to_be_bytes());
    let hash = mac.finalize().into_bytes();
    let offset = usize::from(hash.last()? & 0xf);
    let bytes = hash.get(offset..offset + 4)?.try_into().ok()?;
    let number = (u32::from_be_bytes(bytes) & 0x7fff_ffff) % 10_u32.checked_pow(digits)?;
    Some(format!("{number:0width$}", width = digits as usize))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &[u8] = b"12345678901234567890";

    // RULE: AC-04
    #[test]
    fn the_codes_are_those_of_rfc_4226() {
        for (counter, expected) in (0..).zip(["755224", "287082", "359152", "969429", "338314"]) {
            assert_eq!(hotp(KEY, counter, 6).unwrap(), expected);
        }
    }

    // RULE: AC-04
    #[test]
    fn the_codes_are_those_of_rfc_6238() {
        let secret = BASE32_NOPAD.encode(KEY);
        for (seconds, eight) in [(59, "94287082"), (1_111_111_109, "07081804"), (2_000_000_000, "69279037")] {
            let at = DateTime::from_timestamp(seconds, 0).unwrap();
            assert_eq!(hotp(KEY, u64::try_from(seconds / 30).unwrap(), 8).unwrap(), eight);
            assert_eq!(code(&secret, at).unwrap(), eight[2..]);
        }
    }

    #[test]
    fn a_secret_is_read_as_people_write_it() {
        let at = DateTime::from_timestamp(59, 0).unwrap();
        let code = |secret: &str| code(secret, at);
        assert_eq!(code("gezdgnbvgy3tqojqgezdgnbvgy3tqojq").as_deref(), Some("287082"));
        assert_eq!(code("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ===").as_deref(), Some("287082"));
        assert_eq!(["", "not base32!", "A", "1"].map(code), [None, None, None, None]);
    }
}
