//! The authenticators of the demo accounts, whose secrets are always the same, so that whoever tries them can sign in.

use domain::{
    AccountId, CodesKey, Enrolment, Factors, HashKey, Instant, KeyVersion, NewCodes, Nonce, RecoveryCodes,
    SeenBy, TotpSecret, TotpStep, User, UserId,
};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::demo;

/// Whoever has an authenticator, with the number of their account: the Roots, who need one, and whom samples are about.
const OWNERS: [(u16, u16); 5] = [(1, 2), (31, 32), (1, 66), (1, 68), (1, 70)];

/// Whose recovery codes a sample views, with the number of their account. All others have none: nobody was shown any.
const VIEWED: (u16, u16) = (1, 70);

fn nonce(number: u16) -> Nonce {
    Nonce::new(number.into())
}

fn key_version() -> Result<KeyVersion, String> {
    Ok(KeyVersion::try_from(1)?)
}

fn ids((account, number): (u16, u16)) -> Result<(AccountId, UserId), String> {
    Ok((demo::account_id(account)?, demo::user_id(number)?))
}

fn enrolment(number: u16, begun_at: Instant) -> Result<Enrolment, String> {
    Ok(Enrolment { nonce: nonce(number), key_version: key_version()?, begun_at })
}

fn secret_claim(owner: (u16, u16)) -> Result<Vec<u8>, String> {
    let (account_id, user_id) = ids(owner)?;
    Ok(enrolment(owner.1, Instant::default())?.claim(account_id, user_id))
}

/// What the codes that a sample views are made from, and what they are hashed under.
fn codes_claims() -> Result<[Vec<u8>; 2], String> {
    let ((account_id, user_id), nonce) = (ids(VIEWED)?, nonce(VIEWED.1));
    Ok([
        RecoveryCodes::seed_claim(account_id, user_id, &nonce),
        RecoveryCodes::hash_claim(account_id, user_id, &nonce),
    ])
}

/// Whether a MAC of this is the secret of a demo authenticator, or makes demo recovery codes.
pub(crate) fn is_claim(message: &[u8]) -> bool {
    let is_secret = |owner: &(u16, u16)| secret_claim(*owner).is_ok_and(|claim| claim == message);
    OWNERS.iter().any(is_secret) || codes_claims().is_ok_and(|claims| claims.iter().any(|it| it == message))
}

fn mac(claim: &[u8]) -> Result<[u8; 32], String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(demo::MAC_KEY).map_err(|error| error.to_string())?;
    mac.update(claim);
    Ok(mac.finalize().into_bytes().into())
}

fn codes(now: Instant) -> Result<RecoveryCodes, String> {
    let [seed, hashes] = codes_claims()?;
    let new = NewCodes {
        key: CodesKey::new(mac(&seed)?),
        hash_key: HashKey::new(mac(&hashes)?),
        key_version: key_version()?,
        id: nonce(VIEWED.1),
        seed: Some(nonce(VIEWED.1)),
    };
    Ok(new.issue(SeenBy::Owner, now).0)
}

/// Somebody with their second factor, and that, if they are to have one.
pub(crate) fn of(number: u16, user: &User, now: Instant) -> Result<Option<(User, Factors)>, String> {
    if !OWNERS.iter().any(|(_, owner)| *owner == number) {
        return Ok(None);
    }
    let factors = Factors::none(user.account_id, user.id);
    let factors = factors.confirm(enrolment(number, now)?, TotpStep::at(Instant::default()), now);
    let user = User { mfa_enabled: true, ..user.clone() };
    Ok(Some(if number == VIEWED.1 {
        (user.with_codes(), factors.with_codes(codes(now)?))
    } else {
        (user, factors)
    }))
}

/// What the demo Root types into an authenticator app.
pub fn secret() -> Result<String, String> {
    Ok(TotpSecret::of(&mac(&secret_claim(OWNERS[0])?)?).expose())
}
