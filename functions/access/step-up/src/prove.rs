//! The proof. With a second factor on that takes a code or a passkey, never a password alone. RULE: AC-06

use domain::{
    Actor, CeremonyFor, Change, Decision, Fact, FactKind, FieldError, Instant, Proof, Refusal, Reply,
    Session, TotpCode,
};
use runtime::{
    CONSOLE_URL, Call, CeremonyToken, Failure, Fields, Loaded, Loads, Moment, OfferedFactor, Operation,
    OwnFactors, OwnPassword, PasskeyAnswer, SECOND_FACTOR, TOKENS_KEYS, TOTP_KEYS, Wants, count_wrong_answer,
    use_proof,
};
use schemars::JsonSchema;
use serde::Serialize;

/// What the caller sends.
pub(crate) enum StepUp {
    /// Without a second factor.
    Password(String),
    /// With an authenticator app.
    Code(TotpCode),
    /// With a passkey.
    Passkey(CeremonyToken, PasskeyAnswer),
}

/// How long it is good for.
#[derive(Serialize, JsonSchema)]
pub(crate) struct SteppedUp {
    /// Up to this instant, what asks for a recent authentication is open to this session.
    fresh_until: Instant,
}

impl Reply for SteppedUp {}

/// What was found out about what the caller sent.
pub(crate) enum Proving {
    /// About a password.
    Password(OwnPassword),
    /// About a second factor, and what is told where it proves nothing.
    Factor(OwnFactors, Result<Proof, Refusal>),
}

impl Operation for StepUp {
    const NAME: &str = "step-up";
    const ABOUT: &str = env!("CARGO_PKG_DESCRIPTION");
    const SESSION_ALONE: bool = true;
    const IS_OF_SESSION: bool = true;
    const SETTINGS: &'static [&'static str] = &[TOTP_KEYS, TOKENS_KEYS, CONSOLE_URL];
    const REFUSES: &'static [&'static [&'static str]] =
        &[OfferedFactor::REFUSES, &["invalid_credentials", "ceremony_invalid", "locked", "mfa_not_enabled"]];
    type Caller = Actor;
    type Loads = Proving;
    type Reply = SteppedUp;

    fn read(fields: &mut Fields) -> Option<Self> {
        let password = fields.optional_password("password", "The password, where there is no second factor.");
        let code = fields.optional_totp_code();
        let passkey = fields.optional_passkey();
        let ceremony = CeremonyToken::read_optional(fields);
        match (password?, code?, passkey?, ceremony?) {
            (_, Some(code), None, None) => Some(Self::Code(code)),
            (_, None, Some(answer), Some(token)) => Some(Self::Passkey(token, answer)),
            (_, Some(_), _, _) => fields.fail("passkey", "not_both", "Give a code or a passkey's answer."),
            (_, None, Some(_), None) => {
                fields.fail("ceremony", "required", "Is required with a passkey's answer.")
            }
            (_, None, None, Some(_)) => fields.fail("passkey", "required", "Is required with a ceremony."),
            (Some(password), None, None, None) => Some(Self::Password(password)),
            (None, None, None, None) => fields.fail(
                "code",
                "required",
                "Is required, or passkey, or password without a second factor.",
            ),
        }
    }

    fn decide(&self, by: &Actor, proving: Proving, at: &Moment) -> Decision<SteppedUp> {
        let session = by.session()?.clone().stepped_up(at.now);
        let fact = Fact::of(FactKind::SessionSteppedUp, &by.user);
        let fact = fact.after("session_id", session.id.to_string());
        let change = Change::reply(SteppedUp { fresh_until: at.now + Session::FRESHNESS }).fact(fact);
        Ok(match proving {
            Proving::Password(OwnPassword { guesses, is_right: true }) => guesses.passed(change.put(session)),
            Proving::Password(OwnPassword { guesses, is_right: false }) => guesses.failed(Some(&by.user), at),
            Proving::Factor(OwnFactors(factors), Ok(proof)) => {
                use_proof(change.put(session), factors, proof, &by.user, at)
            }
            Proving::Factor(OwnFactors(factors), Err(told)) => {
                count_wrong_answer(told, factors, None, &by.user, at)
            }
        })
    }
}

impl Loads<StepUp> for Proving {
    fn wants(step_up: &StepUp, call: &Call<'_>, wants: &mut Wants) {
        OwnFactors::wants(step_up, call, wants);
    }

    async fn take(step_up: &StepUp, call: &Call<'_>, loaded: &mut Loaded) -> Result<Self, Failure> {
        let has_factor = call.caller(loaded)?.mfa_enabled;
        match step_up {
            StepUp::Password(_) if has_factor => {
                let detail = "Is required: a second factor is on, so a password alone is not enough.".into();
                Err(Refusal::Validation(vec![FieldError { field: "code".into(), code: "required", detail }])
                    .into())
            }
            StepUp::Password(password) => {
                Ok(Self::Password(OwnPassword::check(password, call, loaded).await?))
            }
            StepUp::Code(_) | StepUp::Passkey(..) if !has_factor => Err(Refusal::MfaNotEnabled.into()),
            StepUp::Code(code) => {
                let factors = OwnFactors::take(step_up, call, loaded).await?;
                factors.0.check_lock(call.moment.now)?;
                let step = call.step_of_totp(&factors.0, code).await?;
                Ok(Self::Factor(factors, step.map(Proof::Totp).ok_or(Refusal::InvalidCode)))
            }
            StepUp::Passkey(token, answer) => {
                let factors = OwnFactors::take(step_up, call, loaded).await?;
                factors.0.check_lock(call.moment.now)?;
                let ceremony = call.claimed_ceremony(CeremonyFor::SteppingUp, token)?;
                let to_sign = call.to_sign(token, &ceremony, &factors.0).await?;
                let to_sign = to_sign.ok_or(Refusal::CeremonyInvalid)?;
                let proven = call.prove_passkey(&factors.0, answer, to_sign, SECOND_FACTOR)?;
                let proof = proven.map(|proven| Proof::Passkey(proven.in_ceremony(&ceremony).into()));
                Ok(Self::Factor(factors, proof.ok_or(Refusal::InvalidPasskey)))
            }
        }
    }
}
