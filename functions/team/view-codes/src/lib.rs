//! POST `/v1/users/{user_id}/recovery-codes/view`: the codes of a user that are unused; nothing changes, and the user is
//! told in the same transaction. Never a Root's. RULE: RC-02, RC-03, RC-04, RC-05

use domain::{
    Actor, CodesView, Decision, EntityKey, Factors, Permission, RecoveryCode, Refusal, Reliance, SeenBy, User,
};
use runtime::{
    CODES_KEYS, Call, Failure, Fields, Loaded, Loads, Moment, Operation, Target, Wants, factors, show_codes,
    want_factors,
};

/// The function.
pub const FUNCTION: runtime::Function = runtime::http::<ViewCodes>();

/// The path says it all.
pub struct ViewCodes;

/// The user, and their unused codes where these can be made once more.
pub struct Viewing {
    user: User,
    factors: Factors,
    codes: Option<Vec<RecoveryCode>>,
}

impl Operation for ViewCodes {
    const NAME: &str = "view-codes";
    const ABOUT: &str = env!("CARGO_PKG_DESCRIPTION");
    const SHOWS_SECRET: bool = true;
    const SETTINGS: &'static [&'static str] = &[CODES_KEYS];
    const NEEDS: Option<Permission> = Some(Permission::HandleRecoveryCodes);
    const REFUSES: &'static [&'static [&'static str]] =
        &[Actor::HANDLING_CODES_REFUSES, &["codes_not_viewable"]];
    type Caller = Actor;
    type Loads = Viewing;
    type Reply = CodesView;

    fn read(_: &mut Fields) -> Option<Self> {
        Some(Self)
    }

    // RULE: AC-06
    fn decide(&self, by: &Actor, viewing: Viewing, at: &Moment) -> Decision<CodesView> {
        let Viewing { user, factors, codes } = viewing;
        by.may_handle_codes_of(&user)?;
        by.is_fresh(at.now)?;
        user.has_factor()?;
        let codes = codes.filter(|_| user.codes_viewable).ok_or(Refusal::CodesNotViewable)?;
        let unchanged = EntityKey::User(user.account_id, user.id);
        // A promotion to Root in between would make them nobody else's business.
        Ok(show_codes(&user, factors, &codes, SeenBy::Others).relying_on(Reliance::Unchanged(unchanged)))
    }
}

impl Loads<ViewCodes> for Viewing {
    fn refuses() -> Vec<&'static str> {
        <Target as Loads<ViewCodes>>::refuses()
    }

    fn wants(view: &ViewCodes, call: &Call<'_>, wants: &mut Wants) {
        Target::wants(view, call, wants);
        if let Some(user_id) = call.target {
            want_factors(wants, call.account_id, user_id);
        }
    }

    async fn take(view: &ViewCodes, call: &Call<'_>, loaded: &mut Loaded) -> Result<Self, Failure> {
        let Target(user) = Target::take(view, call, loaded).await?;
        let factors = factors(loaded, user.account_id, user.id)?;
        // What is refused anyhow costs no call of the key service.
        let is_possible = call.caller(loaded)?.role.may(Permission::HandleRecoveryCodes);
        let codes = if is_possible { call.codes_again(&factors).await? } else { None };
        Ok(Self { user, factors, codes })
    }
}
