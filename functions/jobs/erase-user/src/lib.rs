//! What is left of users who are gone, and of accounts that are closed. All of it is unusable already; here it goes.
//! RULE: AC-11, DE-01, DE-02

mod account;
mod user;

use domain::{DueKind, EntityKey};
use runtime::{DueItem, Env, Fault, Settled, StartError, Sweep};

/// The function.
pub const FUNCTION: runtime::Function = runtime::sweep::<EraseUser>();

/// Everybody who is gone.
pub struct EraseUser;

impl Sweep for EraseUser {
    const NAME: &str = "erase-user";
    const KIND: DueKind = DueKind::Erasure;

    fn start(_: &Env) -> Result<Self, StartError> {
        Ok(Self)
    }

    async fn settle(&self, env: &Env, due: &DueItem) -> Result<Settled, Fault> {
        match due.key.as_ref().ok_or("nothing of this kind is known")? {
            EntityKey::Tombstone(account_id, user_id) => user::erase(env, *account_id, *user_id).await,
            EntityKey::Timer(account_id, _) => account::erase(env, *account_id).await,
            _ => Err("nothing of this kind is erased".into()),
        }
    }
}
