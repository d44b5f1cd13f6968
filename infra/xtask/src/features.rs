//! That one package alone is built from what the workspace's build left behind.
//!
//! Cargo builds a dependency once for every set of features. If a package alone asks for fewer than the workspace
//! does, `cargo build -p <package>` builds that dependency, and all above it, a second time.

use std::collections::BTreeSet;

use crate::steps::{Steps, output};

/// Tested alone, but never built to be run, so that they may stay quick to build from nothing.
const LIBRARIES_WITH_FEWER: &[&str] = &["domain", "store", "webauthn"];
const DIFFERENCES_SHOWN_MAX: usize = 20;

/// Why this way: `infra/decisions/0005`.
pub(crate) fn check(steps: &Steps) -> Result<(), String> {
    let whole = built(steps, &["--workspace"])?;
    let mut differences = Vec::new();
    for package in packages(steps)? {
        if LIBRARIES_WITH_FEWER.contains(&package.as_str()) {
            continue;
        }
        let alone = built(steps, &["--package", &package])?;
        differences.extend(alone.difference(&whole).map(|built| format!("  {package}: {built}")));
    }
    if differences.is_empty() {
        return Ok(());
    }
    differences.truncate(DIFFERENCES_SHOWN_MAX);
    Err(format!(
        "built with other features alone than with the workspace:\n{}\n\
         Ask for the workspace's features in the root Cargo.toml, where shared/runtime/Cargo.toml lists such \
         dependencies; `cargo tree --workspace -e features -i <dependency>` shows who turns them on.",
        differences.join("\n")
    ))
}

/// Every package with its features, as a build of these packages makes them.
fn built(steps: &Steps, which: &[&str]) -> Result<BTreeSet<String>, String> {
    let mut command = steps.cargo(&["tree", "--edges", "normal,build", "--prefix", "none"]);
    command.args(["--format", "{p} {f}"]).args(which);
    let text = output(command)?;
    Ok(text.lines().map(|line| line.trim_end_matches(" (*)").trim_end().to_owned()).collect())
}

/// The names of the workspace's packages.
fn packages(steps: &Steps) -> Result<BTreeSet<String>, String> {
    let tree = steps.cargo(&["tree", "--workspace", "--depth", "0", "--prefix", "none", "--format", "{p}"]);
    let text = output(tree)?;
    Ok(text.lines().filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect())
}
