//! DELETE /v1/me/mfa/totp: the authenticator app is good for nothing any more, nor are the recovery codes where it was the
//! last factor, which an Admin or a Root keeps. RULE: RO-08, AC-06

use domain::{Actor, Change, Decision, Fact, FactKind};
use runtime::{Fields, Moment, Operation, OwnFactors};

/// The function.
pub const FUNCTION: runtime::Function = runtime::http::<RemoveMfa>();

/// Nothing is sent.
pub struct RemoveMfa;

impl Operation for RemoveMfa {
    const NAME: &str = "remove-mfa";
    const ABOUT: &str = env!("CARGO_PKG_DESCRIPTION");
    const SUCCESS: u16 = 204;
    const SESSION_ALONE: bool = true;
    const REFUSES: &'static [&'static [&'static str]] =
        &[&["step_up_required", "mfa_not_enabled", "mfa_required_for_role"]];
    type Caller = Actor;
    type Loads = OwnFactors;
    type Reply = ();

    fn read(_: &mut Fields) -> Option<Self> {
        Some(Self)
    }

    fn decide(&self, by: &Actor, OwnFactors(factors): OwnFactors, at: &Moment) -> Decision<()> {
        by.is_fresh(at.now)?;
        let (user, factors) = factors.without_totp()?.given_up_by(&by.user)?;
        let fact = Fact::of(FactKind::MfaRemoved, &by.user).before("method", "totp");
        let fact = fact.after("factors_left", factors.count());
        Ok(Change::reply(()).fact(fact).put_all(user).put(factors))
    }
}
