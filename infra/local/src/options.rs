//! How a stack is started.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures_util::future::BoxFuture;
use runtime::{Function, Host};

/// The template this was built with.
pub const TEMPLATE: &str = include_str!("../../../template.yaml");

/// What `POST /_local/plan` asks for.
pub struct PlanChange {
    /// The account.
    pub account_id: String,
    /// The plan's name.
    pub plan: String,
    /// The billing interval, where the plan has one.
    pub interval: Option<String>,
    /// The operator's way to the stack: credentials of the emulated AWS and the variables of the functions.
    pub host: Host,
}

/// Changes an account's plan, until an operation does. The error is told to the caller.
pub type PlanHook = Arc<dyn Fn(PlanChange) -> BoxFuture<'static, Result<(), String>> + Send + Sync>;

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
    /// The port of the HTTP interface; 0 takes a free one.
    pub port: u16,
    /// The instant to begin at.
    pub clock: Option<DateTime<Utc>>,
    /// Print the functions' log lines.
    pub print_logs: bool,
    /// How long each emulated AWS call takes at least. Some milliseconds make calls that a function issues
    /// together overlap for certain, which is what `/_local/calls` tells steps by.
    pub aws_latency: Duration,
    /// What `POST /_local/plan` does.
    pub plan_hook: Option<PlanHook>,
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
            port: 0,
            clock: None,
            print_logs: false,
            aws_latency: Duration::ZERO,
            plan_hook: None,
        }
    }
}
