//! POST /v1/password-resets/confirm: a new password by the link of a mail, which is used up. Every session ends; a second
//! factor stays, and is asked for at the next sign-in. RULE: AC-08, SE-07, SU-01

use domain::{AttemptsScope, Change, Decision, Fact, FactKind, NewPassword, Removal, User};
use runtime::{
    Anyone, Call, Failure, Fields, LinkToken, Loaded, Loads, Moment, Operation, TOKENS_KEYS, Wants,
};

/// The function.
pub const FUNCTION: runtime::Function = runtime::http::<ResetPassword>();

/// What the caller sends.
pub struct ResetPassword {
    token: LinkToken,
    password: NewPassword,
}

/// The holder of a genuine link, and the hash of what they chose.
pub struct Resetting {
    user: User,
    hash: String,
}

impl Operation for ResetPassword {
    const NAME: &str = "reset-password";
    const ABOUT: &str = env!("CARGO_PKG_DESCRIPTION");
    const SUCCESS: u16 = 204;
    const SETTINGS: &'static [&'static str] = &[TOKENS_KEYS];
    type Caller = Anyone;
    type Loads = Resetting;
    type Reply = ();

    fn read(fields: &mut Fields) -> Option<Self> {
        let token = LinkToken::read(fields);
        let password = fields.new_password("password", "The new one; none that is common or one's own name.");
        Some(Self { token: token?, password: password? })
    }

    // What was guessed at the former password is over: whoever holds the link reads the mail of that address, and strangers
    // could keep them out for as long as they like. RULE: AC-03
    fn decide(&self, _: &Anyone, Resetting { user, hash }: Resetting, at: &Moment) -> Decision<()> {
        let user = user.with_password(hash);
        let change = Change::reply(()).performed_by(&user).fact(Fact::of(FactKind::PasswordReset, &user));
        let [here, anywhere] = AttemptsScope::both(&user.email.key(), &at.source_ip).map(Removal::Attempts);
        Ok(change.delete(here).delete(anywhere).put(user))
    }
}

impl Loads<ResetPassword> for Resetting {
    fn refuses() -> Vec<&'static str> {
        vec![LinkToken::REFUSES]
    }

    fn wants(reset: &ResetPassword, _: &Call<'_>, wants: &mut Wants) {
        reset.token.want(wants);
    }

    /// The password is judged and hashed only for the holder of a genuine link: whose it is decides whether it is too close
    /// to their name.
    async fn take(reset: &ResetPassword, call: &Call<'_>, loaded: &mut Loaded) -> Result<Self, Failure> {
        let user = reset.token.holder(User::reset_claim, call, loaded).await?;
        let hash = call.hash_password_of(&reset.password, "password", &user).await?;
        Ok(Self { user, hash })
    }
}
