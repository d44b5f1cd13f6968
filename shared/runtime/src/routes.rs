//! One function for several routes: operations that belong together, share their policies, and stay one file each.

use std::collections::BTreeMap;
use std::marker::PhantomData;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use serde_json::Value;

use crate::{Fault, Function, Handler, Host, Interface, StartError};

/// Operations that belong together.
pub trait Routes: Send + Sync + 'static {
    /// The name of their function.
    const NAME: &'static str;
    /// Each with its route, such as `GET /v1/me`.
    const ROUTES: &'static [(&'static str, Function)];
}

/// The function of several operations.
pub const fn routes<R: Routes>() -> Function {
    Function { name: R::NAME, start: start::<R>, interface: Interface::Routes(R::ROUTES) }
}

struct RoutesHandler<R> {
    handlers: BTreeMap<&'static str, Arc<dyn Handler>>,
    routes: PhantomData<fn() -> R>,
}

fn start<R: Routes>(host: &Host) -> Result<Arc<dyn Handler>, StartError> {
    let mut handlers = BTreeMap::new();
    for (route, function) in R::ROUTES {
        handlers.insert(*route, (function.start)(host)?);
    }
    Ok(Arc::new(RoutesHandler::<R> { handlers, routes: PhantomData }))
}

impl<R: Routes> Handler for RoutesHandler<R> {
    fn call(&self, event: Value) -> BoxFuture<'_, Result<Value, Fault>> {
        let route = event["routeKey"].as_str().unwrap_or_default();
        if let Some(handler) = self.handlers.get(route) {
            return handler.call(event);
        }
        let problem = format!("{} has nothing for {route}", R::NAME);
        Box::pin(async move { Err(problem.into()) })
    }
}
