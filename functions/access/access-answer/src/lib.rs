//! POST /v1/access-answers: whether somebody still needs their access, by a link of the mail that asked them, which is used
//! up. They sign in nowhere by it, and lose nothing: an admin decides. RULE: AU-04

use domain::{AccessAnswer, Account, Change, Decision, Fact, FactKind, Refusal, User};
use runtime::{Anyone, Call, Failure, Fields, Loaded, Loads, Moment, Operation, TOKENS_KEYS, Token, Wants};

/// The function.
pub const FUNCTION: runtime::Function = runtime::http::<AnswerAccess>();

/// What the caller sends.
pub struct AnswerAccess {
    token: Token,
    is_needed: bool,
}

/// The holder of a genuine link.
pub struct Asked(User);

impl Operation for AnswerAccess {
    const NAME: &str = "access-answer";
    const ABOUT: &str = env!("CARGO_PKG_DESCRIPTION");
    const SUCCESS: u16 = 204;
    const SETTINGS: &'static [&'static str] = &[TOKENS_KEYS];
    type Caller = Anyone;
    type Loads = Asked;
    type Reply = ();

    fn read(fields: &mut Fields) -> Option<Self> {
        let token =
            Token::read(fields, "token", "The token of the mail's link, which stands behind its `#`.");
        let is_yes = |text: &str| match text {
            "yes" => Some(true),
            "no" => Some(false),
            _ => None,
        };
        let is_needed =
            fields.choice("answer", "Whether they still need their access.", is_yes, &["yes", "no"]);
        Some(Self { token: token?, is_needed: is_needed? })
    }

    fn decide(&self, _: &Anyone, Asked(user): Asked, at: &Moment) -> Decision<()> {
        let user = user.answered(AccessAnswer { is_needed: self.is_needed, at: at.now });
        let fact = Fact::of(FactKind::AccessAnswered, &user).after("is_needed", self.is_needed);
        Ok(Change::reply(()).performed_by(&user).fact(fact).put(user))
    }
}

impl Loads<AnswerAccess> for Asked {
    fn refuses() -> Vec<&'static str> {
        vec!["token_invalid"]
    }

    fn wants(answer: &AnswerAccess, _: &Call<'_>, wants: &mut Wants) {
        wants.key(answer.token.account_key());
        wants.key(answer.token.user_key());
    }

    async fn take(answer: &AnswerAccess, call: &Call<'_>, loaded: &mut Loaded) -> Result<Self, Failure> {
        let user = loaded.get::<User>(&answer.token.user_key())?;
        let account = loaded.get::<Account>(&answer.token.account_key())?;
        let (Some(user), Some(_)) = (user, account.filter(Account::is_open)) else {
            return Err(Refusal::TokenInvalid.into());
        };
        let question = user.open_question(call.moment.now).ok_or(Refusal::TokenInvalid)?;
        let claim = question.claim(&user);
        if !answer.token.is_of(call.env, &claim).await? {
            return Err(Refusal::TokenInvalid.into());
        }
        Ok(Self(user))
    }
}
