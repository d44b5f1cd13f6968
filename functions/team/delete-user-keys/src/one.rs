//! DELETE `/v1/users/{user_id}/api-keys/{key_id}`.

use domain::{Actor, ApiKey, Change, Decision, EntityKey, Fact, FactKind, KeyId, Permission, Removal, User};
use runtime::{Call, Failure, Fields, Loaded, Loads, Moment, Operation, Target, Wants, live_key};

/// Which.
pub(crate) struct DeleteUserKey {
    key_id: Option<KeyId>,
}

/// The user, and a live key of theirs.
pub(crate) struct TheirKey {
    user: User,
    key: ApiKey,
}

impl Operation for DeleteUserKey {
    const NAME: &str = "delete-user-key";
    const ABOUT: &str = "Deletes one of a user's API keys";
    const SUCCESS: u16 = 204;
    const NEEDS: Option<Permission> = Some(Permission::OthersKeys);
    const REFUSES: &'static [&'static [&'static str]] = &[Actor::LOOKING_REFUSES];
    type Caller = Actor;
    type Loads = TheirKey;
    type Reply = ();

    fn read(fields: &mut Fields) -> Option<Self> {
        Some(Self { key_id: fields.key_on_path() })
    }

    fn decide(&self, by: &Actor, TheirKey { user, key }: TheirKey, _: &Moment) -> Decision<()> {
        by.may_handle_keys(&user)?;
        let fact = Fact::of(FactKind::KeyDeleted, &user).before("key_id", key.id.to_string());
        let key = EntityKey::ApiKey(key.account_id, key.user_id, key.id);
        Ok(Change::reply(()).fact(fact).delete(Removal::AsRead(key)))
    }
}

impl Loads<DeleteUserKey> for TheirKey {
    fn refuses() -> Vec<&'static str> {
        <Target as Loads<DeleteUserKey>>::refuses()
    }

    fn wants(delete: &DeleteUserKey, call: &Call<'_>, wants: &mut Wants) {
        Target::wants(delete, call, wants);
        if let Some((user_id, key_id)) = call.target.zip(delete.key_id) {
            wants.key(EntityKey::ApiKey(call.account_id, user_id, key_id));
        }
    }

    async fn take(delete: &DeleteUserKey, call: &Call<'_>, loaded: &mut Loaded) -> Result<Self, Failure> {
        let Target(user) = Target::take(delete, call, loaded).await?;
        let key = live_key(call, loaded, &user, delete.key_id)?;
        Ok(Self { user, key })
    }
}
