//! Looking through all users of an account. RULE: AU-02

use domain::{Account, Catalogue, Census, Instant};
use store::{Capacity, Collection, StoreError};

use crate::Env;

/// Users of one read.
const PAGE_MAX: i32 = 1000;

/// Every user is seen once, a page at a time: of most of them nothing is kept. What is due and not closed yet counts as
/// closed.
pub async fn census(
    env: &Env,
    account: Account,
    now: Instant,
    capacity: &mut Capacity,
) -> Result<Census, StoreError> {
    let page = Collection::pages_of_users(account.id, PAGE_MAX);
    let begun = Census::begin(account.close_all(Catalogue::LISTS, now), now);
    env.table.fold_all(page, capacity, begun, Census::see).await
}
