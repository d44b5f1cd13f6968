//! Looking through all users of an account. RULE: AU-02

use domain::{Account, Catalogue, Instant, Review, User};
use store::{Collection, Loaded, StoreError, Wants};

use crate::Env;

/// Users of one read.
const PAGE_MAX: i32 = 1000;

/// Every user is seen once, a page at a time: of most of them nothing is kept. What is due and not closed yet counts as
/// closed.
pub async fn review(env: &Env, account: Account, now: Instant) -> Result<Review, StoreError> {
    let account_id = account.id;
    let mut review = Review::begin(account.close_all(Catalogue::LISTS, now), now);
    let mut after = None;
    loop {
        let page = Collection::Users { account_id, after, limit: PAGE_MAX };
        let (mut wants, mut loaded) = (Wants::default(), Loaded::default());
        wants.collection(page.clone());
        env.table.load(&wants, &mut loaded).await?;
        let users: Vec<User> = loaded.all(&page)?;
        review = users.iter().fold(review, Review::see);
        match users.last().filter(|_| loaded.has_more(&page)) {
            Some(last) => after = Some(last.id),
            None => return Ok(review),
        }
    }
}
