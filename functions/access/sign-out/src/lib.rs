//! DELETE /v1/sessions/current: the session it is called with is over.

use domain::{Actor, Change, Decision, EntityKey, Fact, FactKind, Removal, Reply, SessionCookie};
use runtime::{Fields, Moment, Operation};
use schemars::JsonSchema;
use serde::Serialize;

/// The function.
pub const FUNCTION: runtime::Function = runtime::http::<SignOut>();

/// Nothing is sent.
pub struct SignOut;

/// Nothing is answered, and the cookie that the session was in is cleared.
#[derive(Serialize, JsonSchema)]
pub struct SignedOut;

impl Reply for SignedOut {
    const HAS_COOKIE: bool = true;

    fn cookie(&self) -> Option<SessionCookie> {
        Some(SessionCookie::Cleared)
    }
}

impl Operation for SignOut {
    const NAME: &str = "sign-out";
    const ABOUT: &str = env!("CARGO_PKG_DESCRIPTION");
    const SUCCESS: u16 = 204;
    const IS_OF_SESSION: bool = true;
    const SESSION_ALONE: bool = true;
    const WHILE_ENROLLING: bool = true;
    type Caller = Actor;
    type Loads = ();
    type Reply = SignedOut;

    fn read(_: &mut Fields) -> Option<Self> {
        Some(Self)
    }

    fn decide(&self, by: &Actor, (): (), _: &Moment) -> Decision<SignedOut> {
        let session = by.session()?;
        let key = EntityKey::Session(session.account_id, session.user_id, session.id);
        Ok(Change::reply(SignedOut)
            .fact(Fact::of(FactKind::SessionEnded, &by.user).before("session_id", session.id.to_string()))
            .delete(Removal::AsRead(key)))
    }
}
