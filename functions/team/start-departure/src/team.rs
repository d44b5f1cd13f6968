//! What a departure is decided on.

use domain::{Account, EntityKey, User};
use runtime::{Call, Departing, Failure, Loaded, Loads, Wants};

use crate::StartDeparture;

/// The account, who departs, and who is to take over.
pub struct Team {
    pub(crate) account: Account,
    pub(crate) departing: Departing,
    pub(crate) successor: Option<User>,
}

fn successor_key(start: &StartDeparture, call: &Call<'_>) -> Option<EntityKey> {
    start.successor_id.map(|successor| EntityKey::User(call.account_id, successor))
}

impl Loads<StartDeparture> for Team {
    fn refuses() -> Vec<&'static str> {
        <Departing as Loads<StartDeparture>>::refuses()
    }

    fn wants(start: &StartDeparture, call: &Call<'_>, wants: &mut Wants) {
        Account::wants(start, call, wants);
        Departing::wants(start, call, wants);
        if let Some(key) = successor_key(start, call) {
            wants.key(key);
        }
    }

    async fn take(start: &StartDeparture, call: &Call<'_>, loaded: &mut Loaded) -> Result<Self, Failure> {
        let account = Account::take(start, call, loaded).await?;
        let departing = Departing::take(start, call, loaded).await?;
        let successor = successor_key(start, call).map(|key| loaded.get(&key)).transpose()?.flatten();
        Ok(Self { account, departing, successor })
    }
}
