//! DELETE `/v1/me/mfa/passkeys/{passkey_id}`: a passkey is good for nothing any more, nor are the recovery codes where it was
//! the last factor, which an Admin or a Root keeps. RULE: RO-08, AC-06

use domain::{Actor, Change, Decision, Fact, FactKind, PasskeyId, Refusal};
use runtime::{Fields, Moment, Operation, OwnFactors};

/// The function.
pub const FUNCTION: runtime::Function = runtime::http::<RemovePasskey>();

/// Which.
pub struct RemovePasskey {
    passkey_id: Option<PasskeyId>,
}

impl Operation for RemovePasskey {
    const NAME: &str = "remove-passkey";
    const ABOUT: &str = env!("CARGO_PKG_DESCRIPTION");
    const SUCCESS: u16 = 204;
    const SESSION_ALONE: bool = true;
    const REFUSES: &'static [&'static [&'static str]] =
        &[&["not_found", "step_up_required", "mfa_required_for_role"]];
    type Caller = Actor;
    type Loads = OwnFactors;
    type Reply = ();

    fn read(fields: &mut Fields) -> Option<Self> {
        Some(Self { passkey_id: fields.path("passkey_id").and_then(PasskeyId::parse) })
    }

    fn decide(&self, by: &Actor, OwnFactors(factors): OwnFactors, at: &Moment) -> Decision<()> {
        let passkey_id = self.passkey_id.ok_or(Refusal::NotFound)?;
        let factors = factors.without_passkey(passkey_id)?;
        by.is_fresh(at.now)?;
        let (user, factors) = factors.given_up_by(&by.user)?;
        let fact = Fact::of(FactKind::MfaRemoved, &by.user).before("method", "passkey");
        let fact = fact.before("passkey_id", passkey_id.to_string());
        let fact = fact.after("factors_left", factors.count());
        Ok(Change::reply(()).fact(fact).put_all(user).put(factors))
    }
}
