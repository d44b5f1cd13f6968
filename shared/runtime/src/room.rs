//! Reading what seats are taken in.

use domain::{Account, Room, User};
use store::{Collection, Loaded, Wants};

use crate::{Call, Failure};

/// Users looked through for lapsed seats: more than one read returns. Only an account with a cap needs them.
const LAPSED_SEARCH_MAX: i32 = 1000;

/// The room for so many more people, read in one step with what else is wanted. Lapsed seats are looked for only
/// where not so many are left and some are pending: they come back in the very transaction that needs them. RULE: PS-05
pub async fn find_room(
    account: Account,
    seats: u32,
    mut wants: Wants,
    call: &Call<'_>,
    loaded: &mut Loaded,
) -> Result<Room, Failure> {
    let users = Collection::Users { account_id: call.account_id, after: None, limit: LAPSED_SEARCH_MAX };
    if account.lacks(seats) && account.pending > 0 {
        wants.collection(users.clone());
    }
    call.env.table.load(&wants, loaded).await?;
    let mut lapsed: Vec<User> = loaded.all(&users)?;
    lapsed.retain(|user| account.still_invites(user) && user.holds_a_lapsed_seat(call.moment.now));
    Ok(Room { account, lapsed })
}
