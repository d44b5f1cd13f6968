//! What a browser is asked to find anybody's passkey. Nothing is read of the table, and nothing is kept.

use domain::{Ceremony, CeremonyView, Change, Decision};
use runtime::{
    Anyone, CONSOLE_URL, Call, CeremonyToken, Failure, Fields, Loaded, Loads, Moment, Operation, TOKENS_KEYS,
    Wants,
};

/// Nothing is sent.
pub(crate) struct BeginSignIn;

/// What a browser is asked.
pub(crate) struct Asked(CeremonyView);

impl Operation for BeginSignIn {
    const NAME: &str = "begin-passkey-sign-in";
    const ABOUT: &str = "Says what a browser needs to sign in by a passkey";
    const SETTINGS: &'static [&'static str] = &[TOKENS_KEYS, CONSOLE_URL];
    type Caller = Anyone;
    type Loads = Asked;
    type Reply = CeremonyView;

    fn read(_: &mut Fields) -> Option<Self> {
        Some(Self)
    }

    fn decide(&self, _: &Anyone, Asked(asked): Asked, _: &Moment) -> Decision<CeremonyView> {
        Ok(Change::reply(asked))
    }
}

impl Loads<BeginSignIn> for Asked {
    fn wants(_: &BeginSignIn, _: &Call<'_>, _: &mut Wants) {}

    async fn take(_: &BeginSignIn, call: &Call<'_>, _: &mut Loaded) -> Result<Self, Failure> {
        let ceremony = Ceremony::to_sign_in(call.ceremony_nonce());
        let (token, to_sign) = CeremonyToken::derive(call.env, &ceremony).await?;
        let options = call.env.passkey_sign_in(&to_sign)?;
        Ok(Self(CeremonyView::new(token, options, &ceremony)))
    }
}
