//! POST /v1/me/mfa/totp/confirm: the first code of an authenticator makes it a second factor. It counts as a full
//! authentication, lifts what an Admin or a Root owes, and ends every other session. RULE: RO-08, AC-05

use domain::{
    Actor, Change, Decision, Enrolment, Fact, FactKind, NewCodes, RecoveryCode, Refusal, Reply, SeenBy,
    TotpCode, TotpStep,
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
    /// Ten recovery codes, each good once. Shown this once.
    recovery_codes: Vec<String>,
}

impl Reply for Confirmed {}

/// The enrolment that waits, what the code is of, and codes for whoever is without their app.
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
        let (Some(step), Some(codes)) = (step, codes) else {
            return Ok(count_wrong_answer(Refusal::InvalidCode, factors, None, &by.user, at));
        };
        let user = by.user.clone().with_factor().with_codes().authenticated(at.now);
        let session = by.session()?.clone().stepped_up(at.now).under(user.session_epoch);
        let (codes, shown) = codes.issue(SeenBy::Owner, at.now);
        let factors = factors.confirm(enrolment, step, at.now).with_codes(codes);
        let recovery_codes = shown.iter().map(RecoveryCode::expose).collect();
        Ok(Change::reply(Confirmed { recovery_codes })
            .fact(Fact::of(FactKind::MfaEnabled, &user).after("method", "totp"))
            .fact(Fact::of(FactKind::CodesIssued, &user))
            .put(user)
            .put(session)
            .put(factors))
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
            Some(_) => Some(call.new_codes(&call.caller(loaded)?).await?),
            None => None,
        };
        Ok(Self { factors, enrolment, step, codes })
    }
}
