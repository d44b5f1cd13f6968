//! What a browser is asked to step up by a passkey. Nothing is kept of it.

use domain::{Actor, CeremonyFor, CeremonyView, Change, Decision, Refusal};
use runtime::{
    CONSOLE_URL, Call, CeremonyToken, Failure, Fields, Loaded, Loads, Moment, Operation, OwnFactors,
    TOKENS_KEYS, Wants,
};

/// Nothing is sent.
pub(crate) struct BeginStepUp;

/// What a browser is asked.
pub(crate) struct Asked(CeremonyView);

impl Operation for BeginStepUp {
    const NAME: &str = "begin-step-up";
    const ABOUT: &str = "Says what a browser needs to step up by a passkey";
    const SESSION_ALONE: bool = true;
    const IS_OF_SESSION: bool = true;
    const SETTINGS: &'static [&'static str] = &[TOKENS_KEYS, CONSOLE_URL];
    type Caller = Actor;
    type Loads = Asked;
    type Reply = CeremonyView;

    fn read(_: &mut Fields) -> Option<Self> {
        Some(Self)
    }

    fn decide(&self, _: &Actor, Asked(asked): Asked, _: &Moment) -> Decision<CeremonyView> {
        Ok(Change::reply(asked))
    }
}

impl Loads<BeginStepUp> for Asked {
    fn refuses() -> Vec<&'static str> {
        vec!["mfa_not_enabled"]
    }

    fn wants(begin: &BeginStepUp, call: &Call<'_>, wants: &mut Wants) {
        OwnFactors::wants(begin, call, wants);
    }

    async fn take(begin: &BeginStepUp, call: &Call<'_>, loaded: &mut Loaded) -> Result<Self, Failure> {
        let OwnFactors(factors) = OwnFactors::take(begin, call, loaded).await?;
        if factors.passkeys.is_empty() {
            return Err(Refusal::MfaNotEnabled.into());
        }
        let ceremony = call.new_ceremony(CeremonyFor::SteppingUp)?;
        let (token, to_sign) = CeremonyToken::derive(call.env, &ceremony).await?;
        let options = call.env.passkey_request(&to_sign, &factors)?;
        Ok(Self(CeremonyView::new(token, options, &ceremony)))
    }
}
