//! One byte of what an authenticator says, of which each bit has a meaning.

/// After the hash of the relying party's id.
const AT: usize = 32;

pub(crate) const USER_VERIFIED: u8 = 0x04;
pub(crate) const BACKUP_ELIGIBLE: u8 = 0x08;
pub(crate) const BACKED_UP: u8 = 0x10;

/// The flags in authenticator data that the library has taken.
pub(crate) fn of(authenticator_data: &[u8]) -> u8 {
    authenticator_data.get(AT).copied().unwrap_or_default()
}
