//! POST /v1/me/api-keys: a credential for programs, which acts with its owner's role of the moment. It is shown once.
//! RULE: AC-07

use domain::{
    Account, Actor, ApiKey, Change, Decision, Fact, FactKind, KeyLifetime, KeyView, Name, Permission, Reply,
};
use runtime::{Call, Collection, Credential, Failure, Fields, Loaded, Loads, Moment, Operation, Wants};
use schemars::JsonSchema;
use serde::Serialize;

/// The function.
pub const FUNCTION: runtime::Function = runtime::http::<CreateKey>();

/// Characters of a key that lists show.
const LAST_CHARS: usize = 4;

/// What the caller sends.
pub struct CreateKey {
    name: Name,
    lifetime: KeyLifetime,
}

/// The key with its credential.
#[derive(Serialize, JsonSchema)]
pub struct CreatedKey {
    /// `Authorization: Bearer <token>`. Shown this once.
    token: String,
    #[serde(flatten)]
    key: KeyView,
}

impl Reply for CreatedKey {}

impl Operation for CreateKey {
    const NAME: &str = "create-key";
    const ABOUT: &str = env!("CARGO_PKG_DESCRIPTION");
    const SUCCESS: u16 = 201;
    const SESSION_ALONE: bool = true;
    const SHOWS_SECRET: bool = true;
    const NEEDS: Option<Permission> = Some(Permission::OwnKeys);
    const REFUSES: &'static [&'static [&'static str]] = &[&["step_up_required", "too_many_keys"]];
    type Caller = Actor;
    type Loads = (Account, PresentKeys);
    type Reply = CreatedKey;

    fn read(fields: &mut Fields) -> Option<Self> {
        let name = fields.text("name", "What it is for.");
        let days = fields.optional_number(
            "expires_in_days",
            "How long it is good for; else 90.",
            &KeyLifetime::DAYS,
        );
        Some(Self { name: name?, lifetime: KeyLifetime::of_days(days?) })
    }

    // RULE: AC-06, AP-08
    fn decide(&self, by: &Actor, (account, keys): Self::Loads, at: &Moment) -> Decision<CreatedKey> {
        by.is_fresh(at.now)?;
        let user = &by.user;
        ApiKey::check_room(&keys.0, user, at.now)?;
        let (account, tag) = account.with_key_tag(at.fresh.rate_tag);
        let id = at.fresh.key_id;
        let credential = Credential::issue(user.account_id, user.id, id, tag, at.fresh.secret);
        let token = credential.expose();
        let key = ApiKey {
            id,
            account_id: user.account_id,
            user_id: user.id,
            epoch: user.key_epoch,
            name: self.name.clone(),
            secret_digest: credential.digest(),
            last4: token[token.len() - LAST_CHARS..].to_owned(),
            created_at: at.now,
            expires_at: self.lifetime.end(at.now),
            last_seen_at: None,
        };
        let fact = Fact::of(FactKind::KeyCreated, user).after("key_id", id.to_string());
        // The user is written though nothing of them changes: two keys at once count each other.
        Ok(Change::reply(CreatedKey { token, key: KeyView::from(key.clone()) })
            .fact(fact.after("expires_at", key.expires_at.to_rfc3339()))
            .put(account)
            .put(user.clone().with_key_made())
            .put(key))
    }
}

/// The caller's keys, live or not. They are read once the caller is: the other way round, two made at once would not count
/// each other.
pub struct PresentKeys(Vec<ApiKey>);

impl Loads<CreateKey> for PresentKeys {
    fn wants(_: &CreateKey, _: &Call<'_>, _: &mut Wants) {}

    async fn take(_: &CreateKey, call: &Call<'_>, loaded: &mut Loaded) -> Result<Self, Failure> {
        let user = call.caller(loaded)?;
        let collection = Collection::Keys(user.account_id, user.id);
        let mut wants = Wants::default();
        wants.collection(collection.clone());
        call.env.table.load(&wants, loaded).await?;
        Ok(Self(loaded.all(&collection)?))
    }
}
