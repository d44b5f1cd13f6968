//! POST /v1/billing/preview: what more users, or another plan, would cost. By the functions that charge it, whose result is
//! not stored. RULE: BI-14

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    Account, Actor, Catalogue, Change, ChargePreview, Decision, FieldError, Permission, Refusal, Wish,
};
use runtime::{Fields, Moment, Operation, read_wish};

/// The function.
pub const FUNCTION: runtime::Function = runtime::http::<PreviewCharge>();

/// More users than an account invites in a day.
const USERS_MAX: u32 = 10_000;
/// How far ahead a charge is looked at.
const AHEAD_MAX: TimeDelta = TimeDelta::days(731);

/// What the caller sends.
pub struct PreviewCharge {
    asked: Asked,
    at: Option<DateTime<Utc>>,
}

#[derive(Clone, Copy)]
enum Asked {
    Users(u32),
    Plan(Wish),
}

impl Operation for PreviewCharge {
    const NAME: &str = "preview-charge";
    const ABOUT: &str = env!("CARGO_PKG_DESCRIPTION");
    const NEEDS: Option<Permission> = Some(Permission::ManageBilling);
    const REFUSES: &'static [&'static [&'static str]] = &[&["over_free_limit", "maximum_users_reached"]];
    type Caller = Actor;
    type Loads = Account;
    type Reply = ChargePreview;

    fn read(fields: &mut Fields) -> Option<Self> {
        let about = "So many users more; or else a plan.";
        let users = fields.optional_number("add_users", about, &(1..=USERS_MAX));
        let wish = read_wish(fields, false);
        let at = fields.optional_instant(
            "at",
            "When they accept, or when the plan is changed; now where it is left out.",
        );
        let asked = match (users?, wish?) {
            (Some(_), Some(_)) => fields.fail("plan", "not_both", "Is asked of apart from add_users.")?,
            (Some(users), None) => Asked::Users(users),
            (None, Some(wish)) => Asked::Plan(wish),
            (None, None) => fields.fail("add_users", "required", "Is required where there is no plan.")?,
        };
        Some(Self { asked, at: at? })
    }

    fn decide(&self, _: &Actor, account: Account, at: &Moment) -> Decision<ChargePreview> {
        let now = self.at.unwrap_or(at.now);
        if now < at.now || at.now + AHEAD_MAX < now {
            let detail = "Must not be over, nor more than two years ahead.".to_owned();
            let error = FieldError { field: "at".into(), code: "out_of_range", detail };
            return Err(Refusal::Validation(vec![error]));
        }
        let preview = match self.asked {
            Asked::Users(more) => account.preview_more(more, Catalogue::LISTS, now)?,
            Asked::Plan(wish) => account.preview_plan(wish, Catalogue::LISTS, now)?,
        };
        Ok(Change::reply(preview))
    }
}
