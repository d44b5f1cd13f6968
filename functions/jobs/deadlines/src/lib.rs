//! What time alone calls for in a team: invitations are delayed, reminded of and expire, suspensions are told of,
//! departures take their steps, sign-ups that nobody confirmed vanish. RULE: AC-01, CK-01, IN-11, IN-20, SU-07
//!
//! Whatever it finds is judged by what is stored and by the instant, so that a tick that comes late or twice changes nothing
//! but the delay.

mod departure;
mod lapsed;
mod user;

use std::sync::atomic::{AtomicBool, Ordering};

use domain::{Account, AccountId, Change, DueKind, EntityKey, Refusal, TimerKind};
use runtime::{
    Collection, DueItem, Env, Fault, Loaded, Moment, Settled, StartError, Sweep, Wants, close_next, settle,
};

/// The function.
pub const FUNCTION: runtime::Function = runtime::sweep::<Deadlines>();

/// Periods of one account that are closed before something of it is settled; what is left is for the next tick.
const CLOSES_MAX: usize = 12;

/// Everything of a team that has an instant.
pub struct Deadlines;

impl Sweep for Deadlines {
    const NAME: &str = "deadlines";
    const KIND: DueKind = DueKind::Deadlines;

    fn start(_: &Env) -> Result<Self, StartError> {
        Ok(Self)
    }

    async fn settle(&self, env: &Env, due: &DueItem) -> Result<Settled, Fault> {
        let mut wants = Wants::default();
        let key = due.key.as_ref().ok_or("nothing of this kind is known")?;
        match key {
            EntityKey::User(account_id, user_id) => {
                wants.key(EntityKey::Account(*account_id));
                wants.key(EntityKey::User(*account_id, *user_id));
                settle_closed(env, *account_id, &wants, |loaded, at| {
                    let account: Option<Account> = loaded.get(&EntityKey::Account(*account_id))?;
                    let Some(user) = loaded.get(key)? else { return Ok(Ok(None)) };
                    Ok(user::pass(account, user, at.now))
                })
                .await
            }
            EntityKey::Timer(account_id, TimerKind::LapsedInvitations) => {
                lapsed::tidy(env, *account_id).await
            }
            EntityKey::Departure(account_id, user_id) => {
                wants.key(EntityKey::Account(*account_id));
                wants.key(EntityKey::User(*account_id, *user_id));
                wants.key(EntityKey::Tombstone(*account_id, *user_id));
                wants.key(key.clone());
                let keys = Collection::Keys(*account_id, *user_id);
                wants.collection(keys.clone());
                settle_closed(env, *account_id, &wants, |loaded, at| {
                    let Some(departure) = loaded.get(key)? else { return Ok(Ok(None)) };
                    let who = departure::Who {
                        account: loaded.get(&EntityKey::Account(*account_id))?,
                        user: loaded.get(&EntityKey::User(*account_id, *user_id))?,
                        tombstone: loaded.get(&EntityKey::Tombstone(*account_id, *user_id))?,
                        keys: loaded.all(&keys)?,
                    };
                    Ok(departure::pass(who, departure, at.now))
                })
                .await
            }
            _ => Err("nothing of this kind has deadlines".into()),
        }
    }
}

/// Settles it, after the periods of the account that are over. RULE: BI-08
async fn settle_closed(
    env: &Env,
    account_id: AccountId,
    wants: &Wants,
    decide: impl Fn(&Loaded, &Moment) -> Result<Result<Option<Change<()>>, Refusal>, Fault>,
) -> Result<Settled, Fault> {
    for _ in 0..=CLOSES_MAX {
        let is_overdue = AtomicBool::new(false);
        let settled = settle(env, wants, |loaded, at| {
            Ok(decide(loaded, at)?.unwrap_or_else(|_| {
                is_overdue.store(true, Ordering::Relaxed);
                None
            }))
        })
        .await?;
        if !is_overdue.into_inner() {
            return Ok(settled);
        }
        close_next(env, account_id).await?;
    }
    Err("more periods are over than are closed at once".into())
}
