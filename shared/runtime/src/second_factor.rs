//! Second factors: read from a request, and held against what is stored.

use domain::{
    AccountId, CodesKey, Enrolment, EntityKey, Factors, HashKey, NewCodes, Proof, RecoveryCode,
    RecoveryCodes, Refusal, Role, TotpCode, TotpSecret, TotpStep, User, UserId,
};
use store::{Loaded, StoreError, Wants};

use crate::{CODES_KEYS, Call, Failure, Fields, PasskeyAnswer, SECOND_FACTOR, Shape, TOTP_KEYS};

/// What somebody gives as their second factor.
pub enum OfferedFactor {
    /// Of the authenticator app.
    Totp(TotpCode),
    /// A recovery code.
    Recovery(RecoveryCode),
    /// A passkey's answer.
    Passkey(PasskeyAnswer),
}

impl OfferedFactor {
    /// The codes of [`OfferedFactor::refusal`].
    pub const REFUSES: &[&str] = &["invalid_code", "invalid_passkey"];

    /// What is told where it proves nothing.
    pub const fn refusal(&self) -> Refusal {
        match self {
            Self::Totp(_) | Self::Recovery(_) => Refusal::InvalidCode,
            Self::Passkey(_) => Refusal::InvalidPasskey,
        }
    }
}

impl Fields {
    /// The code of an authenticator app in `code`, where it is there.
    pub fn optional_totp_code(&mut self) -> Option<Option<TotpCode>> {
        self.optional(
            "code",
            Shape::opaque("The six digits that the authenticator app shows."),
            TotpCode::parse,
        )
    }

    /// The code of an authenticator app in `code`.
    pub fn totp_code(&mut self) -> Option<TotpCode> {
        self.required(
            "code",
            Shape::opaque("The six digits that the authenticator app shows."),
            TotpCode::parse,
        )
    }

    /// One of a code of the app in `code`, a recovery code in `recovery_code`, and a passkey's answer in `passkey`.
    pub fn offered_factor(&mut self) -> Option<OfferedFactor> {
        let code = self.optional_totp_code();
        let about = "A recovery code instead, in any case, with or without its dash.";
        let recovery = self.optional("recovery_code", Shape::opaque(about), RecoveryCode::parse);
        let passkey = self.optional_passkey();
        match (code?, recovery?, passkey?) {
            (Some(code), None, None) => Some(OfferedFactor::Totp(code)),
            (None, Some(code), None) => Some(OfferedFactor::Recovery(code)),
            (None, None, Some(answer)) => Some(OfferedFactor::Passkey(answer)),
            (None, None, None) => {
                self.fail("code", "required", "Is required, or recovery_code or passkey instead.")
            }
            (_, Some(_), _) => self.fail("recovery_code", "not_both", "Give one of these and no other."),
            (Some(_), None, Some(_)) => self.fail("passkey", "not_both", "Give one of these and no other."),
        }
    }
}

/// The second factors of a user, which need not be there.
pub fn factors(loaded: &Loaded, account_id: AccountId, user_id: UserId) -> Result<Factors, StoreError> {
    let stored = loaded.get(&EntityKey::Factors(account_id, user_id))?;
    Ok(stored.unwrap_or_else(|| Factors::none(account_id, user_id)))
}

/// Has the second factors of a user read.
pub fn want_factors(wants: &mut Wants, account_id: AccountId, user_id: UserId) {
    wants.key(EntityKey::Factors(account_id, user_id));
}

impl Call<'_> {
    /// What is proved beside a password; nothing, where it is wrong or was used. A passkey's answer is to what this token
    /// has it sign.
    /// RULE: AC-04, RC-01
    pub async fn prove(
        &self,
        factors: &Factors,
        offered: &OfferedFactor,
        to_sign: webauthn::Challenge,
    ) -> Result<Option<Proof>, Failure> {
        let (account_id, user_id) = (factors.account_id, factors.user_id);
        match offered {
            OfferedFactor::Passkey(answer) => {
                let proven = self.prove_passkey(factors, answer, to_sign, SECOND_FACTOR)?;
                Ok(proven.map(|proven| Proof::Passkey(proven.into())))
            }
            OfferedFactor::Totp(code) => Ok(self.step_of_totp(factors, code).await?.map(Proof::Totp)),
            OfferedFactor::Recovery(code) => {
                let Some(codes) = &factors.codes else { return Ok(None) };
                let claim = RecoveryCodes::hash_claim(account_id, user_id, &codes.id);
                let Some(mac) = self.env.mac(CODES_KEYS, codes.key_version, &claim).await? else {
                    return Ok(None);
                };
                Ok(codes.find(&HashKey::new(mac), code).map(Proof::RecoveryCode))
            }
        }
    }

    /// The step that a code of the app is of; none, where it is wrong or was used.
    pub async fn step_of_totp(
        &self,
        factors: &Factors,
        code: &TotpCode,
    ) -> Result<Option<TotpStep>, Failure> {
        let Some(totp) = &factors.totp else { return Ok(None) };
        self.step_of(&totp.enrolment, code, factors, Some(totp.last_step)).await
    }

    /// The step of this enrolment that the code is of.
    pub async fn step_of(
        &self,
        enrolment: &Enrolment,
        code: &TotpCode,
        factors: &Factors,
        last_used: Option<TotpStep>,
    ) -> Result<Option<TotpStep>, Failure> {
        let secret = self.totp_secret(enrolment, factors.account_id, factors.user_id).await?;
        Ok(secret.and_then(|secret| secret.step_of(code, last_used, self.moment.now)))
    }

    /// The secret of an enrolment; none where its key is no more.
    pub async fn totp_secret(
        &self,
        enrolment: &Enrolment,
        account_id: AccountId,
        user_id: UserId,
    ) -> Result<Option<TotpSecret>, Failure> {
        let mac =
            self.env.mac(TOTP_KEYS, enrolment.key_version, &enrolment.claim(account_id, user_id)).await?;
        Ok(mac.as_ref().map(TotpSecret::of))
    }

    /// A new enrolment of the caller, and its secret.
    pub async fn new_enrolment(&self) -> Result<(Enrolment, TotpSecret), Failure> {
        let user_id = self.caller_id.ok_or(Refusal::Unauthenticated)?;
        let key_version = self.env.current_key(TOTP_KEYS)?;
        let (nonce, begun_at) = (self.moment.fresh.nonce.clone(), self.moment.now);
        let enrolment = Enrolment { nonce, key_version, begun_at };
        let secret = self.totp_secret(&enrolment, self.account_id, user_id).await?;
        let lost = || Failure::Fault("the current key of authenticators is not there".into());
        Ok((enrolment, secret.ok_or_else(lost)?))
    }

    /// What becomes a new set of recovery codes for this user: for a Root from bits that are kept nowhere. RULE: RC-04
    pub async fn new_codes(&self, user: &User) -> Result<NewCodes, Failure> {
        let key_version = self.env.current_key(CODES_KEYS)?;
        let (id, seed) = (self.moment.fresh.nonce.clone(), self.moment.fresh.seed_nonce.clone());
        let lost = || Failure::Fault("the current key of recovery codes is not there".into());
        let claim = RecoveryCodes::hash_claim(user.account_id, user.id, &id);
        let hash_key = self.env.mac(CODES_KEYS, key_version, &claim).await?.ok_or_else(lost)?;
        let seed = (user.role != Role::Root).then_some(seed);
        let key = match &seed {
            Some(seed) => {
                let claim = RecoveryCodes::seed_claim(user.account_id, user.id, seed);
                self.env.mac(CODES_KEYS, key_version, &claim).await?.ok_or_else(lost)?
            }
            None => self.moment.fresh.secret,
        };
        Ok(NewCodes { key: CodesKey::new(key), hash_key: HashKey::new(hash_key), key_version, id, seed })
    }

    /// The unused codes of a set, made once more; none where that is not possible. RULE: RC-02
    pub async fn codes_again(&self, factors: &Factors) -> Result<Option<Vec<RecoveryCode>>, Failure> {
        let Some(codes) = &factors.codes else { return Ok(None) };
        let Some(seed) = &codes.seed else { return Ok(None) };
        let claim = RecoveryCodes::seed_claim(factors.account_id, factors.user_id, seed);
        let mac = self.env.mac(CODES_KEYS, codes.key_version, &claim).await?;
        Ok(mac.map(|mac| codes.unused(CodesKey::new(mac).codes())))
    }
}
