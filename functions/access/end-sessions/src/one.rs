//! DELETE `/v1/me/sessions/{session_id}`: one's own session is over, this one as well as any other.

use domain::{Actor, Change, Decision, EntityKey, Fact, FactKind, Refusal, Removal, Session, SessionId};
use runtime::{Call, Failure, Fields, Loaded, Loads, Moment, Operation, Wants};

/// Which.
pub(crate) struct EndSession {
    session_id: Option<SessionId>,
}

/// A live session of the caller.
pub(crate) struct Ending(Session);

impl Operation for EndSession {
    const NAME: &str = "end-session";
    const ABOUT: &str = "Ends one of one's own sessions";
    const SUCCESS: u16 = 204;
    const SESSION_ALONE: bool = true;
    type Caller = Actor;
    type Loads = Ending;
    type Reply = ();

    fn read(fields: &mut Fields) -> Option<Self> {
        Some(Self { session_id: fields.path("session_id").and_then(SessionId::parse) })
    }

    fn decide(&self, by: &Actor, Ending(session): Ending, _: &Moment) -> Decision<()> {
        let fact = Fact::of(FactKind::SessionEnded, &by.user).before("session_id", session.id.to_string());
        let key = EntityKey::Session(session.account_id, session.user_id, session.id);
        Ok(Change::reply(()).fact(fact).delete(Removal::AsRead(key)))
    }
}

impl Loads<EndSession> for Ending {
    fn refuses() -> Vec<&'static str> {
        vec!["not_found"]
    }

    fn wants(end: &EndSession, call: &Call<'_>, wants: &mut Wants) {
        if let Some((user_id, session_id)) = call.caller_id.zip(end.session_id) {
            wants.key(EntityKey::Session(call.account_id, user_id, session_id));
        }
    }

    async fn take(end: &EndSession, call: &Call<'_>, loaded: &mut Loaded) -> Result<Self, Failure> {
        let user = call.caller(loaded)?;
        let session_id = end.session_id.ok_or(Refusal::NotFound)?;
        let key = EntityKey::Session(user.account_id, user.id, session_id);
        let session = loaded.get::<Session>(&key)?.filter(|session| session.is_live(&user, call.moment.now));
        Ok(Self(session.ok_or(Refusal::NotFound)?))
    }
}
