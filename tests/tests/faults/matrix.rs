//! Every call of every operation, in every way that it can fail.

use std::collections::BTreeSet;

use futures_util::{StreamExt, stream};
use local::functions;
use runtime::Function;
use tests::{By, Effects, Fault, Reply, Roster, Which};

use crate::operation::Operation;
use crate::scene::{Attempt, Scene};

const CHANGES: [Operation; 29] = [
    Operation::Invite,
    Operation::InviteMany,
    Operation::ResendInvite,
    Operation::RevokeInvite,
    Operation::ChangeRole,
    Operation::ChangeOwnRole,
    Operation::Suspend,
    Operation::Reactivate,
    Operation::Logout,
    Operation::AskAccess,
    Operation::Delete,
    Operation::DeleteMany,
    Operation::SignOut,
    Operation::StartDeparture,
    Operation::CancelDeparture,
    Operation::Leave,
    Operation::UpdateAccount,
    Operation::CloseAccount,
    Operation::PutResource,
    Operation::ChangeResource,
    Operation::DeleteResource,
    Operation::ChangePlan,
    Operation::TakePlanBack,
    Operation::CancelPlan,
    Operation::CreateWebhook,
    Operation::UpdateWebhook,
    Operation::RotateWebhookSecret,
    Operation::ReplayWebhook,
    Operation::DeleteWebhook,
];
/// Changes of somebody's access.
const ACCESS: [Operation; 21] = [
    Operation::StepUpByPassword,
    Operation::StepUpByApp,
    Operation::EndSession,
    Operation::EndOtherSessions,
    Operation::UpdateProfile,
    Operation::ChangeNotifications,
    Operation::ChangePassword,
    Operation::EnrollMfa,
    Operation::ConfirmMfa,
    Operation::RemoveMfa,
    Operation::AddPasskey,
    Operation::RemovePasskey,
    Operation::StepUpByPasskey,
    Operation::IssueOwnCodes,
    Operation::ViewOwnCodes,
    Operation::CreateKey,
    Operation::DeleteKey,
    Operation::IssueCodes,
    Operation::ViewCodes,
    Operation::DeleteUserKey,
    Operation::DeleteUserKeys,
];
const OPEN_TO_ANYONE: [Operation; 13] = [
    Operation::SignUp,
    Operation::LookupInvite,
    Operation::AcceptInvite,
    Operation::SignIn,
    Operation::SignInHalfWay,
    Operation::VerifyByApp,
    Operation::VerifyByRecoveryCode,
    Operation::VerifyByPasskey,
    Operation::BeginPasskeySignIn,
    Operation::SignInWithPasskey,
    Operation::RequestReset,
    Operation::ResetPassword,
    Operation::AnswerAccess,
];
const READS: [Operation; 31] = [
    Operation::GetProfile,
    Operation::GetNotifications,
    Operation::GetUser,
    Operation::ListEvents,
    Operation::ListUsers,
    Operation::Seats,
    Operation::GetDeparture,
    Operation::GetAccount,
    Operation::ListUserSessions,
    Operation::GetResource,
    Operation::ListResources,
    Operation::Authorize,
    Operation::ListSessions,
    Operation::ListKeys,
    Operation::ListUserKeys,
    Operation::ListPasskeys,
    Operation::BeginPasskey,
    Operation::BeginStepUp,
    Operation::BillingSummary,
    Operation::PreviewCharge,
    Operation::ListInvoices,
    Operation::GetInvoice,
    Operation::ListWebhooks,
    Operation::Savings,
    // An export is audited, and changes nothing else.
    Operation::ExportUsers,
    Operation::ExportEvents,
    Operation::ExportInvoices,
    Operation::ExportReviews,
    Operation::ListReviews,
    Operation::Onboarding,
    Operation::GetReview,
];
/// What can happen to every call.
pub(crate) const KINDS: [&str; 5] = ["before", "after", "timeout", "applied-timeout", "throttle"];
const CONFLICT: &str = "conflict";
/// Stacks at once.
const AT_ONCE: usize = 12;
const WRITES: [&str; 2] = ["TransactWriteItems", "PutItem"];
/// Whatever becomes of the count of requests, the request is answered. RULE: AP-08
const COUNT: &str = "UpdateItem";

/// What a call and its repeat lead to.
#[derive(Debug, PartialEq)]
struct Outcome {
    status: u16,
    code: String,
    effects: Effects,
    repeat_status: u16,
    repeat_effects: Effects,
}

/// Makes the call and repeats it, and looks what both led to.
async fn outcome(roster: &Roster, attempt: &Attempt, fault: Option<&Fault<'_>>) -> (Outcome, Reply) {
    let before = roster.effects().await;
    if let Some(fault) = fault {
        roster.break_call(fault).await;
    }
    let first = attempt.send().await;
    let hits = roster.mend().await;
    assert_eq!(hits, u64::from(fault.is_some()), "{fault:?} is met once");
    let once = roster.effects().await;
    let repeat = attempt.send().await;
    let twice = roster.effects().await;
    let outcome = Outcome {
        status: first.status,
        code: first.code().to_owned(),
        effects: once.since(&before),
        repeat_status: repeat.status,
        repeat_effects: twice.since(&once),
    };
    if repeat.header("idempotent-replayed").is_some() {
        assert_eq!(repeat.body, first.body, "a replay is the reply itself");
    }
    (outcome, first)
}

/// What can happen to this call.
pub(crate) fn kinds_of((_, operation): (&str, &str)) -> impl Iterator<Item = &'static str> {
    KINDS.into_iter().chain(WRITES.contains(&operation).then_some(CONFLICT))
}

/// The calls that were made, each as which of its kind.
pub(crate) fn calls_of(calls: &[tests::Call]) -> Vec<((&str, &str), usize)> {
    let call = |call: &'_ tests::Call| (call.service.clone(), call.operation.clone());
    let nth = |n: usize| calls[..=n].iter().filter(|other| call(other) == call(&calls[n])).count();
    (0..calls.len()).map(|n| ((calls[n].service.as_str(), calls[n].operation.as_str()), nth(n))).collect()
}

/// Whatever fails once is not noticed; whatever keeps failing leaves nothing behind, and goes through later.
async fn every_call_fails(operation: Operation) {
    let roster = Roster::start_with(tests::without_ticks()).await;
    let scene = Scene::set(&roster, operation).await;
    let (clean, reply) = outcome(&roster, &scene.attempt().await, None).await;
    let calls = roster.calls(&reply, By::Operation).await;
    assert!(!calls.is_empty(), "{operation:?} calls AWS");
    let mut tried = 0;
    for (call, nth) in calls_of(&calls) {
        for kind in kinds_of(call) {
            let fault = Fault { function: operation.function(), call, kind, which: Which::Nth(nth) };
            let (outcome, _) = outcome(&roster, &scene.attempt().await, Some(&fault)).await;
            assert_eq!(outcome, clean, "{fault:?}");
            tried += 1;
        }
    }
    for call in calls_of(&calls).into_iter().filter(|(_, nth)| *nth == 1).map(|(call, _)| call) {
        let fault = Fault { function: operation.function(), call, kind: "throttle", which: Which::Every(1) };
        fails_for_long(&roster, &scene, &fault, &clean).await;
        tried += 1;
    }
    roster.assert_counts_hold(&scene.team.account_id).await;
    println!("{operation:?}: {} calls, {tried} bad days", calls.len());
}

async fn fails_for_long(roster: &Roster, scene: &Scene<'_>, fault: &Fault<'_>, clean: &Outcome) {
    let attempt = scene.attempt().await;
    let before = roster.effects().await;
    roster.break_call(fault).await;
    let reply = attempt.send().await;
    assert!(roster.mend().await > 0, "{fault:?} is met");
    if fault.call.1 == COUNT {
        assert_eq!(reply.status, clean.status, "{fault:?}: {:#}", reply.body);
        return;
    }
    let reply = reply.refused(503, "busy");
    assert!(reply.header("retry-after").is_some(), "busy says when to come back");
    let nothing = roster.effects().await.since(&before);
    assert!(nothing.is_none(), "{fault:?} leaves {nothing:?}");
    let (outcome, _) = outcome(roster, &attempt, None).await;
    assert_eq!(&outcome, clean, "what was busy goes through later: {fault:?}");
}

/// Each on a stack of its own, many at once: they mostly wait for what does not answer. Too many would wait for each other.
async fn every_call_of_each_fails(operations: &[Operation]) {
    stream::iter(operations.iter().copied()).for_each_concurrent(AT_ONCE, every_call_fails).await;
}

// RULE: AP-02, EV-01, IN-21
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_change_outlives_every_failing_call() {
    every_call_of_each_fails(&CHANGES).await;
}

// RULE: AP-02, RC-01, RC-05, SE-07, AC-07
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_change_of_an_access_outlives_every_failing_call() {
    every_call_of_each_fails(&ACCESS).await;
}

// RULE: AC-01, AC-04, AC-08, IN-12, IN-14, SE-06, RC-01
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_open_to_anyone_outlives_every_failing_call() {
    every_call_of_each_fails(&OPEN_TO_ANYONE).await;
}

// RULE: AP-08
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_only_reads_outlives_every_failing_call() {
    every_call_of_each_fails(&READS).await;
}

// RULE: AP-02
#[test]
fn no_operation_is_left_out() {
    let operations = |function: &Function| function.interface.operations(function.name);
    let all: BTreeSet<&str> = functions::ALL.iter().flat_map(operations).map(|(name, _)| name).collect();
    let tried = CHANGES.iter().chain(&ACCESS).chain(&OPEN_TO_ANYONE).chain(&READS);
    let tried = tried.map(|operation| operation.name());
    assert_eq!(tried.collect::<BTreeSet<&str>>(), all);
}
