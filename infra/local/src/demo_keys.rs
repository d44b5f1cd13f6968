//! The API keys of the demo account, for samples: one is listed, two are deleted.

use domain::{ApiKey, Instant, KeyId, KeyLifetime, RateTag, Text, User};
use runtime::Credential;

use crate::demo;

/// The end of each key's identifier, whose it is, and what it is called.
const KEYS: [(u16, u16, &str); 3] = [(71, 70, "Helpdesk"), (72, 70, "Old laptop"), (73, 64, "Nightly build")];
/// Characters of a key that lists show.
const LAST_CHARS: usize = 4;

/// The keys of somebody, under the tag of their account.
pub(crate) fn of(number: u16, user: &User, tag: RateTag, now: Instant) -> Result<Vec<ApiKey>, String> {
    let owned = KEYS.iter().filter(|(_, owner, _)| *owner == number);
    owned.map(|(key, _, name)| made(*key, name, user, tag, now)).collect()
}

fn made(number: u16, name: &str, user: &User, tag: RateTag, now: Instant) -> Result<ApiKey, String> {
    let id = demo::id(KeyId::PREFIX, number, KeyId::parse)?;
    let credential = Credential::issue(user.account_id, user.id, id, tag, [1; 32]);
    let token = credential.expose();
    Ok(ApiKey {
        id,
        account_id: user.account_id,
        user_id: user.id,
        epoch: user.key_epoch,
        name: Text::parse(name).map_err(|(_, problem)| problem)?,
        secret_digest: credential.digest(),
        last4: token[token.len() - LAST_CHARS..].to_owned(),
        created_at: now,
        expires_at: KeyLifetime::of_days(None).end(now),
        last_seen_at: None,
    })
}
