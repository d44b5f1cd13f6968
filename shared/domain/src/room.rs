//! Room for more people: the seats that are left, and those that come back. RULE: PS-05

use crate::{Account, User, UserId};

/// What a seat is taken in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Room {
    /// The account.
    pub account: Account,
    /// Users whose invitations are over and whose seats are still counted, as far as they were looked for.
    pub lapsed: Vec<User>,
}

impl Room {
    /// The same without these: what becomes of their seats is decided with them.
    #[must_use]
    pub fn without(mut self, users: &[UserId]) -> Self {
        self.lapsed.retain(|user| !users.contains(&user.id));
        self
    }

    /// Gives back lapsed seats, so many at most: the account after it, and whose they were.
    pub fn give_back(self, most: usize) -> (Account, Vec<User>) {
        let Self { account, mut lapsed } = self;
        lapsed.truncate(most);
        (lapsed.iter().fold(account, Account::release_pending), lapsed)
    }
}
