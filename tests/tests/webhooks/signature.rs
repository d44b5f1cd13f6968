//! The signature, verified by what the README says and nothing else.

use std::io::Write as _;
use std::process::{Command, Stdio};

use serde_json::json;

use crate::receiver::{Received, Receiver, happen, hook, path_of};

/// Stands before the README's example.
const MARK: &str = "<!-- verify -->\n```python\n";

/// Whether the README's example takes this for a call of roster, at this second.
fn is_from_roster(secret: &str, got: &Received, body: &str, now: i64) -> bool {
    let readme = concat!(env!("CARGO_MANIFEST_DIR"), "/../README.md");
    let readme = std::fs::read_to_string(readme).expect("the README");
    let (_, example) = readme.split_once(MARK).expect("the README has the example");
    let (example, _) = example.split_once("```").expect("it ends");
    let call =
        json!({ "secret": secret, "signature": got.headers["roster-signature"], "body": body, "now": now });
    let program = format!(
        "{example}\nimport json, sys\ncall = json.load(sys.stdin)\n\
         print(is_from_roster(call['secret'], call['signature'], call['body'].encode(), call['now']))\n"
    );
    let mut python = Command::new("python3");
    python.args(["-c", &program]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut python = python.spawn().expect("Python 3");
    python.stdin.take().expect("its input").write_all(call.to_string().as_bytes()).expect("it reads");
    let output = python.wait_with_output().expect("it ends");
    match String::from_utf8_lossy(&output.stdout).trim() {
        "True" => true,
        "False" => false,
        other => panic!("{other}"),
    }
}

// RULE: EV-05
#[tokio::test]
async fn the_signature_is_what_the_documentation_says() {
    let receiver = Receiver::start().await;
    let roster = receiver.roster().await;
    let team = roster.team("acme").await;
    let root = &team.root.caller;
    let made = hook(root, &receiver.url(), &["resource.created", "resource.updated"]).await;
    happen(&team, "Bot").await;
    let got = receiver.received().pop().expect("a call");
    let now = roster.stack.clock().now().timestamp();
    let secret = made["secret"].as_str().expect("a secret");
    assert!(is_from_roster(secret, &got, &got.text, now));
    assert!(!is_from_roster(secret, &got, &got.text, now + 600), "an old call that somebody sends again");
    assert!(!is_from_roster(secret, &got, &got.text.replace("resource", "users"), now), "another body");
    assert!(!is_from_roster("whsec_another", &got, &got.text, now), "another secret");

    // Another secret is in force at once.
    let rotated = root.post(&format!("{}/secret", path_of(&made)), json!({})).await.expect(200).body;
    happen(&team, "Another").await;
    let got = receiver.received().pop().expect("a call");
    assert!(is_from_roster(rotated["secret"].as_str().expect("a secret"), &got, &got.text, now));
    assert!(!is_from_roster(secret, &got, &got.text, now));
}
