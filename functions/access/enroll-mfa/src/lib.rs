//! POST /v1/me/mfa/totp: an authenticator app is being set up. Nothing changes for sign-ins until its first code is
//! confirmed; what was set up before stays good until then. RULE: RO-08, AC-09

use domain::{Account, Actor, Change, Decision, Enrolment, Fact, FactKind, Instant, Reply, Text, TotpSecret};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use runtime::{Call, Failure, Fields, Loaded, Loads, Moment, Operation, OwnFactors, TOTP_KEYS, Wants};
use schemars::JsonSchema;
use serde::Serialize;

/// The function.
pub const FUNCTION: runtime::Function = runtime::http::<EnrollMfa>();

/// Nothing is sent.
pub struct EnrollMfa;

/// What the app is told.
#[derive(Serialize, JsonSchema)]
pub struct Enrolled {
    /// The secret, in base 32, to be typed into the app. Shown this once.
    secret: String,
    /// The same and all else that an app needs, for a QR code.
    otpauth_uri: String,
    /// From this instant on it cannot be confirmed any more.
    expires_at: Instant,
}

impl Reply for Enrolled {}

/// A new enrolment, and the secret that is derived from it.
pub struct Begun {
    enrolment: Enrolment,
    secret: TotpSecret,
}

impl Operation for EnrollMfa {
    const NAME: &str = "enroll-mfa";
    const ABOUT: &str = env!("CARGO_PKG_DESCRIPTION");
    const SESSION_ALONE: bool = true;
    const WHILE_ENROLLING: bool = true;
    const IS_OF_SESSION: bool = true;
    const SHOWS_SECRET: bool = true;
    const SETTINGS: &'static [&'static str] = &[TOTP_KEYS];
    const REFUSES: &'static [&'static [&'static str]] = &[&["step_up_required"]];
    type Caller = Actor;
    type Loads = (Account, (OwnFactors, Begun));
    type Reply = Enrolled;

    fn read(_: &mut Fields) -> Option<Self> {
        Some(Self)
    }

    // RULE: AC-06
    fn decide(
        &self,
        by: &Actor,
        (account, (OwnFactors(factors), begun)): Self::Loads,
        at: &Moment,
    ) -> Decision<Enrolled> {
        by.may_enroll(at.now)?;
        let Begun { enrolment, secret } = begun;
        let reply = Enrolled {
            secret: secret.expose(),
            otpauth_uri: otpauth_uri(&account, by, &secret),
            expires_at: enrolment.expires_at(),
        };
        Ok(Change::reply(reply)
            .fact(Fact::of(FactKind::MfaEnrolmentStarted, &by.user).after("method", "totp"))
            .put(factors.enroll(enrolment)))
    }
}

/// As apps read it from a QR code (Google's key URI format).
fn otpauth_uri(account: &Account, by: &Actor, secret: &TotpSecret) -> String {
    let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let issuer = encoded(account.name.as_str());
    let label = format!("{issuer}:{}", encoded(by.user.email.spelling()));
    let secret = secret.expose();
    format!("otpauth://totp/{label}?secret={secret}&issuer={issuer}&algorithm=SHA1&digits=6&period=30")
}

impl Loads<EnrollMfa> for Begun {
    fn wants(_: &EnrollMfa, _: &Call<'_>, _: &mut Wants) {}

    async fn take(_: &EnrollMfa, call: &Call<'_>, _: &mut Loaded) -> Result<Self, Failure> {
        let (enrolment, secret) = call.new_enrolment().await?;
        Ok(Self { enrolment, secret })
    }
}
