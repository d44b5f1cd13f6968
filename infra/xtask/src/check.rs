//! Everything that is judged without running the product.

use std::process::{Command, Stdio};

use crate::steps::Steps;
use crate::{build, features, template_lint};

/// The tests that hold template, folders, events and README to each other.
pub(crate) const DRIFT: &str = "house";
/// Further judges, asked only where they are installed: they need data that no checkout carries.
const IF_INSTALLED: &[(&str, &[&str])] =
    &[("cargo-deny", &["deny", "check", "advisories"]), ("cargo-audit", &["audit"])];

/// All of it, the quickest first.
pub(crate) fn all(steps: &mut Steps) -> Result<(), String> {
    let format = steps.cargo(&["fmt", "--all", "--check"]);
    steps.run("format", format)?;
    steps.step("builds share their dependencies", features::check)?;
    template_lint::check(steps)?;
    steps.step("what is built is for what the template says", build::check)?;
    let clippy = steps.cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]);
    steps.run("lints", clippy)?;
    let mut documentation = steps.cargo(&["doc", "--workspace", "--no-deps"]);
    documentation.env("RUSTDOCFLAGS", "-D warnings");
    steps.run("documentation", documentation)?;
    let drift = steps.cargo(&["test", "--package", "tests", "--test", DRIFT]);
    steps.run("drift between template, folders, events and README", drift)?;
    for (program, arguments) in IF_INSTALLED {
        if is_installed(program) {
            let command = steps.cargo(arguments);
            steps.run(program, command)?;
        } else {
            println!("== {program}: not installed, so not asked");
        }
    }
    Ok(())
}

fn is_installed(program: &str) -> bool {
    let mut command = Command::new(program);
    command.arg("--version").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}
