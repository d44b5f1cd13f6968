//! POST `/v1/users/{user_id}/logout`: every session of the user ends, by one write, whatever their number.
//! Status, role, seat and keys stay; the user may sign in again. RULE: SE-01, SE-03

use domain::{Actor, Change, Decision, Fact, FactKind, Permission, Refusal, Reply, Session, UserId};
use runtime::{Call, Collection, Failure, Fields, Loaded, Loads, Moment, Operation, Target, Wants};
use schemars::JsonSchema;
use serde::Serialize;

/// The function.
pub const FUNCTION: runtime::Function = runtime::http::<Logout>();

/// Confirmed.
pub struct Logout;

/// What ended.
#[derive(Serialize, JsonSchema)]
pub struct LoggedOut {
    /// Whose sessions they were.
    user_id: UserId,
    /// How many were live.
    sessions_ended: usize,
}

impl Reply for LoggedOut {}

impl Operation for Logout {
    const NAME: &str = "logout";
    const ABOUT: &str = env!("CARGO_PKG_DESCRIPTION");
    const NEEDS: Option<Permission> = Some(Permission::ManageUsers);
    const REFUSES: &'static [&'static [&'static str]] = &[Actor::ACTING_REFUSES];
    type Caller = Actor;
    type Loads = (Target, Sessions);
    type Reply = LoggedOut;

    fn read(fields: &mut Fields) -> Option<Self> {
        fields.confirmed().map(|()| Self)
    }

    fn decide(
        &self,
        by: &Actor,
        (Target(user), sessions): (Target, Sessions),
        at: &Moment,
    ) -> Decision<LoggedOut> {
        by.may_act_on(&user)?;
        let sessions_ended = sessions.0.iter().filter(|session| session.is_live(&user, at.now)).count();
        let user = user.end_sessions();
        let fact = Fact::of(FactKind::UserLoggedOut, &user).after("sessions_ended", sessions_ended);
        Ok(Change::reply(LoggedOut { user_id: user.id, sessions_ended }).fact(fact).put(user))
    }
}

/// The target's sessions, live or not: they are counted for the reply and not written.
pub struct Sessions(Vec<Session>);

impl Loads<Logout> for Sessions {
    fn wants(_: &Logout, call: &Call<'_>, wants: &mut Wants) {
        if let Some(user_id) = call.target {
            wants.collection(Collection::Sessions(call.account_id, user_id));
        }
    }

    async fn take(_: &Logout, call: &Call<'_>, loaded: &mut Loaded) -> Result<Self, Failure> {
        let user_id = call.target.ok_or(Refusal::NotFound)?;
        Ok(Self(loaded.all(&Collection::Sessions(call.account_id, user_id))?))
    }
}
