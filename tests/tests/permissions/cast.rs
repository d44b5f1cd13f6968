//! Who acts, what is done, and to whom.

use std::collections::BTreeMap;

use serde_json::json;
use tests::{Caller, Key, Person, Reply, Team};

use crate::{ROLES, matrix::cell};

/// Something that is done to a user.
#[derive(Clone, Copy)]
pub(crate) enum Act {
    Get,
    ChangeRole(&'static str),
    Suspend,
    Reactivate,
    Logout,
    AskAccess,
    Delete,
    DeleteMany,
    StartDeparture,
    GetDeparture,
    CancelDeparture,
    ListSessions,
    ViewCodes,
    IssueCodes,
    ListKeys,
    DeleteKey,
    DeleteKeys,
    ResendInvite,
    RevokeInvite,
}

/// Keys that a target is given: as many as are deleted one by one, and one more.
const KEYS: usize = 3;

impl Act {
    pub(crate) fn all() -> Vec<Self> {
        let changes = ROLES.map(Self::ChangeRole);
        let others = [
            Self::Suspend,
            Self::Reactivate,
            Self::Logout,
            Self::AskAccess,
            Self::StartDeparture,
            Self::GetDeparture,
            Self::CancelDeparture,
            Self::ListSessions,
            Self::ViewCodes,
            Self::IssueCodes,
            Self::ListKeys,
            Self::DeleteKey,
            Self::DeleteKeys,
            Self::Delete,
            Self::DeleteMany,
            Self::ResendInvite,
            Self::RevokeInvite,
        ];
        [&[Self::Get][..], &changes, &others].concat()
    }

    pub(crate) fn name(self) -> String {
        match self {
            Self::Get => "get-user".into(),
            Self::ChangeRole(role) => format!("change-role to {role}"),
            Self::Suspend => "suspend".into(),
            Self::Reactivate => "reactivate".into(),
            Self::Logout => "logout".into(),
            Self::AskAccess => "ask-access".into(),
            Self::Delete => "delete".into(),
            Self::DeleteMany => "delete-many".into(),
            Self::StartDeparture => "start-departure".into(),
            Self::GetDeparture => "get-departure".into(),
            Self::CancelDeparture => "cancel-departure".into(),
            Self::ListSessions => "list-user-sessions".into(),
            Self::ViewCodes => "view-codes".into(),
            Self::IssueCodes => "issue-codes".into(),
            Self::ListKeys => "list-user-keys".into(),
            Self::DeleteKey => "delete-user-key".into(),
            Self::DeleteKeys => "delete-user-keys".into(),
            Self::ResendInvite => "resend-invite".into(),
            Self::RevokeInvite => "revoke-invite".into(),
        }
    }

    /// Whether it is done to those who have not accepted.
    pub(crate) const fn is_of_invitations(self) -> bool {
        matches!(self, Self::ResendInvite | Self::RevokeInvite)
    }

    /// Does it to this user, and to this key of theirs.
    pub(crate) async fn on(self, by: &Caller, id: &str, key_id: &str) -> Reply {
        match self {
            Self::Get => by.get(&format!("/v1/users/{id}")).await,
            Self::ChangeRole(role) => by.put(&format!("/v1/users/{id}/role"), json!({ "role": role })).await,
            Self::Suspend => by.post(&format!("/v1/users/{id}/suspend"), json!({ "confirm": true })).await,
            Self::Reactivate => by.post(&format!("/v1/users/{id}/reactivate"), json!({})).await,
            Self::Logout => by.post(&format!("/v1/users/{id}/logout"), json!({ "confirm": true })).await,
            Self::AskAccess => by.post(&format!("/v1/users/{id}/access-question"), json!({})).await,
            Self::Delete => by.delete(&format!("/v1/users/{id}?confirm=true")).await,
            Self::DeleteMany => {
                by.post("/v1/users/bulk-delete", json!({ "user_ids": [id], "confirm": true })).await
            }
            Self::StartDeparture => by.post(&format!("/v1/users/{id}/departure"), json!({})).await,
            Self::GetDeparture => by.get(&format!("/v1/users/{id}/departure")).await,
            Self::CancelDeparture => by.delete(&format!("/v1/users/{id}/departure")).await,
            Self::ListSessions => by.get(&format!("/v1/users/{id}/sessions")).await,
            Self::ViewCodes => by.post(&format!("/v1/users/{id}/recovery-codes/view"), json!({})).await,
            Self::IssueCodes => {
                by.post(&format!("/v1/users/{id}/recovery-codes"), json!({ "confirm": true })).await
            }
            Self::ListKeys => by.get(&format!("/v1/users/{id}/api-keys")).await,
            Self::DeleteKey => by.delete(&format!("/v1/users/{id}/api-keys/{key_id}")).await,
            Self::DeleteKeys => by.delete(&format!("/v1/users/{id}/api-keys")).await,
            Self::ResendInvite => by.post(&format!("/v1/users/{id}/invitation"), json!({})).await,
            Self::RevokeInvite => by.delete(&format!("/v1/users/{id}/invitation")).await,
        }
    }
}

/// Somebody of this role who has a second factor, recovery codes, and API keys from when they were a developer.
pub(crate) async fn with_everything(team: &Team<'_>, email: &str, role: &str) -> (Person, Vec<Key>) {
    let person = team.member(email, "developer").await;
    team.roster.enroll(&person).await;
    let mut keys = Vec::new();
    for n in 0..KEYS {
        keys.push(person.key(&format!("key {n}")).await);
    }
    if role != "developer" {
        Act::ChangeRole(named(role)).on(&team.root.caller, &person.id, "").await.expect(200);
    }
    (person, keys)
}

fn named(role: &str) -> &'static str {
    ROLES.into_iter().find(|known| *known == role).expect("a role")
}

/// An active user to act on, or one who has not accepted.
#[derive(Clone)]
pub(crate) struct Target {
    id: String,
    key_ids: Vec<String>,
}

/// One actor of each role, and an active user of each role to act on.
pub(crate) struct Cast<'a> {
    pub(crate) team: Team<'a>,
    pub(crate) actors: Vec<Person>,
    pub(crate) targets: BTreeMap<&'static str, Target>,
    pub(crate) invited: BTreeMap<&'static str, String>,
    pub(crate) made: usize,
}

impl Cast<'_> {
    async fn make_target(&mut self, role: &'static str) -> Target {
        self.made += 1;
        let email = format!("target{}@matrix.test", self.made);
        let (person, keys) = with_everything(&self.team, &email, role).await;
        let target = Target { id: person.id, key_ids: keys.into_iter().map(|key| key.id).collect() };
        self.targets.insert(role, target.clone());
        target
    }

    /// Somebody who has not accepted, and was last written to more than a minute ago.
    async fn invited(&mut self, role: &'static str) -> Target {
        if !self.invited.contains_key(role) {
            self.made += 1;
            let id = self.team.pending(&format!("invited{}@matrix.test", self.made), role).await;
            self.invited.insert(role, id);
        }
        self.next_minute().await;
        Target { id: self.invited[role].clone(), key_ids: vec!["none".to_owned()] }
    }

    /// The next minute, of which nobody has called anything yet, and in which invitations may be mailed again.
    pub(crate) async fn next_minute(&self) {
        self.team.roster.advance("61s").await;
        self.step_up().await;
    }

    /// A Root and an Admin who proved who they are a moment ago.
    pub(crate) async fn step_up(&self) {
        for actor in &self.actors[..2] {
            self.team.roster.step_up(actor).await;
        }
    }

    async fn target(&mut self, role: &'static str) -> Target {
        match self.targets.get(role) {
            Some(target) => target.clone(),
            None => self.make_target(role).await,
        }
    }

    /// What came of it; whatever it did is undone.
    pub(crate) async fn attempt(&mut self, act: Act, actor: usize, role: &'static str) -> String {
        let root = self.team.root.caller.clone();
        let target = if act.is_of_invitations() { self.invited(role).await } else { self.target(role).await };
        let (id, key_id) = (target.id.as_str(), target.key_ids.last().map_or("none", String::as_str));
        let status = if act.is_of_invitations() { "pending" } else { "active" };
        match act {
            Act::Reactivate => _ = Act::Suspend.on(&root, id, key_id).await.expect(200),
            Act::GetDeparture | Act::CancelDeparture => {
                _ = Act::StartDeparture.on(&root, id, key_id).await.expect(200);
            }
            // Codes that were a Root's for a while are seen by nobody.
            Act::ViewCodes if role != "root" => _ = Act::IssueCodes.on(&root, id, key_id).await.expect(200),
            _ => {}
        }
        let reply = act.on(&self.actors[actor].caller, id, key_id).await;
        let did = cell(&reply) == "ok";
        match act {
            Act::Suspend if did => _ = Act::Reactivate.on(&root, id, key_id).await.expect(200),
            Act::Reactivate if !did => _ = Act::Reactivate.on(&root, id, key_id).await.expect(200),
            Act::ChangeRole(_) if did => _ = Act::ChangeRole(role).on(&root, id, key_id).await.expect(200),
            // Nobody is asked twice a day.
            Act::Delete | Act::DeleteMany | Act::AskAccess if did => _ = self.targets.remove(role),
            Act::StartDeparture if did => _ = Act::CancelDeparture.on(&root, id, key_id).await.expect(200),
            Act::GetDeparture | Act::CancelDeparture => {
                _ = Act::CancelDeparture.on(&root, id, key_id).await.expect(200);
            }
            Act::DeleteKey if did => _ = self.targets.get_mut(role).and_then(|target| target.key_ids.pop()),
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
