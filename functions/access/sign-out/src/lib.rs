//! DELETE /v1/sessions/current: the session it is called with is over.

use domain::{Actor, Change, Decision, EntityKey, Fact, FactKind, Removal};
use runtime::{Fields, Moment, Operation};

/// The function.
pub const FUNCTION: runtime::Function = runtime::http::<SignOut>();

/// Nothing is sent.
pub struct SignOut;

impl Operation for SignOut {
    const NAME: &str = "sign-out";
    const ABOUT: &str = env!("CARGO_PKG_DESCRIPTION");
    const SUCCESS: u16 = 204;
    const IS_OF_SESSION: bool = true;
    type Caller = Actor;
    type Loads = ();
    type Reply = ();

    fn read(_: &mut Fields) -> Option<Self> {
        Some(Self)
    }

    fn decide(&self, by: &Actor, (): (), _: &Moment) -> Decision<()> {
        let session = &by.session;
        let key = EntityKey::Session(session.account_id, session.user_id, session.id);
        Ok(Change::reply(())
            .fact(Fact::of(FactKind::SessionEnded, &by.user).before("session_id", session.id.to_string()))
            .delete(Removal::AsRead(key)))
    }
}
