//! Files that are other than they are to be for a while, and are put back in every case.
//!
//! What a file was is kept in `target/breaks` until it is put back. A second process does that where the first one ends
//! before it could: it is of a group of its own, so that Ctrl-C does not reach it, and waits for the pipe to the first to
//! close. Where both are killed, the next run begins with it.

use std::fs::{self, File};
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};

const FOLDER: &str = "target/breaks";
/// The path of the file that is not as it is to be; there as long as there is one.
const PATH: &str = "path";
const BEFORE: &str = "before";
const AFTER: &str = "after";
const LOCK: &str = "lock";

/// The right to swap files: one process has it at a time.
pub(crate) struct Swaps {
    root: PathBuf,
    guard: Child,
    /// Closed when this ends, in whatever way; that is what the guard waits for.
    pipe: Option<ChildStdin>,
    /// Held as long as it is open.
    _lock: File,
}

impl Swaps {
    /// Begins by putting back what a run that was killed has left.
    pub(crate) fn begin(root: &Path) -> Result<Self, String> {
        let folder = root.join(FOLDER);
        fs::create_dir_all(&folder).map_err(|error| format!("{FOLDER}: {error}"))?;
        let lock = File::create(folder.join(LOCK)).map_err(|error| format!("{FOLDER}: {error}"))?;
        lock.try_lock().map_err(|_| "another run is under way in this checkout")?;
        restore(root)?;
        let program =
            std::env::current_exe().map_err(|error| format!("xtask does not find itself: {error}"))?;
        let mut guard = Command::new(program);
        guard.args(["breaks", "--guard"]).current_dir(root).stdin(Stdio::piped());
        in_a_group_of_its_own(&mut guard);
        let mut guard = guard.spawn().map_err(|error| format!("the guard could not be started: {error}"))?;
        let pipe = guard.stdin.take();
        Ok(Self { root: root.to_owned(), guard, pipe, _lock: lock })
    }

    /// Another text for this file, until it is restored.
    pub(crate) fn swap(&self, file: &str, before: &str, after: &str) -> Result<Swap<'_>, String> {
        let kept = self.root.join(FOLDER);
        let swap = Swap { root: &self.root };
        // The path is last: without it nothing is put back.
        for (name, text) in [(BEFORE, before), (AFTER, after), (PATH, file)] {
            fs::write(kept.join(name), text).map_err(|error| format!("{FOLDER}/{name}: {error}"))?;
        }
        fs::write(self.root.join(file), after).map_err(|error| format!("{file}: {error}"))?;
        Ok(swap)
    }
}

impl Drop for Swaps {
    fn drop(&mut self) {
        drop(self.pipe.take());
        // It finds nothing to do, and there is nobody to tell if it failed at that.
        let _ = self.guard.wait();
    }
}

/// A file that is not as it is to be.
pub(crate) struct Swap<'a> {
    root: &'a Path,
}

impl Swap<'_> {
    /// Puts it back.
    pub(crate) fn restore(self) -> Result<(), String> {
        restore(self.root)
    }
}

impl Drop for Swap<'_> {
    fn drop(&mut self) {
        if let Err(problem) = restore(self.root) {
            eprintln!("xtask: {problem}");
        }
    }
}

/// Waits for the end of whoever started this, and puts back what they could not.
pub(crate) fn guard(root: &Path) -> Result<(), String> {
    let mut nothing = Vec::new();
    std::io::stdin().read_to_end(&mut nothing).map_err(|error| error.to_string())?;
    restore(root)
}

/// Puts back what is not as it is to be, if anything is. What somebody else has written since is left alone.
fn restore(root: &Path) -> Result<(), String> {
    let kept = root.join(FOLDER);
    let file = match fs::read_to_string(kept.join(PATH)) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(format!("{FOLDER}/{PATH}: {error}")),
    };
    let read =
        |path: PathBuf| fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()));
    let (before, after, now) = (read(kept.join(BEFORE))?, read(kept.join(AFTER))?, read(root.join(&file))?);
    if now == after {
        fs::write(root.join(&file), before).map_err(|error| format!("{file}: {error}"))?;
    } else if now != before {
        return Err(format!(
            "{file} was changed meanwhile; what it was is {FOLDER}/{BEFORE}. Put it right, then remove {FOLDER}"
        ));
    }
    fs::remove_file(kept.join(PATH)).map_err(|error| format!("{FOLDER}/{PATH}: {error}"))
}

#[cfg(unix)]
fn in_a_group_of_its_own(command: &mut Command) {
    std::os::unix::process::CommandExt::process_group(command, 0);
}

#[cfg(windows)]
fn in_a_group_of_its_own(command: &mut Command) {
    const CREATE_NEW_PROCESS_GROUP: u32 = 0x200;
    std::os::windows::process::CommandExt::creation_flags(command, CREATE_NEW_PROCESS_GROUP);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_swapped_is_put_back_and_what_others_wrote_is_left_alone() {
        let root = std::env::temp_dir().join(format!("roster-swap-{}", std::process::id()));
        let kept = root.join(FOLDER);
        fs::create_dir_all(&kept).unwrap();
        for (now, left) in [("after", "before"), ("before", "before"), ("edited", "edited")] {
            for (name, text) in [(BEFORE, "before"), (AFTER, "after"), (PATH, "file")] {
                fs::write(kept.join(name), text).unwrap();
            }
            fs::write(root.join("file"), now).unwrap();
            assert_eq!(restore(&root).is_ok(), now != "edited");
            assert_eq!(fs::read_to_string(root.join("file")).unwrap(), left);
            assert_eq!(kept.join(PATH).exists(), now == "edited");
        }
        fs::remove_dir_all(&root).unwrap();
    }
}
