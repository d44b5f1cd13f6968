//! Sets an account's plan, as the operator: until there is an operation that does.

use domain::{Account, AccountId, EntityKey, Interval, Plan};
use runtime::{Env, Host, Loaded, Wants};
use serde_json::Value;
use store::{Outcome, Writes};

/// Others may be writing to the account.
const ATTEMPTS_MAX: usize = 20;

/// Takes `{account_id, plan, interval}`; what is wrong is told to the caller.
pub(crate) async fn set(host: &Host, body: &Value) -> Result<(), String> {
    let account_id =
        body["account_id"].as_str().and_then(AccountId::parse).ok_or("account_id is no account's")?;
    let plan: Plan =
        serde_json::from_value(body["plan"].clone()).map_err(|error| format!("plan: {error}"))?;
    let interval: Option<Interval> =
        serde_json::from_value(body["interval"].clone()).map_err(|error| format!("interval: {error}"))?;
    if Plan::is_paid(plan) && interval.is_none() {
        return Err("interval: a paid plan is monthly or annual".into());
    }
    let env = Env::new("operator", host, &[]).map_err(|error| error.to_string())?;
    let key = EntityKey::Account(account_id);
    for _ in 0..ATTEMPTS_MAX {
        let mut wants = Wants::default();
        wants.key(key.clone());
        let mut loaded = Loaded::default();
        env.table.load(&wants, &mut loaded).await.map_err(|error| error.to_string())?;
        let account: Account =
            loaded.get(&key).map_err(|error| error.to_string())?.ok_or("no such account")?;
        let puts = [account.subscribe(plan, interval).into()];
        let writes = Writes { puts: &puts, deletes: &[], reliances: &[] };
        let (outcome, _) = env.table.commit(writes, &loaded).await.map_err(|error| error.to_string())?;
        if let Outcome::Committed = outcome {
            return Ok(());
        }
    }
    Err("others kept writing to the account".into())
}
