//! The authenticators of the demo accounts, whose secrets are always the same, so that whoever tries them can sign in.

use domain::{AccountId, Enrolment, Factors, Instant, KeyVersion, Nonce, TotpSecret, TotpStep, User, UserId};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::demo;

/// Whoever has an authenticator, with the number of their account: the Roots, who need one, and whom samples are about.
const OWNERS: [(u16, u16); 5] = [(1, 2), (31, 32), (1, 66), (1, 68), (1, 70)];

fn enrolment(number: u16, begun_at: Instant) -> Result<Enrolment, String> {
    let key_version = KeyVersion::try_from(1)?;
    Ok(Enrolment { nonce: Nonce::new(number.into()), key_version, begun_at })
}

fn claim(account: u16, number: u16) -> Result<Vec<u8>, String> {
    let ids: (AccountId, UserId) = (demo::account_id(account)?, demo::user_id(number)?);
    Ok(enrolment(number, Instant::default())?.claim(ids.0, ids.1))
}

/// Whether a MAC of this is the secret of a demo authenticator.
pub(crate) fn is_claim(message: &[u8]) -> bool {
    OWNERS.iter().any(|(account, number)| claim(*account, *number).is_ok_and(|claim| claim == message))
}

/// What somebody has as their second factor, if they are to have one. They have no recovery codes: nobody was shown any.
pub(crate) fn of(number: u16, user: &User, now: Instant) -> Result<Option<Factors>, String> {
    if !OWNERS.iter().any(|(_, owner)| *owner == number) {
        return Ok(None);
    }
    let factors = Factors::none(user.account_id, user.id);
    Ok(Some(factors.confirm(enrolment(number, now)?, TotpStep::at(Instant::default()), now)))
}

/// What the demo Root types into an authenticator app.
pub fn secret() -> Result<String, String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(demo::MAC_KEY).map_err(|error| error.to_string())?;
    mac.update(&claim(1, 2)?);
    Ok(TotpSecret::of(&mac.finalize().into_bytes().into()).expose())
}
