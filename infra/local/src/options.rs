//! How a stack is started.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use chrono::{DateTime, Utc};
use runtime::Function;

use crate::CargoLambda;

/// The template this was built with.
pub const TEMPLATE: &str = include_str!("../../../template.yaml");

/// What a stack is started with.
#[derive(Clone)]
pub struct Options {
    /// The template's text.
    pub template: String,
    /// Values of the template's parameters. `ConsoleUrl` is the stack's own address where nothing is given.
    pub parameters: BTreeMap<String, String>,
    /// The code of the template's functions.
    pub functions: Vec<Function>,
    /// The folder that keeps everything; in memory where there is none.
    pub data: Option<PathBuf>,
    /// Where table, keys, bus and queues are, as far as that endpoint has them; here where there is none. `{service}`
    /// in it stands for the service's name.
    pub endpoint: Option<String>,
    /// The port of the HTTP interface; 0 takes a free one.
    pub port: u16,
    /// The instant to begin at.
    pub clock: Option<DateTime<Utc>>,
    /// Print the functions' log lines.
    pub print_logs: bool,
    /// How long each emulated AWS call takes at least. Some milliseconds make calls that a function issues
    /// together overlap for certain, which is what `/_local/calls` tells steps by.
    pub aws_latency: Duration,
    /// The one receiver of webhooks on this machine that may be called.
    pub webhook_receiver: Option<SocketAddr>,
    /// Who runs the functions as processes of their own; without, the stack runs them in its own.
    pub processes: Option<CargoLambda>,
}

impl Default for Options {
    /// The project's template in memory, on a free port.
    fn default() -> Self {
        let given = [("MailSender", "roster@roster.example"), ("MailIdentity", "roster.example")];
        Self {
            template: TEMPLATE.to_owned(),
            parameters: given.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
            functions: crate::functions::ALL.to_vec(),
            data: None,
            endpoint: None,
            port: 0,
            clock: None,
            print_logs: false,
            aws_latency: Duration::ZERO,
            webhook_receiver: None,
            processes: None,
        }
    }
}
