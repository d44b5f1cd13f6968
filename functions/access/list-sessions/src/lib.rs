//! GET /v1/me/sessions: where one is signed in, the newest first. RULE: SE-04

use domain::{Actor, Change, Decision, Instant, Reply, Session, SessionId};
use runtime::{Fields, Moment, Operation, OwnSessions};
use schemars::JsonSchema;
use serde::Serialize;

/// The function.
pub const FUNCTION: runtime::Function = runtime::http::<ListSessions>();

/// Sessions that are listed at most: the newest.
const LISTED_MAX: usize = 200;

/// Nothing is sent.
pub struct ListSessions;

/// Live sessions.
#[derive(Serialize, JsonSchema)]
pub struct Sessions {
    /// The newest first; of more than 200, the newest 200.
    #[schemars(length(max = 200))]
    data: Vec<OwnSession>,
}

impl Reply for Sessions {}

/// Where one is signed in.
#[derive(Serialize, JsonSchema)]
struct OwnSession {
    /// The session.
    id: SessionId,
    /// Browser and system.
    device: String,
    /// The network it began in, cut to /24 or /48.
    ip: String,
    /// When it began.
    created_at: Instant,
    /// When it was last used, to five minutes.
    last_seen_at: Instant,
    /// From this instant on it is over.
    expires_at: Instant,
    /// Whether it is the one that asks.
    current: bool,
}

impl OwnSession {
    fn of(session: Session, current: SessionId) -> Self {
        Self {
            id: session.id,
            device: session.device,
            ip: session.ip,
            created_at: session.created_at,
            last_seen_at: session.last_seen_at.unwrap_or(session.created_at),
            expires_at: session.expires_at,
            current: session.id == current,
        }
    }
}

impl Operation for ListSessions {
    const NAME: &str = "list-sessions";
    const ABOUT: &str = env!("CARGO_PKG_DESCRIPTION");
    const SESSION_ALONE: bool = true;
    type Caller = Actor;
    type Loads = OwnSessions;
    type Reply = Sessions;

    fn read(_: &mut Fields) -> Option<Self> {
        Some(Self)
    }

    fn decide(&self, by: &Actor, OwnSessions(sessions): OwnSessions, at: &Moment) -> Decision<Sessions> {
        let current = by.session()?.id;
        let live = sessions.into_iter().filter(|session| session.is_live(&by.user, at.now));
        let data = live.take(LISTED_MAX).map(|session| OwnSession::of(session, current)).collect();
        Ok(Change::reply(Sessions { data }))
    }
}
