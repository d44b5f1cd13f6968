//! Whether there is room for an invitation: the account, who holds the address, whose seats have lapsed.

use domain::{Account, EntityKey, Membership, User};
use runtime::{Call, Collection, Failure, Loaded, Loads, Wants};

use crate::Invite;

/// Users looked through for lapsed seats: more than one read returns. Only an account with a cap needs them.
const LAPSED_SEARCH_MAX: i32 = 1000;

/// What an invitation is decided on.
pub struct Room {
    pub(crate) account: Account,
    pub(crate) holder: Option<User>,
    pub(crate) lapsed: Vec<User>,
}

impl Loads<Invite> for Room {
    fn wants(invite: &Invite, call: &Call<'_>, wants: &mut Wants) {
        Account::wants(invite, call, wants);
        wants.key(EntityKey::Membership(invite.email.key(), call.account_id));
    }

    /// A second step is made only where the address is known, or where every seat is taken and some are
    /// pending: a lapsed one among them comes back in this very transaction. RULE: PS-05
    async fn take(invite: &Invite, call: &Call<'_>, loaded: &mut Loaded) -> Result<Self, Failure> {
        let account = Account::take(invite, call, loaded).await?;
        let membership: Option<Membership> =
            loaded.get(&EntityKey::Membership(invite.email.key(), call.account_id))?;
        let holder = membership.map(|membership| EntityKey::User(membership.account_id, membership.user_id));
        let users = Collection::Users { account_id: call.account_id, after: None, limit: LAPSED_SEARCH_MAX };
        let mut wants = Wants::default();
        if let Some(holder) = &holder {
            wants.key(holder.clone());
        }
        if account.is_full() && account.pending > 0 {
            wants.collection(users.clone());
        }
        call.env.table.load(&wants, loaded).await?;
        let holder: Option<User> = holder.map(|key| loaded.get(&key)).transpose()?.flatten();
        let is_holder = |user: &User| holder.as_ref().is_some_and(|holder| holder.id == user.id);
        let mut lapsed: Vec<User> = loaded.all(&users)?;
        lapsed.retain(|user| user.holds_a_lapsed_seat(call.moment.now) && !is_holder(user));
        Ok(Self { account, holder, lapsed })
    }
}
