//! The price of a seat that an account and the operator have agreed on: the account goes to Enterprise for it. Invoked by
//! hand, and audited. RULE: PS-07, BI-18

use domain::{
    Account, AccountId, BillingView, Catalogue, Change, EntityKey, Interval, ReasonText, Terms, Text,
};
use runtime::{ByHand, Env, Fault, Loaded, Settled, Wants, close_next, settle};
use serde::Deserialize;

/// The function.
pub const FUNCTION: runtime::Function = runtime::by_hand::<SetEnterprisePrice>();

/// Periods that are closed before anything else; more are left to time.
const CLOSES_MAX: usize = 100;

/// What was agreed on; with neither interval nor amount, that what was agreed on for the next renewal is not any more.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetEnterprisePrice {
    account_id: AccountId,
    interval: Option<Interval>,
    /// One seat for one interval, in the smallest unit of the currency.
    unit_amount: Option<i64>,
    /// Where it was agreed on, such as the number of a contract. The account's audit log shows it.
    reason: String,
}

impl ByHand for SetEnterprisePrice {
    const NAME: &'static str = "set-enterprise-price";
    type Reply = BillingView;

    async fn run(self, env: &Env) -> Result<(BillingView, Settled), Fault> {
        let agreed = self.agreed()?;
        let reason = ReasonText::parse(&self.reason).map_err(|(_, problem)| format!("reason: {problem}"))?;
        let key = EntityKey::Account(self.account_id);
        let mut wants = Wants::default();
        wants.key(key.clone());
        let account = |loaded: &Loaded| -> Result<Account, Fault> {
            let account: Option<Account> = loaded.get(&key)?;
            Ok(account.filter(Account::is_open).ok_or("account_id: no account that is open")?)
        };
        // What is over is charged as it was, before anything changes. RULE: BI-08
        for _ in 0..CLOSES_MAX {
            if !close_next(env, self.account_id).await?.is_changed {
                break;
            }
        }
        // Before anything is tried: what has withdrawn it, and got no answer, finds nothing either.
        let mut found = Loaded::default();
        env.table.load(&wants, &mut found).await?;
        if agreed.is_none() && account(&found)?.scheduled_change().is_none() {
            return Err("account_id: nothing is agreed on for a renewal, so nothing is withdrawn".into());
        }
        let settled = settle(env, &wants, |loaded, at| {
            let account = account(loaded)?;
            if account.billable() == 0 {
                return Err("account_id: nobody has confirmed the sign-up".into());
            }
            // What its people have asked for is theirs to take back. RULE: BI-13
            if account.billing.scheduled.is_some() {
                return Err(
                    "account_id: another plan is scheduled by its people, who take it back first".into()
                );
            }
            let billed = match agreed {
                Some(agreed) => account.agree(agreed, reason.as_str(), at.now),
                None => account.withdraw_agreement(reason.as_str(), at.now),
            };
            let billed = billed.map_err(|refusal| refusal.detail())?;
            let is_new = !billed.facts.is_empty();
            let change = Change::reply(()).performed_by_the_operator(self.account_id).billed(billed);
            Ok(is_new.then_some(change))
        })
        .await?;
        let mut loaded = Loaded::default();
        env.table.load(&wants, &mut loaded).await?;
        let today = env.clock.now().date_naive();
        Ok((BillingView::of(&account(&loaded)?, Catalogue::LISTS, today), settled))
    }
}

impl SetEnterprisePrice {
    fn agreed(&self) -> Result<Option<Terms>, Fault> {
        match (self.interval, self.unit_amount) {
            (None, None) => Ok(None),
            (Some(interval), Some(unit_amount)) if (1..=Terms::UNIT_AMOUNT_MAX).contains(&unit_amount) => {
                Ok(Some(Terms::agreed(interval, unit_amount)))
            }
            (Some(_), Some(_)) => {
                Err(format!("unit_amount: a seat costs between 1 and {} US cents", Terms::UNIT_AMOUNT_MAX)
                    .into())
            }
            _ => Err("interval, unit_amount: both, or neither to withdraw what was agreed on".into()),
        }
    }
}
