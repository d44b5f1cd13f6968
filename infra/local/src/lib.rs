//! The whole of `template.yaml` on this machine, in one process: routes, functions, table, stream, bus, queues,
//! mails and keys. The functions speak to it with the AWS SDKs over loopback, as on AWS.

mod aws;
mod calls;
pub mod client;
mod clock;
mod control;
pub mod demo;
mod demo_billing;
pub mod demo_factors;
mod demo_keys;
mod demo_people;
mod demo_seed;
mod elsewhere;
mod faults;
pub mod functions;
mod gateway;
mod ids;
mod inbox;
mod invoke;
mod lock;
mod openapi;
mod options;
mod outbox;
mod processes;
pub mod redrive;
mod schedules;
mod server;
mod stack;
mod state;
mod template;
mod totp;
mod wiring;
mod work;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

pub use aws::access::Grant;
use chrono::{DateTime, SecondsFormat, Utc};
pub use elsewhere::probe;
pub use invoke::OPERATOR_ACCESS_KEY_ID;
pub use openapi::openapi;
pub use options::{Options, TEMPLATE};
pub use processes::{AS_FUNCTION, CargoLambda, become_function};
use runtime::Clock;
use serde_json::Value;
pub use stack::Stack;
pub use template::TemplateError;
use tokio::sync::{Notify, Semaphore};
pub use wiring::{Wired, wiring};

/// Why a stack does not start.
#[derive(Debug, thiserror::Error)]
pub enum StackError {
    /// The template is wrong, or outside what the stack understands.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// Template and linked functions do not fit.
    #[error("{0}")]
    Wiring(String),
    /// The data cannot be used.
    #[error("the data: {0}")]
    Data(String),
    /// An endpoint is not there, or does not do as it is asked.
    #[error("the endpoint: {0}")]
    Endpoint(#[from] client::ClientError),
    /// The clock cannot begin there.
    #[error("the clock: {0}")]
    Clock(String),
    /// The functions cannot run as processes of their own.
    #[error("the functions: {0}")]
    Processes(String),
    /// The stack's own memory failed.
    #[error("the stack's file: {0}")]
    State(#[from] rusqlite::Error),
    /// A file or a port failed.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

/// All that the parts of a running stack share.
struct World {
    template: template::Template,
    state: state::State,
    clock: Clock,
    offset_ms: Mutex<i64>,
    keys: aws::Keys,
    tables_url: String,
    elsewhere: Option<elsewhere::Elsewhere>,
    aws_url: String,
    http: reqwest::Client,
    functions: invoke::Functions,
    logs: Arc<invoke::Logs>,
    calls: calls::Calls,
    access: aws::access::Access,
    faults: faults::Faults,
    work: work::Work,
    holds: aws::Holds,
    schedules: schedules::Schedules,
    table_writes: AtomicU64,
    received: aws::Received,
    transactions: aws::Transactions,
    sandboxes: Semaphore,
    /// Wakes the delivery to each function that a stream feeds.
    streams: BTreeMap<String, Arc<Notify>>,
    /// Wakes the delivery from each queue that feeds a function.
    queues: BTreeMap<String, Arc<Notify>>,
    aws_latency: Duration,
    /// The functions are processes, each with the system's own clock.
    time_is_real: bool,
}

impl World {
    /// Whether this service is asked at an endpoint.
    fn is_elsewhere(&self, service: client::Service) -> bool {
        self.elsewhere.as_ref().is_some_and(|elsewhere| elsewhere.has(service))
    }

    fn functions(&self) -> &invoke::Functions {
        &self.functions
    }

    /// How often the tables were written: who finds it unchanged finds the tables unchanged.
    fn table_writes(&self) -> u64 {
        self.table_writes.load(Ordering::SeqCst)
    }

    /// Puts messages into queues, all or none.
    fn send(&self, messages: &[(String, String)]) -> rusqlite::Result<()> {
        let queues = messages.iter().map(|(queue, _)| queue.as_str());
        self.announce(queues, |now_ms| self.state.send(messages, None, now_ms))
    }

    /// Keeps a mail and puts what is reported of it into queues, all or nothing.
    fn keep_mail(&self, mail: &Value, reports: &[(String, String)]) -> rusqlite::Result<()> {
        let queues = reports.iter().map(|(queue, _)| queue.as_str());
        self.announce(queues, |now_ms| self.state.send(reports, Some(mail), now_ms))
    }

    /// Puts a message with attributes into a queue, and answers its identifier.
    fn send_one(&self, queue: &str, body: &str, attributes: &Value) -> rusqlite::Result<String> {
        let queues = std::iter::once(queue);
        self.announce(queues, |now_ms| self.state.send_one(queue, body, attributes, now_ms))
    }

    fn announce<'a, T>(
        &self,
        queues: impl Iterator<Item = &'a str>,
        keep: impl FnOnce(i64) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<T> {
        let fed: Vec<&Arc<Notify>> = queues.filter_map(|queue| self.queues.get(queue)).collect();
        self.work.add(fed.len());
        let sent = keep(self.clock.now().timestamp_millis());
        if sent.is_err() {
            self.work.done(fed.len());
        }
        for notify in fed {
            notify.notify_one();
        }
        sent
    }

    /// There may be changes to deliver.
    fn wake(&self) {
        for notify in self.streams.values() {
            notify.notify_one();
        }
    }

    /// The clock was moved: messages may be visible again.
    fn clock_moved(&self) {
        self.holds.clock_moved(&self.work, self.clock.now().timestamp_millis());
        for notify in self.queues.values() {
            notify.notify_one();
        }
    }
}

/// An instant as everything here writes it.
fn instant(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

#[cfg(test)]
mod tests;
