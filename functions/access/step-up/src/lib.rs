//! POST /v1/sessions/current/step-up: whoever is signed in proves once more who they are. With a second factor on that
//! takes a code, never a password alone. RULE: AC-06

use domain::{Actor, Change, Decision, Fact, FactKind, FieldError, Instant, Proof, Refusal, Reply, Session};
use runtime::{
    Call, Failure, Fields, Loaded, Loads, Moment, OfferedCode, Operation, OwnFactors, OwnPassword, TOTP_KEYS,
    Wants, count_wrong_code, use_proof,
};
use schemars::JsonSchema;
use serde::Serialize;

/// The function.
pub const FUNCTION: runtime::Function = runtime::http::<StepUp>();

/// What the caller sends.
pub enum StepUp {
    /// Without a second factor.
    Password(String),
    /// With one.
    Code(OfferedCode),
}

/// How long it is good for.
#[derive(Serialize, JsonSchema)]
pub struct SteppedUp {
    /// Up to this instant, what asks for a recent authentication is open to this session.
    fresh_until: Instant,
}

impl Reply for SteppedUp {}

/// What was found out about what the caller sent.
pub enum Proving {
    /// About a password.
    Password(OwnPassword),
    /// About a code.
    Code(OwnFactors, Option<Proof>),
}

impl Operation for StepUp {
    const NAME: &str = "step-up";
    const ABOUT: &str = env!("CARGO_PKG_DESCRIPTION");
    const SESSION_ALONE: bool = true;
    const IS_OF_SESSION: bool = true;
    const SETTINGS: &'static [&'static str] = &[TOTP_KEYS];
    const REFUSES: &'static [&'static [&'static str]] =
        &[&["invalid_credentials", "invalid_code", "locked", "mfa_not_enabled"]];
    type Caller = Actor;
    type Loads = Proving;
    type Reply = SteppedUp;

    fn read(fields: &mut Fields) -> Option<Self> {
        let password = fields.optional_password("password", "The password, where there is no second factor.");
        let code = fields.optional_totp_code();
        match (password?, code?) {
            (_, Some(code)) => Some(Self::Code(OfferedCode::Totp(code))),
            (Some(password), None) => Some(Self::Password(password)),
            (None, None) => {
                fields.fail("code", "required", "Is required, or password without a second factor.")
            }
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
            Proving::Code(OwnFactors(factors), Some(proof)) => {
                use_proof(change.put(session), factors, proof, &by.user, at)
            }
            Proving::Code(OwnFactors(factors), None) => count_wrong_code(factors, None, &by.user, at),
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
            StepUp::Code(_) if !has_factor => Err(Refusal::MfaNotEnabled.into()),
            StepUp::Code(code) => {
                let factors = OwnFactors::take(step_up, call, loaded).await?;
                factors.0.check_lock(call.moment.now)?;
                let proof = call.prove(&factors.0, code).await?;
                Ok(Self::Code(factors, proof))
            }
        }
    }
}
