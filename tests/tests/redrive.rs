//! What was given up is tried again by its operator: after the repair it happens once.
#![allow(clippy::expect_used, clippy::panic)]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::future::BoxFuture;
use local::Options;
use local::redrive::{self, Mode, Tally};
use runtime::{Fault, Handler, Host, StartError};
use serde_json::{Value, json};
use tests::{Person, Roster, invitee};

const MAILS: &str = "MailDeadLetters";
const CHANGES: &str = "OutboxDeadLetters";
const ADDRESS: &str = "ann@acme.test";

fn kept(kept: usize) -> Tally {
    Tally { kept, ..Tally::default() }
}

fn repeated(repeated: usize) -> Tally {
    Tally { repeated, ..Tally::default() }
}

async fn fail_always(roster: &Roster, service: &str, operation: &str) {
    let fault = json!({ "service": service, "operation": operation, "every": 1, "kind": "before" });
    roster.caller().post("/_local/faults", fault).await.expect(204);
}

async fn repair(roster: &Roster) {
    roster.caller().delete("/_local/faults").await.expect(204);
}

/// As long as a message may be tried: each wait between two attempts, and a little more.
async fn wait_out_the_attempts(roster: &Roster) {
    for _ in 0..10 {
        roster.advance("61s").await;
    }
}

async fn mails_to_ann(roster: &Roster) -> usize {
    roster.mails(ADDRESS).await.len()
}

/// A team with one more invitation.
async fn invite_ann(roster: &Roster) -> Person {
    let team = roster.team("acme").await.on_pro().await;
    roster.stack.settle().await;
    team.root.caller.post("/v1/users", invitee(ADDRESS, "monitor")).await.expect(201);
    team.root
}

// RULE: EV-03, EV-05
#[tokio::test]
async fn a_mail_that_kept_failing_lies_there_with_its_reason_and_is_sent_once_after_the_repair() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await.on_pro().await;
    roster.stack.settle().await;
    fail_always(&roster, "ses", "SendEmail").await;
    team.root.caller.post("/v1/users", invitee(ADDRESS, "monitor")).await.expect(201);
    wait_out_the_attempts(&roster).await;
    let (tally, said) = roster.redrive(MAILS, Mode::Show).await;
    assert_eq!(tally, kept(1), "{said}");
    assert!(said.contains("user.invited evt_") && said.contains("as asked for"), "{said}");
    assert!(!said.contains(ADDRESS), "{said}");

    // Still broken: it fails as before, and comes back with its reason.
    let (tally, _) = roster.redrive(MAILS, Mode::Repeat).await;
    assert_eq!(tally, repeated(1));
    wait_out_the_attempts(&roster).await;
    assert_eq!((roster.redrive(MAILS, Mode::Show).await.0, mails_to_ann(&roster).await), (kept(1), 0));

    repair(&roster).await;
    let (tally, said) = roster.redrive(MAILS, Mode::Repeat).await;
    assert_eq!(tally, repeated(1), "{said}");
    assert!(said.contains("sent to MailQueue again"), "{said}");
    roster.advance("61s").await;
    assert_eq!(mails_to_ann(&roster).await, 1);
    assert_eq!(roster.redrive(MAILS, Mode::Repeat).await.0, Tally::default(), "it is gone");
    assert_eq!(mails_to_ann(&roster).await, 1);
}

// RULE: EV-05
#[tokio::test]
async fn a_mail_whose_reason_cannot_be_put_down_is_given_up_all_the_same_and_not_lost() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await.on_pro().await;
    roster.stack.settle().await;
    fail_always(&roster, "ses", "SendEmail").await;
    fail_always(&roster, "sqs", "SendMessage").await;
    team.root.caller.post("/v1/users", invitee(ADDRESS, "monitor")).await.expect(201);
    wait_out_the_attempts(&roster).await;
    let log = roster.stack.logs();
    assert!(log.iter().any(|(name, line)| name == "send-mail" && line.contains("the dead-letter queue: ")));
    repair(&roster).await;
    let (tally, said) = roster.redrive(MAILS, Mode::Repeat).await;
    assert_eq!(tally, repeated(1), "{said}");
    assert!(said.contains("no reason was given"), "{said}");
    assert_eq!(mails_to_ann(&roster).await, 1);
}

// RULE: EV-02, EV-05
#[tokio::test]
async fn an_event_that_could_not_be_published_is_read_again_from_the_table_and_published() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await.on_pro().await;
    roster.stack.settle().await;
    fail_always(&roster, "events", "PutEvents").await;
    team.root.caller.post("/v1/users", invitee(ADDRESS, "monitor")).await.expect(201);
    roster.advance("6m").await;
    let (tally, said) = roster.redrive(CHANGES, Mode::Show).await;
    assert_eq!(tally, kept(1), "{said}");
    let named = format!("E#{} evt_", team.account_id);
    assert!(said.contains(&named) && said.contains("as asked for"), "{said}");

    // Not accepted, so not deleted; and seen by whoever looks next.
    let (tally, said) = roster.redrive(CHANGES, Mode::Repeat).await;
    assert_eq!(tally, Tally { kept: 1, failed: 1, repeated: 0 }, "{said}");
    assert_eq!(mails_to_ann(&roster).await, 0);

    repair(&roster).await;
    let (tally, said) = roster.redrive(CHANGES, Mode::Repeat).await;
    assert_eq!(tally, repeated(1), "{said}");
    assert_eq!(mails_to_ann(&roster).await, 1);
    assert_eq!(roster.redrive(CHANGES, Mode::Repeat).await.0, Tally::default(), "it is gone");
}

/// Whether the function that publishes is broken, and the one that sends mails.
static BROKEN: AtomicBool = AtomicBool::new(false);
static HELD: AtomicBool = AtomicBool::new(false);

/// Stands before a function, and fails whole while it is broken: nobody can say why.
struct Fragile {
    behind: Arc<dyn Handler>,
    broken: &'static AtomicBool,
}

impl Handler for Fragile {
    fn call(&self, event: Value) -> BoxFuture<'_, Result<Value, Fault>> {
        if self.broken.load(Ordering::SeqCst) {
            return Box::pin(async { Err("out of memory".into()) });
        }
        self.behind.call(event)
    }
}

fn fragile(name: &str, broken: &'static AtomicBool, host: &Host) -> Result<Arc<dyn Handler>, StartError> {
    let behind = local::functions::ALL.iter().find(|function| function.name == name);
    Ok(Arc::new(Fragile { behind: (behind.expect("it is there").start)(host)?, broken }))
}

// RULE: EV-05
#[tokio::test]
async fn what_queue_and_stream_gave_up_by_themselves_is_tried_again_as_well() {
    let mut options = Options::default();
    let patience = "MaximumRetryAttempts: 100";
    assert!(options.template.contains(patience), "the stream's attempts");
    options.template = options.template.replace(patience, "MaximumRetryAttempts: 2");
    for function in &mut options.functions {
        match function.name {
            "send-mail" => function.start = |host| fragile("send-mail", &HELD, host),
            "publish-events" => function.start = |host| fragile("publish-events", &BROKEN, host),
            _ => {}
        }
    }
    let roster = Roster::start_with(options).await;
    let root = invite_ann(&roster).await;
    roster.stack.settle().await;
    assert_eq!(mails_to_ann(&roster).await, 1);
    roster.advance("1h").await;

    BROKEN.store(true, Ordering::SeqCst);
    root.caller.post("/v1/users", invitee("bob@acme.test", "monitor")).await.expect(201);
    roster.stack.settle().await;
    let (tally, said) = roster.redrive(CHANGES, Mode::Show).await;
    assert_eq!(tally, kept(1), "{said}");
    assert!(said.contains("RetryAttemptsExhausted"), "{said}");
    assert_eq!(roster.redrive(CHANGES, Mode::Repeat).await.0, Tally { kept: 1, failed: 1, repeated: 0 });

    BROKEN.store(false, Ordering::SeqCst);
    let (tally, said) = roster.redrive(CHANGES, Mode::Repeat).await;
    assert_eq!(tally, repeated(1), "{said}");
    assert_eq!(roster.mails("bob@acme.test").await.len(), 1);
    assert!(said.contains("events: 1,"), "events of another time are left alone: {said}");
    assert_eq!(mails_to_ann(&roster).await, 1);

    // The queue gave the mail up, which says nothing of why; only one queue ends there.
    HELD.store(true, Ordering::SeqCst);
    root.caller.post("/v1/users", invitee("eve@acme.test", "monitor")).await.expect(201);
    wait_out_the_attempts(&roster).await;
    let (tally, said) = roster.redrive(MAILS, Mode::Show).await;
    assert_eq!(tally, kept(1), "{said}");
    assert!(said.contains("no reason was given"), "{said}");
    HELD.store(false, Ordering::SeqCst);
    assert_eq!(roster.redrive(MAILS, Mode::Repeat).await.0, repeated(1));
    assert_eq!(roster.mails("eve@acme.test").await.len(), 1);
}

#[tokio::test]
async fn a_queue_is_found_by_a_part_of_its_name_that_no_other_has() {
    let roster = Roster::start().await;
    let client = redrive::client(Some(roster.stack.aws_url())).expect("a client");
    let mut said = Vec::new();
    for (name, problem) in [("DeadLetters", "several queues are called"), ("Nothing", "no queue is called")] {
        let error = redrive::run(&client, name, Mode::Show, &mut said).await.expect_err("it is not clear");
        assert!(error.to_string().starts_with(problem), "{error}");
    }
    assert_eq!(roster.redrive("OutboxDead", Mode::Show).await.0, Tally::default());
}
