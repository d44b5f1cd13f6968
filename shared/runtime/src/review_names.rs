//! The names of whom a review points out, which it does not keep. RULE: DE-02

use std::collections::HashMap;

use domain::{EntityKey, Review, User, UserId};
use store::{Loaded, StoreError, Wants};

/// Has these users of a review's account read.
pub fn want_names(review: &Review, users: &[UserId], wants: &mut Wants) {
    for id in users {
        wants.key(EntityKey::User(review.account_id, *id));
    }
}

/// A review with the names of those of them who still are there.
pub fn with_names(review: Review, users: &[UserId], loaded: &Loaded) -> Result<Review, StoreError> {
    let mut there = HashMap::new();
    for id in users {
        if let Some(user) = loaded.get::<User>(&EntityKey::User(review.account_id, *id))? {
            there.insert(*id, user);
        }
    }
    Ok(review.named(&there))
}
