//! POST `/v1/users/{user_id}/suspend`: the user keeps the seat and loses all access at once. RULE: SU-01, SU-02

use domain::{
    Account, Actor, Change, Decision, Fact, FactKind, Permission, ReasonText, Reply, Status, SuspendReason,
    Suspension, Text, User, UserView,
};
use runtime::{Fields, Moment, Operation, Target};
use schemars::JsonSchema;
use serde::Serialize;

/// The function.
pub const FUNCTION: runtime::Function = runtime::http::<Suspend>();

/// What the caller sends.
pub struct Suspend {
    suspension: Option<Suspension>,
}

/// The user, and what to think of.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "SuspendedUser")]
pub struct Suspended {
    #[serde(flatten)]
    user: UserView,
    /// What to think of; none of it blocks.
    warnings: Vec<Warning>,
}

impl Reply for Suspended {
    const HAS_VERSION: bool = true;

    fn version(&self) -> Option<u64> {
        self.user.version()
    }
}

/// A warning never blocks.
#[derive(Serialize, JsonSchema)]
pub struct Warning {
    /// Stable.
    code: &'static str,
    /// A sentence.
    detail: &'static str,
    /// What the seat costs a month, on paid plans.
    #[serde(skip_serializing_if = "Option::is_none")]
    monthly_cost: Option<MonthlyCost>,
}

/// What the seat costs a month.
#[derive(Serialize, JsonSchema)]
pub struct MonthlyCost {
    /// In the currency's smallest unit.
    amount: i64,
    /// Always `usd`.
    currency: &'static str,
}

impl Operation for Suspend {
    const NAME: &str = "suspend";
    const ABOUT: &str = env!("CARGO_PKG_DESCRIPTION");
    const NEEDS: Option<Permission> = Some(Permission::ManageUsers);
    const REFUSES: &'static [&'static [&'static str]] =
        &[Actor::ACTING_REFUSES, &["use_revoke", "last_root"]];
    type Caller = Actor;
    type Loads = (Account, Target);
    type Reply = Suspended;

    // RULE: SU-03
    fn read(fields: &mut Fields) -> Option<Self> {
        let confirmed = fields.confirmed();
        let reason = fields.optional_choice(
            "reason",
            "Why.",
            SuspendReason::parse,
            &SuspendReason::ALL.map(SuspendReason::name),
        );
        let text =
            fields.optional_text::<ReasonText>("reason_text", "The reason in words; required with `other`.");
        let suspension = match (reason?, text?) {
            (Some(SuspendReason::Other), None) => {
                fields.fail("reason_text", "required", "Is required with reason other.")?
            }
            (Some(reason), text) => Some(Suspension { reason, text }),
            (None, Some(_)) => fields.fail("reason", "required", "Is required with a reason_text.")?,
            (None, None) => None,
        };
        confirmed?;
        Some(Self { suspension })
    }

    // RULE: SU-05, SU-06, RO-02, RO-06
    fn decide(
        &self,
        by: &Actor,
        (account, Target(user)): (Account, Target),
        at: &Moment,
    ) -> Decision<Suspended> {
        by.may_act_on(&user)?;
        if user.status == Status::Suspended {
            let user = by.view(&user, at.now);
            return Ok(Change::reply(Suspended { user, warnings: Vec::new() }));
        }
        let warnings = self.warnings(&account);
        let suspended = user.clone().suspend(self.suspension.clone(), at.now)?;
        let account = account.suspend(&user)?;
        let fact = self.fact(&suspended);
        Ok(Change::reply(Suspended { user: by.view(&suspended, at.now), warnings })
            .fact(fact)
            .put(account)
            .put(suspended))
    }
}

impl Suspend {
    fn fact(&self, user: &User) -> Fact {
        let fact =
            Fact::of(FactKind::UserSuspended, user).before("status", "active").after("status", "suspended");
        match &self.suspension {
            Some(suspension) => fact
                .after("suspend_reason", suspension.reason.name())
                .because(suspension.text.as_ref().map(Text::as_str)),
            None => fact,
        }
    }

    fn warnings(&self, account: &Account) -> Vec<Warning> {
        let costly = self.suspension.as_ref().is_some_and(|suspension| suspension.reason.warns_of_cost());
        if !costly {
            return Vec::new();
        }
        let amount = account.billing.subscription.as_ref().map(|paid| paid.terms.monthly_total(1));
        vec![Warning {
            code: "suspended_seat_kept",
            detail: "A suspended user keeps the seat, and is billed on paid plans. Deleting the user frees it.",
            monthly_cost: amount.map(|amount| MonthlyCost { amount, currency: "usd" }),
        }]
    }
}
