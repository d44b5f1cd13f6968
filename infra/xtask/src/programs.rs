//! Every test there is. cargo builds the programs and they are run here, several at a time: many end with one long test,
//! for which the other cores would wait.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Mutex;
use std::thread;

use crate::check::DRIFT;
use crate::steps::{Steps, output, succeed};

/// How many run at a time. Each has as many threads as there are cores, and few of them keep all of these busy.
const AT_A_TIME: usize = 2;

/// What takes longest, whatever else runs: a build of its own, and a stack that is killed and started again and again. The last
/// to begin would be waited for.
const LONGEST: [&str; 3] = ["newcomer-", "killed-", "faults-"];

/// A test program that cargo has built.
struct Program {
    path: PathBuf,
    /// The package's folder, in which its tests expect to run.
    folder: PathBuf,
    /// What it asks.
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    /// The product, from a `tests` folder: these take longest.
    FromOutside,
    /// The code beside it.
    Unit,
}

/// Builds them all and runs them all, but for the [`DRIFT`] that the check has run, and says which failed.
pub(crate) fn all(steps: &mut Steps) -> Result<(), String> {
    let mut programs = Vec::new();
    steps.step("tests are built", |steps| {
        let mut build = steps.cargo(&["test", "--workspace", "--no-run"]);
        build.arg("--message-format=json-render-diagnostics").stderr(Stdio::inherit());
        programs = output(build)?.lines().filter_map(Program::read).collect();
        programs.retain(|program| !program.name().starts_with(&format!("{DRIFT}-")));
        if programs.is_empty() { Err("cargo named no test program".to_owned()) } else { Ok(()) }
    })?;
    steps.step("tests", |steps| {
        run(steps, programs)?;
        succeed(steps.cargo(&["test", "--quiet", "--workspace", "--doc"]))
    })
}

impl Program {
    /// What a line of cargo's messages says of one; nothing, where it speaks of anything else.
    fn read(line: &str) -> Option<Self> {
        let text = |name: &str| {
            let (_, rest) = line.split_once(&format!("\"{name}\":\""))?;
            rest.split_once('"').map(|(text, _)| PathBuf::from(text))
        };
        // The profile is a test's; the target before it may merely have tests.
        if !line.contains("\"test\":true},\"features\":") {
            return None;
        }
        let kind = if line.contains("\"kind\":[\"test\"]") { Kind::FromOutside } else { Kind::Unit };
        Some(Self { path: text("executable")?, folder: text("manifest_path")?.parent()?.to_owned(), kind })
    }

    fn name(&self) -> String {
        self.path.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    /// Its place in the order in which they begin.
    fn rank(&self) -> (usize, Kind) {
        let name = self.name();
        let place = LONGEST.iter().position(|begin| name.starts_with(begin));
        (place.unwrap_or(LONGEST.len()), self.kind)
    }

    /// Runs it, and says everything that it said once it has ended.
    fn run(&self, steps: &Steps, said: &Mutex<()>) -> Result<(), String> {
        let mut command = steps.as_cargo(&self.path);
        command.current_dir(&self.folder).env("CARGO_MANIFEST_DIR", &self.folder);
        // A snapshot changes because somebody accepted the change, never because a test ran.
        command.env("INSTA_UPDATE", "no").stdin(Stdio::null());
        let ended = command.output().map_err(|error| format!("{}: {error}", self.name()))?;
        let one_at_a_time = said.lock();
        println!("     Running {}", self.name());
        print!("{}{}", String::from_utf8_lossy(&ended.stdout), String::from_utf8_lossy(&ended.stderr));
        drop(one_at_a_time);
        if ended.status.success() { Ok(()) } else { Err(format!("{}: {}", self.name(), ended.status)) }
    }
}

fn run(steps: &Steps, mut programs: Vec<Program>) -> Result<(), String> {
    // The long ones first, so that none is left over.
    programs.sort_by_key(Program::rank);
    let (waiting, said) = (Mutex::new(VecDeque::from(programs)), Mutex::new(()));
    let next = || waiting.lock().ok().and_then(|mut waiting| waiting.pop_front());
    let failed = thread::scope(|scope| {
        let worker = || {
            let mut failed = Vec::new();
            while let Some(program) = next() {
                failed.extend(program.run(steps, &said).err());
            }
            failed
        };
        let workers: Vec<_> = (0..AT_A_TIME).map(|_| scope.spawn(worker)).collect();
        let ended =
            workers.into_iter().map(|worker| worker.join().map_err(|_| "a worker has failed".to_owned()));
        ended.collect::<Result<Vec<_>, String>>()
    })?;
    let failed = failed.concat();
    if failed.is_empty() { Ok(()) } else { Err(failed.join(", ")) }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn of_what_cargo_says_the_test_programs_are_taken_and_where_they_belong() {
        let line = |test: bool, executable: &str| {
            format!(
                r#"{{"reason":"compiler-artifact","package_id":"x","manifest_path":"/r/shared/store/Cargo.toml","target":{{"kind":["test"],"name":"store","test":true}},"profile":{{"opt_level":"0","test":{test}}},"features":[],"executable":{executable},"fresh":true}}"#
            )
        };
        let program = Program::read(&line(true, r#""/r/target/debug/deps/store-1""#)).unwrap();
        assert_eq!(program.path, Path::new("/r/target/debug/deps/store-1"));
        assert_eq!(
            (program.folder.as_path(), program.name().as_str()),
            (Path::new("/r/shared/store"), "store-1")
        );
        assert_eq!(program.kind, Kind::FromOutside);
        assert!(Program::read(&line(false, r#""/r/target/debug/roster""#)).is_none());
        assert!(Program::read(&line(true, "null")).is_none());
        assert!(Program::read(r#"{"reason":"build-finished","success":true}"#).is_none());
    }

    #[test]
    fn the_longest_begin_first_and_those_from_outside_before_the_others() {
        let program =
            |name: &str, kind: Kind| Program { path: PathBuf::from(name), folder: PathBuf::from("/"), kind };
        let mut programs = [
            program("/t/domain-1", Kind::Unit),
            program("/t/access-1", Kind::FromOutside),
            program("/t/faults-1", Kind::FromOutside),
            program("/t/newcomer-1", Kind::FromOutside),
        ];
        programs.sort_by_key(Program::rank);
        let names: Vec<String> = programs.iter().map(Program::name).collect();
        assert_eq!(names, ["newcomer-1", "faults-1", "access-1", "domain-1"]);
    }

    #[test]
    fn every_program_runs_and_each_that_fails_is_named() {
        let program =
            |name: &str| Program { path: PathBuf::from(name), folder: PathBuf::from("/"), kind: Kind::Unit };
        let steps = Steps::new(PathBuf::from("/"));
        assert_eq!(run(&steps, vec![program("true"), program("true"), program("true")]), Ok(()));
        let failed =
            run(&steps, vec![program("false"), program("true"), program("no-such-program")]).unwrap_err();
        assert!(failed.contains("false: exit status: 1") && failed.contains("no-such-program: "), "{failed}");
    }
}
