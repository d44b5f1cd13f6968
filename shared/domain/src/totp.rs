//! The codes of an authenticator app: RFC 6238 over RFC 4226, with SHA-1, 6 digits and steps of 30 seconds. RULE: AC-04

use data_encoding::BASE32_NOPAD;
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha1::Sha1;
use subtle::ConstantTimeEq;

use crate::Instant;
use crate::text::Problem;

const STEP_SECONDS: i64 = 30;
const DIGITS: u32 = 6;
/// How many steps a clock may be off, either way.
const STEPS_OFF_MAX: i64 = 1;
/// What RFC 4226 recommends for SHA-1, and what apps take.
const SECRET_BYTES: usize = 20;

/// A step of 30 seconds, counted from 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TotpStep(i64);

impl TotpStep {
    /// The one of this instant.
    pub fn at(now: Instant) -> Self {
        Self(now.timestamp().div_euclid(STEP_SECONDS))
    }
}

/// Six digits that somebody typed.
#[derive(Clone, PartialEq, Eq)]
pub struct TotpCode(String);

impl TotpCode {
    /// Reads six digits; spaces between them are for people.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let digits: String = text.chars().filter(|c| *c != ' ').collect();
        let is_code = digits.len() == DIGITS as usize && digits.bytes().all(|byte| byte.is_ascii_digit());
        if is_code { Ok(Self(digits)) } else { Err(("invalid_code", format!("Must have {DIGITS} digits."))) }
    }
}

/// What an authenticator app and the server share. It is derived, and never stored. RULE: AC-09
pub struct TotpSecret([u8; SECRET_BYTES]);

impl TotpSecret {
    /// Of the MAC of an enrolment.
    pub fn of(mac: &[u8; 32]) -> Self {
        let mut secret = [0; SECRET_BYTES];
        secret.copy_from_slice(&mac[..SECRET_BYTES]);
        Self(secret)
    }

    /// As people type it into an app.
    pub fn expose(&self) -> String {
        BASE32_NOPAD.encode(&self.0)
    }

    /// The step that a code is of, if it is of one around now that comes after the last one used: no code is good twice.
    pub fn step_of(&self, code: &TotpCode, last_used: Option<TotpStep>, now: Instant) -> Option<TotpStep> {
        let around = TotpStep::at(now).0;
        let steps = (around - STEPS_OFF_MAX..=around + STEPS_OFF_MAX).map(TotpStep);
        // All of them are compared, so that how long it takes does not tell which one it is.
        let mut matching = steps.filter(|step| {
            let own = u64::try_from(step.0).ok().and_then(|counter| hotp(&self.0, counter, DIGITS));
            own.is_some_and(|own| own.as_bytes().ct_eq(code.0.as_bytes()).into())
        });
        matching.rfind(|step| last_used.is_none_or(|last| *step > last))
    }
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

    const KEY: &[u8; 20] = b"12345678901234567890";

    fn at(seconds: i64) -> Instant {
        Instant::from_timestamp(seconds, 0).unwrap()
    }

    fn code(seconds: i64) -> TotpCode {
        TotpCode::parse(&hotp(KEY, u64::try_from(seconds / 30).unwrap(), 6).unwrap()).unwrap()
    }

    // RULE: AC-04
    #[test]
    fn codes_are_those_of_rfc_4226() {
        let codes: Vec<String> = (0..4).map(|counter| hotp(KEY, counter, 6).unwrap()).collect();
        assert_eq!(codes, ["755224", "287082", "359152", "969429"]);
    }

    // RULE: AC-04
    #[test]
    fn codes_are_those_of_rfc_6238() {
        for (seconds, eight) in [(59, "94287082"), (1_111_111_109, "07081804"), (2_000_000_000, "69279037")] {
            assert_eq!(hotp(KEY, u64::try_from(seconds / 30).unwrap(), 8).unwrap(), eight);
            let six = TotpCode::parse(&eight[2..]).unwrap();
            assert_eq!(TotpSecret(*KEY).step_of(&six, None, at(seconds)), Some(TotpStep(seconds / 30)));
        }
    }

    // RULE: AC-04
    #[test]
    fn a_code_is_good_a_step_before_and_after_its_own_and_no_longer() {
        let noon = 1_760_000_010;
        let good = |now: i64| TotpSecret(*KEY).step_of(&code(noon), None, at(now)).is_some();
        let begins = noon / 30 * 30;
        assert_eq!(
            [begins - 31, begins - 30, begins, begins + 59, begins + 60].map(good),
            [false, true, true, true, false]
        );
    }

    // RULE: AC-04
    #[test]
    fn a_used_step_and_those_before_it_are_refused() {
        let noon = 1_760_000_010;
        let used = TotpSecret(*KEY).step_of(&code(noon), None, at(noon));
        assert_eq!(TotpSecret(*KEY).step_of(&code(noon), used, at(noon + 1)), None, "twice");
        assert_eq!(TotpSecret(*KEY).step_of(&code(noon - 30), used, at(noon)), None, "an earlier one");
        assert!(TotpSecret(*KEY).step_of(&code(noon + 30), used, at(noon)).is_some());
    }

    // RULE: AC-04
    #[test]
    fn a_code_is_six_digits() {
        assert!(TotpCode::parse("123 456").is_ok());
        for text in ["", "12345", "1234567", "12345a", "\u{661}23456"] {
            assert!(TotpCode::parse(text).is_err(), "{text}");
        }
    }
}
