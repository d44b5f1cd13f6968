//! POST /v1/sessions: address and password for a session. Whatever is wrong, the answer and the effort are
//! the same. A challenge for those with MFA takes the session's place once MFA can be enrolled.

mod candidate;

use domain::{
    AccountId, Attempts, AttemptsScope, Change, Decision, Email, EntityKey, Fact, FactKind, Handover,
    Refusal, Reliance, Removal, SESSION_LIFETIME, Session, SessionView, User, spelt_alike,
};
use runtime::{Anyone, Credential, Fields, Moment, Operation, Shape};

use candidate::Candidate;

/// The function.
pub const FUNCTION: runtime::Function = runtime::http::<SignIn>();

/// More than any password that was ever accepted, and few enough to hash.
const PASSWORD_BYTES_MAX: usize = 1024;

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
    const REFUSES: &'static [&'static [&'static str]] = &[&["invalid_credentials", "locked"]];
    type Caller = Anyone;
    type Loads = Candidate;
    type Reply = SessionView;

    fn read(fields: &mut Fields) -> Option<Self> {
        let email = fields.email("The address that was invited, in any spelling.");
        let password =
            fields.required("password", Shape::text("The password.", &(1..=PASSWORD_BYTES_MAX)), |text| {
                match text.len() {
                    0 => Err(("empty", "Must not be empty.".into())),
                    n if n > PASSWORD_BYTES_MAX => Err(("too_long", "Is longer than any password.".into())),
                    _ => Ok(spelt_alike(text)),
                }
            });
        let account_id = fields.optional_id(
            "account_id",
            "Which account, where the address is in several; else the one last used.",
        );
        let handover = fields.handover();
        Some(Self { email: email?, password: password?, account_id: account_id?, handover: handover? })
    }

    // RULE: AC-03, AC-05, AC-12, SE-06
    fn decide(&self, _: &Anyone, candidate: Candidate, at: &Moment) -> Decision<SessionView> {
        match candidate.user {
            Some(user) if candidate.is_right => {
                Ok(self.begin(user, candidate.epoch, candidate.here.is_some(), at))
            }
            _ => {
                let here = Attempts::failed(candidate.here, self.here(at), at.now);
                let anywhere = Attempts::failed(candidate.anywhere, self.anywhere(), at.now);
                Ok(Change::refuse(Refusal::InvalidCredentials).put(here).put(anywhere))
            }
        }
    }
}

impl SignIn {
    /// Holds only if nobody failed from here in between, and no lock came from anywhere: guesses at the same time do
    /// not get past the count, and others' failures elsewhere do not stand in the owner's way before it locks.
    fn begin(&self, user: User, epoch: u64, failed_here: bool, at: &Moment) -> Change<SessionView> {
        let tag = user.rate_tag.unwrap_or(at.fresh.rate_tag);
        let user = user.signed_in(tag, at.now);
        let (session_id, secret) = (at.fresh.session_id, at.fresh.secret);
        let credential = Credential::issue(user.account_id, user.id, session_id, tag, secret);
        let session = Session {
            id: session_id,
            account_id: user.account_id,
            user_id: user.id,
            epoch,
            secret_digest: credential.digest(),
            created_at: at.now,
            expires_at: at.now + SESSION_LIFETIME,
            ip: at.origin.ip.clone(),
            device: at.origin.user_agent.clone(),
        };
        let here = EntityKey::Attempts(self.here(at));
        let reply = SessionView::new(&session, credential.expose(), &user, at.now);
        let change = Change::reply(reply.handed_over(self.handover, at.now))
            .performed_by(&user)
            .fact(Fact::of(FactKind::SessionCreated, &user).after("session_id", session.id.to_string()))
            .relying_on(Reliance::SameLock(EntityKey::Attempts(self.anywhere())))
            .put(session)
            .put(user);
        if failed_here {
            change.delete(Removal::AsRead(here))
        } else {
            change.relying_on(Reliance::Unchanged(here))
        }
    }

    fn here(&self, at: &Moment) -> AttemptsScope {
        AttemptsScope::AddressFrom(self.email.key(), at.source_ip.clone())
    }

    fn anywhere(&self) -> AttemptsScope {
        AttemptsScope::Address(self.email.key())
    }
}
