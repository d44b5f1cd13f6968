//! Who acts, what is done, and to whom.

use std::collections::BTreeMap;

use serde_json::json;
use tests::{Caller, PASSWORD, Person, Reply, Team};

use crate::{ROLES, matrix::cell};

/// Something that is done to a user.
#[derive(Clone, Copy)]
pub(crate) enum Act {
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
    pub(crate) fn all() -> Vec<Self> {
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

    pub(crate) fn name(self) -> String {
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
    pub(crate) const fn is_of_invitations(self) -> bool {
        matches!(self, Self::ResendInvite | Self::RevokeInvite)
    }

    pub(crate) async fn on(self, by: &Caller, id: &str) -> Reply {
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
pub(crate) struct Cast<'a> {
    pub(crate) team: Team<'a>,
    pub(crate) actors: Vec<Person>,
    pub(crate) targets: BTreeMap<&'static str, String>,
    pub(crate) invited: BTreeMap<&'static str, String>,
    pub(crate) made: usize,
}

impl Cast<'_> {
    /// Becomes active without signing in.
    pub(crate) async fn make_target(&mut self, role: &'static str) -> String {
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
    pub(crate) async fn invited(&mut self, role: &'static str) -> String {
        if !self.invited.contains_key(role) {
            self.made += 1;
            let id = self.team.pending(&format!("invited{}@matrix.test", self.made), role).await;
            self.invited.insert(role, id);
        }
        self.team.roster.advance("61s").await;
        self.invited[role].clone()
    }

    pub(crate) async fn target(&mut self, role: &'static str) -> String {
        match self.targets.get(role) {
            Some(id) => id.clone(),
            None => self.make_target(role).await,
        }
    }

    /// What came of it; whatever it did is undone.
    pub(crate) async fn attempt(&mut self, act: Act, actor: usize, role: &'static str) -> String {
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
