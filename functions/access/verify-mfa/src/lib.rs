//! POST /v1/sessions/mfa: a code or a passkey meets the challenge of a sign-in, which is used up, and begins the session. RULE: AC-04

use domain::{Account, Challenge, Decision, Factors, Proof, Refusal, SessionView, User};
use runtime::{
    Anyone, CODES_KEYS, CONSOLE_URL, Call, ChallengeToken, Failure, Fields, Loaded, Loads, Moment,
    OfferedFactor, Operation, TOKENS_KEYS, TOTP_KEYS, Wants, begin_session, count_wrong_answer, factors,
    meet, use_proof,
};

/// The function.
pub const FUNCTION: runtime::Function = runtime::http::<VerifyMfa>();

/// What the caller sends.
pub struct VerifyMfa {
    challenge: ChallengeToken,
    factor: OfferedFactor,
}

/// Whoever gave the password, the open challenge, and what the factor proves.
pub struct Answering {
    user: User,
    challenge: Challenge,
    factors: Factors,
    proof: Option<Proof>,
}

impl Operation for VerifyMfa {
    const NAME: &str = "verify-mfa";
    const ABOUT: &str = env!("CARGO_PKG_DESCRIPTION");
    const SUCCESS: u16 = 201;
    const SETTINGS: &'static [&'static str] = &[TOKENS_KEYS, TOTP_KEYS, CODES_KEYS, CONSOLE_URL];
    const REFUSES: &'static [&'static [&'static str]] = &[OfferedFactor::REFUSES, &["locked"]];
    type Caller = Anyone;
    type Loads = Answering;
    type Reply = SessionView;

    fn read(fields: &mut Fields) -> Option<Self> {
        let challenge = ChallengeToken::read(fields);
        let factor = fields.offered_factor();
        Some(Self { challenge: challenge?, factor: factor? })
    }

    // RULE: AC-03, AC-05, SE-06, RC-01
    fn decide(&self, _: &Anyone, answering: Answering, at: &Moment) -> Decision<SessionView> {
        let Answering { user, challenge, factors, proof } = answering;
        let Some(proof) = proof else {
            let told = self.factor.refusal();
            return Ok(count_wrong_answer(told, factors, Some(challenge), &user, at).performed_by(&user));
        };
        let begun = begin_session(user.clone(), challenge.epoch, at);
        let begun = begun.map(|session| session.handed_over(challenge.handover, at.now));
        Ok(meet(use_proof(begun, factors, proof, &user, at), &challenge))
    }
}

impl Loads<VerifyMfa> for Answering {
    fn refuses() -> Vec<&'static str> {
        vec!["challenge_invalid"]
    }

    fn wants(verify: &VerifyMfa, _: &Call<'_>, wants: &mut Wants) {
        for key in verify.challenge.keys() {
            wants.key(key);
        }
    }

    /// Whatever is wrong with a challenge is not told apart. A factor is looked at only where the challenge is open, and
    /// none at all where too many were wrong. RULE: SU-01
    async fn take(verify: &VerifyMfa, call: &Call<'_>, loaded: &mut Loaded) -> Result<Self, Failure> {
        let token = &verify.challenge;
        let account = loaded.get::<Account>(&token.account_key())?.filter(Account::is_open);
        let user = loaded.get::<User>(&token.user_key())?;
        let challenge = loaded.get::<Challenge>(&token.challenge_key())?;
        let (Some(user), Some(challenge), Some(_)) = (user, challenge, account) else {
            return Err(Refusal::ChallengeInvalid.into());
        };
        if !challenge.is_open(&user, call.moment.now) || !token.is_of(call.env, &challenge).await? {
            return Err(Refusal::ChallengeInvalid.into());
        }
        let factors = factors(loaded, user.account_id, user.id)?;
        factors.check_lock(call.moment.now)?;
        let proof = call.prove(&factors, &verify.factor, token.to_sign()).await?;
        Ok(Self { user, challenge, factors, proof })
    }
}
