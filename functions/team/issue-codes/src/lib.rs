//! POST `/v1/users/{user_id}/recovery-codes`: ten new codes for a user who is without their authenticator; the former ones
//! are void, and the user is told. Never a Root's. RULE: RC-02, RC-03, RC-04, RC-05

use domain::{Actor, CodesView, Decision, Factors, NewCodes, Permission, SeenBy, User};
use runtime::{
    CODES_KEYS, Call, Failure, Fields, Loaded, Loads, Moment, Operation, Target, Wants, factors, issue_codes,
    want_factors,
};

/// The function.
pub const FUNCTION: runtime::Function = runtime::http::<IssueCodes>();

/// Confirmed.
pub struct IssueCodes;

/// The user, and new codes where they have a second factor.
pub struct Issuing {
    user: User,
    factors: Factors,
    new: Option<NewCodes>,
}

impl Operation for IssueCodes {
    const NAME: &str = "issue-codes";
    const ABOUT: &str = env!("CARGO_PKG_DESCRIPTION");
    const SHOWS_SECRET: bool = true;
    const SETTINGS: &'static [&'static str] = &[CODES_KEYS];
    const NEEDS: Option<Permission> = Some(Permission::HandleRecoveryCodes);
    const REFUSES: &'static [&'static [&'static str]] = &[Actor::HANDLING_CODES_REFUSES];
    type Caller = Actor;
    type Loads = Issuing;
    type Reply = CodesView;

    fn read(fields: &mut Fields) -> Option<Self> {
        fields.confirmed().map(|()| Self)
    }

    // RULE: AC-06
    fn decide(&self, by: &Actor, issuing: Issuing, at: &Moment) -> Decision<CodesView> {
        let Issuing { user, factors, new } = issuing;
        by.may_handle_codes_of(&user)?;
        by.is_fresh(at.now)?;
        user.has_factor()?;
        let new = new.ok_or(domain::Refusal::MfaNotEnabled)?;
        Ok(issue_codes(&user, factors, new, SeenBy::Others, at))
    }
}

impl Loads<IssueCodes> for Issuing {
    fn refuses() -> Vec<&'static str> {
        <Target as Loads<IssueCodes>>::refuses()
    }

    fn wants(issue: &IssueCodes, call: &Call<'_>, wants: &mut Wants) {
        Target::wants(issue, call, wants);
        if let Some(user_id) = call.target {
            want_factors(wants, call.account_id, user_id);
        }
    }

    async fn take(issue: &IssueCodes, call: &Call<'_>, loaded: &mut Loaded) -> Result<Self, Failure> {
        let Target(user) = Target::take(issue, call, loaded).await?;
        let factors = factors(loaded, user.account_id, user.id)?;
        // What is refused anyhow costs no call of the key service.
        let is_possible = call.caller(loaded)?.role.may(Permission::HandleRecoveryCodes) && user.mfa_enabled;
        let new = if is_possible { Some(call.new_codes(&user).await?) } else { None };
        Ok(Self { user, factors, new })
    }
}
