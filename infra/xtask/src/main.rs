//! `cargo xtask`: what a developer and the build server run.

mod breaks;
mod build;
mod check;
mod edits;
mod features;
mod new_operation;
mod openapi;
mod programs;
mod schemathesis;
mod second_opinion;
mod stacks;
mod steps;
mod swap;
mod template_lint;
mod tools;
mod watch;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use steps::Steps;

const HELP: &str = "cargo xtask <command>

  test [arguments]                everything: check, then every test; the arguments go to cargo test
  test --endpoint <url> [arg.]    the tests that ask AWS, with what that endpoint has of it; the rest stays here
  test --moto                     the same and more with moto, which is started for it
  check                           format, lints, documentation, template, builds, drift; no further tests
  breaks [rule...]                breaks each rule of a table, or these, and sees the test that holds it fail
  schemathesis                    a running stack, asked by chance from its OpenAPI document; part of test
  openapi                         writes the OpenAPI document anew, from the operations' code
  stacks                          writes the template as two, what keeps data and what works, into target/stacks
  redrive <queue> [--endpoint <url>] [--show]
                                  what was given up, with its reason, is tried again; --show only shows it
  bench billing                   what closing periods costs, at a thousand accounts and at a hundred thousand; twenty minutes
  bench sign-in                   what a sign-in costs: argon2 beside the rest, and the function's memory
  bench team                      a load by chance on one account, and the same on twenty; some minutes
  build [--arm64] [function...]   all functions, or these, as template.yaml takes them to AWS
  watch [arguments]               the local stack with the functions as real processes, rebuilt when they change;
                                  the arguments are those of the local stack (cargo run -- --help)
  lambda <arguments>              cargo lambda, of the version that is used here
  watch --smoke                   that, walked through once
  new-operation <group> <name>    a new function: folder, wiring, sample event, a test that says what to write
  help                            this text
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let result = match words.as_slice() {
        ["test", "--endpoint", url, rest @ ..] => in_steps(|steps| second_opinion::at(steps, url, rest)),
        ["test", "--moto"] => in_steps(|steps| second_opinion::by_moto(steps, |_| Ok(()))),
        ["test"] => in_steps(|steps| {
            check::all(steps)?;
            programs::all(steps)?;
            further_judges(steps)
        }),
        ["test", rest @ ..] => in_steps(|steps| {
            check::all(steps)?;
            test(steps, rest)
        }),
        ["bench", rest @ ..] if !rest.is_empty() => root().and_then(|root| bench(&Steps::new(root), rest)),
        ["build", rest @ ..] => root().and_then(|root| build::run(&Steps::new(root), rest)),
        ["lambda", rest @ ..] => root().and_then(|root| watch::lambda(root, rest)),
        ["watch", "--smoke"] => in_steps(watch::smoke),
        ["watch", rest @ ..] => root().and_then(|root| watch::run(root, rest)),
        ["check"] => in_steps(check::all),
        ["breaks", "--guard"] => root().and_then(|root| swap::guard(&root)),
        ["breaks", rest @ ..] => root().and_then(|root| breaks::run(&Steps::new(root), rest)),
        ["openapi"] => in_steps(openapi::write),
        ["schemathesis"] => in_steps(schemathesis::run),
        ["stacks"] => root().and_then(|root| stacks::write(&root)).map(|[data, functions]| {
            println!("{}\n{}", data.display(), functions.display());
        }),
        ["redrive", rest @ ..] if !rest.is_empty() => {
            root().and_then(|root| redrive(&Steps::new(root), rest))
        }
        ["new-operation", group, name] => root().and_then(|root| new_operation::create(&root, group, name)),
        ["new-operation", ..] => Err("usage: cargo xtask new-operation <group> <name>".to_owned()),
        [] | ["help" | "--help" | "-h"] => {
            print!("{HELP}");
            Ok(())
        }
        other => Err(format!("unknown command `{}`\n\n{HELP}", other.join(" "))),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("xtask: {problem}");
            ExitCode::FAILURE
        }
    }
}

fn in_steps(work: impl FnOnce(&mut Steps) -> Result<(), String>) -> Result<(), String> {
    let mut steps = Steps::new(root()?);
    let result = work(&mut steps);
    steps.summarise();
    result
}

/// It speaks to AWS and reads the table's keys, which this package is kept free of.
fn redrive(steps: &Steps, arguments: &[&str]) -> Result<(), String> {
    let mut command =
        steps.cargo(&["run", "--quiet", "--package", "local", "--bin", "roster", "--", "redrive"]);
    command.args(arguments);
    steps::succeed(command)
}

/// It runs the whole stack, which this package is kept free of.
fn bench(steps: &Steps, arguments: &[&str]) -> Result<(), String> {
    let mut command = steps.cargo(&["run", "--quiet", "--profile", "measured", "--package", "bench", "--"]);
    command.args(arguments);
    steps::succeed(command)
}

fn test(steps: &mut Steps, arguments: &[&str]) -> Result<(), String> {
    let mut command = steps.cargo(&["test", "--workspace"]);
    // A snapshot changes because somebody accepted the change, never because a test ran.
    command.args(arguments).env("INSTA_UPDATE", "no");
    steps.run("tests", command)
}

/// What is asked of a running product by others than our own tests.
fn further_judges(steps: &mut Steps) -> Result<(), String> {
    // What builds takes all cores, and moto would not answer in time beside it.
    second_opinion::by_moto(steps, schemathesis::run)?;
    watch::smoke(steps)?;
    build::sample(steps)
}

/// The workspace: two folders above this package, wherever it was called from.
fn root() -> Result<PathBuf, String> {
    let package = std::env::var_os("CARGO_MANIFEST_DIR").ok_or("run it as `cargo xtask`")?;
    let root = Path::new(&package).ancestors().nth(2).ok_or("the workspace's root was not found")?;
    Ok(root.to_owned())
}
