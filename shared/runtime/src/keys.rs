//! API keys of the caller, or of the user whom the path names. RULE: AC-07

use domain::{ApiKey, EntityKey, KeyId, Refusal, User, UserId};
use store::{Collection, Loaded, Wants};

use crate::{Call, Failure, Fields, Loads, Target};

/// The caller's keys, live or not.
pub struct OwnKeys(pub Vec<ApiKey>);

impl<O: Sync> Loads<O> for OwnKeys {
    fn wants(_: &O, call: &Call<'_>, wants: &mut Wants) {
        wants.collection(keys_of(call, call.caller_id));
    }

    async fn take(_: &O, call: &Call<'_>, loaded: &mut Loaded) -> Result<Self, Failure> {
        Ok(Self(loaded.all(&keys_of(call, call.caller_id))?))
    }
}

/// The user whom the path names, and their keys, live or not.
pub struct TheirKeys {
    /// The user.
    pub user: User,
    /// Their keys.
    pub keys: Vec<ApiKey>,
}

impl<O: Sync> Loads<O> for TheirKeys {
    fn refuses() -> Vec<&'static str> {
        <Target as Loads<O>>::refuses()
    }

    fn wants(operation: &O, call: &Call<'_>, wants: &mut Wants) {
        Target::wants(operation, call, wants);
        wants.collection(keys_of(call, call.target));
    }

    async fn take(operation: &O, call: &Call<'_>, loaded: &mut Loaded) -> Result<Self, Failure> {
        let Target(user) = Target::take(operation, call, loaded).await?;
        Ok(Self { user, keys: loaded.all(&keys_of(call, call.target))? })
    }
}

/// Of nobody, where there is no such user: nothing is found.
fn keys_of(call: &Call<'_>, user_id: Option<UserId>) -> Collection {
    Collection::Keys(call.account_id, user_id.unwrap_or(UserId::from_bits(0)))
}

impl Fields {
    /// The key that the path names; none where what stands there is no identifier of one.
    pub fn key_on_path(&self) -> Option<KeyId> {
        self.path("key_id").and_then(KeyId::parse)
    }
}

/// A live key of this user. What is none is not found.
pub fn live_key(
    call: &Call<'_>,
    loaded: &Loaded,
    user: &User,
    key_id: Option<KeyId>,
) -> Result<ApiKey, Failure> {
    let key_id = key_id.ok_or(Refusal::NotFound)?;
    let key: Option<ApiKey> = loaded.get(&EntityKey::ApiKey(user.account_id, user.id, key_id))?;
    key.filter(|key| key.is_live(user, call.moment.now)).ok_or_else(|| Refusal::NotFound.into())
}
