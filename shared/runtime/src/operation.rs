//! An operation: what it takes, what it loads, what it decides.

use std::sync::Arc;

use domain::{Decision, Permission, Reply};
use futures_util::future::BoxFuture;
use serde_json::Value;

use crate::describe::{Describe, describe};
use crate::{
    Caller, Env, Fault, Fields, Function, Handler, Host, Interface, Loads, Moment, StartError, gateway, shell,
};

/// One operation of the HTTP interface.
pub trait Operation: Sized + Send + Sync + 'static {
    /// The name of its function, its folder and its row in the interface.
    const NAME: &'static str;
    /// What it does, in a line.
    const ABOUT: &'static str;
    /// The status of its reply; a 204 has no body.
    const SUCCESS: u16 = 200;
    /// Whether what it changes is the session that it is called with. RULE: AP-02
    const IS_OF_SESSION: bool = false;
    /// Whether it is for people who are signed in alone, and not for programs. RULE: AC-07
    const SESSION_ALONE: bool = false;
    /// Whether it is open to an Admin or a Root who has no second factor yet. RULE: RO-08
    const WHILE_ENROLLING: bool = false;
    /// Whether the requests that API keys make of it are counted. RULE: AP-08
    const COUNTS_KEYS: bool = true;
    /// Whether its reply holds a secret, which is shown this once: none of it is kept for a repeat. RULE: AP-02
    const SHOWS_SECRET: bool = false;
    /// What the caller's role must allow.
    const NEEDS: Option<Permission> = None;
    /// The codes that its decision may be refused with, beside those of its caller, its loads and the shell.
    const REFUSES: &'static [&'static [&'static str]] = &[];
    /// The settings that it cannot start without, beside the table's name.
    const SETTINGS: &'static [&'static str] = &[];
    /// [`domain::Actor`] or [`crate::Anyone`].
    type Caller: Caller;
    /// What it decides on.
    type Loads: Loads<Self>;
    /// What it answers.
    type Reply: Reply;

    /// Reads the request; none where a field is wrong, which the reader has noted.
    fn read(fields: &mut Fields) -> Option<Self>;

    /// How many parts it has. One of many is done round by round: each deals with those behind [`Moment::done`], as far
    /// as one transaction goes.
    fn parts(&self) -> usize {
        1
    }

    /// How many parts a reply is about.
    fn dealt_with(_reply: &Self::Reply) -> usize {
        1
    }

    /// What the rounds before have answered, with what this one does.
    fn join(_before: &Self::Reply, this: Self::Reply) -> Self::Reply {
        this
    }

    /// Decides. No await, no clock, no random number: what it needs is handed in.
    fn decide(&self, by: &Self::Caller, loads: Self::Loads, at: &Moment) -> Decision<Self::Reply>;
}

/// The function of an operation.
pub const fn http<O: Operation>() -> Function {
    Function {
        name: O::NAME,
        start: start::<O>,
        interface: Interface::Operation(Describe { document: describe::<O>, read: shell::try_read::<O> }),
    }
}

struct HttpHandler<O> {
    env: Env,
    operation: std::marker::PhantomData<fn() -> O>,
}

fn start<O: Operation>(host: &Host) -> Result<Arc<dyn Handler>, StartError> {
    let env = Env::new(O::NAME, host, O::SETTINGS)?;
    Ok(Arc::new(HttpHandler::<O> { env, operation: std::marker::PhantomData }))
}

impl<O: Operation> Handler for HttpHandler<O> {
    fn call(&self, event: Value) -> BoxFuture<'_, Result<Value, Fault>> {
        Box::pin(async move {
            let request = gateway::Request::read(event)?;
            let request_id = request.id.clone();
            let response = crate::REQUEST_ID.scope(request_id, shell::answer::<O>(&self.env, request)).await;
            Ok(response.into_event())
        })
    }
}
