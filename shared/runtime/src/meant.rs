//! Whom an address means, found without telling whether there is anybody. RULE: AC-03, AC-12

use domain::{Account, AccountId, Email, EntityKey, Membership, Status, User, UserId};
use store::{Collection, Loaded, Wants};

use crate::{Call, Failure};

/// The active user whom an address means: of several accounts the one last used, else the oldest.
pub struct MeantUser(pub Option<User>);

impl MeantUser {
    /// Has the accounts that know the address read.
    pub fn want(email: &Email, account_id: Option<AccountId>, wants: &mut Wants) {
        match account_id {
            Some(account_id) => wants.key(EntityKey::Membership(email.key(), account_id)),
            None => wants.collection(Collection::Memberships(email.key())),
        }
    }

    /// The users of the address are a second step, and as many steps are made where there are none.
    pub async fn load(
        email: &Email,
        account_id: Option<AccountId>,
        call: &Call<'_>,
        loaded: &mut Loaded,
    ) -> Result<Self, Failure> {
        Self::load_with(email, account_id, |_, _, _| (), call, loaded).await
    }

    /// The same, and what else is wanted of each of them.
    pub async fn load_with(
        email: &Email,
        account_id: Option<AccountId>,
        beside: impl Fn(&mut Wants, AccountId, UserId),
        call: &Call<'_>,
        loaded: &mut Loaded,
    ) -> Result<Self, Failure> {
        let mut ids: Vec<(AccountId, UserId)> = memberships(email, account_id, loaded)?
            .iter()
            .map(|membership| (membership.account_id, membership.user_id))
            .collect();
        if ids.is_empty() {
            ids.push((AccountId::from_bits(0), UserId::from_bits(0)));
        }
        let mut wants = Wants::default();
        for (account_id, user_id) in &ids {
            wants.key(EntityKey::Account(*account_id));
            wants.key(EntityKey::User(*account_id, *user_id));
            beside(&mut wants, *account_id, *user_id);
        }
        call.env.table.load(&wants, loaded).await?;
        let mut users: Vec<User> = Vec::new();
        for (account_id, user_id) in ids {
            let account: Option<Account> = loaded.get(&EntityKey::Account(account_id))?;
            let user = loaded.get(&EntityKey::User(account_id, user_id))?;
            users.extend(user.filter(|_| account.as_ref().is_some_and(Account::is_open)));
        }
        Ok(Self(meant(users.into_iter())))
    }
}

fn memberships(
    email: &Email,
    account_id: Option<AccountId>,
    loaded: &Loaded,
) -> Result<Vec<Membership>, Failure> {
    Ok(match account_id {
        Some(account_id) => {
            loaded.get(&EntityKey::Membership(email.key(), account_id))?.into_iter().collect()
        }
        None => loaded.all(&Collection::Memberships(email.key()))?,
    })
}

/// Of those who may sign in, the one who last did, else the oldest.
fn meant(users: impl Iterator<Item = User>) -> Option<User> {
    users.filter(|user| user.status == Status::Active).min_by_key(|user| {
        let last_session_at = user.last_session_at().map(|at| std::cmp::Reverse(at.timestamp_millis()));
        (last_session_at.is_none(), last_session_at, user.id)
    })
}
