//! Passwords: argon2id, off the event loop. RULE: AC-02

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};

use crate::Fault;

/// OWASP Password Storage Cheat Sheet: argon2id with 19 MiB of memory, 2 iterations, 1 degree of parallelism.
const MEMORY_KIB: u32 = 19 * 1024;
const ITERATIONS: u32 = 2;
const LANES: u32 = 1;
const SALT_BYTES: usize = 16;

/// The hash of no password: it is verified against where there is no user, so that it takes as long. RULE: AC-03
const NOBODYS_HASH: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$cm9zdGVycm9zdGVycm9zdA$QGb5S3dDM7xNdmWbXb4aBDtm9OdFwq5cTMoTKVxKQZ4";

fn argon2() -> Result<Argon2<'static>, Fault> {
    let params = Params::new(MEMORY_KIB, ITERATIONS, LANES, None)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// Hashes a password under a new salt.
pub async fn hash_password(password: &str) -> Result<String, Fault> {
    let password = password.to_owned();
    tokio::task::spawn_blocking(move || {
        let mut salt = [0; SALT_BYTES];
        getrandom::fill(&mut salt)?;
        let hash: PasswordHash = argon2()?.hash_password_with_salt(password.as_bytes(), &salt)?;
        Ok(hash.to_string())
    })
    .await?
}

/// Whether the password is the one of this hash; where there is no hash it takes as long, and is not.
pub async fn verify_password(password: &str, hash: Option<&str>) -> Result<bool, Fault> {
    let password = password.to_owned();
    let known = hash.is_some();
    let hash = hash.unwrap_or(NOBODYS_HASH).to_owned();
    tokio::task::spawn_blocking(move || {
        let hash = PasswordHash::new(&hash)?;
        let same = argon2()?.verify_password(password.as_bytes(), &hash).is_ok();
        Ok(same && known)
    })
    .await?
}

#[cfg(test)]
mod tests {
    use super::*;

    // RULE: AC-02, AC-03
    #[tokio::test]
    async fn a_hash_knows_its_password_and_nobody_has_none() {
        let hash = hash_password("correct horse").await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(verify_password("correct horse", Some(&hash)).await.unwrap());
        assert!(!verify_password("correct house", Some(&hash)).await.unwrap());
        assert!(!verify_password("correct horse", None).await.unwrap());
        let parameters = |hash: &str| hash.rsplitn(3, '$').last().map(str::to_owned);
        assert_eq!(parameters(NOBODYS_HASH), parameters(&hash), "nobody's takes as long as anybody's");
        assert_ne!(hash, hash_password("correct horse").await.unwrap(), "each has its own salt");
    }
}
