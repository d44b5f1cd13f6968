//! A passkey whose holder was verified is two factors, and stands for address, password and code.

use domain::{
    Account, AccountId, Decision, EntityKey, Factors, Handover, PasskeyUse, Proof, Refusal, SessionView,
    Status, User, UserId,
};
use runtime::{
    Anyone, CONSOLE_URL, Call, CeremonyToken, Failure, Fields, Loaded, Loads, Moment, Operation,
    PasskeyAnswer, SOLE_PROOF, TOKENS_KEYS, Wants, begin_session, factors, use_proof, want_factors,
};

/// What the caller sends.
pub(crate) struct SignInWithPasskey {
    ceremony: CeremonyToken,
    answer: PasskeyAnswer,
    handover: Handover,
}

/// Whoever has the passkey, its use, and whether that is enough.
pub(crate) struct Answering {
    user: User,
    epoch: u64,
    factors: Factors,
    proven: PasskeyUse,
    stands_alone: bool,
}

impl Operation for SignInWithPasskey {
    const NAME: &str = "sign-in-with-passkey";
    const ABOUT: &str = env!("CARGO_PKG_DESCRIPTION");
    const SUCCESS: u16 = 201;
    const SETTINGS: &'static [&'static str] = &[TOKENS_KEYS, CONSOLE_URL];
    type Caller = Anyone;
    type Loads = Answering;
    type Reply = SessionView;

    fn read(fields: &mut Fields) -> Option<Self> {
        let ceremony = CeremonyToken::read(fields);
        let answer = fields.passkey();
        let handover = fields.handover();
        Some(Self { ceremony: ceremony?, answer: answer?, handover: handover? })
    }

    // What is told of the lock, and of this passkey, is told to whoever has it. RULE: AC-03, AC-05, SE-06
    fn decide(&self, _: &Anyone, answering: Answering, at: &Moment) -> Decision<SessionView> {
        let Answering { user, epoch, factors, proven, stands_alone } = answering;
        factors.check_lock(at.now)?;
        if !stands_alone {
            return Err(Refusal::PasswordRequired);
        }
        let begun = begin_session(user.clone(), epoch, at);
        let begun = begun.map(|session| session.handed_over(self.handover, at.now));
        let proof = Proof::Passkey(proven.in_ceremony(&self.ceremony.to_sign_in()).into());
        Ok(use_proof(begun, factors, proof, &user, at))
    }
}

impl SignInWithPasskey {
    /// Nobody, where the answer does not say whose it is: nothing is found then.
    fn owner(&self) -> (AccountId, UserId) {
        self.answer.owner()
    }
}

impl Loads<SignInWithPasskey> for Answering {
    fn refuses() -> Vec<&'static str> {
        vec!["ceremony_invalid", "invalid_passkey", "locked", "password_required"]
    }

    fn wants(sign_in: &SignInWithPasskey, _: &Call<'_>, wants: &mut Wants) {
        let (account_id, user_id) = sign_in.owner();
        wants.key(EntityKey::Account(account_id));
        wants.key(EntityKey::User(account_id, user_id));
        want_factors(wants, account_id, user_id);
    }

    /// Whatever is wrong with an answer is not told apart, and counted against nobody: a signature is not guessed, and who
    /// comes here without one would lock others out. RULE: SU-01, AC-03
    async fn take(
        sign_in: &SignInWithPasskey,
        call: &Call<'_>,
        loaded: &mut Loaded,
    ) -> Result<Self, Failure> {
        let (account_id, user_id) = sign_in.owner();
        let factors = factors(loaded, account_id, user_id)?;
        let account = loaded.get::<Account>(&EntityKey::Account(account_id))?.filter(Account::is_open);
        let user = loaded.get::<User>(&EntityKey::User(account_id, user_id))?;
        let user = user.filter(|user| account.is_some() && user.status == Status::Active);
        let (ceremony, nobodys) = (sign_in.ceremony.to_sign_in(), Factors::none(account_id, user_id));
        let to_sign = call.to_sign(&sign_in.ceremony, &ceremony, &nobodys).await?;
        let to_sign = to_sign.ok_or(Refusal::CeremonyInvalid)?;
        let user = user.ok_or(Refusal::InvalidPasskey)?;
        let proven = call.prove_passkey(&factors, &sign_in.answer, to_sign, SOLE_PROOF)?;
        let proven = proven.ok_or(Refusal::InvalidPasskey)?;
        // Whether its user has answered this or a later one is told only to whoever has the passkey.
        if !ceremony.is_open(&factors, call.moment.now) {
            return Err(Refusal::CeremonyInvalid.into());
        }
        let passkey = sign_in.answer.passkey_of(&factors);
        let stands_alone = passkey.is_some_and(|passkey| passkey.stands_alone(&user));
        Ok(Self { epoch: call.first_epoch(&user), user, factors, proven, stands_alone })
    }
}
