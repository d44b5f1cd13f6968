//! What those are called who made something: they may be gone since. RULE: RS-03

use std::collections::BTreeMap;

use domain::{AccountId, EntityKey, Resource, Tombstone, User, UserId};
use runtime::{Call, Failure, Loaded, Wants};

use crate::view::Maker;

/// By identifier: their name, or what stands in its place.
pub(crate) struct Makers(BTreeMap<UserId, String>);

impl Makers {
    /// Has somebody looked for who may be gone.
    pub(crate) fn want(account_id: AccountId, user_id: UserId, wants: &mut Wants) {
        wants.key(EntityKey::User(account_id, user_id));
        wants.key(EntityKey::Tombstone(account_id, user_id));
    }

    /// Takes them from what was read; those who were not read, as the caller was, are a further step.
    pub(crate) async fn load(
        made: impl Iterator<Item = &Resource>,
        call: &Call<'_>,
        loaded: &mut Loaded,
    ) -> Result<Self, Failure> {
        let mut labels: BTreeMap<UserId, String> =
            made.map(|resource| (resource.created_by, String::new())).collect();
        let mut wants = Wants::default();
        for user_id in labels.keys() {
            if !loaded.contains(&EntityKey::User(call.account_id, *user_id)) {
                Self::want(call.account_id, *user_id, &mut wants);
            }
        }
        call.env.table.load(&wants, loaded).await?;
        for (user_id, label) in &mut labels {
            *label = label_of(call.account_id, *user_id, loaded)?;
        }
        Ok(Self(labels))
    }

    /// Somebody, as they are shown.
    pub(crate) fn show(&self, user_id: UserId) -> Maker {
        let label = self.0.get(&user_id).map_or(Tombstone::LABEL, String::as_str);
        Maker::new(user_id, label.to_owned())
    }
}

fn label_of(account_id: AccountId, user_id: UserId, loaded: &Loaded) -> Result<String, Failure> {
    if let Some(user) = loaded.get::<User>(&EntityKey::User(account_id, user_id))? {
        return Ok(user.full_name());
    }
    let tombstone: Option<Tombstone> = loaded.get(&EntityKey::Tombstone(account_id, user_id))?;
    Ok(tombstone.map_or_else(|| Tombstone::LABEL.to_owned(), |tombstone| tombstone.label))
}
