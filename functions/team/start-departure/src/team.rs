//! What a departure is decided on.

use domain::{Account, EntityKey};
use runtime::{Call, Failure, Here, Loaded, Loads, Wants};

use crate::StartDeparture;

/// The account, and who departs.
pub struct Team {
    pub(crate) account: Account,
    pub(crate) here: Here,
}

fn successor_key(start: &StartDeparture, call: &Call<'_>) -> Option<EntityKey> {
    start.successor_id.map(|successor| EntityKey::User(call.account_id, successor))
}

impl Loads<StartDeparture> for Team {
    fn refuses() -> Vec<&'static str> {
        <Here as Loads<StartDeparture>>::refuses()
    }

    fn wants(start: &StartDeparture, call: &Call<'_>, wants: &mut Wants) {
        Account::wants(start, call, wants);
        Here::wants(start, call, wants);
        if let Some(key) = successor_key(start, call) {
            wants.key(key);
        }
    }

    async fn take(start: &StartDeparture, call: &Call<'_>, loaded: &mut Loaded) -> Result<Self, Failure> {
        let account = Account::take(start, call, loaded).await?;
        let successor = successor_key(start, call).map(|key| loaded.get(&key)).transpose()?.flatten();
        start.check_successor(call.target, successor.as_ref())?;
        let here = Here::take(start, call, loaded).await?;
        Ok(Self { account, here })
    }
}
