//! POST /v1/sessions: address and password for a session, or for a challenge where there is a second factor. Whatever is
//! wrong, the answer and the effort are the same. RULE: AC-03, AC-04, AC-12

mod candidate;
mod reply;

use domain::{AccountId, Change, Decision, Email, Fact, FactKind, Handover, User};
use runtime::{Anyone, CONSOLE_URL, Fields, Moment, Operation, TOKENS_KEYS, begin_session};

use candidate::{Candidate, Waiting};
use reply::{ChallengeView, SignedIn};

/// The function.
pub const FUNCTION: runtime::Function = runtime::http::<SignIn>();

/// What the caller sends.
pub struct SignIn {
    email: Email,
    password: String,
    account_id: Option<AccountId>,
    handover: Handover,
}

impl Operation for SignIn {
    const NAME: &str = "sign-in";
    const ABOUT: &str = env!("CARGO_PKG_DESCRIPTION");
    const SUCCESS: u16 = 201;
    const SETTINGS: &'static [&'static str] = &[TOKENS_KEYS, CONSOLE_URL];
    const REFUSES: &'static [&'static [&'static str]] = &[&["invalid_credentials", "locked"]];
    type Caller = Anyone;
    type Loads = Candidate;
    type Reply = SignedIn;

    fn read(fields: &mut Fields) -> Option<Self> {
        let email = fields.email("The address that was invited, in any spelling.");
        let password = fields.password("password", "The password.");
        let about = "Which account, where the address is in several; else the one last used.";
        let account_id = fields.optional_id("account_id", about);
        let handover = fields.handover();
        Some(Self { email: email?, password: password?, account_id: account_id?, handover: handover? })
    }

    // RULE: AC-05, SE-06
    fn decide(&self, _: &Anyone, candidate: Candidate, at: &Moment) -> Decision<SignedIn> {
        let Candidate { user, epoch, guesses, waiting, is_right } = candidate;
        if !is_right {
            let failed = guesses.failed(user.as_ref(), at);
            return Ok(match &user {
                Some(user) => failed.performed_by(user),
                None => failed,
            });
        }
        Ok(match (user, waiting) {
            (None, _) => guesses.failed(None, at),
            (Some(user), Some(waiting)) => guesses.passed(half_way(&user, waiting)),
            (Some(user), None) => {
                let begun = begin_session(user, epoch, at);
                guesses.passed(begun.map(|session| session.handed_over(self.handover, at.now).into()))
            }
        })
    }
}

/// The password was right, and a second factor is still to come: nobody is signed in yet.
fn half_way(user: &User, waiting: Waiting) -> Change<SignedIn> {
    let challenge = waiting.challenge.clone();
    Change::reply(SignedIn::HalfWay(ChallengeView::new(waiting)))
        .performed_by(user)
        .fact(Fact::of(FactKind::SessionChallenged, user))
        .put(challenge)
}
