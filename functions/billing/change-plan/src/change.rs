//! PUT /v1/billing/plan: a higher plan or a year at once; a lower plan, or the month again, at the end of the period.

use domain::{Account, Actor, BillingView, Catalogue, Change, Decision, Permission, Wish};
use runtime::{Fields, Moment, Operation, read_wish};

/// What the caller sends.
pub(crate) struct ChangePlan {
    wish: Wish,
}

impl Operation for ChangePlan {
    const NAME: &str = "change-plan";
    const ABOUT: &str = "Changes the plan or its interval, now or at the end of the period";
    const NEEDS: Option<Permission> = Some(Permission::ManageBilling);
    const REFUSES: &'static [&'static [&'static str]] =
        &[Actor::FRESH_REFUSES, &["version_mismatch", "over_free_limit"]];
    type Caller = Actor;
    type Loads = Account;
    type Reply = BillingView;

    fn read(fields: &mut Fields) -> Option<Self> {
        Some(Self { wish: read_wish(fields, true)?? })
    }

    // RULE: AC-06, AP-03, BI-10, BI-11, BI-12, BI-13
    fn decide(&self, by: &Actor, account: Account, at: &Moment) -> Decision<BillingView> {
        by.is_fresh(at.now)?;
        by.if_match.check(account.version)?;
        let billed = account.change_plan(self.wish, Catalogue::LISTS, at.now)?;
        Ok(Change::of_billed(billed, Catalogue::LISTS, at.now.date_naive()))
    }
}
