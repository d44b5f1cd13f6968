//! The users of a round, or what is left of them.

use domain::{AccountId, Departure, EntityKey, FACTS_MAX, Tombstone, User, UserId};
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
    Gone(Box<Tombstone>),
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

    /// What is read together is not read as of one instant: who seems never to have been there may just be going. RULE: AU-04
    async fn take(many: &DeleteMany, call: &Call<'_>, loaded: &mut Loaded) -> Result<Self, Failure> {
        let account_id = call.account_id;
        let mut rows: Vec<Row> = users(many, call)
            .map(|user_id| Row::read(account_id, user_id, loaded))
            .collect::<Result<_, _>>()?;
        let unknown: Vec<&mut Row> =
            rows.iter_mut().filter(|row| matches!(row.standing, Standing::Unknown)).collect();
        if !unknown.is_empty() {
            let (mut wants, mut again) = (Wants::default(), Loaded::default());
            for row in &unknown {
                wants.key(EntityKey::Tombstone(account_id, row.user_id));
            }
            call.env.table.load(&wants, &mut again).await?;
            loaded.capacity += again.capacity;
            for row in unknown {
                if let Some(tombstone) = again.get(&EntityKey::Tombstone(account_id, row.user_id))? {
                    row.standing = Standing::Gone(Box::new(tombstone));
                }
            }
        }
        Ok(Self(rows))
    }
}

impl Row {
    fn read(account_id: AccountId, user_id: UserId, loaded: &Loaded) -> Result<Self, Failure> {
        let user: Option<User> = loaded.get(&EntityKey::User(account_id, user_id))?;
        let tombstone: Option<Tombstone> = loaded.get(&EntityKey::Tombstone(account_id, user_id))?;
        let standing = match (user, tombstone) {
            (Some(user), _) => {
                let departure = loaded.get(&EntityKey::Departure(account_id, user_id))?;
                Standing::There(Box::new((user, departure)))
            }
            (None, Some(tombstone)) => Standing::Gone(Box::new(tombstone)),
            (None, None) => Standing::Unknown,
        };
        Ok(Self { user_id, standing })
    }
}
