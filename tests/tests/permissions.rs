//! Who may do what to whom: every operation by every role on every role, tried over HTTP, and which refusal comes
//! first where several apply.
#![allow(clippy::expect_used)]

use std::collections::BTreeMap;

use reqwest::Method;
use serde_json::{Value, json};
use tests::{Caller, PASSWORD, Person, Reply, Roster, Team, invitee};

const ROLES: [&str; 5] = ["root", "admin", "billing", "developer", "monitor"];

/// Something that is done to a user.
#[derive(Clone, Copy)]
enum Act {
    Get,
    ChangeRole(&'static str),
    Suspend,
    Reactivate,
    Logout,
    Delete,
    StartDeparture,
    GetDeparture,
    CancelDeparture,
    ListSessions,
    ResendInvite,
    RevokeInvite,
}

impl Act {
    fn all() -> Vec<Self> {
        let changes = ROLES.map(Self::ChangeRole);
        let others = [
            Self::Suspend,
            Self::Reactivate,
            Self::Logout,
            Self::StartDeparture,
            Self::GetDeparture,
            Self::CancelDeparture,
            Self::ListSessions,
            Self::Delete,
            Self::ResendInvite,
            Self::RevokeInvite,
        ];
        [&[Self::Get][..], &changes, &others].concat()
    }

    fn name(self) -> String {
        match self {
            Self::Get => "get-user".into(),
            Self::ChangeRole(role) => format!("change-role to {role}"),
            Self::Suspend => "suspend".into(),
            Self::Reactivate => "reactivate".into(),
            Self::Logout => "logout".into(),
            Self::Delete => "delete".into(),
            Self::StartDeparture => "start-departure".into(),
            Self::GetDeparture => "get-departure".into(),
            Self::CancelDeparture => "cancel-departure".into(),
            Self::ListSessions => "list-user-sessions".into(),
            Self::ResendInvite => "resend-invite".into(),
            Self::RevokeInvite => "revoke-invite".into(),
        }
    }

    /// Whether it is done to those who have not accepted.
    const fn is_of_invitations(self) -> bool {
        matches!(self, Self::ResendInvite | Self::RevokeInvite)
    }

    async fn on(self, by: &Caller, id: &str) -> Reply {
        match self {
            Self::Get => by.get(&format!("/v1/users/{id}")).await,
            Self::ChangeRole(role) => by.put(&format!("/v1/users/{id}/role"), json!({ "role": role })).await,
            Self::Suspend => by.post(&format!("/v1/users/{id}/suspend"), json!({ "confirm": true })).await,
            Self::Reactivate => by.post(&format!("/v1/users/{id}/reactivate"), json!({})).await,
            Self::Logout => by.post(&format!("/v1/users/{id}/logout"), json!({ "confirm": true })).await,
            Self::Delete => by.delete(&format!("/v1/users/{id}?confirm=true")).await,
            Self::StartDeparture => by.post(&format!("/v1/users/{id}/departure"), json!({})).await,
            Self::GetDeparture => by.get(&format!("/v1/users/{id}/departure")).await,
            Self::CancelDeparture => by.delete(&format!("/v1/users/{id}/departure")).await,
            Self::ListSessions => by.get(&format!("/v1/users/{id}/sessions")).await,
            Self::ResendInvite => by.post(&format!("/v1/users/{id}/invitation"), json!({})).await,
            Self::RevokeInvite => by.delete(&format!("/v1/users/{id}/invitation")).await,
        }
    }
}

/// One actor of each role, and an active user of each role to act on.
struct Cast<'a> {
    team: Team<'a>,
    actors: Vec<Person>,
    targets: BTreeMap<&'static str, String>,
    invited: BTreeMap<&'static str, String>,
    made: usize,
}

impl Cast<'_> {
    /// Becomes active without signing in.
    async fn make_target(&mut self, role: &'static str) -> String {
        self.made += 1;
        let email = format!("target{}@matrix.test", self.made);
        let id = self.team.pending(&email, role).await;
        let token = self.team.roster.token_for(&email).await;
        let body = json!({ "token": token, "password": PASSWORD });
        self.team.roster.caller().post("/v1/invitations/accept", body).await.expect(201);
        self.targets.insert(role, id.clone());
        id
    }

    /// Somebody who has not accepted, and was last written to more than a minute ago.
    async fn invited(&mut self, role: &'static str) -> String {
        if !self.invited.contains_key(role) {
            self.made += 1;
            let id = self.team.pending(&format!("invited{}@matrix.test", self.made), role).await;
            self.invited.insert(role, id);
        }
        self.team.roster.advance("61s").await;
        self.invited[role].clone()
    }

    async fn target(&mut self, role: &'static str) -> String {
        match self.targets.get(role) {
            Some(id) => id.clone(),
            None => self.make_target(role).await,
        }
    }

    /// What came of it; whatever it did is undone.
    async fn attempt(&mut self, act: Act, actor: usize, role: &'static str) -> String {
        let root = self.team.root.caller.clone();
        let id = if act.is_of_invitations() { self.invited(role).await } else { self.target(role).await };
        let status = if act.is_of_invitations() { "pending" } else { "active" };
        match act {
            Act::Reactivate => _ = Act::Suspend.on(&root, &id).await.expect(200),
            Act::GetDeparture | Act::CancelDeparture => {
                _ = Act::StartDeparture.on(&root, &id).await.expect(200);
            }
            _ => {}
        }
        let reply = act.on(&self.actors[actor].caller, &id).await;
        let did = reply.status < 300;
        match act {
            Act::Suspend if did => _ = Act::Reactivate.on(&root, &id).await.expect(200),
            Act::Reactivate if !did => _ = Act::Reactivate.on(&root, &id).await.expect(200),
            Act::ChangeRole(_) if did => _ = Act::ChangeRole(role).on(&root, &id).await.expect(200),
            Act::Delete if did => _ = self.targets.remove(role),
            Act::StartDeparture if did => _ = Act::CancelDeparture.on(&root, &id).await.expect(200),
            Act::GetDeparture | Act::CancelDeparture => {
                _ = Act::CancelDeparture.on(&root, &id).await.expect(200);
            }
            Act::RevokeInvite if did => _ = self.invited.remove(role),
            _ => {}
        }
        // Not even a hint of it stays behind a refusal.
        if !did {
            let user = root.get(&format!("/v1/users/{id}")).await.expect(200).body;
            assert_eq!((&user["role"], &user["status"]), (&json!(role), &json!(status)), "{}", act.name());
        }
        cell(&reply)
    }
}

fn cell(reply: &Reply) -> String {
    match reply.status {
        200..300 => "ok".into(),
        403 => reply.code().to_owned(),
        status => format!("{status} {}", reply.code()),
    }
}

/// Columns as wide as what stands in them.
fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
    let widths: Vec<usize> = (0..columns)
        .map(|column| {
            rows.iter().filter_map(|row| row.get(column)).map(String::len).max().unwrap_or_default()
        })
        .collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn row(operation: impl Into<String>, target: &str, cells: Vec<String>) -> Vec<String> {
    [vec![operation.into(), target.to_owned()], cells].concat()
}

/// What each of them may do with a resource that the Root made.
async fn rows_of_resources(actors: &[Person]) -> Vec<Vec<String>> {
    let path = "/v1/resources/agents/a";
    let named = |name: &str| json!({ "name": name });
    let (mut put, mut got, mut deleted) = (Vec::new(), Vec::new(), Vec::new());
    for actor in actors {
        actors[0].caller.put(path, named("Of the Root")).await.expect(200);
        got.push(cell(&actor.caller.get(path).await));
        put.push(cell(&actor.caller.put(path, named(&actor.email)).await));
        deleted.push(cell(&actor.caller.delete(path).await));
    }
    vec![row("get-resource", "", got), row("put-resource", "", put), row("delete-resource", "", deleted)]
}

/// What ends an account, or oneself in it: the Root tries last, since nobody tries anything after that.
async fn rows_of_ends(roster: &Roster) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    for (operation, path) in [("leave", "/v1/me?confirm=true"), ("close-account", "/v1/account?confirm=true")]
    {
        let team = roster.team(operation).await.on_pro().await;
        let mut cells = Vec::new();
        for role in ROLES[1..].iter().rev() {
            let actor = team.member(&format!("{role}@{operation}.test"), role).await;
            cells.push(cell(&actor.caller.delete(path).await));
        }
        cells.push(cell(&team.root.caller.delete(path).await));
        cells.reverse();
        rows.push(row(operation, "", cells));
    }
    rows
}

// RULE: RO-01, RO-02, RO-03, RO-04, SU-06, DE-03, IN-10, RS-01
#[tokio::test]
#[allow(clippy::too_many_lines)] // it is one table
async fn every_role_tries_every_operation_on_every_role() {
    let roster = Roster::start().await;
    let team = roster.team("matrix").await.on_pro().await;
    let mut actors = vec![team.root.clone()];
    for role in &ROLES[1..] {
        actors.push(team.member(&format!("{role}@matrix.test"), role).await);
    }
    let mut cast = Cast { team, actors, targets: BTreeMap::new(), invited: BTreeMap::new(), made: 0 };
    let mut rows = vec![row("operation", "on", ROLES.map(str::to_owned).to_vec())];

    let reads = [
        ("list-users", "/v1/users"),
        ("seats", "/v1/seats"),
        ("list-events", "/v1/events"),
        ("get-profile", "/v1/me"),
        ("get-account", "/v1/account"),
        ("list-resources", "/v1/resources"),
    ];
    for (operation, path) in reads {
        let mut cells = Vec::new();
        for actor in &cast.actors {
            cells.push(cell(&actor.caller.get(path).await));
        }
        rows.push(row(operation, "", cells));
    }
    rows.extend(rows_of_resources(&cast.actors).await);
    let (mut asked, mut renamed) = (Vec::new(), Vec::new());
    for actor in &cast.actors {
        asked.push(cell(&actor.caller.post("/v1/authorize", json!({ "action": "account.close" })).await));
        renamed.push(cell(&actor.caller.patch("/v1/account", json!({ "name": actor.email })).await));
    }
    rows.push(row("authorize", "", asked));
    rows.push(row("update-account", "", renamed));
    for role in ROLES {
        let mut cells = Vec::new();
        for (n, actor) in cast.actors.iter().enumerate() {
            let body = invitee(&format!("{role}-by-{n}@matrix.test"), role);
            cells.push(cell(&actor.caller.post("/v1/users", body).await));
        }
        rows.push(row(format!("invite as {role}"), "", cells));
    }
    for role in ROLES {
        let mut cells = Vec::new();
        for (n, actor) in cast.actors.iter().enumerate() {
            let body = json!({ "users": [invitee(&format!("{role}-of-many-by-{n}@matrix.test"), role)] });
            cells.push(cell(&actor.caller.post("/v1/users/bulk", body).await));
        }
        rows.push(row(format!("invite-many as {role}"), "", cells));
    }
    for act in Act::all() {
        for role in ROLES {
            let mut cells = Vec::new();
            for actor in 0..ROLES.len() {
                cells.push(cast.attempt(act, actor, role).await);
            }
            rows.push(row(act.name(), role, cells));
        }
        let mut cells = Vec::new();
        for actor in &cast.actors {
            cells.push(cell(&act.on(&actor.caller, &actor.id).await));
        }
        rows.push(row(act.name(), "oneself", cells));
    }
    let mut cells = Vec::new();
    for actor in &cast.actors {
        cells.push(cell(&actor.caller.delete("/v1/sessions/current").await));
        actor.caller.get("/v1/me").await.refused(401, "unauthenticated");
    }
    rows.push(row("sign-out", "", cells));
    rows.extend(rows_of_ends(&roster).await);
    insta::assert_snapshot!(table(&rows));
}

/// A situation in which several refusals apply, and the call.
struct Situation<'a> {
    by: &'a Caller,
    call: (Method, String, Option<Value>),
    applies: &'a str,
}

fn situation<'a>(by: &'a Caller, call: (Method, String, Option<Value>), applies: &'a str) -> Situation<'a> {
    Situation { by, call, applies }
}

fn role_of(id: &str, role: &str) -> (Method, String, Option<Value>) {
    (Method::PUT, format!("/v1/users/{id}/role"), Some(json!({ "role": role })))
}

fn suspend(id: &str) -> (Method, String, Option<Value>) {
    (Method::POST, format!("/v1/users/{id}/suspend"), Some(json!({ "confirm": true })))
}

fn delete(id: &str) -> (Method, String, Option<Value>) {
    (Method::DELETE, format!("/v1/users/{id}?confirm=true"), None)
}

fn resend(id: &str) -> (Method, String, Option<Value>) {
    (Method::POST, format!("/v1/users/{id}/invitation"), None)
}

fn revoke(id: &str) -> (Method, String, Option<Value>) {
    (Method::DELETE, format!("/v1/users/{id}/invitation"), None)
}

fn invite_many(emails: &[&str], role: &str) -> (Method, String, Option<Value>) {
    let users: Vec<Value> = emails.iter().map(|email| invitee(email, role)).collect();
    (Method::POST, "/v1/users/bulk".into(), Some(json!({ "users": users })))
}

fn invite(email: &str, role: &str) -> (Method, String, Option<Value>) {
    (Method::POST, "/v1/users".into(), Some(invitee(email, role)))
}

// RULE: RO-04, RO-02, RO-03, RO-06, AP-05, IN-07, IN-09, IN-16
#[tokio::test]
async fn of_several_refusals_the_first_in_the_order_is_given() {
    const UNKNOWN: &str = "usr_00000000000000000000000001";
    let roster = Roster::start().await;
    // Free, with a Root, an Admin and a Developer: the Root is the last one, and every seat is taken.
    let team = roster.team("order").await;
    let admin = team.member("ada@order.test", "admin").await;
    let gone = team.pending("gone@order.test", "root").await;
    team.root.caller.delete(&format!("/v1/users/{gone}?confirm=true")).await.expect(204);
    let developer = team.member("dan@order.test", "developer").await;
    // Paid, so that there is room for a pending Root beside the same people.
    let paid = roster.team("paid").await.on_pro().await;
    let paid_admin = paid.member("ada@paid.test", "admin").await;
    let paid_root = paid.pending("rob@paid.test", "root").await;
    let nobody = roster.caller();
    let (root, ada, dan) = (&team.root.caller, &admin.caller, &developer.caller);
    let wrong = (Method::PUT, format!("/v1/users/{UNKNOWN}/role"), Some(json!({ "role": "king" })));
    let unconfirmed = (Method::DELETE, format!("/v1/users/{}", team.root.id), None);

    let situations = [
        situation(&nobody, wrong.clone(), "no credential, wrong field, unknown target"),
        situation(dan, wrong, "wrong field, unknown target, role"),
        situation(dan, unconfirmed, "not confirmed, role, target is Root"),
        situation(dan, suspend(UNKNOWN), "unknown target, role"),
        situation(dan, suspend(&paid.root.id), "another account's target, role"),
        situation(dan, suspend(&gone), "deleted target, role"),
        situation(dan, role_of(&developer.id, "root"), "role, own role, makes a Root"),
        situation(dan, role_of(&team.root.id, "admin"), "role, target is Root, last Root"),
        situation(dan, suspend(&developer.id), "role, oneself"),
        situation(dan, invite("gil@order.test", "root"), "role, makes a Root, no seat"),
        situation(ada, role_of(&admin.id, "root"), "own role, makes a Root"),
        situation(root, role_of(&team.root.id, "admin"), "own role, last Root"),
        situation(root, suspend(&team.root.id), "oneself, last Root"),
        situation(root, delete(&team.root.id), "oneself, last Root"),
        situation(ada, role_of(&team.root.id, "root"), "target is Root, makes a Root"),
        situation(ada, role_of(&team.root.id, "monitor"), "target is Root, last Root"),
        situation(ada, delete(&team.root.id), "target is Root, last Root"),
        situation(&paid_admin.caller, suspend(&paid_root), "target is Root, invitation not accepted"),
        situation(ada, invite("dan@order.test", "root"), "makes a Root, already a user, no seat"),
        situation(ada, invite("gil@order.test", "root"), "makes a Root, no seat"),
        situation(ada, invite_many(&["gil@order.test"], "root"), "makes a Root, no seat, of many"),
        situation(root, invite_many(&["gil@order.test", "gus@order.test"], "monitor"), "no seat, of many"),
        situation(dan, resend(&team.root.id), "role, target is Root, accepted"),
        situation(ada, resend(&team.root.id), "target is Root, accepted"),
        situation(ada, resend(&admin.id), "oneself, accepted"),
        situation(ada, resend(&developer.id), "accepted"),
        situation(dan, resend(&gone), "revoked, role"),
        situation(&paid_admin.caller, resend(&paid_root), "target is Root, sent a moment ago"),
        situation(&paid.root.caller, resend(&paid_root), "sent a moment ago"),
        situation(dan, revoke(&gone), "role, revoked before"),
        situation(ada, invite("dan@order.test", "monitor"), "already a user, no seat"),
        situation(&paid_admin.caller, invite("rob@paid.test", "root"), "makes a Root, already invited"),
    ];
    let mut rows = vec![["applies", "refused with"].map(str::to_owned).to_vec()];
    for Situation { by, call: (method, path, body), applies } in situations {
        let reply = by.call(method, &path, body).await;
        rows.push(vec![applies.to_owned(), format!("{} {}", reply.status, reply.code())]);
    }
    insta::assert_snapshot!(table(&rows));
}
