//! PUT /v1/billing/plan: another plan or interval, now or from the end of the period on; DELETE /v1/billing/plan takes back
//! what is to come. RULE: BI-10, BI-11, BI-12, BI-13

mod change;
mod take_back;

use change::ChangePlan;
use runtime::{Function, Routes};
use take_back::TakeBack;

/// The function.
pub const FUNCTION: Function = runtime::routes::<Plans>();

struct Plans;

impl Routes for Plans {
    const NAME: &'static str = "change-plan";
    const ROUTES: &'static [(&'static str, Function)] = &[
        ("PUT /v1/billing/plan", runtime::http::<ChangePlan>()),
        ("DELETE /v1/billing/plan", runtime::http::<TakeBack>()),
    ];
}
