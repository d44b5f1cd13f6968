//! What the functions' policies allow is what the functions ask for: no less, and no more.
#![allow(clippy::expect_used, clippy::panic)]

mod calls;
mod own;
mod prepared;

use std::collections::BTreeSet;
use std::fs;

use local::{Grant, Options, TEMPLATE, Wired, wiring};
use prepared::Prepared;

/// Known to AWS, and asked for by nobody here.
const IDLE_ACTION: &str = "dynamodb:DescribeLimits";

fn functions(template: &str) -> Vec<Wired> {
    wiring(&Options { template: template.to_owned(), ..Options::default() }).expect("the template")
}

/// What a template grants and nobody used.
fn unneeded(template: &str, used: &BTreeSet<Grant>) -> Vec<Grant> {
    let granted = functions(template).into_iter().flat_map(|function| function.grants);
    granted.map(|(grant, _)| grant).filter(|grant| !used.contains(grant)).collect()
}

/// The template with one line of it rewritten.
fn rewritten(line: usize, rewrite: impl Fn(&str) -> String) -> String {
    let lines = TEMPLATE.lines().enumerate();
    lines.map(|(at, text)| if at + 1 == line { rewrite(text) } else { text.to_owned() } + "\n").collect()
}

/// The template with an action beside this one that nobody asks for.
fn with_idle_action(line: usize, action: &str) -> String {
    rewritten(line, |text| match text.split_once("- ") {
        Some((indent, _)) => format!("{text}\n{indent}- {IDLE_ACTION}"),
        None => text.replace(action, &format!("[{action}, {IDLE_ACTION}]")),
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_action_that_is_allowed_is_used_and_one_too_many_is_named() {
    let prepared = Prepared::new("used").await;
    let mut used = BTreeSet::new();
    for function in functions(TEMPLATE) {
        let (asked, denied) = prepared.run(TEMPLATE, &function.name).await;
        assert_eq!(denied, BTreeSet::new(), "{} is denied what it needs", function.name);
        used.extend(asked);
    }
    assert_eq!(unneeded(TEMPLATE, &used), [], "granted and never used");
    for function in functions(TEMPLATE) {
        let Some((grant, line)) = function.grants.first() else { continue };
        let named = unneeded(&with_idle_action(*line, &grant.action), &used);
        let idle = Grant { action: IDLE_ACTION.to_owned(), ..grant.clone() };
        assert_eq!(named, [idle], "{}: line {line}", function.name);
    }
    fs::remove_dir_all(prepared.data).expect("the data goes");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_action_that_is_taken_from_a_function_is_denied() {
    let prepared = Prepared::new("denied").await;
    for function in functions(TEMPLATE) {
        for (grant, line) in &function.grants {
            let template = rewritten(*line, |text| text.replace(&grant.action, IDLE_ACTION));
            let (_, denied) = prepared.run(&template, &function.name).await;
            assert!(denied.contains(grant), "without {grant:?} there is no denial: {denied:?}");
        }
    }
    fs::remove_dir_all(prepared.data).expect("the data goes");
}
