//! `cargo xtask watch`: the local stack, with the functions as real processes under `cargo lambda watch`.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use crate::steps::{Steps, output, succeed};
use crate::tools::Tool;

/// Builds the functions, and runs them where they are not linked into the local stack.
pub(crate) const CARGO_LAMBDA: Tool =
    Tool { with: &["ziglang==0.17.1"], asked: &["lambda", "--version"], ..Tool::of("cargo-lambda", "1.9.2") };
const STEP: &str = "functions as real processes";
/// What the local stack prints once it is ready.
const READY: &str = "Ctrl-C stops";
/// The lines of that which say where things are.
const STACK_AT: &str = "roster answers at";
const FUNCTIONS_AT: &str = "functions";
const LOG_LINES_SHOWN_MAX: usize = 40;
/// How long the samples may take, for each of them: `cargo run` starts one function after the other, some seconds each
/// where the machine has other work. A function that does not start never answers.
const SAMPLE_LONGEST: Duration = Duration::from_secs(10);

/// Runs until somebody stops it; the arguments are those of the local stack.
pub(crate) fn run(root: PathBuf, arguments: &[&str]) -> Result<(), String> {
    let steps = Steps::new(root);
    let program = CARGO_LAMBDA.program(steps.root())?;
    succeed(build(&steps))?;
    become_it(stack(&steps, &program, arguments))
}

/// `cargo lambda`, as it is pinned here.
pub(crate) fn lambda(root: PathBuf, arguments: &[&str]) -> Result<(), String> {
    let steps = Steps::new(root);
    let mut command = steps.as_cargo(&CARGO_LAMBDA.program(steps.root())?);
    command.arg("lambda").args(arguments);
    become_it(command)
}

/// Everything that is run, so that no first call has to wait for a compiler.
fn build(steps: &Steps) -> Command {
    steps.cargo(&["build", "--workspace", "--bins"])
}

fn stack(steps: &Steps, program: &Path, arguments: &[&str]) -> Command {
    let mut command = steps.cargo(&["run", "--quiet", "--package", "local", "--", "--processes"]);
    command.arg(program).args(arguments);
    command
}

/// Ctrl-C goes to the local stack, and its end is the end.
#[cfg(unix)]
fn become_it(mut command: Command) -> Result<(), String> {
    Err(std::os::unix::process::CommandExt::exec(&mut command).to_string())
}

#[cfg(not(unix))]
fn become_it(command: Command) -> Result<(), String> {
    succeed(command)
}

/// Starts it, invokes every function with its sample, walks the README's walk, and stops it.
pub(crate) fn smoke(steps: &mut Steps) -> Result<(), String> {
    match CARGO_LAMBDA.program(steps.root()) {
        Ok(program) => steps.step(STEP, |steps| smoke_with(steps, &program)),
        Err(why) => steps.leave_out(STEP, &why),
    }
}

fn smoke_with(steps: &Steps, program: &Path) -> Result<(), String> {
    succeed(build(steps))?;
    let (log, told) = steps.log("watch")?;
    let mut command = stack(steps, program, &["--memory", "--port", "0", "--functions-port", "0"]);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(told);
    let child = command.spawn().map_err(|error| format!("the local stack could not be started: {error}"))?;
    let mut running = Running { child, said: None };
    let used = use_it(steps, program, &mut running);
    let stopped = running.stop();
    used.and(stopped).map_err(|problem| format!("{problem}\n{}", last_lines(&log)))
}

fn use_it(steps: &Steps, program: &Path, running: &mut Running) -> Result<(), String> {
    let said = running.until_ready()?;
    let url = place(&said, STACK_AT)?;
    let functions = place(&said, FUNCTIONS_AT)?;
    samples(steps.root(), program, &functions)?;
    let mut walk = steps.cargo(&["test", "--package", "tests", "--test", "walk"]);
    walk.env("INSTA_UPDATE", "no").env("ROSTER_URL", url);
    succeed(walk)
}

/// Every function answers its sample as stated. All are asked at once: no sample depends on another.
fn samples(root: &Path, program: &Path, functions: &str) -> Result<(), String> {
    let path = root.join("events/expected.json");
    let expected = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
    let port = functions.rsplit(':').next().unwrap_or_default();
    let mut asked = Vec::new();
    for line in expected.lines() {
        let Some((name, answer)) = line.trim().trim_end_matches(',').split_once(": ") else { continue };
        let name = name.trim_matches('"');
        let mut invoke = Command::new(program);
        invoke.current_dir(root).args(["lambda", "invoke", name, "--data-file"]);
        invoke.arg(format!("events/{name}.json"));
        invoke.args(["--invoke-address", "127.0.0.1", "--invoke-port", port]);
        let (told, asking) = mpsc::channel();
        // Nobody listens any more where the time was up.
        std::thread::spawn(move || drop(told.send(output(invoke))));
        asked.push((name, answer, asking));
    }
    let mut wrong = Vec::new();
    let count = asked.len();
    let end = Instant::now() + SAMPLE_LONGEST.saturating_mul(u32::try_from(count).unwrap_or(u32::MAX));
    for (name, stated, asking) in asked {
        let answer = asking.recv_timeout(end.saturating_duration_since(Instant::now()));
        let answer = answer.map_err(|_| format!("{name} did not answer, and perhaps did not start"))?;
        let answer = answer.map_err(|problem| format!("{name}: {problem}"))?;
        if !without_space(&answer).contains(&members(stated)) {
            wrong.push(format!("{name} was to answer {stated} and answered {}", answer.trim()));
        }
    }
    println!("{} of {count} functions answered their samples as stated", count - wrong.len());
    if wrong.is_empty() && count > 0 { Ok(()) } else { Err(wrong.join("\n")) }
}

/// The members of an object, as a function writes them.
fn members(object: &str) -> String {
    let text = without_space(object);
    text.trim_start_matches('{').trim_end_matches('}').to_owned()
}

fn without_space(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

/// What a line that begins so says.
fn place(said: &[String], begin: &str) -> Result<String, String> {
    let line = said.iter().find_map(|line| line.strip_prefix(begin));
    let place = line.and_then(|rest| rest.split([' ', ',']).find(|word| word.starts_with("http")));
    place.map(str::to_owned).ok_or_else(|| format!("the local stack does not say `{begin}`"))
}

/// A local stack that is stopped in the end, whatever happens.
struct Running {
    child: Child,
    /// Held open until the end: the stack says goodbye there.
    said: Option<BufReader<ChildStdout>>,
}

impl Running {
    fn until_ready(&mut self) -> Result<Vec<String>, String> {
        let stdout = self.child.stdout.take().ok_or("the local stack says nothing")?;
        let mut said = Vec::new();
        for line in self.said.insert(BufReader::new(stdout)).lines() {
            let line = line.map_err(|error| error.to_string())?;
            if line == READY {
                return Ok(said);
            }
            said.push(line);
        }
        Err("the local stack ended before it was ready".to_owned())
    }

    /// Ends it as somebody at the keyboard would.
    fn stop(&mut self) -> Result<(), String> {
        if let Ok(Some(status)) = self.child.try_wait() {
            return Err(format!("the local stack had ended, {status}"));
        }
        let mut interrupt = Command::new("sh");
        interrupt.args(["-c", &format!("kill -s INT {}", self.child.id())]);
        succeed(interrupt)?;
        match self.child.wait() {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => Err(format!("the local stack did not end well: {status}")),
            Err(error) => Err(error.to_string()),
        }
    }
}

fn last_lines(log: &Path) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    let last = lines.get(lines.len().saturating_sub(LOG_LINES_SHOWN_MAX)..).unwrap_or_default();
    format!("{} ends:\n{}", log.display(), last.join("\n"))
}
