//! Functions as the stack runs them: started once, called with a limit of time, their faults and panics caught.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use runtime::{Clock, Function, Handler, Host, Output};
use serde_json::Value;

use crate::StackError;
use crate::processes::{BUILD_LONGEST, Process};
use crate::template::{FunctionResource, REGION, Template};

/// Log lines kept.
const LINES_MAX: usize = 10_000;
/// The access key of whoever works on the stack from outside a function: tests, tools, the plan hook.
pub const OPERATOR_ACCESS_KEY_ID: &str = "AKIALOCALOPERATOR";

/// The log lines of all functions.
#[derive(Default)]
pub(crate) struct Logs {
    lines: Mutex<VecDeque<(String, String)>>,
    print: bool,
}

impl Logs {
    /// Keeps lines, and prints them where wanted.
    pub(crate) fn new(print: bool) -> Self {
        Self { lines: Mutex::default(), print }
    }

    /// Takes one line of a function.
    pub(crate) fn take(&self, function: &str, line: &str) {
        if self.print {
            eprintln!("{function}: {line}");
        }
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        if lines.len() == LINES_MAX {
            lines.pop_front();
        }
        lines.push_back((function.to_owned(), line.to_owned()));
    }

    /// The lines kept, as (function, line), oldest first.
    pub(crate) fn lines(&self) -> Vec<(String, String)> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }
}

/// All functions of the template, started.
pub(crate) struct Functions {
    started: BTreeMap<String, (Arc<dyn Handler>, Duration)>,
    patience: Duration,
    logs: Arc<Logs>,
}

/// A function that did not answer, and why. The reason stands in its log as well.
#[derive(Debug)]
pub(crate) struct NoAnswer(pub(crate) String);

impl Functions {
    /// Starts every function of the template; each has to be among `code`, and nothing else may be.
    pub(crate) fn start(
        template: &Template,
        code: &[Function],
        aws_url: &str,
        clock: &Clock,
        logs: &Arc<Logs>,
    ) -> Result<Self, StackError> {
        let unused = code.iter().find(|code| !template.functions.iter().any(|f| f.name == code.name));
        if let Some(unused) = unused {
            return Err(StackError::Wiring(format!("template.yaml has no function {}", unused.name)));
        }
        let mut started = BTreeMap::new();
        for resource in &template.functions {
            let name = &resource.name;
            let Some(code) = code.iter().find(|code| code.name == name) else {
                let line = resource.line;
                return Err(StackError::Wiring(format!(
                    "template.yaml:{line}: the function {name} is not linked; name it in infra/local/src/functions.rs"
                )));
            };
            let output: Output = {
                let (logs, name) = (logs.clone(), name.clone());
                Arc::new(move |line: &str| logs.take(&name, line))
            };
            let host = Host { environment: environment(resource, aws_url), clock: clock.clone(), output };
            let handler = (code.start)(&host).map_err(|e| StackError::Wiring(format!("{name}: {e}")))?;
            started.insert(name.clone(), (handler, resource.timeout));
        }
        Ok(Self { started, patience: Duration::ZERO, logs: logs.clone() })
    }

    /// Every function of the template, run by whoever answers at `url`.
    pub(crate) fn elsewhere(
        template: &Template,
        http: &reqwest::Client,
        url: &str,
        logs: &Arc<Logs>,
    ) -> Self {
        let process = |function: &FunctionResource| {
            let handler: Arc<dyn Handler> = Arc::new(Process::new(http, url, &function.name));
            (function.name.clone(), (handler, function.timeout + BUILD_LONGEST))
        };
        let started = template.functions.iter().map(process).collect();
        Self { started, patience: BUILD_LONGEST, logs: logs.clone() }
    }

    /// How much longer than on AWS an answer may take.
    pub(crate) const fn patience(&self) -> Duration {
        self.patience
    }

    /// Calls a function with an event.
    pub(crate) async fn invoke(&self, name: &str, event: Value) -> Result<Value, NoAnswer> {
        let Some((handler, timeout)) = self.started.get(name) else {
            return Err(NoAnswer(format!("there is no function {name}")));
        };
        let handler = handler.clone();
        // A task of its own: a panic ends it and nothing else.
        let mut task = tokio::spawn(async move { handler.call(event).await });
        let problem = match tokio::time::timeout(*timeout, &mut task).await {
            Ok(Ok(Ok(answer))) => return Ok(answer),
            Ok(Ok(Err(fault))) => runtime::chain(fault.as_ref()),
            Ok(Err(panic)) => format!("panic: {panic}"),
            Err(_) => {
                task.abort();
                format!("Task timed out after {} seconds", timeout.as_secs())
            }
        };
        let line =
            serde_json::json!({ "level": "error", "message": "the invocation failed", "cause": problem });
        self.logs.take(name, &line.to_string());
        Err(NoAnswer(problem))
    }
}

/// The environment of a function: what the template says, and what Lambda itself puts there.
pub(crate) fn environment(function: &FunctionResource, aws_url: &str) -> BTreeMap<String, String> {
    let mut environment = function.environment.clone();
    environment.extend(lambda_environment(&function.name, function.memory_mib, aws_url));
    environment
}

/// What Lambda itself puts into the environment of a function.
fn lambda_environment(name: &str, memory_mib: u32, aws_url: &str) -> BTreeMap<String, String> {
    let mut environment = credentials(&access_key_id(name), aws_url);
    environment.insert("AWS_LAMBDA_FUNCTION_NAME".to_owned(), name.to_owned());
    environment.insert("AWS_LAMBDA_FUNCTION_MEMORY_SIZE".to_owned(), memory_mib.to_string());
    environment.insert("AWS_LAMBDA_FUNCTION_VERSION".to_owned(), "$LATEST".to_owned());
    environment
}

/// What a caller of the emulated AWS needs.
pub(crate) fn credentials(access_key_id: &str, aws_url: &str) -> BTreeMap<String, String> {
    [
        ("AWS_REGION", REGION),
        ("AWS_ACCESS_KEY_ID", access_key_id),
        ("AWS_SECRET_ACCESS_KEY", "local"),
        ("AWS_ENDPOINT_URL", aws_url),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .collect()
}

/// The access key of a function: its own, so that the stack knows who calls.
pub(crate) fn access_key_id(function: &str) -> String {
    format!("AKIALOCAL{}", function.to_uppercase().replace('-', ""))
}
