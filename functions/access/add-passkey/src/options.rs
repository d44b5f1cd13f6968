//! What a browser is asked to make a passkey. Nothing is kept of it.

use domain::{Actor, CeremonyFor, CeremonyView, Change, Decision, Factors};
use runtime::{
    CONSOLE_URL, Call, CeremonyToken, Failure, Fields, Loaded, Loads, Moment, Operation, OwnFactors,
    TOKENS_KEYS, Wants,
};

/// Nothing is sent.
pub(crate) struct BeginPasskey;

/// What there is, and what a browser is asked.
pub(crate) struct Asked {
    factors: Factors,
    asked: CeremonyView,
}

impl Operation for BeginPasskey {
    const NAME: &str = "begin-passkey";
    const ABOUT: &str = "Says what a browser needs to make a passkey";
    const SESSION_ALONE: bool = true;
    const WHILE_ENROLLING: bool = true;
    const IS_OF_SESSION: bool = true;
    const SETTINGS: &'static [&'static str] = &[TOKENS_KEYS, CONSOLE_URL];
    const REFUSES: &'static [&'static [&'static str]] = &[&["step_up_required", "too_many_passkeys"]];
    type Caller = Actor;
    type Loads = Asked;
    type Reply = CeremonyView;

    fn read(_: &mut Fields) -> Option<Self> {
        Some(Self)
    }

    // RULE: AC-06
    fn decide(&self, by: &Actor, Asked { factors, asked }: Asked, at: &Moment) -> Decision<CeremonyView> {
        by.may_enroll(at.now)?;
        factors.check_room()?;
        Ok(Change::reply(asked))
    }
}

impl Loads<BeginPasskey> for Asked {
    fn wants(begin: &BeginPasskey, call: &Call<'_>, wants: &mut Wants) {
        OwnFactors::wants(begin, call, wants);
    }

    async fn take(begin: &BeginPasskey, call: &Call<'_>, loaded: &mut Loaded) -> Result<Self, Failure> {
        let OwnFactors(factors) = OwnFactors::take(begin, call, loaded).await?;
        let ceremony = call.new_ceremony(CeremonyFor::Adding)?;
        let (token, to_sign) = CeremonyToken::derive(call.env, &ceremony).await?;
        let options = call.env.passkey_creation(&to_sign, &call.caller(loaded)?, &factors)?;
        Ok(Self { factors, asked: CeremonyView::new(token, options, &ceremony) })
    }
}
