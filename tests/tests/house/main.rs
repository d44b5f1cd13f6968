//! The house is in order: what stands in two places says the same in both, and everything stands where it belongs.

mod functions;
mod interface;
mod layout;
mod operations;
mod published;
mod samples;
mod schema;

use std::fs;
use std::path::PathBuf;
use std::process::Command;

/// A function's folder.
struct Folder {
    group: String,
    name: String,
}

impl Folder {
    /// A file in it.
    fn read(&self, path: &str) -> String {
        read(&format!("functions/{}/{}/{path}", self.group, self.name))
    }
}

/// The workspace.
fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).parent().expect("a parent").to_owned()
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Every `functions/<group>/<name>`, in the order of names.
fn folders() -> Vec<Folder> {
    let mut folders = Vec::new();
    for group in children("functions") {
        for name in children(&format!("functions/{group}")) {
            folders.push(Folder { group: group.clone(), name });
        }
    }
    folders.sort_by(|a, b| a.name.cmp(&b.name));
    folders
}

/// The folders in a folder.
fn children(path: &str) -> Vec<String> {
    let entries = fs::read_dir(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
    let entries = entries.map(|entry| entry.expect("an entry"));
    let folders = entries.filter(|entry| entry.path().is_dir());
    folders.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

/// Every file that git knows, or would take up.
fn tracked() -> Vec<String> {
    let mut git = Command::new("git");
    git.current_dir(root()).args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
    let output = git.output().expect("git is installed");
    assert!(output.status.success(), "this is a git checkout: {}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("UTF-8 paths");
    let paths = text.split('\0').filter(|path| !path.is_empty() && root().join(path).exists());
    paths.map(str::to_owned).collect()
}
