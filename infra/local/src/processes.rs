//! The functions as processes of their own: `cargo lambda watch` builds, starts and restarts them, and the stack calls
//! them over the interface that Lambda itself has. Why so: `infra/decisions/0011`.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use futures_util::future::BoxFuture;
use runtime::{Fault, Handler};
use serde_json::Value;
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, Command};

use crate::StackError;

/// How long cargo-lambda may take until it listens.
const START_LONGEST: Duration = Duration::from_mins(1);
/// How often that is looked at.
const START_LOOK: Duration = Duration::from_millis(20);
/// How long cargo-lambda may take to end the functions and itself.
const STOP_LONGEST: Duration = Duration::from_secs(5);
/// How long a caller waits for a function that is being built, beside the time that the function has.
pub(crate) const BUILD_LONGEST: Duration = Duration::from_mins(5);
/// The variable that hands every function's environment down to [`become_function`].
const ENVIRONMENTS: &str = "ROSTER_FUNCTIONS";
/// What functions are built of.
const SOURCES: &[&str] = &["functions", "shared"];
/// Where nothing but these is.
const WATCHED: &str = "target/watched";
/// How the variables begin in which cargo tells a program about its package.
const OF_A_PACKAGE: &[&str] = &["CARGO_MANIFEST_", "CARGO_PKG_"];
/// The flag under which this program becomes a function.
pub const AS_FUNCTION: &str = "--as-function";

/// Who runs the functions, where the stack does not do it itself.
#[derive(Clone, Debug)]
pub struct CargoLambda {
    /// The program.
    pub program: PathBuf,
    /// The port it answers on; 0 takes a free one.
    pub port: u16,
}

/// A running `cargo lambda watch`.
pub(crate) struct Processes {
    child: Child,
    url: String,
}

impl Processes {
    /// Starts it with the environment of each function, and waits until it listens.
    pub(crate) async fn start(
        lambda: &CargoLambda,
        environments: &BTreeMap<String, BTreeMap<String, String>>,
    ) -> Result<Self, StackError> {
        let failed = |problem: String| StackError::Processes(problem);
        let address = free_address(lambda.port).await.map_err(|error| {
            failed(format!("port {}, on which functions are to be invoked: {error}", lambda.port))
        })?;
        let this = std::env::current_exe()?;
        let this = this.to_str().ok_or_else(|| failed("its own path is no text".to_owned()))?;
        // Cargo starts what it has built by way of this program.
        let runner = serde_json::json!([this, AS_FUNCTION]);
        let workspace = std::env::current_dir()?;
        let watched = watched(&workspace).map_err(|error| failed(format!("{WATCHED}: {error}")))?;
        let mut command = Command::new(&lambda.program);
        command.current_dir(watched).args(["lambda", "watch", "--manifest-path"]);
        command.arg(workspace.join("Cargo.toml")).args(["--invoke-address", "127.0.0.1", "--invoke-port"]);
        command.arg(address.port().to_string());
        command.args(["--config", &format!("target.'cfg(all())'.runner={runner}")]);
        // What cargo said of this package would have others built anew.
        for (name, _) in std::env::vars_os() {
            if OF_A_PACKAGE.iter().any(|prefix| name.to_string_lossy().starts_with(prefix)) {
                command.env_remove(name);
            }
        }
        command.env(ENVIRONMENTS, serde_json::json!(environments).to_string());
        // What it and the functions print is for the eye; this program's own output may be read by another.
        command.stdin(Stdio::null()).stdout(Stdio::from(std::io::stderr())).kill_on_drop(true);
        // Ctrl-C is for the stack, which ends the functions once nothing needs them any more.
        #[cfg(unix)]
        command.process_group(0);
        let child = command
            .spawn()
            .map_err(|error| failed(format!("{} could not be started: {error}", lambda.program.display())))?;
        let mut processes = Self { child, url: format!("http://{address}") };
        processes.listening(address).await?;
        Ok(processes)
    }

    async fn listening(&mut self, address: SocketAddr) -> Result<(), StackError> {
        let listens = async {
            while TcpStream::connect(address).await.is_err() {
                tokio::time::sleep(START_LOOK).await;
            }
        };
        let problem = tokio::select! {
            () = listens => return Ok(()),
            ended = self.child.wait() => {
                format!("cargo lambda watch ended at once, {}; it says why above", ended?)
            }
            () = tokio::time::sleep(START_LONGEST) => {
                format!("cargo lambda watch did not listen within {} seconds", START_LONGEST.as_secs())
            }
        };
        Err(StackError::Processes(problem))
    }

    /// Where functions are invoked, without a slash at the end.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Waits until it ends, which it does of itself only where something is wrong.
    pub(crate) async fn ended(&mut self) -> std::io::Result<ExitStatus> {
        self.child.wait().await
    }

    /// Ends the functions and it.
    pub(crate) async fn stop(mut self) {
        if let Some(id) = self.child.id().filter(|_| cfg!(unix)) {
            // The shell's own `kill` is on every machine.
            let interrupt = Command::new("sh").args(["-c", &format!("kill -s INT -- -{id}")]).status();
            let _ = interrupt.await;
            if tokio::time::timeout(STOP_LONGEST, self.child.wait()).await.is_ok() {
                return;
            }
        }
        let _ = self.child.kill().await;
    }
}

/// The folder that cargo-lambda is to watch. It watches where it stands, once for each function and with every folder
/// below: of the workspace with what is built and installed in it, a few dozen functions use up what the kernel lets one
/// user watch, and a function beyond that may never start.
#[cfg(unix)]
fn watched(workspace: &Path) -> std::io::Result<PathBuf> {
    if !SOURCES.iter().all(|sources| workspace.join(sources).is_dir()) {
        return Ok(workspace.to_owned());
    }
    let watched = workspace.join(WATCHED);
    std::fs::create_dir_all(&watched)?;
    for sources in SOURCES {
        match std::os::unix::fs::symlink(Path::new("../..").join(sources), watched.join(sources)) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
    }
    Ok(watched)
}

#[cfg(not(unix))]
fn watched(workspace: &Path) -> std::io::Result<PathBuf> {
    Ok(workspace.to_owned())
}

/// The address to listen on, which nobody listens on now.
async fn free_address(port: u16) -> std::io::Result<SocketAddr> {
    TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).await?.local_addr()
}

/// A function that cargo-lambda runs.
pub(crate) struct Process {
    http: reqwest::Client,
    url: String,
}

impl Process {
    /// The function of that name, where `url` says.
    pub(crate) fn new(http: &reqwest::Client, url: &str, name: &str) -> Self {
        Self { http: http.clone(), url: format!("{url}/2015-03-31/functions/{name}/invocations") }
    }
}

impl Handler for Process {
    fn call(&self, event: Value) -> BoxFuture<'_, Result<Value, Fault>> {
        Box::pin(async move {
            let response = self.http.post(&self.url).json(&event).send().await?;
            let status = response.status();
            let answer = response.bytes().await?;
            if status.is_success() {
                return Ok(serde_json::from_slice(&answer)?);
            }
            Err(format!("{status}: {}", String::from_utf8_lossy(&answer)).into())
        })
    }
}

/// Turns this process into the program of a function, with the environment that the template gives that function and
/// nothing else. Returns only where that fails.
pub fn become_function(program: OsString, arguments: impl Iterator<Item = OsString>) -> String {
    let environment = match own_environment() {
        Ok(environment) => environment,
        Err(problem) => return problem,
    };
    let mut command = std::process::Command::new(program);
    command.args(arguments).env_clear().envs(environment);
    #[cfg(unix)]
    let ended = std::os::unix::process::CommandExt::exec(&mut command);
    #[cfg(not(unix))]
    let ended = match command.status() {
        Ok(status) => std::process::exit(status.code().unwrap_or(1)),
        Err(error) => error,
    };
    format!("the function could not be started: {ended}")
}

fn own_environment() -> Result<BTreeMap<String, String>, String> {
    let variable = |name: &str| std::env::var(name).map_err(|error| format!("{name}: {error}"));
    let mut all: BTreeMap<String, BTreeMap<String, String>> =
        serde_json::from_str(&variable(ENVIRONMENTS)?).map_err(|error| format!("{ENVIRONMENTS}: {error}"))?;
    let name = variable("AWS_LAMBDA_FUNCTION_NAME")?;
    let mut own = all.remove(&name).ok_or_else(|| format!("template.yaml has no function {name}"))?;
    let runtime_api = "AWS_LAMBDA_RUNTIME_API";
    own.insert(runtime_api.to_owned(), variable(runtime_api)?);
    Ok(own)
}

#[cfg(all(test, unix))]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::{WATCHED, watched};

    #[test]
    fn what_is_watched_is_what_functions_are_built_of_and_no_more() {
        let workspace = std::env::temp_dir().join(format!("roster-{}", crate::ids::uuid()));
        for folder in ["functions/team/suspend", "shared/domain", ".tools/a", "target/debug"] {
            std::fs::create_dir_all(workspace.join(folder)).expect("a folder");
        }
        for _ in 0..2 {
            let watched = watched(&workspace).expect("links");
            let all = std::fs::read_dir(&watched).expect("it is there").map(|entry| entry.expect("an entry"));
            let names: BTreeSet<_> = all.map(|entry| entry.file_name()).collect();
            assert_eq!(names, BTreeSet::from(["functions".into(), "shared".into()]));
            assert!(
                watched.join("functions/team/suspend").is_dir() && watched.join("shared/domain").is_dir()
            );
        }
        std::fs::remove_dir_all(&workspace).expect("it goes again");
        assert!(Path::new(WATCHED).starts_with("target"), "what is built is thrown away with it");
    }
}
