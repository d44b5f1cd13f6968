//! The token of a ceremony, for whoever brings it back with a passkey's answer. RULE: AC-04

use domain::{Ceremony, CeremonyFor, Factors, Nonce, Refusal};
use webauthn::Challenge;

use crate::{Call, Env, Failure, Fields, MacError, Token};

/// What a caller claims to answer.
#[derive(Clone)]
pub struct CeremonyToken(Token);

impl CeremonyToken {
    /// The token in `ceremony`.
    pub fn read(fields: &mut Fields) -> Option<Self> {
        Token::read(fields, "ceremony", "What the options came with.").map(Self)
    }

    /// The same, where it may be missing.
    pub fn read_optional(fields: &mut Fields) -> Option<Option<Self>> {
        let token = Token::read_optional(fields, "ceremony", "What the options came with.")?;
        Some(token.map(Self))
    }

    /// The token of this ceremony, and what a passkey has to sign for it.
    pub async fn derive(env: &Env, ceremony: &Ceremony) -> Result<(String, Challenge), MacError> {
        let token = Token::derive(env, &ceremony.claim()).await?;
        let to_sign = Token::parse(&token).to_sign();
        Ok((token, to_sign))
    }

    /// The sign-in that it claims to be of.
    pub fn to_sign_in(&self) -> Ceremony {
        Ceremony::to_sign_in(self.0.nonce().clone())
    }
}

impl Call<'_> {
    /// A nonce for a ceremony that begins now.
    pub fn ceremony_nonce(&self) -> Nonce {
        Nonce::drawn(self.moment.now, self.moment.fresh.nonce.bits())
    }

    /// A ceremony of the caller's session that begins now.
    pub fn new_ceremony(&self, purpose: CeremonyFor) -> Result<Ceremony, Failure> {
        self.own_ceremony(purpose, self.ceremony_nonce())
    }

    /// The ceremony of the caller's session that this token claims to be of.
    pub fn claimed_ceremony(&self, purpose: CeremonyFor, token: &CeremonyToken) -> Result<Ceremony, Failure> {
        self.own_ceremony(purpose, token.0.nonce().clone())
    }

    fn own_ceremony(&self, purpose: CeremonyFor, nonce: Nonce) -> Result<Ceremony, Failure> {
        let user_id = self.caller_id.ok_or(Refusal::Unauthenticated)?;
        let session_id = self.session_id.ok_or(Refusal::SessionRequired)?;
        Ok(Ceremony::of_session(purpose, (self.account_id, user_id), session_id, nonce))
    }

    /// What a passkey has to sign for this ceremony, of which this is the token; nothing, where it is not open for whoever has
    /// these factors.
    pub async fn to_sign(
        &self,
        token: &CeremonyToken,
        ceremony: &Ceremony,
        factors: &Factors,
    ) -> Result<Option<Challenge>, Failure> {
        let is_open = ceremony.is_open(factors, self.moment.now);
        let is_genuine = is_open && token.0.is_of(self.env, &ceremony.claim()).await?;
        Ok(is_genuine.then(|| token.0.to_sign()))
    }
}
