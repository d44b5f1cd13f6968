//! cfn-lint on the template: a Python program, kept in a folder of its own inside the checkout.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::steps::{Steps, output, succeed};

const VERSION: &str = "1.58.0";
const STEP: &str = "template";
/// cfn-lint judges by region.
const REGION: &str = "us-east-1";

/// Lints the template; sets cfn-lint up before, where that was not done yet.
pub(crate) fn check(steps: &mut Steps) -> Result<(), String> {
    let folder = steps.root().join(".tools").join(format!("cfn-lint-{VERSION}"));
    if let Err(problem) = set_up(&folder) {
        let why = format!(
            "cfn-lint could not be set up: {problem}\n\
             It needs Python 3 with venv and pip (Debian: apt-get install python3-venv) and a Python package \
             index that pip can reach."
        );
        return steps.leave_out(STEP, &why);
    }
    let mut lint = Command::new(program(&folder, "cfn-lint"));
    lint.current_dir(steps.root()).env("AWS_DEFAULT_REGION", REGION).arg("template.yaml");
    steps.run(STEP, lint)
}

fn set_up(folder: &Path) -> Result<(), String> {
    if program(folder, "cfn-lint").exists() && works(folder) {
        return Ok(());
    }
    println!("setting up cfn-lint {VERSION}, once, in .tools");
    let python = python().ok_or("there is no python3")?;
    if folder.exists() {
        // What an interrupted set-up left.
        std::fs::remove_dir_all(folder).map_err(|error| error.to_string())?;
    }
    let mut venv = Command::new(python);
    venv.args(["-m", "venv"]).arg(folder);
    succeed(venv)?;
    let mut install = Command::new(program(folder, "python"));
    install.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]);
    install.arg(format!("cfn-lint=={VERSION}"));
    succeed(install)?;
    if works(folder) { Ok(()) } else { Err("it was installed and does not run".to_owned()) }
}

fn works(folder: &Path) -> bool {
    let mut version = Command::new(program(folder, "cfn-lint"));
    version.arg("--version");
    output(version).is_ok_and(|printed| printed.contains(VERSION))
}

fn python() -> Option<&'static str> {
    ["python3", "python"].into_iter().find(|python| {
        let mut command = Command::new(python);
        command.args(["-c", "import sys; sys.exit(sys.version_info < (3, 9))"]);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    })
}

/// Where a venv keeps its programs.
fn program(folder: &Path, name: &str) -> PathBuf {
    if cfg!(windows) {
        folder.join("Scripts").join(format!("{name}.exe"))
    } else {
        folder.join("bin").join(name)
    }
}
