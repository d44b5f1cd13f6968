//! Folders, template, registry and README name the same functions.

use std::collections::{BTreeMap, BTreeSet};

use local::{Options, Wired, wiring};

use crate::{folders, read};

fn wired() -> Vec<Wired> {
    wiring(&Options::default()).expect("the template is understood")
}

/// Says what to add, for everything that stands on one side alone.
#[track_caller]
fn same(left: &BTreeSet<String>, right: &BTreeSet<String>, in_left_only: &str, in_right_only: &str) {
    let mut missing: Vec<String> =
        left.difference(right).map(|name| format!("{name} {in_left_only}")).collect();
    missing.extend(right.difference(left).map(|name| format!("{name} {in_right_only}")));
    assert!(missing.is_empty(), "\n{}", missing.join("\n"));
}

#[test]
fn every_folder_has_its_block_in_the_template_and_the_reverse() {
    let folders = folders().into_iter().map(|folder| format!("target/lambda/{}", folder.name)).collect();
    let template = read("template.yaml");
    let lines = template.lines().filter_map(|line| line.trim().strip_prefix("CodeUri: "));
    let uris: Vec<String> = lines.map(str::to_owned).collect();
    let unique: BTreeSet<String> = uris.iter().cloned().collect();
    assert_eq!(uris.len(), unique.len(), "a function stands twice in template.yaml");
    same(
        &folders,
        &unique,
        "is the CodeUri of no function in template.yaml; `cargo xtask new-operation` writes such a block",
        "stands in template.yaml and has no folder functions/<group>/<name>",
    );
}

#[test]
fn every_folder_is_linked_into_the_local_stack_and_the_reverse() {
    let folders = folders().into_iter().map(|folder| folder.name).collect();
    let linked = local::functions::ALL.iter().map(|function| function.name.to_owned()).collect();
    same(
        &folders,
        &linked,
        "is missing in infra/local/src/functions.rs",
        "is linked into the local stack and has no folder functions/<group>/<name>",
    );
    let order: Vec<&str> = local::functions::ALL.iter().map(|function| function.name).collect();
    let wired = wired();
    let template: Vec<&str> = wired.iter().map(|function| function.name.as_str()).collect();
    assert_eq!(order, template, "infra/local/src/functions.rs has the order of template.yaml");
}

#[test]
fn a_package_is_called_as_its_folder_and_is_a_library_with_a_main_of_one_line() {
    for folder in folders() {
        let name = &folder.name;
        let manifest = folder.read("Cargo.toml");
        for line in [format!("name = \"{name}\""), "\ndoctest = false".into(), "workspace = true".into()] {
            assert!(manifest.contains(&line), "functions/{}/{name}/Cargo.toml needs {line}", folder.group);
        }
        let main = folder.read("src/main.rs");
        let substance = format!("runtime::serve({}::FUNCTION)", name.replace('-', "_"));
        let skeleton = ["fn main() -> Result<(), runtime::Fault> {", substance.as_str(), "}"];
        let lines: Vec<&str> =
            main.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("//")).collect();
        assert_eq!(lines, skeleton, "functions/{}/{name}/src/main.rs", folder.group);
    }
}

// RULE: EV-03
#[test]
fn a_mails_lease_outlives_its_function_and_ends_before_its_message_comes_again() {
    let template = read("template.yaml");
    let seconds_after = |block: &str, setting: &str| -> i64 {
        let (_, after) = template.split_once(block).expect("it stands in the template");
        let (_, after) = after.split_once(setting).expect("it is set");
        after.lines().next().and_then(|number| number.trim().parse().ok()).expect("seconds")
    };
    let block = template.split("\n\n").find(|block| block.trim_start().starts_with("SendMailFunction:"));
    assert!(!block.expect("it sends").contains("Timeout:"), "it has the time-out of all functions");
    let may_run = seconds_after("Globals:", " Timeout:");
    let invisible = seconds_after("  MailQueue:", "VisibilityTimeout:");
    let lease = send_mail::LEASE.num_seconds();
    assert!(may_run < lease && may_run + lease < invisible, "{may_run} s, {lease} s, {invisible} s");
}

#[test]
fn every_function_logs_into_a_group_of_its_own_that_forgets() {
    let template = read("template.yaml");
    let blocks: Vec<&str> = template.split("\n\n").collect();
    for folder in folders() {
        let name = &folder.name;
        let uri = format!("CodeUri: target/lambda/{name}");
        let function = blocks.iter().find(|block| block.lines().any(|line| line.trim() == uri));
        let function = function.unwrap_or_else(|| panic!("{name} has no block in template.yaml"));
        let group = function.lines().find_map(|line| line.trim().strip_prefix("LogGroup: !Ref "));
        let group = group.unwrap_or_else(|| panic!("{name} needs LoggingConfig.LogGroup in template.yaml"));
        let resource = format!("  {group}:");
        let log = blocks.iter().find(|block| block.lines().any(|line| line == resource));
        let log = log.unwrap_or_else(|| panic!("template.yaml has no {group}"));
        let named = format!("LogGroupName: !Sub /roster/${{AWS::StackName}}/{name}");
        for line in ["Type: AWS::Logs::LogGroup", &named, "RetentionInDays: !Ref LogRetentionDays"] {
            assert!(log.lines().any(|has| has.trim() == line), "{group} in template.yaml needs `{line}`");
        }
    }
}

#[test]
fn no_two_functions_answer_one_route() {
    let mut owners: BTreeMap<String, String> = BTreeMap::new();
    for function in wired() {
        for route in function.routes {
            if let Some(other) = owners.insert(route.clone(), function.name.clone()) {
                panic!("{route} is a route of {other} and of {}", function.name);
            }
        }
    }
}

#[test]
fn cargo_lambda_knows_the_routes_of_the_template() {
    let manifest = read("Cargo.toml");
    let router = manifest.split_once("[workspace.metadata.lambda.watch.router]\n").map(|(_, rest)| rest);
    let router = router.and_then(|rest| rest.split("\n\n").next()).expect("Cargo.toml has a router");
    let known: BTreeSet<String> = router.lines().flat_map(routed).collect();
    let wired = wired().into_iter().flat_map(|function| {
        let Wired { name, routes, .. } = function;
        routes.into_iter().map(move |route| format!("{route} to {name}")).collect::<Vec<_>>()
    });
    same(
        &wired.collect(),
        &known,
        "is a route in template.yaml and not in [workspace.metadata.lambda.watch.router] of Cargo.toml",
        "is a route in Cargo.toml and not in template.yaml",
    );
}

/// The routes of a line such as `"/v1/me" = [{ method = "GET", function = "get-profile" }]`.
fn routed(line: &str) -> Vec<String> {
    let texts: Vec<&str> = line.split('"').skip(1).step_by(2).collect();
    let (path, pairs) = texts.split_first().unwrap_or_else(|| panic!("a route in Cargo.toml: {line}"));
    pairs.chunks(2).map(|pair| format!("{} {path} to {}", pair[0], pair[1])).collect()
}

#[test]
fn the_table_of_the_readme_has_every_function_with_its_routes() {
    let readme = read("README.md");
    let table =
        readme.split_once("<!-- functions -->").and_then(|(_, rest)| rest.split_once("<!-- /functions -->"));
    let (table, _) = table.expect("README.md has a table between <!-- functions --> and <!-- /functions -->");
    let rows = table.lines().filter(|line| line.starts_with('|')).skip(2);
    let listed: BTreeSet<String> = rows.map(row).collect();
    let wired = wired().into_iter().map(|function| match function.routes.as_slice() {
        [] => format!("`{}`: -", function.name),
        routes => format!("`{}`: {}", function.name, routes.join(", ")),
    });
    same(
        &wired.collect(),
        &listed,
        "is wired so in template.yaml, and the table of functions in README.md does not say so",
        "is said in README.md, and template.yaml does not wire it so",
    );
}

/// Name and routes of a row, without backticks.
fn row(line: &str) -> String {
    let plain = line.replace('`', "");
    let cells: Vec<&str> = plain.trim_matches('|').split('|').map(str::trim).collect();
    let [name, routes, ..] = cells.as_slice() else { panic!("a row of README.md is too short: {line}") };
    let routes: Vec<&str> = routes.split(',').map(str::trim).collect();
    format!("`{name}`: {}", routes.join(", "))
}

#[test]
fn nothing_that_is_deployed_contains_the_local_stack() {
    let manifests = folders().into_iter().map(|folder| format!("functions/{}/{}", folder.group, folder.name));
    let shared = crate::children("shared").into_iter().map(|name| format!("shared/{name}"));
    for folder in manifests.chain(shared) {
        let manifest = read(&format!("{folder}/Cargo.toml"));
        let depends = manifest.lines().any(|line| {
            ["bench.", "bench =", "local.", "local =", "tests.", "tests =", "dynoxide-rs"]
                .iter()
                .any(|name| line.starts_with(name))
        });
        assert!(!depends, "{folder}/Cargo.toml depends on what only runs on a developer's machine");
    }
}
