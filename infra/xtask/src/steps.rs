//! Steps with a name and a time, the first failure of which ends everything.

use std::ffi::OsString;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How the variables begin in which cargo tells a program about its package.
const OF_A_PACKAGE: &[&str] = &["CARGO_MANIFEST_", "CARGO_PKG_"];

/// The steps taken so far.
pub(crate) struct Steps {
    root: PathBuf,
    taken: Vec<(String, Duration, &'static str)>,
}

impl Steps {
    /// None yet, in this workspace.
    pub(crate) const fn new(root: PathBuf) -> Self {
        Self { root, taken: Vec::new() }
    }

    /// The workspace.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Whether this is the build server, where nothing may be left out.
    pub(crate) fn is_ci() -> bool {
        std::env::var_os("CI").is_some_and(|value| !value.is_empty() && value != "false" && value != "0")
    }

    /// The cargo that runs this, in the workspace, as if somebody had typed it: build scripts look at what cargo says of
    /// the package that it runs, and would have their dependents built anew.
    pub(crate) fn cargo(&self, arguments: &[&str]) -> Command {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
        let mut command = self.as_cargo(Path::new(&cargo));
        command.args(arguments);
        command
    }

    /// A program that works as cargo does, or has it do so.
    pub(crate) fn as_cargo(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.root);
        for (name, _) in std::env::vars_os() {
            if OF_A_PACKAGE.iter().any(|prefix| name.to_string_lossy().starts_with(prefix)) {
                command.env_remove(name);
            }
        }
        command
    }

    /// A step that is one command.
    pub(crate) fn run(&mut self, name: &str, command: Command) -> Result<(), String> {
        self.step(name, |_| succeed(command))
    }

    /// A step.
    pub(crate) fn step(
        &mut self,
        name: &str,
        work: impl FnOnce(&Self) -> Result<(), String>,
    ) -> Result<(), String> {
        println!("== {name}");
        let begun = Instant::now();
        let result = work(self);
        let took = begun.elapsed();
        let outcome = if result.is_ok() { "ok" } else { "FAILED" };
        println!("== {name}: {outcome}, {:.1} s", took.as_secs_f64());
        self.taken.push((name.to_owned(), took, outcome));
        result.map_err(|problem| format!("{name}: {problem}"))
    }

    /// A file for what is said where nobody watches, empty, and where it lies.
    pub(crate) fn log(&self, name: &str) -> Result<(PathBuf, File), String> {
        let folder = self.root.join("target");
        let path = folder.join(format!("{name}.log"));
        // Where cargo builds elsewhere, it is not there.
        let file = std::fs::create_dir_all(folder).and_then(|()| File::create(&path));
        let file = file.map_err(|error| format!("{}: {error}", path.display()))?;
        Ok((path, file))
    }

    /// A step that goes on beside the next ones, until it is ended. What it says is kept until then.
    pub(crate) fn begin(&self, name: &str, mut command: Command) -> Result<Aside, String> {
        println!("== {name}: begins, and goes on beside the next");
        let (log, output) = self.log(&name.replace(' ', "-"))?;
        let errors = output.try_clone().map_err(|error| format!("{}: {error}", log.display()))?;
        let shown = shown(&command);
        let child = command.stdin(Stdio::null()).stdout(output).stderr(errors).spawn();
        let child = child.map_err(|error| format!("`{shown}` could not be started: {error}"))?;
        Ok(Aside { name: name.to_owned(), child, shown, log, begun: Instant::now() })
    }

    /// Waits for its end.
    pub(crate) fn end(&mut self, mut aside: Aside) -> Result<(), String> {
        let (name, begun) = (aside.name.clone(), aside.begun);
        let took = begun.elapsed();
        let result = self.step(&name, |_| {
            let ended = aside.child.wait().map_err(|error| error.to_string())?;
            print!("{}", std::fs::read_to_string(&aside.log).map_err(|error| error.to_string())?);
            if ended.success() { Ok(()) } else { Err(format!("`{}` failed: {ended}", aside.shown)) }
        });
        println!(
            "== {name}: of its {:.1} s {:.1} s beside others",
            begun.elapsed().as_secs_f64(),
            took.as_secs_f64()
        );
        result
    }

    /// A step that could not be taken here, and why; on the build server that is a failure.
    pub(crate) fn leave_out(&mut self, name: &str, why: &str) -> Result<(), String> {
        println!("== {name}: left out. {why}");
        self.taken.push((name.to_owned(), Duration::ZERO, "left out"));
        if Self::is_ci() { Err(format!("{name}: {why}")) } else { Ok(()) }
    }

    /// What took how long.
    pub(crate) fn summarise(&self) {
        println!();
        for (name, took, outcome) in &self.taken {
            println!("{:>8.1} s  {outcome:<8}  {name}", took.as_secs_f64());
        }
        let total: Duration = self.taken.iter().map(|(_, took, _)| *took).sum();
        println!("{:>8.1} s  altogether", total.as_secs_f64());
    }
}

/// A step that goes on beside others. It ends with this.
pub(crate) struct Aside {
    name: String,
    child: Child,
    shown: String,
    log: PathBuf,
    begun: Instant,
}

impl Drop for Aside {
    fn drop(&mut self) {
        // It has ended, or something else has failed and nobody waits for it any more.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs a command to its good end, with nothing to read from the keyboard.
pub(crate) fn succeed(mut command: Command) -> Result<(), String> {
    let shown = shown(&command);
    match command.stdin(Stdio::null()).status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("`{shown}` failed: {status}")),
        Err(error) => Err(format!("`{shown}` could not be started: {error}")),
    }
}

/// What a command prints, if it ends well.
pub(crate) fn output(mut command: Command) -> Result<String, String> {
    let shown = shown(&command);
    let output = command.stdin(Stdio::null()).output();
    let output = output.map_err(|error| format!("`{shown}` could not be started: {error}"))?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(format!("`{shown}` failed: {}", String::from_utf8_lossy(&output.stderr)))
    }
}

/// The command as one would type it.
fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or_else(|| command.get_program());
    let words = std::iter::once(program).chain(command.get_args());
    words.map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
}
