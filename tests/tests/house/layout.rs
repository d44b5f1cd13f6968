//! What stands where, and what is said nowhere.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::{read, root, tracked};

/// All that the top level may hold, beside files that begin with a dot.
const TOP_LEVEL: &[&str] = &[
    "CHANGELOG.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE",
    "README.md",
    "clippy.toml",
    "events",
    "functions",
    "infra",
    "rustfmt.toml",
    "shared",
    "template.yaml",
    "tests",
];
/// About 300 are enough; a little more is no reason to tear something apart.
const CODE_LINES_MAX: usize = 330;

#[test]
fn the_top_level_holds_the_house_and_nothing_else() {
    let tops: BTreeSet<String> = tracked()
        .iter()
        .filter_map(|path| path.split('/').next())
        .filter(|top| !top.starts_with('.'))
        .map(str::to_owned)
        .collect();
    let expected: BTreeSet<String> = TOP_LEVEL.iter().map(|&top| top.to_owned()).collect();
    assert_eq!(tops, expected);
}

/// The lock file names the index that it was made from; that is its format.
#[test]
fn no_file_speaks_of_the_machine_it_was_written_on() {
    // In pieces, so that this file does not speak of them either.
    let forbidden = [
        ["/wo", "rk/"].concat(),
        ["../sha", "red"].concat(),
        ["index.crat", "es.io"].concat(),
        ["static.crat", "es.io"].concat(),
        ["py", "pi.org"].concat(),
        ["pythonho", "sted.org"].concat(),
        ["registry.npm", "js.org"].concat(),
        ["proxy.gol", "ang.org"].concat(),
    ];
    for path in tracked().iter().filter(|path| *path != "Cargo.lock") {
        let Ok(text) = fs::read_to_string(root().join(path)) else { continue };
        for word in &forbidden {
            assert!(!text.contains(word.as_str()), "{path} contains {word}");
        }
    }
}

#[test]
fn every_file_of_code_can_be_read_in_one_sitting() {
    for path in tracked().iter().filter(|path| Path::new(path).extension().is_some_and(|kind| kind == "rs")) {
        let lines = read(path).lines().count();
        assert!(lines <= CODE_LINES_MAX, "{path} has {lines} lines; about 300 are enough");
    }
}

#[test]
fn every_decision_has_a_number_of_its_own() {
    let decisions: Vec<String> = tracked()
        .iter()
        .filter_map(|path| path.strip_prefix("infra/decisions/").and_then(|name| name.get(..4)))
        .map(str::to_owned)
        .collect();
    let expected: Vec<String> = (1..=decisions.len()).map(|n| format!("{n:04}")).collect();
    assert_eq!(decisions, expected, "infra/decisions is numbered from 0001 without gaps");
}

/// A test program is linked with all of the SDK: one that has no test is not built. And a library that begins to have tests
/// has them run.
#[test]
fn a_library_builds_a_test_program_if_it_has_tests() {
    let tracked = tracked();
    for manifest in tracked.iter().filter(|path| path.ends_with("/Cargo.toml")) {
        let text = read(manifest);
        if !text.contains("\n[lib]\n") {
            continue;
        }
        let sources = manifest.replace("Cargo.toml", "src/");
        let is_source = |path: &&String| path.starts_with(&sources);
        let is_test = |line: &str| ["#[test]", "#[tokio::test"].iter().any(|is| line.trim().starts_with(is));
        let has_tests = tracked.iter().filter(is_source).any(|path| read(path).lines().any(is_test));
        let is_off = text.contains("\n[lib]\ntest = false\n");
        assert_eq!(has_tests, !is_off, "{manifest}: `test = false` in [lib] says that it has no tests");
    }
}
