//! DELETE /v1/billing/subscription: Free from the end of the period on, however many users there are. Nobody is removed by
//! it. RULE: BI-13

use domain::{Account, Actor, BillingView, Catalogue, Change, Decision, Permission};
use runtime::{Fields, Moment, Operation};

/// The function.
pub const FUNCTION: runtime::Function = runtime::http::<CancelPlan>();

/// Nothing is sent.
pub struct CancelPlan;

impl Operation for CancelPlan {
    const NAME: &str = "cancel-plan";
    const ABOUT: &str = env!("CARGO_PKG_DESCRIPTION");
    const NEEDS: Option<Permission> = Some(Permission::ManageBilling);
    const REFUSES: &'static [&'static [&'static str]] = &[Actor::FRESH_REFUSES, &["version_mismatch"]];
    type Caller = Actor;
    type Loads = Account;
    type Reply = BillingView;

    fn read(_: &mut Fields) -> Option<Self> {
        Some(Self)
    }

    // RULE: AC-06, AP-03, BI-13
    fn decide(&self, by: &Actor, account: Account, at: &Moment) -> Decision<BillingView> {
        by.is_fresh(at.now)?;
        by.if_match.check(account.version)?;
        let billed = account.cancel(at.now)?;
        Ok(Change::of_billed(billed, Catalogue::LISTS, at.now.date_naive()))
    }
}
