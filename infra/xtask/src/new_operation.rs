//! `cargo xtask new-operation <group> <name>`: everything a new function needs, and a test that fails until it is
//! written.

use std::path::Path;

use crate::edits::Edits;

/// The groups that functions may stand in. What runs on events instead of requests has no route to begin with.
const GROUPS: &[&str] = &["access", "team", "billing", "reports", "console"];
const JOBS: &str = "jobs";
const NAME_CHARS_MAX: usize = 40;
/// Names that no crate can have, or that would hide one everybody needs.
const RESERVED: &[&str] = &[
    "abstract",
    "alloc",
    "as",
    "async",
    "await",
    "become",
    "box",
    "break",
    "const",
    "continue",
    "core",
    "crate",
    "do",
    "dyn",
    "else",
    "enum",
    "extern",
    "false",
    "final",
    "fn",
    "for",
    "gen",
    "if",
    "impl",
    "in",
    "let",
    "loop",
    "macro",
    "match",
    "mod",
    "move",
    "mut",
    "override",
    "priv",
    "proc-macro",
    "pub",
    "ref",
    "return",
    "self",
    "static",
    "std",
    "struct",
    "super",
    "test",
    "trait",
    "true",
    "try",
    "type",
    "typeof",
    "union",
    "unsafe",
    "unsized",
    "use",
    "virtual",
    "where",
    "while",
    "xtask",
    "yield",
];

const TEMPLATE: &str = "template.yaml";
const REGISTRY: &str = "infra/local/src/functions.rs";
const WORKSPACE: &str = "Cargo.toml";
const README: &str = "README.md";
const EXPECTED: &str = "events/expected.json";
const LOCAL: &str = "infra/local/Cargo.toml";

/// The new function's names.
struct Operation<'a> {
    group: &'a str,
    /// As folder, package and function are called: `rename-user`.
    name: &'a str,
    /// As Rust calls the crate: `rename_user`.
    snake: String,
    /// As types and resources are called: `RenameUser`.
    pascal: String,
}

/// Makes it, all or nothing.
pub(crate) fn create(root: &Path, group: &str, name: &str) -> Result<(), String> {
    check_words(group, name)?;
    let operation = Operation { group, name, snake: name.replace('-', "_"), pascal: pascal(name) };
    let mut edits = Edits::new(root);
    check_free(&operation, &edits)?;
    wire(&operation, &mut edits)?;
    let folder = format!("functions/{group}/{name}");
    edits.create(format!("{folder}/Cargo.toml"), operation.fill(include_str!("scaffold/Cargo.toml.txt")))?;
    edits.create(format!("{folder}/src/lib.rs"), operation.fill(include_str!("scaffold/lib.rs.txt")))?;
    edits.create(format!("{folder}/src/main.rs"), operation.fill(include_str!("scaffold/main.rs.txt")))?;
    edits.create(format!("events/{name}.json"), operation.fill(include_str!("scaffold/event.json.txt")))?;
    let test = format!("tests/tests/{}.rs", operation.snake);
    edits.create(test.clone(), operation.fill(include_str!("scaffold/test.rs.txt")))?;
    for path in edits.write()? {
        println!("{path}");
    }
    println!("\nNext: cargo test -p tests --test {}, which says what to write.", operation.snake);
    Ok(())
}

fn check_words(group: &str, name: &str) -> Result<(), String> {
    if group == JOBS {
        return Err(
            "a job has no route; copy functions/jobs/publish-events, and its block in template.yaml".into()
        );
    }
    if !GROUPS.contains(&group) {
        return Err(format!("there is no group `{group}`; the groups are {}", GROUPS.join(", ")));
    }
    let is_word = |word: &str| {
        word.starts_with(|c: char| c.is_ascii_lowercase())
            && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
    };
    if name.len() > NAME_CHARS_MAX || !name.split('-').all(is_word) {
        return Err(format!(
            "`{name}` is no name for a function: lower-case words with hyphens between them, such as rename-user, \
             {NAME_CHARS_MAX} characters at most"
        ));
    }
    if RESERVED.contains(&name) {
        return Err(format!("`{name}` means something else to Rust"));
    }
    Ok(())
}

/// Nothing may have the name already: no function, no package of ours, no crate that we use, no route.
fn check_free(operation: &Operation, edits: &Edits) -> Result<(), String> {
    let name = operation.name;
    let taken = |text: &str, what: &str| {
        edits.read(what).map(|file| file.lines().any(|line| line.trim_start().starts_with(text)))
    };
    if taken(&format!("{name} = "), WORKSPACE)? || taken(&format!("name = \"{name}\""), "Cargo.lock")? {
        return Err(format!("there is a package `{name}` already"));
    }
    if taken(&format!("{}Function:", operation.pascal), TEMPLATE)? {
        return Err(format!("{TEMPLATE} has a {}Function already", operation.pascal));
    }
    let template = edits.read(TEMPLATE)?;
    let route = format!("Path: /v1/{name}");
    if template.lines().any(|line| line.trim() == route) {
        return Err(format!("{TEMPLATE} has a route of /v1/{name} already"));
    }
    Ok(())
}

fn wire(operation: &Operation, edits: &mut Edits) -> Result<(), String> {
    let template = edits.read(TEMPLATE)?;
    let (after, is_first) = predecessor(&template, operation.group, edits)?;
    let last_line = format!("      LogGroupName: !Sub /roster/${{AWS::StackName}}/{after}\n");
    let heading = if is_first { format!("  # functions/{}\n", operation.group) } else { String::new() };
    let block = operation.fill(include_str!("scaffold/template.yaml.txt"));
    edits.insert_after_block(TEMPLATE, &last_line, &format!("\n{heading}{block}"))?;
    let after_snake = after.replace('-', "_");
    edits.insert_after(
        REGISTRY,
        &format!("    {after_snake}::FUNCTION,\n"),
        &operation.fill("    __snake__::FUNCTION,\n"),
    )?;
    edits.insert_after(
        LOCAL,
        &format!("{after}.workspace = true\n"),
        &operation.fill("__name__.workspace = true\n"),
    )?;
    let expected = operation.fill("  \"__name__\": { \"statusCode\": 204 },\n");
    edits.insert_after(EXPECTED, &format!("  \"{after}\": "), &expected)?;
    let row = operation.fill("| `__name__` | `POST /v1/__name__` | Root | says here what it does |\n");
    edits.insert_after(README, &format!("| `{after}` | "), &row)?;
    let dependency = operation.fill("__name__ = { path = \"functions/__group__/__name__\" }\n");
    edits.insert_after(WORKSPACE, &format!("{after} = {{ path = "), &dependency)?;
    let route = "\"/v1/__name__\" = [{ method = \"POST\", function = \"__name__\" }]\n";
    edits.insert_after(WORKSPACE, "[workspace.metadata.lambda.watch.router]\n", &operation.fill(route))
}

/// The function that the new one follows: the last of its group, or of all but the jobs; and whether it is the
/// first of its group.
fn predecessor(template: &str, group: &str, edits: &Edits) -> Result<(String, bool), String> {
    let names: Vec<&str> =
        template.lines().filter_map(|line| line.trim().strip_prefix("CodeUri: target/lambda/")).collect();
    let stands_in = |name: &&&str, group: &str| edits.exists(&format!("functions/{group}/{name}"));
    if let Some(last) = names.iter().rev().find(|name| stands_in(name, group)) {
        return Ok(((*last).to_owned(), false));
    }
    let last = names.iter().rev().find(|name| !stands_in(name, JOBS));
    last.map(|last| ((*last).to_owned(), true)).ok_or_else(|| format!("{TEMPLATE} has no function to follow"))
}

fn pascal(name: &str) -> String {
    let capitalised = |word: &str| {
        let mut letters = word.chars();
        letters
            .next()
            .map(|first| first.to_ascii_uppercase().to_string() + letters.as_str())
            .unwrap_or_default()
    };
    name.split('-').map(capitalised).collect()
}

impl Operation<'_> {
    fn fill(&self, text: &str) -> String {
        text.replace("__name__", self.name)
            .replace("__snake__", &self.snake)
            .replace("__Name__", &self.pascal)
            .replace("__group__", self.group)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_lower_case_words_and_groups_are_known() {
        for (group, name, why) in [
            ("team", "RenameUser", "no name"),
            ("team", "rename_user", "no name"),
            ("team", "rename--user", "no name"),
            ("team", "-rename", "no name"),
            ("team", "2fa", "no name"),
            ("team", "", "no name"),
            ("team", "../team", "no name"),
            ("team", "move", "means something else"),
            ("people", "rename-user", "no group"),
            ("jobs", "sweep", "no route"),
        ] {
            let problem = check_words(group, name).expect_err(name);
            assert!(problem.contains(why), "{group} {name}: {problem}");
        }
        assert_eq!(check_words("team", "rename-user"), Ok(()));
        assert_eq!(pascal("rename-user-2"), "RenameUser2");
    }
}
