//! GET /v1/billing: plan, period, seats, what they cost, and what is charged next. RULE: PS-13, BI-16, BI-17

use domain::{Account, Actor, BillingView, Catalogue, Change, Decision, Permission};
use runtime::{Fields, Moment, Operation};

/// The function.
pub const FUNCTION: runtime::Function = runtime::http::<BillingSummary>();

/// Nothing is sent.
pub struct BillingSummary;

impl Operation for BillingSummary {
    const NAME: &str = "billing-summary";
    const ABOUT: &str = env!("CARGO_PKG_DESCRIPTION");
    const NEEDS: Option<Permission> = Some(Permission::ManageBilling);
    type Caller = Actor;
    type Loads = Account;
    type Reply = BillingView;

    fn read(_: &mut Fields) -> Option<Self> {
        Some(Self)
    }

    fn decide(&self, _: &Actor, account: Account, at: &Moment) -> Decision<BillingView> {
        // What is due and not closed yet is shown as it will be closed.
        let account = account.close_all(Catalogue::LISTS, at.now);
        Ok(Change::reply(BillingView::of(&account, Catalogue::LISTS, at.now.date_naive())))
    }
}
