//! PUT /v1/me/password: another password, by whoever knows the present one. Every other session ends. RULE: SE-07, AC-02

use domain::{Actor, Change, Decision, Fact, FactKind, NewPassword};
use runtime::{
    Call, Failure, Fields, Loaded, Loads, Moment, Operation, OwnPassword, Wants, check_password_of,
};

/// The function.
pub const FUNCTION: runtime::Function = runtime::http::<ChangePassword>();

/// What the caller sends.
pub struct ChangePassword {
    current: String,
    new: NewPassword,
}

/// Whether the present password is right, and the hash of the new one if so.
pub struct Changing {
    current: OwnPassword,
    hash: Option<String>,
}

impl Operation for ChangePassword {
    const NAME: &str = "change-password";
    const ABOUT: &str = env!("CARGO_PKG_DESCRIPTION");
    const SUCCESS: u16 = 204;
    const SESSION_ALONE: bool = true;
    const IS_OF_SESSION: bool = true;
    const REFUSES: &'static [&'static [&'static str]] = &[&["invalid_credentials", "locked"]];
    type Caller = Actor;
    type Loads = Changing;
    type Reply = ();

    fn read(fields: &mut Fields) -> Option<Self> {
        let current = fields.password("current_password", "The present password.");
        let new = fields.new_password("new_password", "The new one; none that is common or one's own name.");
        Some(Self { current: current?, new: new? })
    }

    fn decide(&self, by: &Actor, Changing { current, hash }: Changing, at: &Moment) -> Decision<()> {
        let Some(hash) = hash else { return Ok(current.guesses.failed(Some(&by.user), at)) };
        let user = by.user.clone().with_password(hash);
        let session = by.session()?.clone().under(user.session_epoch);
        let fact = Fact::of(FactKind::PasswordChanged, &user);
        Ok(current.guesses.passed(Change::reply(()).fact(fact).put(user).put(session)))
    }
}

impl Loads<ChangePassword> for Changing {
    fn wants(_: &ChangePassword, _: &Call<'_>, _: &mut Wants) {}

    /// The new password is judged first: were it judged after the present one, a refusal of it would tell that that was
    /// right, and cost no attempt. RULE: AC-03
    async fn take(change: &ChangePassword, call: &Call<'_>, loaded: &mut Loaded) -> Result<Self, Failure> {
        let user = call.caller(loaded)?;
        check_password_of(&change.new, "new_password", &user)?;
        let current = OwnPassword::check(&change.current, call, loaded).await?;
        let hash = if current.is_right {
            Some(call.hash_password_of(&change.new, "new_password", &user).await?)
        } else {
            None
        };
        Ok(Self { current, hash })
    }
}
