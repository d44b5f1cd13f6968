//! From the commit to the mail: what fails on the way is done later, what comes twice, late or in another order is
//! done once.

use futures_util::future::join_all;
use serde_json::Value;
use tests::{By, Call, Fault, Roster, Team, Which, invitee};

use crate::matrix::{KINDS, calls_of, kinds_of};

const SEND_MAIL: &str = "send-mail";
const MAIL_FEEDBACK: &str = "mail-feedback";
const PUBLISH_EVENTS: &str = "publish-events";
const SEND_EMAIL: (&str, &str) = ("ses", "SendEmail");
const PUT_EVENTS: (&str, &str) = ("events", "PutEvents");
const QUEUE: (&str, &str) = ("sqs", "ReceiveMessage");
const STREAM: (&str, &str) = ("streams", "GetRecords");
/// The time a message is invisible for is a minute; the lease of a mail that is being sent is over before.
const A_MINUTE: &str = "61s";

/// How often a message is delivered before it is given up: `DeliveryAttempts` of the template.
const DELIVERIES: u32 = 8;

/// A team whose mails go through bad days.
struct Post<'a> {
    team: Team<'a>,
    sent: usize,
}

impl<'a> Post<'a> {
    async fn of(roster: &'a Roster, name: &str) -> Self {
        let team = roster.team(name).await.on_pro().await;
        roster.stack.settle().await;
        Self { team, sent: 0 }
    }

    /// Invites somebody new on a bad day, which ends; how many mails have come a minute later.
    async fn invite_on(&mut self, fault: &Fault<'_>) -> usize {
        let roster = self.team.roster;
        self.sent += 1;
        // Nothing is heard of mails to there, so that nobody but the sender writes.
        let email = format!("silent+n{}@simulator.amazonses.com", self.sent);
        roster.break_call(fault).await;
        let id = self.team.pending(&email, "monitor").await;
        roster.stack.settle().await;
        assert!(roster.mend().await > 0, "{fault:?} is met");
        // What met a lease waits for it to end, some more than once.
        for _ in 0..4 {
            roster.advance(A_MINUTE).await;
        }
        let user = self.team.root.caller.get(&format!("/v1/users/{id}")).await.expect(200).body;
        assert_eq!(user["invitation"]["delivery"], "sent", "{fault:?}");
        roster.mails(&email).await.len()
    }

    /// What a function calls for an invitation on a good day.
    async fn calls(&self, function: &'static str) -> Vec<Call> {
        let roster = self.team.roster;
        let reply = self.team.invite("silent+good@simulator.amazonses.com", "monitor").await.expect(201);
        roster.stack.settle().await;
        let calls = roster.calls(&reply, By::Function(function)).await;
        assert!(!calls.is_empty(), "{function} calls AWS");
        calls
    }
}

// RULE: EV-03, IN-02
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mail_outlives_every_failing_call_of_what_sends_it() {
    let roster = Roster::start().await;
    let mut post = Post::of(&roster, "post").await;
    let calls = post.calls(SEND_MAIL).await;
    for (call, nth) in calls_of(&calls) {
        for kind in kinds_of(call) {
            let fault = Fault { function: SEND_MAIL, call, kind, which: Which::Nth(nth) };
            let mails = post.invite_on(&fault).await;
            // The one window: the mail service took it, and the answer was lost.
            let is_in_window = call == SEND_EMAIL && ["after", "applied-timeout"].contains(&kind);
            assert_eq!(mails, if is_in_window { 2 } else { 1 }, "{fault:?}");
        }
    }
    for kind in ["before", "throttle"] {
        let fault = Fault { function: SEND_MAIL, call: SEND_EMAIL, kind, which: Which::Every(1) };
        assert_eq!(post.invite_on(&fault).await, 1, "{fault:?}");
    }
    println!("{SEND_MAIL}: {} calls, {} bad days", calls.len(), post.sent);
}

// RULE: EV-04, EV-05, IN-20
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_report_outlives_every_failing_call_of_what_notes_it_and_is_noted_once() {
    let roster = Roster::start().await;
    let team = roster.team("reports").await.on_pro().await;
    roster.stack.settle().await;
    let told_before = roster.mails(&team.root.email).await.len();
    let (read, write) = (("dynamodb", "BatchGetItem"), ("dynamodb", "TransactWriteItems"));
    let bad_days = [read, write].into_iter().flat_map(|call| kinds_of(call).map(move |kind| (call, kind)));
    let bad_days = bad_days.chain([(QUEUE, "duplicate"), (QUEUE, "reorder")]);
    for (n, (call, kind)) in bad_days.enumerate() {
        let fault = Fault { function: MAIL_FEEDBACK, call, kind, which: Which::Nth(1) };
        roster.break_call(&fault).await;
        let id = team.pending(&format!("bounce+{n}@simulator.amazonses.com"), "monitor").await;
        roster.stack.settle().await;
        assert!(roster.mend().await > 0, "{fault:?} is met");
        roster.advance(A_MINUTE).await;
        let user = team.root.caller.get(&format!("/v1/users/{id}")).await.expect(200).body;
        assert_eq!(user["invitation"]["delivery"], "delivery_failed", "{fault:?}");
        for kind in ["invitation.delivery_changed", "user.mail_problem_noted"] {
            let facts = roster.facts_of(&team.account_id, kind).await;
            assert_eq!(
                facts.iter().filter(|fact| fact["target"] == id.as_str()).count(),
                1,
                "{fault:?}: {kind}"
            );
        }
        let told = roster.mails(&team.root.email).await;
        assert_eq!(told.len() - told_before, n + 1, "one for each bounce: {fault:?}");
    }
}

// RULE: EV-02, EV-03
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mail_outlives_a_bus_that_fails_in_every_way() {
    let roster = Roster::start().await;
    let mut post = Post::of(&roster, "post").await;
    for kind in KINDS.into_iter().chain(["duplicate"]) {
        let fault = Fault { function: PUBLISH_EVENTS, call: PUT_EVENTS, kind, which: Which::Nth(1) };
        assert_eq!(post.invite_on(&fault).await, 1, "{fault:?}");
    }
}

// RULE: EV-02, EV-03
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_delivered_twice_is_done_once() {
    let roster = Roster::start().await;
    let mut post = Post::of(&roster, "post").await;
    for (function, call) in [(PUBLISH_EVENTS, STREAM), (PUBLISH_EVENTS, PUT_EVENTS), (SEND_MAIL, QUEUE)] {
        let fault = Fault { function, call, kind: "duplicate", which: Which::Nth(1) };
        let before = roster.effects().await;
        assert_eq!(post.invite_on(&fault).await, 1, "{fault:?}");
        let effects = roster.effects().await.since(&before);
        assert_eq!((effects.of("mail"), effects.of("fact user.invited")), (1, 1), "{fault:?}: {effects:?}");
        assert_eq!(effects.of("C C  "), 1, "one mail is claimed: {fault:?}: {effects:?}");
    }
}

// RULE: EV-02, EV-03, IN-02
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_comes_in_another_order_and_twice_is_done_once_each() {
    const INVITED: usize = 30;
    const AT_ONCE: usize = 5;
    let roster = Roster::start().await;
    let team = roster.team("order").await.on_pro().await;
    let faults = [
        Fault { function: SEND_MAIL, call: QUEUE, kind: "reorder", which: Which::Every(2) },
        Fault { function: SEND_MAIL, call: QUEUE, kind: "duplicate", which: Which::Every(3) },
        Fault { function: PUBLISH_EVENTS, call: STREAM, kind: "duplicate", which: Which::Every(3) },
        Fault { function: SEND_MAIL, call: SEND_EMAIL, kind: "before", which: Which::Every(5) },
    ];
    for fault in &faults {
        roster.break_call(fault).await;
    }
    let address = |n: usize| format!("n{n}@order.test");
    for together in (0..INVITED).collect::<Vec<_>>().chunks(AT_ONCE) {
        let invited = together.iter().map(|n| async { team.pending(&address(*n), "monitor").await });
        join_all(invited).await;
    }
    // Each message has so many attempts, of which every fifth mail still fails, and a repeat may meet a lease.
    for _ in 1..DELIVERIES {
        roster.advance(A_MINUTE).await;
    }
    assert!(roster.mend().await > 3, "the faults are met");
    for n in 0..INVITED {
        assert_eq!(roster.mails(&address(n)).await.len(), 1, "{}", address(n));
    }
    roster.assert_counts_hold(&team.account_id).await;
}

// RULE: EV-03, EV-05
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_delivery_of_a_mail_is_an_attempt_to_send_it_and_none_is_lost_to_the_attempt_before() {
    let roster = Roster::start().await;
    let team = roster.team("order").await;
    roster.stack.settle().await;
    let fault = Fault { function: SEND_MAIL, call: SEND_EMAIL, kind: "before", which: Which::Every(1) };
    roster.break_call(&fault).await;
    team.pending("ann@order.test", "monitor").await;
    for _ in 1..DELIVERIES {
        roster.advance(A_MINUTE).await;
    }
    assert_eq!(roster.mend().await, u64::from(DELIVERIES));
}

// RULE: EV-03, DE-01, IN-11
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mail_whose_reason_is_gone_when_it_could_be_sent_is_not_sent() {
    // Nothing ticks on the way, so the message gets its next attempt at the end of the jump.
    let roster = Roster::start_with(tests::without_ticks()).await;
    let team = roster.team("late").await.on_pro().await;
    for (email, hours, mails) in [("in-time@late.test", 47, 1), ("lapsed@late.test", 48, 0)] {
        let fault = Fault { function: SEND_MAIL, call: SEND_EMAIL, kind: "before", which: Which::Every(1) };
        roster.break_call(&fault).await;
        let root = roster.sign_in(&team.root.email).await.caller;
        root.post("/v1/users", invitee(email, "monitor")).await.expect(201);
        let deleted = root.post("/v1/users", invitee(&format!("deleted-{email}"), "monitor")).await;
        roster.stack.settle().await;
        let path = format!("/v1/users/{}?confirm=true", deleted.expect(201).text("id"));
        root.delete(&path).await.expect(204);
        roster.mend().await;
        roster.advance(&format!("{hours}h")).await;
        assert_eq!(roster.mails(email).await.len(), mails, "{email}");
        assert_eq!(roster.mails(&format!("deleted-{email}")).await, Vec::<Value>::new());
    }
}
