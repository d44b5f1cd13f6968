//! The users of a round, or what is left of them.

use domain::{Departure, EntityKey, FACTS_MAX, Tombstone, User, UserId};
use runtime::{Call, Failure, Loaded, Loads, Wants};

use crate::DeleteMany;

/// The users of a round, in the order in which they were sent.
pub struct Rows(pub(crate) Vec<Row>);

/// One who is to be deleted.
pub(crate) struct Row {
    pub(crate) user_id: UserId,
    pub(crate) standing: Standing,
}

/// What is there of a user.
pub(crate) enum Standing {
    /// They are there, with their departure if there ever was one.
    There(Box<(User, Option<Departure>)>),
    /// They were deleted before.
    Gone,
    /// The account never had them.
    Unknown,
}

/// As many as one transaction may change.
fn users(many: &DeleteMany, call: &Call<'_>) -> impl Iterator<Item = UserId> {
    many.user_ids.iter().copied().skip(call.moment.done).take(FACTS_MAX)
}

impl Loads<DeleteMany> for Rows {
    fn wants(many: &DeleteMany, call: &Call<'_>, wants: &mut Wants) {
        for user_id in users(many, call) {
            wants.key(EntityKey::User(call.account_id, user_id));
            wants.key(EntityKey::Tombstone(call.account_id, user_id));
            wants.key(EntityKey::Departure(call.account_id, user_id));
        }
    }

    async fn take(many: &DeleteMany, call: &Call<'_>, loaded: &mut Loaded) -> Result<Self, Failure> {
        let rows = users(many, call).map(|user_id| {
            let user: Option<User> = loaded.get(&EntityKey::User(call.account_id, user_id))?;
            let tombstone: Option<Tombstone> = loaded.get(&EntityKey::Tombstone(call.account_id, user_id))?;
            let standing = match (user, tombstone) {
                (Some(user), _) => {
                    let departure = loaded.get(&EntityKey::Departure(call.account_id, user_id))?;
                    Standing::There(Box::new((user, departure)))
                }
                (None, Some(_)) => Standing::Gone,
                (None, None) => Standing::Unknown,
            };
            Ok(Row { user_id, standing })
        });
        rows.collect::<Result<_, Failure>>().map(Self)
    }
}
