//! Programs from the Python package index, each of one version, in a folder of its own inside the checkout.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::steps::{output, succeed};

/// A program that a step needs.
pub(crate) struct Tool {
    /// The package, which is the program's name too.
    pub(crate) name: &'static str,
    pub(crate) version: &'static str,
    /// What is installed beside it, each with its version.
    pub(crate) with: &'static [&'static str],
    /// The program, where it is not named like its package.
    pub(crate) program: &'static str,
    /// Arguments with which the program shows that it runs.
    pub(crate) asked: &'static [&'static str],
}

impl Tool {
    /// A package whose program bears its name and that needs nothing beside it.
    pub(crate) const fn of(name: &'static str, version: &'static str) -> Self {
        Self { name, version, with: &[], program: name, asked: &["--version"] }
    }

    /// The program, set up now if it was not yet; or why it cannot be had, and what it needs.
    pub(crate) fn program(&self, root: &Path) -> Result<PathBuf, String> {
        let folder = root.join(".tools").join(format!("{}-{}", self.name, self.version));
        self.set_up(&folder).map_err(|problem| {
            format!(
                "{} {} could not be set up: {problem}\n\
                 It needs Python 3 with venv and pip (Debian: apt-get install python3-venv) and a Python package \
                 index that pip can reach.",
                self.name, self.version
            )
        })?;
        Ok(in_venv(&folder, self.program))
    }

    fn set_up(&self, folder: &Path) -> Result<(), String> {
        if self.works(folder) {
            return Ok(());
        }
        println!("setting up {} {}, once, in .tools", self.name, self.version);
        let python = python().ok_or("there is no python3")?;
        if folder.exists() {
            // What an interrupted set-up left.
            std::fs::remove_dir_all(folder).map_err(|error| error.to_string())?;
        }
        let mut venv = Command::new(python);
        venv.args(["-m", "venv"]).arg(folder);
        succeed(venv)?;
        let mut install = Command::new(in_venv(folder, "python"));
        install.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]);
        install.arg(format!("{}=={}", self.name, self.version)).args(self.with);
        succeed(install)?;
        if self.works(folder) { Ok(()) } else { Err("it was installed and does not run".to_owned()) }
    }

    /// Not every program tells its version, but the package index's client wrote it down.
    fn works(&self, folder: &Path) -> bool {
        let program = in_venv(folder, self.program);
        if !program.exists() {
            return false;
        }
        let mut runs = Command::new(program);
        runs.args(self.asked);
        let mut version = Command::new(in_venv(folder, "python"));
        version.args(["-c", "import sys, importlib.metadata as m; print(m.version(sys.argv[1]))", self.name]);
        output(runs).is_ok() && output(version).is_ok_and(|printed| printed.trim() == self.version)
    }
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
fn in_venv(folder: &Path, name: &str) -> PathBuf {
    if cfg!(windows) {
        folder.join("Scripts").join(format!("{name}.exe"))
    } else {
        folder.join("bin").join(name)
    }
}
