//! POST /v1/me/mfa/totp/confirm: the first code of an authenticator makes it a second factor, the first, or one beside
//! passkeys. RULE: RO-08

use domain::{
    Actor, Change, Decision, Enrolment, Fact, FactKind, FreshStart, NewCodes, Refusal, Reply, TotpCode,
    TotpStep, User,
};
use runtime::{
    CODES_KEYS, Call, Failure, Fields, Loaded, Loads, Moment, Operation, OwnFactors, TOTP_KEYS, Wants,
    count_wrong_answer,
};
use schemars::JsonSchema;
use serde::Serialize;

/// The function.
pub const FUNCTION: runtime::Function = runtime::http::<ConfirmMfa>();

/// What the caller sends.
pub struct ConfirmMfa {
    code: TotpCode,
}

/// What there is for whoever is without their app.
#[derive(Serialize, JsonSchema)]
pub struct Confirmed {
    /// Ten recovery codes, each good once. Shown this once. Beside passkeys those stay that came with the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    recovery_codes: Option<Vec<String>>,
}

impl Reply for Confirmed {}

/// The enrolment that waits, what the code is of, and codes where there is no other factor.
pub struct Confirming {
    factors: OwnFactors,
    enrolment: Option<Enrolment>,
    step: Option<TotpStep>,
    codes: Option<NewCodes>,
}

impl Operation for ConfirmMfa {
    const NAME: &str = "confirm-mfa";
    const ABOUT: &str = env!("CARGO_PKG_DESCRIPTION");
    const SESSION_ALONE: bool = true;
    const WHILE_ENROLLING: bool = true;
    const IS_OF_SESSION: bool = true;
    const SHOWS_SECRET: bool = true;
    const SETTINGS: &'static [&'static str] = &[TOTP_KEYS, CODES_KEYS];
    const REFUSES: &'static [&'static [&'static str]] =
        &[&["step_up_required", "invalid_code", "no_enrolment", "locked"]];
    type Caller = Actor;
    type Loads = Confirming;
    type Reply = Confirmed;

    fn read(fields: &mut Fields) -> Option<Self> {
        let code = fields.totp_code()?;
        Some(Self { code })
    }

    // RULE: AC-06, RC-05
    fn decide(&self, by: &Actor, confirming: Confirming, at: &Moment) -> Decision<Confirmed> {
        by.may_enroll(at.now)?;
        let Confirming { factors: OwnFactors(factors), enrolment, step, codes } = confirming;
        let enrolment = enrolment.ok_or(Refusal::NoEnrolment)?;
        let Some(step) = step else {
            return Ok(count_wrong_answer(Refusal::InvalidCode, factors, None, &by.user, at));
        };
        let (is_first, has_former) = (factors.count() == 0, factors.totp.is_some());
        let enabled = |user: &User| {
            let fact = Fact::of(FactKind::MfaEnabled, user).after("method", "totp");
            fact.after("is_first", is_first).after("has_former", has_former)
        };
        let factors = factors.confirm(enrolment, step, at.now);
        let confirmed = |recovery_codes| Confirmed { recovery_codes };
        if is_first || has_former {
            return FreshStart { factors, codes }.confirm(by, enabled, at.now, confirmed);
        }
        Ok(Change::reply(confirmed(None)).fact(enabled(&by.user)).put(factors))
    }
}

impl Loads<ConfirmMfa> for Confirming {
    fn wants(confirm: &ConfirmMfa, call: &Call<'_>, wants: &mut Wants) {
        OwnFactors::wants(confirm, call, wants);
    }

    async fn take(confirm: &ConfirmMfa, call: &Call<'_>, loaded: &mut Loaded) -> Result<Self, Failure> {
        let factors = OwnFactors::take(confirm, call, loaded).await?;
        factors.0.check_lock(call.moment.now)?;
        let enrolment = factors.0.enrolment.clone().filter(|enrolment| enrolment.is_open(call.moment.now));
        let step = match &enrolment {
            Some(enrolment) => call.step_of(enrolment, &confirm.code, &factors.0, None).await?,
            None => None,
        };
        let codes = match step {
            Some(_) if factors.0.passkeys.is_empty() => Some(call.new_codes(&call.caller(loaded)?).await?),
            _ => None,
        };
        Ok(Self { factors, enrolment, step, codes })
    }
}
