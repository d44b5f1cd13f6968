//! The newcomer's path: `cargo xtask new-operation team rename-user`, in a copy of this workspace.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use local::{Options, wiring};

/// The copy. It stays, and only what changed is copied again, so that the next run compiles little.
struct Copy {
    folder: PathBuf,
    target: PathBuf,
}

impl Copy {
    fn fresh() -> Self {
        let base = Path::new(env!("CARGO_TARGET_TMPDIR")).join("newcomer");
        let copy = Self { folder: base.join("workspace"), target: base.join("target") };
        fs::create_dir_all(&copy.folder).expect("a folder");
        let ours = tracked(root());
        for path in copy.files().into_keys().filter(|path| !ours.contains(path)) {
            fs::remove_file(copy.folder.join(path)).expect("an old file goes");
        }
        for path in &ours {
            let (from, to) = (root().join(path), copy.folder.join(path));
            let bytes = fs::read(from).expect("a tracked file");
            if fs::read(&to).ok().as_ref() != Some(&bytes) {
                fs::create_dir_all(to.parent().expect("a parent")).expect("a folder");
                fs::write(to, bytes).expect("the copy");
            }
        }
        drop_empty_folders(&copy.folder);
        copy
    }

    fn cargo(&self, arguments: &[&str]) -> Output {
        let mut cargo = Command::new(env!("CARGO"));
        cargo.current_dir(&self.folder).args(arguments).env("CARGO_TARGET_DIR", &self.target);
        // Lints and builds at once: `cargo clippy` would compile every dependency a second time.
        cargo.env("RUSTC_WORKSPACE_WRAPPER", Path::new(env!("CARGO")).with_file_name("clippy-driver"));
        cargo.env("RUSTFLAGS", "-D warnings");
        // All it may need is there: this test was just built from the same lock file.
        cargo.env("CARGO_NET_OFFLINE", "true").output().expect("cargo runs")
    }

    #[track_caller]
    fn succeeds(&self, arguments: &[&str]) -> String {
        let output = self.cargo(arguments);
        assert!(output.status.success(), "cargo {}:\n{}", arguments.join(" "), text(&output));
        text(&output)
    }

    /// Every file with its text.
    fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let mut files = BTreeMap::new();
        collect(&self.folder, &self.folder, &mut files);
        files
    }
}

/// Folders that an earlier run left behind would be taken for functions.
fn drop_empty_folders(folder: &Path) {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    entries.filter(|entry| entry.is_dir()).for_each(|entry| drop_empty_folders(&entry));
    // Fails where there is something in it, which is what is wanted.
    let _ = fs::remove_dir(folder);
}

fn collect(base: &Path, folder: &Path, files: &mut BTreeMap<String, Vec<u8>>) {
    for entry in fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
        if entry.is_dir() {
            collect(base, &entry, files);
        } else {
            let path = entry.strip_prefix(base).expect("inside").to_string_lossy().into_owned();
            files.insert(path, fs::read(entry).expect("a file"));
        }
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a parent")
}

fn tracked(root: &Path) -> Vec<String> {
    let mut git = Command::new("git");
    git.current_dir(root).args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
    let output = git.output().expect("git is installed");
    let text = String::from_utf8(output.stdout).expect("UTF-8 paths");
    let paths = text.split('\0').filter(|path| !path.is_empty() && root.join(path).exists());
    paths.map(str::to_owned).collect()
}

fn text(output: &Output) -> String {
    [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes).into_owned()).concat()
}

#[test]
fn a_new_operation_builds_is_wired_and_its_test_says_what_to_write() {
    let copy = Copy::fresh();
    let before = copy.files();
    refuses_what_is_wrong(&copy);
    assert!(before == copy.files(), "a refused operation leaves nothing behind");

    let told = copy.succeeds(&["xtask", "new-operation", "team", "rename-user"]);
    assert!(told.contains("functions/team/rename-user/src/lib.rs"), "{told}");
    only_adds(&before, &copy.files());

    copy.succeeds(&["fmt", "--all", "--check"]);
    copy.succeeds(&["build", "--package", "rename-user"]);
    let linked = copy.succeeds(&["tree", "--package", "local", "--depth", "1", "--prefix", "none"]);
    assert!(linked.contains("rename-user v"), "the local stack depends on it: {linked}");
    is_wired(&copy);
    its_test_says_what_to_write(&copy);

    let again = copy.cargo(&["xtask", "new-operation", "team", "rename-user"]);
    assert!(!again.status.success() && text(&again).contains("already"), "{}", text(&again));
}

fn refuses_what_is_wrong(copy: &Copy) {
    for (group, name, why) in [
        ("people", "rename-user", "the groups are"),
        ("jobs", "sweep", "no route"),
        ("team", "Rename_User", "lower-case words"),
        ("team", "invite", "already"),
        ("access", "invite", "already"),
        ("team", "tokio", "already"),
        ("team", "users", "already"),
        ("team", "match", "means something else"),
    ] {
        let output = copy.cargo(&["xtask", "new-operation", group, name]);
        assert!(!output.status.success(), "{group} {name} is taken");
        assert!(text(&output).contains(why), "{group} {name}: {}", text(&output));
    }
}

/// Whatever was there is there still, line by line. The lock file is cargo's own.
fn only_adds(before: &BTreeMap<String, Vec<u8>>, after: &BTreeMap<String, Vec<u8>>) {
    for (path, old) in before.iter().filter(|(path, _)| *path != "Cargo.lock") {
        let new = String::from_utf8_lossy(&after[path]).into_owned();
        let mut new = new.lines();
        for line in String::from_utf8_lossy(old).lines() {
            assert!(new.any(|kept| kept == line), "{path} lost `{line}`");
        }
    }
}

fn is_wired(copy: &Copy) {
    let read = |path: &str| fs::read_to_string(copy.folder.join(path)).expect(path);
    let options = Options { template: read("template.yaml"), ..Options::default() };
    let functions = wiring(&options).expect("the template is still understood");
    let at = functions.iter().position(|function| function.name == "rename-user").expect("it has a block");
    assert_eq!(functions[at].routes, ["POST /v1/rename-user"]);
    assert_eq!(functions[at - 1].name, "ask-access", "it stands after the last of its group");
    assert!(
        read("infra/local/src/functions.rs")
            .contains("    ask_access::FUNCTION,\n    rename_user::FUNCTION,\n")
    );
    assert!(read("README.md").contains("| `rename-user` | `POST /v1/rename-user` |"));
    let sample: serde_json::Value = serde_json::from_str(&read("events/rename-user.json")).expect("JSON");
    assert_eq!(sample["routeKey"], "POST /v1/rename-user");
    let demo: serde_json::Value = serde_json::from_str(&read("events/seats.json")).expect("JSON");
    let credential = |event: &serde_json::Value| event["headers"]["authorization"].clone();
    assert_eq!(credential(&sample), credential(&demo), "it is called by the demo account's Root");
    let expected: serde_json::Value = serde_json::from_str(&read("events/expected.json")).expect("JSON");
    assert_eq!(expected["rename-user"]["statusCode"], 204);
    // `cargo xtask check` sets it up; without it the template was judged by the local stack alone.
    let lint = root().join(".tools/cfn-lint-1.58.0/bin/cfn-lint");
    if lint.exists() {
        let mut lint = Command::new(lint);
        lint.current_dir(&copy.folder).env("AWS_DEFAULT_REGION", "us-east-1").arg("template.yaml");
        let output = lint.output().expect("cfn-lint runs");
        assert!(output.status.success(), "{}", text(&output));
    }
}

/// The generated test needs no crate, so the compiler alone makes it; cargo would build the whole stack for it.
fn its_test_says_what_to_write(copy: &Copy) {
    let program = copy.target.join("rename_user_test");
    let mut rustc = Command::new(option_env!("RUSTC").unwrap_or("rustc"));
    rustc.args(["--edition", "2024", "--test", "tests/tests/rename_user.rs", "-o"]).arg(&program);
    let built = rustc.current_dir(&copy.folder).output().expect("rustc runs");
    assert!(built.status.success(), "{}", text(&built));
    let run = Command::new(program).output().expect("the test runs");
    assert!(!run.status.success(), "a test of nothing passes");
    let told = text(&run);
    for word in [
        "rename-user is wired and does nothing yet",
        "read:",
        "decide:",
        "rules:",
        "sample:",
        "tests:",
        "README:",
    ] {
        assert!(told.contains(word), "the test does not say `{word}`: {told}");
    }
}
