//! Passkeys: keys that an authenticator holds, as a second factor or instead of a password. What is kept of one is public.
//! RULE: AC-04, AC-09

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use webauthn::Registered;

use crate::{Ceremony, Factors, Instant, Name, PasskeyId, Refusal, Reply, User};

/// Passkeys that one user may have at a time.
pub const PASSKEYS_MAX: usize = 10;

/// A passkey.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passkey {
    /// Its identifier.
    pub id: PasskeyId,
    /// What its owner calls it.
    pub name: Name,
    /// When it was added.
    pub created_at: Instant,
    /// When it was last used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_used_at: Option<Instant>,
    /// The session epoch of its owner in which it was added or last used.
    #[serde(default)]
    pub epoch: u64,
    /// The public key, and what the authenticator says of it.
    pub registered: Registered,
}

impl Passkey {
    /// Whether it signs its owner in without their password. Their holder has to have been verified when it was added: who
    /// finds a key without a PIN could set one. And it has to have been used since there is the present password, which at
    /// first it is beside that or a session only: one that an intruder has left is good for nothing after a new password.
    /// RULE: AC-04, SE-07
    pub const fn stands_alone(&self, owner: &User) -> bool {
        self.registered.user_verified() && self.epoch >= owner.password_epoch
    }
}

/// A use of a passkey that was proven.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PasskeyUse {
    /// Which.
    pub id: PasskeyId,
    /// As it is to be kept from now on.
    pub registered: Registered,
    /// When the ceremony began, where it was one of its own: none of those that began no later is taken again.
    pub begun_at: Option<Instant>,
}

impl PasskeyUse {
    /// In a ceremony of its own.
    pub fn in_ceremony(self, ceremony: &Ceremony) -> Self {
        Self { begun_at: Some(ceremony.begun_at()), ..self }
    }
}

impl Factors {
    /// The passkey that an authenticator calls so.
    pub fn passkey_called(&self, id: &webauthn::CredentialId) -> Option<&Passkey> {
        self.passkeys.iter().find(|passkey| passkey.registered.credential_id() == id)
    }

    /// What there is, by name.
    pub fn names(&self) -> Vec<&'static str> {
        let has_code = self.codes.as_ref().is_some_and(|codes| codes.left() > 0);
        let all = [
            (!self.passkeys.is_empty(), "passkey"),
            (self.totp.is_some(), "totp"),
            (has_code, "recovery_code"),
        ];
        all.into_iter().filter_map(|(is_there, name)| is_there.then_some(name)).collect()
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.passkeys.len() + usize::from(self.totp.is_some())
    }

    /// The public keys, for a browser to choose by.
    pub fn registered(&self) -> Vec<Registered> {
        self.passkeys.iter().map(|passkey| passkey.registered.clone()).collect()
    }

    /// Refuses one more passkey where there are as many as there may be.
    pub const fn check_room(&self) -> Result<(), Refusal> {
        if self.passkeys.len() < PASSKEYS_MAX { Ok(()) } else { Err(Refusal::TooManyPasskeys) }
    }

    /// One more passkey, which was made in a ceremony of this instant.
    pub fn with_passkey(mut self, passkey: Passkey, begun_at: Instant) -> Result<Self, Refusal> {
        self.check_room()?;
        if self.passkey_called(passkey.registered.credential_id()).is_some() {
            return Err(Refusal::PasskeyExists);
        }
        self.passkeys.insert(0, passkey);
        self.last_ceremony_at = self.last_ceremony_at.max(Some(begun_at));
        Ok(self)
    }

    /// The passkey was used by its owner.
    pub(crate) fn used_passkey(mut self, use_: PasskeyUse, owner: &User, now: Instant) -> Self {
        if let Some(passkey) = self.passkeys.iter_mut().find(|passkey| passkey.id == use_.id) {
            passkey.registered = use_.registered;
            passkey.last_used_at = Some(now);
            passkey.epoch = owner.session_epoch;
        }
        // Beside a password there is no ceremony: all that began before are over as well.
        self.last_ceremony_at = self.last_ceremony_at.max(use_.begun_at.or(Some(now)));
        self
    }

    /// Without this passkey.
    pub fn without_passkey(mut self, id: PasskeyId) -> Result<Self, Refusal> {
        let before = self.passkeys.len();
        self.passkeys.retain(|passkey| passkey.id != id);
        if self.passkeys.len() < before { Ok(self) } else { Err(Refusal::NotFound) }
    }

    /// Without the authenticator app.
    pub fn without_totp(mut self) -> Result<Self, Refusal> {
        self.totp.take().map(|_| self).ok_or(Refusal::MfaNotEnabled)
    }

    /// What stays behind a factor that was taken away, and the user where they have none any more: with the last one go the
    /// recovery codes. RULE: RO-08
    pub fn given_up_by(self, user: &User) -> Result<(Option<User>, Self), Refusal> {
        if self.count() > 0 {
            return Ok((None, self));
        }
        Ok((Some(user.clone().without_factor()?), self.removed()))
    }
}

/// A passkey as it is listed.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Passkey")]
pub struct PasskeyView {
    /// The passkey.
    id: PasskeyId,
    /// What its owner calls it.
    name: Name,
    /// Whether it may be on more than one device.
    is_syncable: bool,
    /// Whether it signs in without a password: if it verified its holder when it was added, and after a new password once
    /// it was used beside that.
    stands_alone: bool,
    /// When it was added.
    created_at: Instant,
    /// When it was last used.
    last_used_at: Option<Instant>,
}

impl PasskeyView {
    /// Of this user.
    pub fn of(passkey: Passkey, owner: &User) -> Self {
        Self {
            stands_alone: passkey.stands_alone(owner),
            id: passkey.id,
            name: passkey.name,
            is_syncable: passkey.registered.backup_eligible(),
            created_at: passkey.created_at,
            last_used_at: passkey.last_used_at,
        }
    }
}

/// The passkeys of a user.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Passkeys")]
pub struct PasskeyList {
    /// The newest first.
    #[schemars(length(max = 10))]
    data: Vec<PasskeyView>,
}

impl Reply for PasskeyList {}

impl PasskeyList {
    /// Of this user.
    pub fn of(factors: Factors, owner: &User) -> Self {
        Self { data: factors.passkeys.into_iter().map(|passkey| PasskeyView::of(passkey, owner)).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lives::user;
    use chrono::TimeDelta;

    use crate::{AccountId, KeyVersion, Nonce, Role, Text, Totp, TotpStep, UserId};

    fn at(minutes: i64) -> Instant {
        Instant::default() + TimeDelta::minutes(minutes)
    }

    fn passkey(n: u8) -> Passkey {
        let registered = serde_json::json!({
            "credential_id": format!("cGFzc2tleS{}A", char::from(b'A' + n)),
            "public_key": "AA",
            "algorithm": -7,
            "sign_count": 0,
            "user_verified": true,
            "backup_eligible": n == 0,
            "backed_up": false,
        });
        Passkey {
            id: PasskeyId::from_bits(n.into()),
            name: Name::parse("Laptop").unwrap(),
            created_at: at(0),
            last_used_at: None,
            epoch: 0,
            registered: serde_json::from_value(registered).unwrap(),
        }
    }

    fn none() -> Factors {
        Factors::none(AccountId::from_bits(1), UserId::from_bits(1))
    }

    fn with_totp(mut factors: Factors) -> Factors {
        let key_version = KeyVersion::try_from(1).unwrap();
        let enrolment = crate::Enrolment { nonce: Nonce::new(1), key_version, begun_at: at(0) };
        factors.totp = Some(Totp { enrolment, confirmed_at: at(0), last_step: TotpStep::at(at(0)) });
        factors
    }

    // RULE: AC-04
    #[test]
    fn an_answer_is_taken_once_and_for_six_minutes_and_never_after_that_to_a_later_ceremony() {
        let ceremony = |minutes| Ceremony::to_sign_in(Nonce::drawn(at(minutes), u128::MAX));
        let first = ceremony(1);
        assert_eq!((first.begun_at(), first.expires_at()), (at(1), at(7)));
        assert!(first.is_open(&none(), at(7) - TimeDelta::milliseconds(1)));
        assert!(!first.is_open(&none(), at(7)));
        let used = none().with_passkey(passkey(0), first.begun_at()).unwrap();
        assert!(!first.is_open(&used, at(2)));
        assert!(!ceremony(0).is_open(&used, at(2)));
        let second = ceremony(2);
        assert!(second.is_open(&used, at(2)));
        let again = PasskeyUse {
            id: passkey(0).id,
            registered: passkey(0).registered,
            begun_at: Some(second.begun_at()),
        };
        let ann = user(1, Role::Developer).end_sessions();
        let used = used.used_passkey(again.clone(), &ann, at(3));
        assert_eq!(used.passkeys[0].epoch, ann.session_epoch);
        assert_eq!(used.passkeys[0].last_used_at, Some(at(3)));
        assert!(!second.is_open(&used, at(3)));
        // Beside a password there is no ceremony of its own: none that began before is open after it.
        let beside = used.used_passkey(PasskeyUse { begun_at: None, ..again }, &ann, at(4));
        assert!(!second.is_open(&beside, at(4)) && !ceremony(4).is_open(&beside, at(4)));
        assert!(ceremony(5).is_open(&beside, at(5)));
    }

    // RULE: AC-04, SE-07
    #[test]
    fn a_passkey_stands_alone_if_it_verified_its_holder_and_stood_beside_the_present_password() {
        let ann = user(1, Role::Developer);
        let beside = |epoch| Passkey { epoch, ..passkey(0) };
        assert!(beside(ann.session_epoch).stands_alone(&ann));
        let anew = ann.clone().end_sessions().with_password("new".into());
        assert!(!beside(ann.session_epoch).stands_alone(&anew));
        assert!(!beside(anew.session_epoch - 1).stands_alone(&anew));
        assert!(beside(anew.session_epoch).stands_alone(&anew));
        assert!(
            beside(anew.session_epoch).stands_alone(&anew.end_sessions()),
            "a logout asks for no password"
        );
        let mut unverified = serde_json::to_value(passkey(0).registered).unwrap();
        unverified["user_verified"] = false.into();
        let unverified = serde_json::from_value(unverified).unwrap();
        assert!(!Passkey { registered: unverified, ..passkey(0) }.stands_alone(&ann));
    }

    // RULE: RO-08
    #[test]
    fn with_the_last_factor_go_the_codes_and_an_admin_keeps_it() {
        let ann = user(1, Role::Developer).with_factor();
        let both = with_totp(none().with_passkey(passkey(0), at(0)).unwrap());
        let (still, one) = both.clone().without_totp().unwrap().given_up_by(&ann).unwrap();
        assert!(still.is_none() && one.passkeys.len() == 1);
        let (still, app) = both.without_passkey(passkey(0).id).unwrap().given_up_by(&ann).unwrap();
        assert!(still.is_none() && app.totp.is_some());
        let (bare, nothing) = one.clone().without_passkey(passkey(0).id).unwrap().given_up_by(&ann).unwrap();
        assert!(bare.is_some_and(|ann| !ann.mfa_enabled) && nothing.passkeys.is_empty());
        let admin = user(2, Role::Admin).with_factor();
        let last = one.without_passkey(passkey(0).id).unwrap();
        assert_eq!(last.clone().given_up_by(&admin), Err(Refusal::MfaRequiredForRole));
        let mut used = last;
        used.last_ceremony_at = Some(at(1));
        let (_, nothing) = used.given_up_by(&ann).unwrap();
        assert_eq!((nothing.codes, nothing.last_ceremony_at), (None, Some(at(1))), "used answers stay used");
    }

    #[test]
    fn ten_are_the_most_and_none_is_there_twice() {
        let full = (0..10).try_fold(none(), |factors, n| factors.with_passkey(passkey(n), at(0))).unwrap();
        assert_eq!(full.clone().with_passkey(passkey(10), at(0)), Err(Refusal::TooManyPasskeys));
        let nine = full.without_passkey(passkey(3).id).unwrap();
        assert_eq!(nine.clone().with_passkey(passkey(4), at(0)), Err(Refusal::PasskeyExists));
        assert_eq!(nine.clone().without_passkey(passkey(3).id), Err(Refusal::NotFound));
        assert!(nine.with_passkey(passkey(3), at(0)).is_ok());
    }
}
