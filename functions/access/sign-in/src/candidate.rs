//! Who signs in with an address, found without telling whether there is anybody.

use domain::{Account, AccountId, Attempts, EntityKey, Membership, Status, User, UserId};
use runtime::{Call, Collection, Failure, Loaded, Loads, Wants};

use crate::SignIn;

/// The user meant, if there is one, and whether the password is theirs.
pub struct Candidate {
    pub(crate) user: Option<User>,
    pub(crate) epoch: u64,
    pub(crate) is_right: bool,
    pub(crate) here: Option<Attempts>,
    pub(crate) anywhere: Option<Attempts>,
}

impl Loads<SignIn> for Candidate {
    fn wants(sign_in: &SignIn, call: &Call<'_>, wants: &mut Wants) {
        wants.key(EntityKey::Attempts(sign_in.here(call.moment)));
        wants.key(EntityKey::Attempts(sign_in.anywhere()));
        match sign_in.account_id {
            Some(account_id) => wants.key(EntityKey::Membership(sign_in.email.key(), account_id)),
            None => wants.collection(Collection::Memberships(sign_in.email.key())),
        }
    }

    /// The users of the address are a second step, and as many steps are made where there are none.
    async fn take(sign_in: &SignIn, call: &Call<'_>, loaded: &mut Loaded) -> Result<Self, Failure> {
        let here: Option<Attempts> = loaded.get(&EntityKey::Attempts(sign_in.here(call.moment)))?;
        let anywhere: Option<Attempts> = loaded.get(&EntityKey::Attempts(sign_in.anywhere()))?;
        Attempts::check(here.as_ref(), call.moment.now)?;
        Attempts::check(anywhere.as_ref(), call.moment.now)?;

        let user_key = |account_id, user_id| (account_id, EntityKey::User(account_id, user_id));
        let mut keys: Vec<(AccountId, EntityKey)> = memberships(sign_in, loaded)?
            .iter()
            .map(|membership| user_key(membership.account_id, membership.user_id))
            .collect();
        if keys.is_empty() {
            keys.push(user_key(AccountId::from_bits(0), UserId::from_bits(0)));
        }
        let mut wants = Wants::default();
        for (account_id, key) in &keys {
            wants.key(EntityKey::Account(*account_id));
            wants.key(key.clone());
        }
        call.env.table.load(&wants, loaded).await?;
        let mut users: Vec<User> = Vec::new();
        for (account_id, key) in &keys {
            let account: Option<Account> = loaded.get(&EntityKey::Account(*account_id))?;
            users.extend(loaded.get(key)?.filter(|_| account.as_ref().is_some_and(Account::is_open)));
        }
        let user = meant(users.into_iter());

        let epoch = user.as_ref().map_or(0, |user| call.first_epoch(user));
        let hash = user.as_ref().and_then(|user| user.password_hash.as_deref());
        let is_right = call.verify_password(&sign_in.password, hash).await.map_err(Failure::Fault)?;
        Ok(Self { user, epoch, is_right, here, anywhere })
    }
}

fn memberships(sign_in: &SignIn, loaded: &Loaded) -> Result<Vec<Membership>, Failure> {
    Ok(match sign_in.account_id {
        Some(account_id) => {
            let key = EntityKey::Membership(sign_in.email.key(), account_id);
            loaded.get(&key)?.into_iter().collect()
        }
        None => loaded.all(&Collection::Memberships(sign_in.email.key()))?,
    })
}

/// Of those who may sign in, the one who last did, else the oldest. RULE: AC-12
fn meant(users: impl Iterator<Item = User>) -> Option<User> {
    users.filter(|user| user.status == Status::Active).min_by_key(|user| {
        let last_login_at = user.last_login_at.map(|at| std::cmp::Reverse(at.timestamp_millis()));
        (last_login_at.is_none(), last_login_at, user.id)
    })
}
