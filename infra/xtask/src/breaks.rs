//! Rules that are broken one by one, to see the test that holds each of them fail. A test that cannot fail proves nothing.
//!
//! `breaks.txt` says, for each rule, which lines are replaced by which, and the one test that must fail because of it.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::steps::{Steps, output};
use crate::swap::Swaps;

const TABLE: &str = include_str!("breaks.txt");
/// Characters of a failure's first lines that are shown.
const SHOWN_CHARS_MAX: usize = 160;

/// One rule, how it is broken, and what must notice.
#[derive(Default)]
struct Row {
    rules: Vec<&'static str>,
    file: &'static str,
    /// Lines that follow each other, without their indentation.
    lines: Vec<&'static str>,
    broken: Vec<&'static str>,
    test_file: &'static str,
    test: &'static str,
}

/// What became of a broken rule.
enum Outcome {
    /// The test failed, and said this.
    Noticed(String),
    /// The test passed.
    Survived,
    /// It was not tried: what was built or run was something else.
    Failed(String),
}

/// Breaks every rule of the table, or these.
pub(crate) fn run(steps: &Steps, rules: &[&str]) -> Result<(), String> {
    let mut rows = rows(TABLE)?;
    if let Some(unknown) = rules.iter().find(|rule| !rows.iter().any(|row| row.rules.contains(rule))) {
        return Err(format!("no break is about {unknown}"));
    }
    rows.retain(|row| rules.is_empty() || row.rules.iter().any(|rule| rules.contains(rule)));
    let swaps = Swaps::begin(steps.root())?;
    refuse_uncommitted(steps, &rows)?;
    let mut outcomes = Vec::new();
    for row in &rows {
        println!("== {}: `{}` becomes `{}`", row.rules.join(", "), row.lines.join(" "), row.broken.join(" "));
        let outcome = try_out(steps, &swaps, row);
        let said = match &outcome {
            Outcome::Noticed(said) => format!("seen to fail: {said}"),
            Outcome::Survived => "SURVIVED".to_owned(),
            Outcome::Failed(why) => format!("NOT TRIED: {why}"),
        };
        println!("   {} {said}", row.test);
        outcomes.push(outcome);
    }
    println!("\n{:<14}{:<14}test", "seen to fail", "rule");
    for (row, outcome) in rows.iter().zip(&outcomes) {
        let seen = match outcome {
            Outcome::Noticed(_) => "yes",
            Outcome::Survived => "NO",
            Outcome::Failed(_) => "NOT TRIED",
        };
        println!("{seen:<14}{:<14}{} {}", row.rules.join(", "), row.test_file, row.test);
    }
    let unseen = outcomes.iter().filter(|outcome| !matches!(outcome, Outcome::Noticed(_))).count();
    match unseen {
        0 => Ok(()),
        unseen => Err(format!("{unseen} of {} breaks were not seen to fail", rows.len())),
    }
}

/// What is broken is put back as it was, which must not be the only copy of anybody's work.
fn refuse_uncommitted(steps: &Steps, rows: &[Row]) -> Result<(), String> {
    let mut git = Command::new("git");
    git.current_dir(steps.root()).args(["status", "--porcelain", "--"]).args(rows.iter().map(|row| row.file));
    let changed = output(git)?;
    if changed.is_empty() { Ok(()) } else { Err(format!("commit or stash these first:\n{changed}")) }
}

fn try_out(steps: &Steps, swaps: &Swaps, row: &Row) -> Outcome {
    let tried = row.broken_text(steps.root()).and_then(|(before, after)| {
        let swap = swaps.swap(row.file, &before, &after)?;
        let outcome = row.run_test(steps);
        swap.restore()?;
        outcome
    });
    tried.unwrap_or_else(Outcome::Failed)
}

impl Row {
    /// The file as it is, and as it is with the rule broken.
    fn broken_text(&self, root: &Path) -> Result<(String, String), String> {
        let before = read(root, self.file)?;
        let lines: Vec<&str> = before.split_inclusive('\n').collect();
        let is_here = |window: &[&str]| window.iter().map(|line| line.trim()).eq(self.lines.iter().copied());
        let mut found = lines.windows(self.lines.len()).enumerate().filter(|(_, window)| is_here(window));
        let (Some((at, _)), None) = (found.next(), found.next()) else {
            return Err(format!("{} needs `{}` exactly once", self.file, self.lines.join(" ")));
        };
        let (head, tail) = (&lines[..at], &lines[at + self.lines.len()..]);
        let broken = self.broken.join("\n") + "\n";
        let after = [head.concat(), broken, tail.concat()].concat();
        Ok((before, after))
    }

    /// Runs the test alone.
    fn run_test(&self, steps: &Steps) -> Result<Outcome, String> {
        let (package, program) = self.program(steps.root())?;
        let mut test = steps.cargo(&["test", "--package", &package]);
        test.args(&program).args(["--", self.test]).stdin(Stdio::null());
        test.env("INSTA_UPDATE", "no").env("RUST_BACKTRACE", "0");
        // A failed test is a failed command: what it says is what counts.
        let ran = test.output().map_err(|error| format!("cargo test could not be started: {error}"))?;
        let told = String::from_utf8_lossy(&ran.stderr);
        if told.contains("could not compile") {
            let problem = told.lines().find(|line| line.starts_with("error")).unwrap_or("no reason given");
            return Err(format!("it does not compile: {problem}"));
        }
        self.judge(&String::from_utf8_lossy(&ran.stdout))
    }

    fn judge(&self, printed: &str) -> Result<Outcome, String> {
        let verdict = |line: &str| {
            let (test, verdict) = line.strip_prefix("test ")?.split_once(" ... ")?;
            (test.rsplit("::").next() == Some(self.test)).then(|| verdict.to_owned())
        };
        let verdicts: Vec<String> = printed.lines().filter_map(verdict).collect();
        match verdicts.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
            ["FAILED"] => Ok(Outcome::Noticed(first_words(printed))),
            ["ok"] => Ok(Outcome::Survived),
            others => Err(format!("it did not run once to its end: {others:?}")),
        }
    }

    /// The package of the test, and what names its program to cargo.
    fn program(&self, root: &Path) -> Result<(String, Vec<String>), String> {
        let mut folders = Path::new(self.test_file).ancestors().skip(1);
        let folder = folders.find(|folder| root.join(folder).join("Cargo.toml").exists());
        let folder = folder.and_then(Path::to_str).filter(|folder| !folder.is_empty());
        let folder = folder.ok_or_else(|| format!("{} is in no package", self.test_file))?;
        let manifest = read(root, &format!("{folder}/Cargo.toml"))?;
        let name = manifest.lines().find_map(|line| line.strip_prefix("name = \"")?.strip_suffix('"'));
        let name = name.ok_or_else(|| format!("{folder}/Cargo.toml names no package"))?;
        let inside = self.test_file[folder.len()..].trim_start_matches('/');
        let program = match inside.strip_prefix("tests/").and_then(|rest| rest.split(['/', '.']).next()) {
            Some(program) => vec!["--test".to_owned(), program.to_owned()],
            None => vec!["--lib".to_owned()],
        };
        Ok((name.to_owned(), program))
    }
}

/// Where a test failed, and the beginning of what it said.
fn first_words(printed: &str) -> String {
    let from = printed.lines().skip_while(|line| !line.contains("panicked at"));
    let words: Vec<&str> = from.take(3).map(str::trim).collect();
    let words = words.join(" ");
    let words = words.split_once("panicked at ").map_or(words.as_str(), |(_, words)| words);
    words.chars().take(SHOWN_CHARS_MAX).collect()
}

fn read(root: &Path, file: &str) -> Result<String, String> {
    std::fs::read_to_string(root.join(file)).map_err(|error| format!("{file}: {error}"))
}

/// The rows of a table: paragraphs of `field: value`, the lines once for each line.
fn rows(table: &'static str) -> Result<Vec<Row>, String> {
    let mut rows = Vec::new();
    for paragraph in table.split("\n\n") {
        let mut row = Row::default();
        for line in paragraph.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let (field, value) = line.split_once(':').ok_or_else(|| format!("breaks.txt: {line}"))?;
            let value = value.trim();
            match field {
                "rules" => row.rules = value.split(", ").collect(),
                "file" => row.file = value,
                "line" => row.lines.push(value),
                "break" => row.broken.push(value),
                "test" => {
                    let (file, test) = value.split_once(' ').ok_or_else(|| format!("breaks.txt: {line}"))?;
                    (row.test_file, row.test) = (file, test);
                }
                _ => return Err(format!("breaks.txt: {line}")),
            }
        }
        if row.rules.is_empty() && row.file.is_empty() {
            continue;
        }
        if row.rules.is_empty() || row.lines.is_empty() || row.broken.is_empty() || row.test.is_empty() {
            return Err(format!("breaks.txt: something is missing in\n{paragraph}"));
        }
        rows.push(row);
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a break stands for at least: groups of rules, or a rule.
    const GROUPS: &[&str] =
        &["PS-", "IN-", "RO-", "RS-", "SU-", "SE-", "AC-", "RC-", "DE-", "CK-", "EV-", "AP-", "AC-11"];
    const ROWS_MIN: usize = 20;

    fn root() -> &'static Path {
        Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("two folders above")
    }

    #[test]
    fn every_break_is_about_lines_that_stand_once_and_a_test_that_is_there() {
        for row in rows(TABLE).expect("a table") {
            let (before, after) = row.broken_text(root()).unwrap();
            assert_ne!(before, after, "{}: nothing is broken", row.lines.join(" "));
            row.program(root()).unwrap();
            let text = read(root(), row.test_file).unwrap();
            let lines: Vec<&str> = text.lines().collect();
            let head = format!("fn {}()", row.test);
            let mut found = (0..lines.len()).filter(|n| lines[*n].contains(&head));
            let (Some(at), None) = (found.next(), found.next()) else {
                panic!("{} needs {head} exactly once", row.test_file)
            };
            let above: Vec<&str> = lines[..at].iter().rev().take(3).copied().collect();
            let named = above.iter().find(|line| line.contains("// RULE: ")).copied().unwrap_or_default();
            for rule in &row.rules {
                assert!(named.contains(rule), "{} does not say that it holds {rule}", row.test);
            }
        }
    }

    #[test]
    fn rules_of_every_kind_are_broken() {
        let rows = rows(TABLE).expect("a table");
        assert!(rows.len() >= ROWS_MIN, "{} rows", rows.len());
        for group in GROUPS {
            let is_of = |row: &Row| row.rules.iter().any(|rule| rule.starts_with(group));
            assert!(rows.iter().any(is_of), "{group}");
        }
    }

    #[test]
    fn only_the_tests_own_failure_counts() {
        let row = Row { test: "it_holds", ..Row::default() };
        let judge = |printed: &str| row.judge(printed);
        assert!(matches!(judge("test a::it_holds ... FAILED\n"), Ok(Outcome::Noticed(_))));
        assert!(matches!(judge("test a::it_holds ... ok\n"), Ok(Outcome::Survived)));
        for printed in
            ["", "running 0 tests", "test a::it_holds_more ... FAILED\n", "test a::it_holds ... ignored\n"]
        {
            assert!(judge(printed).is_err(), "{printed}");
        }
    }
}
