//! schemathesis: a running stack is asked by chance, by somebody who knows nothing but its OpenAPI document.

use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use crate::steps::{Steps, succeed};
use crate::tools::Tool;

const SCHEMATHESIS: Tool = Tool::of("schemathesis", "4.32.5");
const STEP: &str = "schemathesis";
const CONFIGURATION: &str = "infra/xtask/src/schemathesis.toml";
/// A request of the demo Root.
const SAMPLE: &str = "events/get-profile.json";
/// Where it may leave what it likes to leave.
const FOLDER: &str = ".tools/schemathesis-run";
/// Lines that the stack prints before it is ready.
const LINES_MAX: usize = 100;

/// Starts a stack in memory, lets schemathesis ask it, and stops it.
pub(crate) fn run(steps: &mut Steps) -> Result<(), String> {
    let program = match SCHEMATHESIS.program(steps.root()) {
        Ok(program) => program,
        Err(why) => return steps.leave_out(STEP, &why),
    };
    steps.step(STEP, |steps| {
        succeed(steps.cargo(&["build", "--quiet", "--package", "local"]))?;
        let stack = Stack::start()?;
        let folder = steps.root().join(FOLDER);
        // What an earlier run left, so that the seed alone decides what is asked.
        if folder.exists() {
            std::fs::remove_dir_all(&folder).map_err(|error| format!("{FOLDER}: {error}"))?;
        }
        std::fs::create_dir_all(&folder).map_err(|error| format!("{FOLDER}: {error}"))?;
        let mut ask = Command::new(&program);
        ask.current_dir(folder).arg("--config-file").arg(steps.root().join(CONFIGURATION));
        ask.arg("run").arg(format!("{}/v1/openapi.json", stack.url));
        ask.env("ROSTER_TOKEN", credential(steps)?);
        succeed(ask)
    })
}

/// A running stack. It ends with this.
struct Stack {
    process: Child,
    url: String,
}

impl Stack {
    fn start() -> Result<Self, String> {
        let mut roster = Command::new(binary()?);
        roster.args(["--memory", "--port", "0"]).stdin(Stdio::null()).stdout(Stdio::piped());
        let process = roster.spawn().map_err(|error| format!("the stack could not be started: {error}"))?;
        let mut stack = Self { process, url: String::new() };
        let output = stack.process.stdout.take().ok_or("the stack prints nothing")?;
        let mut lines = BufReader::new(output);
        for line in lines.by_ref().lines().take(LINES_MAX) {
            let line = line.map_err(|error| error.to_string())?;
            if let Some(url) = line.strip_prefix("roster answers at") {
                stack.url = url.trim().replace("localhost", "127.0.0.1");
            }
            if line.starts_with("Ctrl-C") {
                break;
            }
        }
        if stack.url.is_empty() {
            return Err("the stack did not say where it answers".to_owned());
        }
        Ok(stack)
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        // It keeps nothing, so it may end at once; that it has ended already is as good.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The session of the demo Root, which a stack begins with: a sample event carries its credential.
fn credential(steps: &Steps) -> Result<String, String> {
    let sample =
        std::fs::read_to_string(steps.root().join(SAMPLE)).map_err(|error| format!("{SAMPLE}: {error}"))?;
    let bearer = sample.split('"').find_map(|text| text.strip_prefix("Bearer "));
    bearer.map(str::to_owned).ok_or_else(|| format!("{SAMPLE} carries no credential"))
}

/// The stack's program, which stands beside this one.
fn binary() -> Result<PathBuf, String> {
    let own = std::env::current_exe().map_err(|error| error.to_string())?;
    Ok(own.with_file_name(format!("roster{}", std::env::consts::EXE_SUFFIX)))
}
