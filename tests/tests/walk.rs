//! The walk of the README: its own commands, run by a shell against the stack. What they print, the mails
//! they lead to and the events they leave are snapshots that a person can read.

use std::fmt::Write as _;
use std::process::Stdio;

use serde_json::Value;
use tests::{Roster, masked};
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

const README: &str = include_str!("../../README.md");
const LANGUAGE: &str = "```sh\n";

/// The commands of the README's walk, for this stack.
fn commands(url: &str) -> String {
    let mut script = String::new();
    let mut rest = README;
    while let Some((_, behind)) = rest.split_once(LANGUAGE) {
        let (block, after) = behind.split_once("```").expect("a block ends");
        script += block;
        rest = after;
    }
    assert!(script.contains("ROSTER=http://localhost:8700\n"), "the README says where the product answers");
    script.replace("http://localhost:8700", url)
}

/// Each command, and what it printed below it. An identifier is called the same wherever it stands.
async fn transcript(script: &str) -> String {
    let mut shell = Command::new("bash")
        .args([
            "-e",
            "-u",
            "-o",
            "pipefail",
            "-c",
            "TOKEN=; while IFS= read -r line; do echo \"\\$ $line\"; eval \"$line\"; done",
        ])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("bash starts");
    let mut stdin = shell.stdin.take().expect("a pipe");
    stdin.write_all(script.as_bytes()).await.expect("bash reads");
    drop(stdin);
    let output = shell.wait_with_output().await.expect("bash ends");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// Whether a mail is out already when a command asks is a race that no snapshot should depend on; and what was drawn for
/// secrets is another at each run.
fn without_chance(mut value: Value) -> Value {
    match &mut value {
        Value::Object(members) => {
            for (name, member) in members.iter_mut() {
                *member = match name.as_str() {
                    "delivery" => "<whatever was heard>".into(),
                    "sent_at" | "delivered_at" => "<instant or null>".into(),
                    "last4" => "<last four>".into(),
                    "recovery_codes" => format!("<{} of them>", member.as_array().map_or(0, Vec::len)).into(),
                    _ => without_chance(member.take()),
                };
            }
        }
        Value::Array(values) => values.iter_mut().for_each(|value| *value = without_chance(value.take())),
        _ => {}
    }
    value
}

fn readable(transcript: &str) -> String {
    let lines: Vec<Value> = transcript
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|_| Value::String(line.to_owned())))
        .collect();
    let masked = masked(&without_chance(Value::Array(lines)));
    let mut text = String::new();
    for line in masked.as_array().into_iter().flatten() {
        match line.as_str() {
            Some(line) => writeln!(text, "{line}"),
            None => writeln!(text, "{line:#}"),
        }
        .expect("a string takes it");
    }
    text
}

/// The mails to addresses that end so, each address by itself, masked. Those under way at once overtake each other, so their order is
/// that of what they say.
async fn mails_of(url: &str, domain: &str) -> Vec<Value> {
    let http = reqwest::Client::builder().no_proxy().build().expect("a client");
    let reply = http.get(format!("{url}/_local/mail")).send().await.expect("an answer");
    let all: Value = reply.json().await.expect("JSON");
    let is_meant = |mail: &&Value| mail["to"][0].as_str().is_some_and(|to| to.ends_with(domain));
    let mut mails: Vec<Value> =
        all["data"].as_array().into_iter().flatten().filter(is_meant).map(masked).collect();
    mails.sort_by_key(|mail| ["to", "subject", "text"].map(|field| mail[field].to_string()));
    mails
}

// RULE: PS-02, PS-03, PS-10, PS-12, IN-02, IN-03, IN-05, RO-05, SU-01, SU-04, SE-01, SE-02, DE-01, DE-04, AC-01
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_commands_of_the_readme_work_as_they_stand() {
    let roster = Roster::start().await;
    // A stack that is there already, if one is named: `cargo xtask watch --smoke`.
    let elsewhere = std::env::var("ROSTER_URL").ok();
    let url = elsewhere.as_deref().unwrap_or(roster.stack.url());
    let printed = transcript(&commands(url)).await;
    insta::assert_snapshot!("walk", readable(&printed));

    let mut mails = String::new();
    for mail in mails_of(url, "@acme.example").await {
        let text = |field: &str| mail[field].as_str().unwrap_or_default().replace('\u{2060}', "");
        writeln!(
            mails,
            "To: {}\nSubject: {}\n\n{}\n{}\n",
            mail["to"][0],
            text("subject"),
            text("text"),
            text("html")
        )
        .expect("a string takes it");
    }
    insta::assert_snapshot!("mails", mails);

    if elsewhere.is_some() {
        // The audit log is read from the table itself, which is that stack's own.
        return;
    }
    let account_id =
        printed.split("\"account_id\":\"").nth(1).and_then(|text| text.get(..30)).expect("an account");
    let mut events = roster.events(account_id).await;
    // What is heard of mails comes when it comes.
    events.retain(|event| event["facts"][0]["type"] != "invitation.delivery_changed");
    let events = Value::Array(events);
    insta::assert_snapshot!("events", format!("{:#}", masked(&events)));
    roster.stack.stop().await;
}
