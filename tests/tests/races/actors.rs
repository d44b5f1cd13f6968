//! An Admin who loses the right to act while an act of theirs is running.
//!
//! What is committed first cannot be told from the replies, since they arrive in any order. So the table is looked at
//! all the while: once the right is seen to be gone and the act not done, the act must never be done.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use local::Options;
use serde_json::{Value, json};
use tests::{Caller, Person, Reply, Roster, Table, Tally, Team, invitee};

use crate::{ROUNDS, roster_with};

/// Long enough for what a request reads and what it writes to lie apart.
const AWS_LATENCY: Duration = Duration::from_millis(10);

/// How often a credential is lost for good.
const TIMES: usize = 12;

/// Pro, an Admin, and addresses whose invitations have expired: to invite one again takes a second read, so that a
/// loss of the right fits in between.
struct Scene<'a> {
    team: Team<'a>,
    admin: Person,
    expired: Vec<(String, String)>,
    table: Table,
}

/// What one look at the table showed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Look {
    may_act: bool,
    has_acted: bool,
}

async fn scene<'a>(roster: &'a Roster, name: &str, rounds: usize) -> Scene<'a> {
    let team = roster.team(name).await.on_pro().await;
    team.member(&format!("ada@{name}.test"), "admin").await;
    let mut expired = Vec::new();
    for round in 0..rounds {
        let address = format!("old{round}@{name}.test");
        expired.push((team.pending(&address, "developer").await, address));
    }
    roster.advance("48h").await;
    let root = roster.sign_in(&team.root.email).await;
    let admin = roster.sign_in(&format!("ada@{name}.test")).await;
    Scene { team: Team { root, ..team }, admin, expired, table: roster.table() }
}

impl Scene<'_> {
    /// Looks at the Admin, the account and the invitation that would be replaced, as of one instant.
    async fn items(&self, expired_id: &str) -> Vec<Value> {
        let keys = ["A".to_owned(), format!("U#{}", self.admin.id), format!("U#{expired_id}")];
        self.table.items(&self.team.account_id, &keys).await
    }

    /// Runs the invitation, what takes the right, and the looks, all at once.
    async fn race(
        &self,
        address: &str,
        expired_id: &str,
        taken: impl Future<Output = Reply>,
    ) -> (Reply, Reply, Vec<Look>) {
        let before = self.items(expired_id).await;
        let epochs = epochs(user(&before, &self.admin.id).expect("the Admin"));
        let is_over = AtomicBool::new(false);
        let pace = self.team.roster.caller();
        let looks = async {
            let mut looks = Vec::new();
            while !is_over.load(Ordering::SeqCst) {
                let (table, account_id) = (self.table.clone(), self.team.account_id.clone());
                let keys = ["A".to_owned(), format!("U#{}", self.admin.id), format!("U#{expired_id}")];
                looks.push(tokio::spawn(async move { table.items(&account_id, &keys).await }));
                // One call that costs nothing lies between two looks.
                pace.get("/_local/clock").await;
            }
            let mut seen = Vec::new();
            for look in looks {
                seen.push(self.judge(&before, &look.await.expect("a look"), expired_id, &epochs));
            }
            seen
        };
        let acts = async {
            let invited = self.admin.caller.post("/v1/users", invitee(address, "developer"));
            let replies = tokio::join!(invited, taken);
            is_over.store(true, Ordering::SeqCst);
            replies
        };
        let ((invited, taken), looks) = tokio::join!(acts, looks);
        (invited, taken, looks)
    }

    fn judge(&self, before: &[Value], items: &[Value], expired_id: &str, before_epochs: &Value) -> Look {
        let may_act = user(items, &self.admin.id).is_some_and(|admin| {
            admin["role"] == "admin" && admin["status"] == "active" && epochs(admin) == *before_epochs
        });
        let pending = |items: &[Value]| {
            items.iter().find(|item| item["sk"] == "A").map(|account| account["pending"].clone())
        };
        let replaced = user(before, expired_id).is_some() && user(items, expired_id).is_none();
        Look { may_act, has_acted: replaced || pending(items) != pending(before) }
    }
}

/// Those of sessions and of keys.
fn epochs(user: &Value) -> Value {
    json!([user["session_epoch"], user["key_epoch"]])
}

fn user<'a>(items: &'a [Value], id: &str) -> Option<&'a Value> {
    items.iter().find(|item| item["sk"] == json!(format!("U#{id}")))
}

/// Whoever was seen to have no right and not to have acted did not act later.
#[track_caller]
fn assert_in_order(invited: &Reply, looks: &[Look]) {
    let too_late = looks.contains(&Look { may_act: false, has_acted: false });
    assert!(!(too_late && invited.status == 201), "the invitation came after the right was gone: {looks:#?}");
}

fn slow() -> Options {
    Options { aws_latency: AWS_LATENCY, ..Options::default() }
}

// RULE: RO-05, RO-07, EV-01
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_demoted_admins_last_invitation_came_before_or_is_refused() {
    let roster = roster_with(slow()).await;
    let scene = scene(&roster, "demoted", ROUNDS.div_ceil(2)).await;
    let path = format!("/v1/users/{}/role", scene.admin.id);
    let mut tally = Tally::default();
    let (mut before, mut seen) = (0, 0);
    for round in 0..ROUNDS {
        // A new address takes one read, so either may be first; one whose invitation has expired takes two.
        let fresh = ("usr_none".to_owned(), format!("new{round}@demoted.test"));
        let (expired_id, address) = if round % 2 == 0 { &fresh } else { &scene.expired[round / 2] };
        let demotion = scene.team.root.caller.put(&path, json!({ "role": "monitor" }));
        let (invited, demoted, looks) = scene.race(address, expired_id, demotion).await;
        tally.of(demoted).expect(200);
        let invited = tally.of(invited);
        assert_in_order(&invited, &looks);
        seen += usize::from(looks.iter().any(|look| !look.may_act && !look.has_acted));
        match invited.status {
            201 => before += 1,
            _ => _ = invited.refused(403, "insufficient_role"),
        }
        // The demotion was answered: from here on there is no doubt.
        let late = scene.admin.caller.post("/v1/users", invitee(&format!("late{address}"), "developer"));
        tally.of(late.await).refused(403, "insufficient_role");
        scene.team.root.caller.put(&path, json!({ "role": "admin" })).await.expect(200);
    }
    println!(
        "{before} of {ROUNDS} invitations came before the demotion; {seen} times it was seen to come first"
    );
    let facts = roster.facts(&scene.team.account_id).await;
    let by_admin =
        |fact: &&Value| fact["type"] == "user.invited" && fact["actor"]["id"] == json!(scene.admin.id);
    let invited: Vec<&Value> = facts.iter().filter(by_admin).collect();
    assert_eq!(invited.len(), before, "an entry for each invitation that got through");
    assert!(invited.iter().all(|fact| fact["actor"]["role"] == "admin"), "{invited:#?}");
    roster.assert_counts_hold(&scene.team.account_id).await;
    tally.finish();
}

/// An Admin's invitation against another way to lose the right. Afterwards the credential is dead.
async fn against<C: Future<Output = Reply>>(
    name: &str,
    taken: impl Fn(Caller, String) -> C,
    status: u16,
    restore: impl AsyncFn(&Scene<'_>) -> Person,
) {
    let roster = roster_with(slow()).await;
    let mut scene = scene(&roster, name, TIMES).await;
    let mut tally = Tally::default();
    for round in 0..TIMES {
        let (expired_id, address) = scene.expired[round].clone();
        let taking = taken(scene.team.root.caller.clone(), scene.admin.id.clone());
        let (invited, taken, looks) = scene.race(&address, &expired_id, taking).await;
        tally.of(taken).expect(status);
        let invited = tally.of(invited);
        assert_in_order(&invited, &looks);
        if invited.status != 201 {
            invited.refused(401, "unauthenticated");
        }
        let late = scene.admin.caller.post("/v1/users", invitee(&format!("late{address}"), "developer"));
        tally.of(late.await).refused(401, "unauthenticated");
        roster.assert_counts_hold(&scene.team.account_id).await;
        scene.admin = restore(&scene).await;
    }
    tally.finish();
}

// RULE: RO-07, SU-01, SU-02
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_suspended_admins_last_invitation_came_before_or_is_refused() {
    let suspend = |root: Caller, id: String| async move {
        root.post(&format!("/v1/users/{id}/suspend"), json!({ "confirm": true })).await
    };
    against("suspended", suspend, 200, async |scene: &Scene<'_>| {
        let path = format!("/v1/users/{}/reactivate", scene.admin.id);
        scene.team.root.caller.post(&path, json!({})).await.expect(200);
        scene.team.roster.sign_in(&scene.admin.email).await
    })
    .await;
}

// RULE: RO-07, SE-01, SE-02
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_logged_out_admins_last_invitation_came_before_or_is_refused() {
    let logout = |root: Caller, id: String| async move {
        root.post(&format!("/v1/users/{id}/logout"), json!({ "confirm": true })).await
    };
    against("logged-out", logout, 200, async |scene: &Scene<'_>| {
        scene.team.roster.sign_in(&scene.admin.email).await
    })
    .await;
}

// RULE: RO-07, DE-01, DE-04
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deleted_admins_last_invitation_came_before_or_is_refused() {
    let delete =
        |root: Caller, id: String| async move { root.delete(&format!("/v1/users/{id}?confirm=true")).await };
    against("gone", delete, 204, async |scene: &Scene<'_>| {
        scene.team.member(&scene.admin.email, "admin").await
    })
    .await;
}

// RULE: RO-07, AC-07, SE-02
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_last_invitation_of_a_key_came_before_it_was_deleted_or_is_refused() {
    let roster = roster_with(slow()).await;
    let mut scene = scene(&roster, "keyless", TIMES).await;
    let session = scene.admin.clone();
    let mut tally = Tally::default();
    for round in 0..TIMES {
        scene.admin.caller = session.key(&format!("Key {round}")).await.caller;
        let (expired_id, address) = scene.expired[round].clone();
        let path = format!("/v1/users/{}/api-keys", session.id);
        let (invited, deleted, looks) =
            scene.race(&address, &expired_id, scene.team.root.caller.delete(&path)).await;
        tally.of(deleted).expect(204);
        let invited = tally.of(invited);
        assert_in_order(&invited, &looks);
        if invited.status != 201 {
            invited.refused(401, "unauthenticated");
        }
        let late = scene.admin.caller.post("/v1/users", invitee(&format!("late{address}"), "developer"));
        tally.of(late.await).refused(401, "unauthenticated");
        roster.assert_counts_hold(&scene.team.account_id).await;
    }
    tally.finish();
}
