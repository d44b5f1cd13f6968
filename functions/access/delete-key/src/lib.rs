//! DELETE `/v1/me/api-keys/{key_id}`: one of one's own API keys is dead at the next request. RULE: AC-07, SE-02

use domain::{Actor, ApiKey, Change, Decision, EntityKey, Fact, FactKind, KeyId, Removal};
use runtime::{Call, Failure, Fields, Loaded, Loads, Moment, Operation, Wants, live_key};

/// The function.
pub const FUNCTION: runtime::Function = runtime::http::<DeleteKey>();

/// Which.
pub struct DeleteKey {
    key_id: Option<KeyId>,
}

/// A live key of the caller.
pub struct OwnKey(ApiKey);

impl Operation for DeleteKey {
    const NAME: &str = "delete-key";
    const ABOUT: &str = env!("CARGO_PKG_DESCRIPTION");
    const SUCCESS: u16 = 204;
    const SESSION_ALONE: bool = true;
    type Caller = Actor;
    type Loads = OwnKey;
    type Reply = ();

    fn read(fields: &mut Fields) -> Option<Self> {
        Some(Self { key_id: fields.key_on_path() })
    }

    fn decide(&self, by: &Actor, OwnKey(key): OwnKey, _: &Moment) -> Decision<()> {
        let fact = Fact::of(FactKind::KeyDeleted, &by.user).before("key_id", key.id.to_string());
        let key = EntityKey::ApiKey(key.account_id, key.user_id, key.id);
        Ok(Change::reply(()).fact(fact).delete(Removal::AsRead(key)))
    }
}

impl Loads<DeleteKey> for OwnKey {
    fn refuses() -> Vec<&'static str> {
        vec!["not_found"]
    }

    fn wants(delete: &DeleteKey, call: &Call<'_>, wants: &mut Wants) {
        if let Some((user_id, key_id)) = call.caller_id.zip(delete.key_id) {
            wants.key(EntityKey::ApiKey(call.account_id, user_id, key_id));
        }
    }

    async fn take(delete: &DeleteKey, call: &Call<'_>, loaded: &mut Loaded) -> Result<Self, Failure> {
        let user = call.caller(loaded)?;
        Ok(Self(live_key(call, loaded, &user, delete.key_id)?))
    }
}
