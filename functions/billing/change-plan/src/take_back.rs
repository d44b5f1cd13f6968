//! DELETE /v1/billing/plan: what was to change at the end of the period does not. RULE: BI-12

use domain::{Account, Actor, BillingView, Catalogue, Change, Decision, Permission};
use runtime::{Fields, Moment, Operation};

/// Nothing is sent.
pub(crate) struct TakeBack;

impl Operation for TakeBack {
    const NAME: &str = "take-plan-back";
    const ABOUT: &str = "Takes back the change of the plan that is to come";
    const NEEDS: Option<Permission> = Some(Permission::ManageBilling);
    const REFUSES: &'static [&'static [&'static str]] = &[Actor::FRESH_REFUSES, &["version_mismatch"]];
    type Caller = Actor;
    type Loads = Account;
    type Reply = BillingView;

    fn read(_: &mut Fields) -> Option<Self> {
        Some(Self)
    }

    // RULE: AC-06, AP-03, BI-12
    fn decide(&self, by: &Actor, account: Account, at: &Moment) -> Decision<BillingView> {
        by.is_fresh(at.now)?;
        by.if_match.check(account.version)?;
        account.is_closed_up_to(at.now)?;
        let billed = account.take_back(at.now);
        Ok(Change::of_billed(billed, Catalogue::LISTS, at.now.date_naive()))
    }
}
