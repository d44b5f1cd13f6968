//! Users whose invitations lapsed all at once, with a plan that was cancelled, are written so. They hold no seat already:
//! nothing is counted down, and nobody is told. RULE: BI-13

use domain::{Account, AccountId, Change, EntityKey, Removal, Status, TimerKind, User, UserId};
use runtime::{Collection, Env, Fault, Loaded, Settled, Wants, settle};

/// Users of one commit, which may all change.
const USERS_MAX: i32 = 90;
/// More commits than any account has users for; what is left is found by the next tick.
const COMMITS_MAX: usize = 1000;

pub(crate) async fn tidy(env: &Env, account_id: AccountId) -> Result<Settled, Fault> {
    let mut after: Option<UserId> = None;
    for _ in 0..COMMITS_MAX {
        let users = Collection::Users { account_id, after, limit: USERS_MAX };
        let mut wants = Wants::default();
        wants.key(EntityKey::Account(account_id));
        wants.collection(users.clone());
        settle(env, &wants, |loaded, _| lapse(account_id, &users, loaded)).await?;
        let mut loaded = Loaded::default();
        env.table.load(&wants, &mut loaded).await?;
        if !loaded.has_more(&users) {
            return done(env, account_id).await;
        }
        after = loaded.all::<User>(&users)?.last().map(|user| user.id);
    }
    Ok(Settled::default())
}

/// All users were looked at.
async fn done(env: &Env, account_id: AccountId) -> Result<Settled, Fault> {
    let timer = EntityKey::Timer(account_id, TimerKind::LapsedInvitations);
    let mut wants = Wants::default();
    wants.key(timer.clone());
    settle(env, &wants, |loaded, _| {
        let is_there = loaded.contains(&timer);
        Ok(is_there.then(|| Change::reply(()).delete(Removal::AsRead(timer.clone()))))
    })
    .await
}

fn lapse(account_id: AccountId, users: &Collection, loaded: &Loaded) -> Result<Option<Change<()>>, Fault> {
    let account: Option<Account> = loaded.get(&EntityKey::Account(account_id))?;
    let Some(account) = account else { return Ok(None) };
    let mut lapsed: Vec<User> = loaded.all(users)?;
    lapsed.retain(|user| user.status == Status::Pending && !account.still_invites(user));
    let lapsed: Vec<User> = lapsed.into_iter().map(User::lapse).collect();
    Ok((!lapsed.is_empty()).then(|| Change::reply(()).put_all(lapsed)))
}
