//! POST /v1/access-answers: whether somebody still needs their access, by a link of the mail that asked them, which is used
//! up. They sign in nowhere by it, and lose nothing: an admin decides. RULE: AU-04

use domain::{AccessAnswer, Change, Decision, Fact, FactKind, User};
use runtime::{
    Anyone, Call, Failure, Fields, LinkToken, Loaded, Loads, Moment, Operation, TOKENS_KEYS, Wants,
};

/// The function.
pub const FUNCTION: runtime::Function = runtime::http::<AnswerAccess>();

/// What the caller sends.
pub struct AnswerAccess {
    token: LinkToken,
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
        let token = LinkToken::read(fields);
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
        vec![LinkToken::REFUSES]
    }

    fn wants(answer: &AnswerAccess, _: &Call<'_>, wants: &mut Wants) {
        answer.token.want(wants);
    }

    async fn take(answer: &AnswerAccess, call: &Call<'_>, loaded: &mut Loaded) -> Result<Self, Failure> {
        answer.token.holder(User::question_claim, call, loaded).await.map(Self)
    }
}
