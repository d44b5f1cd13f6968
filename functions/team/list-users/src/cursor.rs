//! An opaque cursor: the last user looked at, and a digest of the filters it belongs to. The account is not
//! in it; that always comes from the credential.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::UserId;
use sha2::{Digest, Sha256};

use crate::filter::Filter;

const DIGEST_BYTES: usize = 8;

pub(crate) fn write(last: UserId, filter: &Filter) -> String {
    let mut bytes = last.bits().to_be_bytes().to_vec();
    bytes.extend(digest(filter));
    URL_SAFE_NO_PAD.encode(bytes)
}

pub(crate) fn read(text: &str, filter: &Filter) -> Option<UserId> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    let (id, found) = bytes.split_at_checked(size_of::<u128>())?;
    let id = <[u8; size_of::<u128>()]>::try_from(id).ok()?;
    (found == digest(filter)).then(|| UserId::from_bits(u128::from_be_bytes(id)))
}

fn digest(filter: &Filter) -> [u8; DIGEST_BYTES] {
    let whole = Sha256::digest(format!("{filter:?}").as_bytes());
    let mut short = [0; DIGEST_BYTES];
    short.copy_from_slice(&whole[..DIGEST_BYTES]);
    short
}
