//! DELETE /v1/me/sessions: all of one's sessions end but this one, by two writes, whatever their number.

use domain::{Actor, Change, Decision, Fact, FactKind, Reply, Session, SessionId};
use runtime::{Fields, Moment, Operation, OwnSessions};
use schemars::JsonSchema;
use serde::Serialize;

/// Nothing is sent.
pub(crate) struct EndOthers;

/// What ended, and what goes on.
#[derive(Serialize, JsonSchema)]
pub(crate) struct EndedOthers {
    /// The one that goes on.
    session_id: SessionId,
    /// How many others were live.
    sessions_ended: usize,
}

impl Reply for EndedOthers {}

impl Operation for EndOthers {
    const NAME: &str = "end-other-sessions";
    const ABOUT: &str = "Ends all of one's own sessions but this one";
    const SESSION_ALONE: bool = true;
    const IS_OF_SESSION: bool = true;
    type Caller = Actor;
    type Loads = OwnSessions;
    type Reply = EndedOthers;

    fn read(_: &mut Fields) -> Option<Self> {
        Some(Self)
    }

    fn decide(&self, by: &Actor, OwnSessions(sessions): OwnSessions, at: &Moment) -> Decision<EndedOthers> {
        let own = by.session()?;
        let is_other = |session: &&Session| session.id != own.id && session.is_live(&by.user, at.now);
        let sessions_ended = sessions.iter().filter(is_other).count();
        let user = by.user.clone().end_sessions();
        let own = own.clone().under(user.session_epoch);
        let fact = Fact::of(FactKind::SessionsEnded, &user).after("sessions_ended", sessions_ended);
        Ok(Change::reply(EndedOthers { session_id: own.id, sessions_ended }).fact(fact).put(user).put(own))
    }
}
