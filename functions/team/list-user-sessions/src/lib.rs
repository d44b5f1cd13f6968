//! GET `/v1/users/{user_id}/sessions`: where a user is signed in, for whoever is to decide on a logout. One's own are
//! read here as well: that does nothing to anybody. RULE: SE-04, RO-02

use domain::{Actor, Change, Decision, Instant, Permission, Refusal, Reply, Session, SessionId};
use runtime::{Call, Collection, Failure, Fields, Loaded, Loads, Moment, Operation, Target, Wants};
use schemars::JsonSchema;
use serde::Serialize;

/// The function.
pub const FUNCTION: runtime::Function = runtime::http::<ListUserSessions>();

/// Sessions that are listed at most: the newest.
const LISTED_MAX: usize = 200;

/// The path says it all.
pub struct ListUserSessions;

/// Live sessions.
#[derive(Serialize, JsonSchema)]
pub struct UserSessions {
    /// The newest first; of more than 200, the newest 200.
    #[schemars(length(max = 200))]
    data: Vec<UserSession>,
}

impl Reply for UserSessions {}

/// Where somebody is signed in.
#[derive(Serialize, JsonSchema)]
struct UserSession {
    /// The session.
    id: SessionId,
    /// Browser and system.
    device: String,
    /// The network it began in, cut to /24 or /48.
    ip: String,
    /// When it began.
    created_at: Instant,
    /// From this instant on it is over.
    expires_at: Instant,
}

impl From<Session> for UserSession {
    fn from(session: Session) -> Self {
        Self {
            id: session.id,
            device: session.device,
            ip: session.ip,
            created_at: session.created_at,
            expires_at: session.expires_at,
        }
    }
}

impl Operation for ListUserSessions {
    const NAME: &str = "list-user-sessions";
    const ABOUT: &str = env!("CARGO_PKG_DESCRIPTION");
    const NEEDS: Option<Permission> = Some(Permission::ManageUsers);
    const REFUSES: &'static [&'static [&'static str]] = &[Actor::LOOKING_REFUSES];
    type Caller = Actor;
    type Loads = (Target, Newest);
    type Reply = UserSessions;

    fn read(_: &mut Fields) -> Option<Self> {
        Some(Self)
    }

    fn decide(
        &self,
        by: &Actor,
        (Target(user), newest): (Target, Newest),
        at: &Moment,
    ) -> Decision<UserSessions> {
        by.may_look_at(&user)?;
        let live = newest.0.into_iter().filter(|session| session.is_live(&user, at.now));
        Ok(Change::reply(UserSessions { data: live.take(LISTED_MAX).map(UserSession::from).collect() }))
    }
}

/// The target's sessions that were not tidied away yet, live or not, the newest first.
pub struct Newest(Vec<Session>);

impl Loads<ListUserSessions> for Newest {
    fn wants(_: &ListUserSessions, call: &Call<'_>, wants: &mut Wants) {
        if let Some(user_id) = call.target {
            wants.collection(Collection::Sessions(call.account_id, user_id));
        }
    }

    async fn take(_: &ListUserSessions, call: &Call<'_>, loaded: &mut Loaded) -> Result<Self, Failure> {
        let user_id = call.target.ok_or(Refusal::NotFound)?;
        Ok(Self(loaded.all(&Collection::Sessions(call.account_id, user_id))?))
    }
}
