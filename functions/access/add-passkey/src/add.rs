//! The passkey that an authenticator made: the first of all second factors, or one more. RULE: RO-08

use domain::{
    Actor, Ceremony, CeremonyFor, Change, Decision, Fact, FactKind, Factors, FreshStart, Name, NewCodes,
    Passkey, PasskeyView, Refusal, Reply, User,
};
use runtime::{
    CODES_KEYS, CONSOLE_URL, Call, CeremonyToken, Failure, Fields, Loaded, Loads, Moment, Operation,
    OwnFactors, PasskeyAnswer, TOKENS_KEYS, Wants,
};
use schemars::JsonSchema;
use serde::Serialize;
use webauthn::Challenge;

/// What the caller sends.
pub(crate) struct AddPasskey {
    name: Name,
    ceremony: CeremonyToken,
    answer: PasskeyAnswer,
}

/// The passkey.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Added {
    #[serde(flatten)]
    passkey: PasskeyView,
    /// Ten recovery codes, each good once, with the first second factor. Shown this once.
    #[serde(skip_serializing_if = "Option::is_none")]
    recovery_codes: Option<Vec<String>>,
}

impl Reply for Added {}

/// What there is, and what is made of the answer.
pub(crate) struct Adding {
    factors: OwnFactors,
    ceremony: Ceremony,
    made: Made,
}

/// What an answer is worth.
enum Made {
    /// None is waited for.
    Unasked,
    /// It is not right.
    Nothing,
    /// It is right, and these are the recovery codes where it is the first factor.
    Passkey(Box<Passkey>, Option<NewCodes>),
}

impl Operation for AddPasskey {
    const NAME: &str = "add-passkey";
    const ABOUT: &str = "Adds the passkey that an authenticator made";
    const SUCCESS: u16 = 201;
    const SESSION_ALONE: bool = true;
    const WHILE_ENROLLING: bool = true;
    const IS_OF_SESSION: bool = true;
    const SHOWS_SECRET: bool = true;
    const SETTINGS: &'static [&'static str] = &[TOKENS_KEYS, CODES_KEYS, CONSOLE_URL];
    const REFUSES: &'static [&'static [&'static str]] = &[&[
        "step_up_required",
        "locked",
        "ceremony_invalid",
        "invalid_passkey",
        "passkey_exists",
        "too_many_passkeys",
    ]];
    type Caller = Actor;
    type Loads = Adding;
    type Reply = Added;

    fn read(fields: &mut Fields) -> Option<Self> {
        let name = fields.text("name", "What it is called in one's own list.");
        let ceremony = CeremonyToken::read(fields);
        let answer = fields.passkey();
        Some(Self { name: name?, ceremony: ceremony?, answer: answer? })
    }

    // RULE: AC-06
    fn decide(&self, by: &Actor, adding: Adding, at: &Moment) -> Decision<Added> {
        let Adding { factors: OwnFactors(factors), ceremony, made } = adding;
        factors.check_lock(at.now)?;
        by.may_enroll(at.now)?;
        let (passkey, codes) = match made {
            Made::Unasked => return Err(Refusal::CeremonyInvalid),
            Made::Nothing => return Err(Refusal::InvalidPasskey),
            Made::Passkey(passkey, codes) => (*passkey, codes),
        };
        let (passkey_id, is_first) = (passkey.id.to_string(), codes.is_some());
        let enabled = |user: &User| {
            let fact = Fact::of(FactKind::MfaEnabled, user).after("method", "passkey");
            let fact = fact.after("is_first", is_first);
            fact.after("passkey_id", passkey_id)
        };
        let factors = factors.with_passkey(passkey.clone(), ceremony.begun_at())?;
        let added = |recovery_codes| Added { passkey: PasskeyView::of(passkey, &by.user), recovery_codes };
        match codes {
            None => Ok(Change::reply(added(None)).fact(enabled(&by.user)).put(factors)),
            codes => FreshStart { factors, codes }.confirm(by, enabled, at.now, added),
        }
    }
}

impl Loads<AddPasskey> for Adding {
    fn wants(add: &AddPasskey, call: &Call<'_>, wants: &mut Wants) {
        OwnFactors::wants(add, call, wants);
    }

    async fn take(add: &AddPasskey, call: &Call<'_>, loaded: &mut Loaded) -> Result<Self, Failure> {
        let factors = OwnFactors::take(add, call, loaded).await?;
        let ceremony = call.claimed_ceremony(CeremonyFor::Adding, &add.ceremony)?;
        let made = match call.to_sign(&add.ceremony, &ceremony, &factors.0).await? {
            None => Made::Unasked,
            Some(to_sign) => add.made(to_sign, &factors.0, &call.caller(loaded)?, call).await?,
        };
        Ok(Self { factors, ceremony, made })
    }
}

impl AddPasskey {
    async fn made(
        &self,
        to_sign: Challenge,
        factors: &Factors,
        user: &User,
        call: &Call<'_>,
    ) -> Result<Made, Failure> {
        let Some(registered) = call.created_passkey(&self.answer, to_sign)? else { return Ok(Made::Nothing) };
        // By the factors, which are written under their revision: the user may have been read before or after.
        let codes = if factors.count() > 0 { None } else { Some(call.new_codes(user).await?) };
        let (id, created_at) = (call.moment.fresh.passkey_id, call.moment.now);
        let (name, epoch) = (self.name.clone(), user.session_epoch);
        let passkey = Passkey { id, name, created_at, last_used_at: None, epoch, registered };
        Ok(Made::Passkey(passkey.into(), codes))
    }
}
