//! What somebody wants to subscribe to, as it is sent.

use domain::{Interval, Plan, Wish};

use crate::Fields;

/// The plans that can be asked for; the price of the others is the operator's. RULE: PS-07
const PLANS: [Plan; 3] = [Plan::Free, Plan::Pro, Plan::Team];

/// The plan in `plan` and how often it is charged in `interval`, which every paid plan needs.
pub fn read_wish(fields: &mut Fields, is_required: bool) -> Option<Option<Wish>> {
    let names = PLANS.map(Plan::name);
    let parse = |text: &str| PLANS.into_iter().find(|plan| plan.name() == text);
    let about = "The plan.";
    let plan = if is_required {
        fields.choice("plan", about, parse, &names).map(Some)
    } else {
        fields.optional_choice("plan", about, parse, &names)
    };
    let interval = fields.optional_choice(
        "interval",
        "How often it is charged; required with a paid plan, and with no other.",
        |text| Interval::ALL.into_iter().find(|interval| interval.name() == text),
        &Interval::ALL.map(Interval::name),
    );
    match (plan?, interval?) {
        (None, None) => Some(None),
        (Some(Plan::Free), None) => Some(Some(Wish::Free)),
        (Some(plan), Some(interval)) if plan.is_paid() => Some(Some(Wish::Paid(plan, interval))),
        (Some(plan), None) if plan.is_paid() => {
            fields.fail("interval", "required", "Is required with a paid plan.")
        }
        _ => fields.fail("interval", "not_allowed", "Goes with a paid plan alone."),
    }
}
