//! A function as its host sees it: a name, and something that answers events.
//!
//! AWS Lambda hosts one per process ([`serve`]); the local stack hosts all of them in one.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use serde_json::Value;

use crate::{Clock, Describe, File};

/// One deployable function. Each function crate exports one as `FUNCTION`.
#[derive(Clone, Copy)]
pub struct Function {
    /// The name of its folder, its package and its binary, such as `change-role`.
    pub name: &'static str,
    /// Makes the clients and the configuration, once per process.
    pub start: fn(&Host) -> Result<Arc<dyn Handler>, StartError>,
    /// What it shows to callers.
    pub interface: Interface,
}

/// What a function shows to callers.
#[derive(Clone, Copy)]
pub enum Interface {
    /// An operation, which describes itself.
    Operation(Describe),
    /// Operations that belong together, each on a route of its own such as `GET /v1/me`.
    Routes(&'static [(&'static str, Function)]),
    /// Files, as they are.
    Files(&'static [File]),
    /// Nothing: events lead to it.
    Events,
}

impl Function {
    /// A function that no route leads to.
    pub const fn of_events(
        name: &'static str,
        start: fn(&Host) -> Result<Arc<dyn Handler>, StartError>,
    ) -> Self {
        Self { name, start, interface: Interface::Events }
    }
}

impl Interface {
    /// The operation that answers this route.
    pub fn describe(self, route: &str) -> Option<Describe> {
        match self {
            Self::Operation(describe) => Some(describe),
            Self::Routes(routes) => {
                let (_, function) = routes.iter().find(|(key, _)| *key == route)?;
                function.interface.describe(route)
            }
            Self::Files(_) | Self::Events => None,
        }
    }

    /// Its operations, by name.
    pub fn operations(self, name: &'static str) -> Vec<(&'static str, Describe)> {
        match self {
            Self::Operation(describe) => vec![(name, describe)],
            Self::Routes(routes) => {
                routes.iter().flat_map(|(_, one)| one.interface.operations(one.name)).collect()
            }
            Self::Files(_) | Self::Events => Vec::new(),
        }
    }
}

/// A started function.
pub trait Handler: Send + Sync {
    /// Answers one event: for HTTP an API Gateway payload of version 2.0, for others what their source sends.
    fn call(&self, event: Value) -> BoxFuture<'_, Result<Value, Fault>>;
}

/// What the place that a function runs in gives it.
#[derive(Clone)]
pub struct Host {
    /// The environment variables of the function, and nothing of the process around it.
    pub environment: BTreeMap<String, String>,
    /// Where `now` comes from.
    pub clock: Clock,
    /// Takes the log and metric lines.
    pub output: Output,
}

/// Takes one line of log or metrics, without its line break.
pub type Output = Arc<dyn Fn(&str) + Send + Sync>;

/// A function could not start: a setting is missing or has no meaning.
#[derive(Debug, thiserror::Error)]
#[error("{setting}: {problem}")]
pub struct StartError {
    /// The environment variable.
    pub setting: &'static str,
    /// What is wrong with it.
    pub problem: String,
}

/// Something failed that the caller cannot mend. It is told to the operator, never to the caller.
pub type Fault = Box<dyn std::error::Error + Send + Sync>;

/// Runs one function under the Lambda runtime interface until the process ends.
pub fn serve(function: Function) -> Result<(), Fault> {
    let host = Host {
        environment: std::env::vars().collect(),
        clock: Clock::default(),
        output: Arc::new(|line| println!("{line}")),
    };
    let handler = (function.start)(&host)?;
    let service = lambda_runtime::service_fn(move |event: lambda_runtime::LambdaEvent<Value>| {
        let handler = handler.clone();
        async move { handler.call(event.payload).await }
    });
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(lambda_runtime::run(service))
}
