//! POST /v1/me/recovery-codes/view: the codes that are unused; nothing changes, and the notice goes out. RULE: RC-02, RC-05

use domain::{Actor, CodesView, Decision, RecoveryCode, Refusal, SeenBy};
use runtime::{
    CODES_KEYS, Call, Failure, Fields, Loaded, Loads, Moment, Operation, OwnFactors, Wants, show_codes,
};

/// Nothing is sent.
pub(crate) struct ViewOwnCodes;

/// The unused codes, where they can be made once more.
pub(crate) struct Viewing {
    factors: OwnFactors,
    codes: Option<Vec<RecoveryCode>>,
}

impl Operation for ViewOwnCodes {
    const NAME: &str = "view-own-codes";
    const ABOUT: &str = "Shows one's own unused recovery codes";
    const SESSION_ALONE: bool = true;
    const SHOWS_SECRET: bool = true;
    const SETTINGS: &'static [&'static str] = &[CODES_KEYS];
    const REFUSES: &'static [&'static [&'static str]] =
        &[&["step_up_required", "mfa_not_enabled", "codes_not_viewable"]];
    type Caller = Actor;
    type Loads = Viewing;
    type Reply = CodesView;

    fn read(_: &mut Fields) -> Option<Self> {
        Some(Self)
    }

    // RULE: AC-06, RC-03, RC-04
    fn decide(&self, by: &Actor, viewing: Viewing, at: &Moment) -> Decision<CodesView> {
        by.is_fresh(at.now)?;
        by.user.has_factor()?;
        let codes = viewing.codes.filter(|_| by.user.codes_viewable).ok_or(Refusal::CodesNotViewable)?;
        Ok(show_codes(&by.user, viewing.factors.0, &codes, SeenBy::Owner))
    }
}

impl Loads<ViewOwnCodes> for Viewing {
    fn wants(view: &ViewOwnCodes, call: &Call<'_>, wants: &mut Wants) {
        OwnFactors::wants(view, call, wants);
    }

    async fn take(view: &ViewOwnCodes, call: &Call<'_>, loaded: &mut Loaded) -> Result<Self, Failure> {
        let factors = OwnFactors::take(view, call, loaded).await?;
        let codes = call.codes_again(&factors.0).await?;
        Ok(Self { factors, codes })
    }
}
