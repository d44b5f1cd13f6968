//! What time alone charges: days that are over are put on invoices, periods that are over are followed by the next, one
//! commit each. RULE: BI-05, BI-06, BI-07, BI-08, BI-09
//!
//! A tick that comes late or twice, or two that run at once, change nothing but the delay: each commit rests on the account
//! as it was read, and moves it on.

use domain::{Change, DueKind, EntityKey, Fact, FactKind};
use runtime::{DueItem, Env, Fault, Settled, StartError, StoreError, Sweep, Wants, close_next, settle};

/// The function.
pub const FUNCTION: runtime::Function = runtime::sweep::<BillingClose>();

/// All accounts that pay.
pub struct BillingClose;

impl Sweep for BillingClose {
    const NAME: &str = "billing-close";
    const KIND: DueKind = DueKind::Billing;
    /// Half a minute each, within a quarter of an hour.
    const FURTHER_MAX: u64 = 28;

    fn start(_: &Env) -> Result<Self, StartError> {
        Ok(Self)
    }

    async fn settle(&self, env: &Env, due: &DueItem) -> Result<Settled, Fault> {
        match due.key {
            Some(EntityKey::Account(account_id)) => close_next(env, account_id).await,
            _ => Err("nothing of this kind is charged".into()),
        }
    }

    /// The log has the whole reason; what is published names no content of the account. RULE: BI-09, AC-10
    async fn tell_parked(env: &Env, due: &DueItem, error: &Fault) -> Result<(), Fault> {
        let Some(EntityKey::Account(account_id)) = due.key else { return Ok(()) };
        let reason = match error.downcast_ref::<StoreError>() {
            Some(StoreError::Unreadable { .. }) => "account_unreadable",
            _ => "close_not_committed",
        };
        settle(env, &Wants::default(), |_, _| {
            let fact = Fact::bare(FactKind::CloseFailed).after("reason", reason);
            Ok(Some(Change::reply(()).performed_by_nobody(account_id).fact(fact)))
        })
        .await
        .map(drop)
    }
}
