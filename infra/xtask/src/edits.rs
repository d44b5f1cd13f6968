//! New files and insertions, prepared first and then written all or none.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// What is to be written.
pub(crate) struct Edits {
    root: PathBuf,
    created: BTreeMap<String, String>,
    /// Text before, and after.
    changed: BTreeMap<String, (String, String)>,
}

impl Edits {
    /// Nothing yet, in this workspace.
    pub(crate) fn new(root: &Path) -> Self {
        Self { root: root.to_owned(), created: BTreeMap::new(), changed: BTreeMap::new() }
    }

    /// Whether there is such a file or folder.
    pub(crate) fn exists(&self, path: &str) -> bool {
        self.root.join(path).exists()
    }

    /// A file as it is.
    pub(crate) fn read(&self, path: &str) -> Result<String, String> {
        fs::read_to_string(self.root.join(path)).map_err(|error| format!("{path}: {error}"))
    }

    /// A new file.
    pub(crate) fn create(&mut self, path: String, text: String) -> Result<(), String> {
        if self.exists(&path) {
            return Err(format!("{path} is there already"));
        }
        self.created.insert(path, text);
        Ok(())
    }

    /// Text behind the one line that begins so.
    pub(crate) fn insert_after(&mut self, path: &str, line: &str, text: &str) -> Result<(), String> {
        self.insert(path, line, text, 1)
    }

    /// Text behind the block of lines that the one line that begins so stands in; an empty line ends a block.
    pub(crate) fn insert_after_block(&mut self, path: &str, line: &str, text: &str) -> Result<(), String> {
        self.insert(path, line, text, usize::MAX)
    }

    fn insert(&mut self, path: &str, line: &str, text: &str, lines_max: usize) -> Result<(), String> {
        let (before, so_far) = match self.changed.remove(path) {
            Some((before, after)) => (before, after),
            None => (self.read(path)?, self.read(path)?),
        };
        let lines: Vec<&str> = so_far.split_inclusive('\n').collect();
        let mut found = (0..lines.len()).filter(|n| lines[*n].starts_with(line));
        let (Some(at), None) = (found.next(), found.next()) else {
            return Err(format!("{path} needs exactly one line that begins `{}`", line.trim()));
        };
        let behind = lines[at..].iter().take_while(|line| !line.trim().is_empty()).take(lines_max).count();
        let (head, tail) = lines.split_at(at + behind);
        let after = [head.concat().as_str(), text, tail.concat().as_str()].concat();
        self.changed.insert(path.to_owned(), (before, after));
        Ok(())
    }

    /// Writes everything; where that fails, takes back what it wrote. Tells the paths.
    pub(crate) fn write(self) -> Result<Vec<String>, String> {
        let mut folders = Vec::new();
        let written = self.write_each(&mut folders);
        if let Err(problem) = written {
            self.take_back(&folders);
            return Err(problem);
        }
        Ok(self.created.into_keys().chain(self.changed.into_keys()).collect())
    }

    fn write_each(&self, folders: &mut Vec<PathBuf>) -> Result<(), String> {
        for (path, text) in &self.created {
            let file = self.root.join(path);
            let missing = file.ancestors().skip(1).take_while(|folder| !folder.exists());
            let missing: Vec<PathBuf> = missing.map(Path::to_owned).collect();
            for folder in missing.into_iter().rev() {
                fs::create_dir(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
                folders.push(folder);
            }
            fs::write(file, text).map_err(|error| format!("{path}: {error}"))?;
        }
        for (path, (_, after)) in &self.changed {
            fs::write(self.root.join(path), after).map_err(|error| format!("{path}: {error}"))?;
        }
        Ok(())
    }

    /// As far as it goes: what made the writing fail may stand against this as well.
    fn take_back(&self, folders: &[PathBuf]) {
        for path in self.created.keys() {
            let _ = fs::remove_file(self.root.join(path));
        }
        for folder in folders.iter().rev() {
            let _ = fs::remove_dir(folder);
        }
        for (path, (before, _)) in &self.changed {
            let _ = fs::write(self.root.join(path), before);
        }
    }
}
