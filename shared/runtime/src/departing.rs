//! A user and their departure, for the operations on it.

use domain::{Departure, DepartureView, EntityKey, Refusal, Resource, Tombstone, User};
use store::{Collection, Loaded, Part, Wants};

use crate::{Call, Failure, Loads, Target};

/// Resources that are looked through for what somebody made: as many as one read returns.
const RESOURCES_MAX: i32 = 1000;

/// The departure of whoever goes, the user whom the path names, or else the caller: it ends with them.
pub struct OwnDeparture(pub Option<Departure>);

fn own_departure(call: &Call<'_>) -> Option<EntityKey> {
    let user_id = call.target.or(call.caller_id)?;
    Some(EntityKey::Departure(call.account_id, user_id))
}

impl<O: Sync> Loads<O> for OwnDeparture {
    fn wants(_: &O, call: &Call<'_>, wants: &mut Wants) {
        if let Some(key) = own_departure(call) {
            wants.key(key);
        }
    }

    async fn take(_: &O, call: &Call<'_>, loaded: &mut Loaded) -> Result<Self, Failure> {
        Ok(Self(own_departure(call).map(|key| loaded.get(&key)).transpose()?.flatten()))
    }
}

/// The user whom the path names, gone or not, and their departure, if there ever was one. RULE: CK-02
pub struct Departing {
    /// The user, unless they are gone.
    pub user: Option<User>,
    /// What remains of them, once they are.
    pub tombstone: Option<Tombstone>,
    /// The last departure, over or not.
    pub departure: Option<Departure>,
    resources: Vec<Resource>,
    resources_complete: bool,
}

impl Departing {
    /// The departure as a caller sees it.
    pub fn view(&self, departure: &Departure) -> DepartureView {
        let seen = departure.clone().as_seen(self.user.as_ref(), self.tombstone.as_ref());
        DepartureView::of(&seen, &self.resources, self.resources_complete)
    }
}

/// The same, for what is done to a user who is there. RULE: DE-01
pub struct Here {
    /// The user.
    pub user: User,
    /// Their departure, and what they made.
    pub departing: Departing,
}

impl<O: Sync> Loads<O> for Here {
    fn refuses() -> Vec<&'static str> {
        <Departing as Loads<O>>::refuses()
    }

    fn wants(operation: &O, call: &Call<'_>, wants: &mut Wants) {
        Departing::wants(operation, call, wants);
    }

    async fn take(operation: &O, call: &Call<'_>, loaded: &mut Loaded) -> Result<Self, Failure> {
        let Target(user) = Target::take(operation, call, loaded).await?;
        Ok(Self { user, departing: Departing::take(operation, call, loaded).await? })
    }
}

impl<O: Sync> Loads<O> for Departing {
    fn refuses() -> Vec<&'static str> {
        <Target as Loads<O>>::refuses()
    }

    fn wants(operation: &O, call: &Call<'_>, wants: &mut Wants) {
        Target::wants(operation, call, wants);
        if let Some(user_id) = call.target {
            wants.key(EntityKey::Departure(call.account_id, user_id));
            wants.collection(resources(call));
        }
    }

    async fn take(_: &O, call: &Call<'_>, loaded: &mut Loaded) -> Result<Self, Failure> {
        let user_id = call.target.ok_or(Refusal::NotFound)?;
        let user = loaded.get(&EntityKey::User(call.account_id, user_id))?;
        let tombstone = loaded.get(&EntityKey::Tombstone(call.account_id, user_id))?;
        if user.is_none() && tombstone.is_none() {
            return Err(Refusal::NotFound.into());
        }
        let resources = resources(call);
        Ok(Self {
            user,
            tombstone,
            departure: loaded.get(&EntityKey::Departure(call.account_id, user_id))?,
            resources: loaded.all(&resources)?,
            resources_complete: !loaded.has_more(&resources),
        })
    }
}

fn resources(call: &Call<'_>) -> Collection {
    Collection::Owned { account_id: call.account_id, part: Part::Resources, limit: RESOURCES_MAX }
}
