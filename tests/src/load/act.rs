//! What an actor may do, how often, and to whom.

use fastrand::Rng;
use serde_json::json;

use super::crew::{Crew, Target};
use crate::{Caller, PASSWORD, Reply, invitee};

/// Something that somebody does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)] // as the operations are called
pub enum Act {
    Invite,
    InviteMany,
    ResendInvite,
    RevokeInvite,
    AcceptInvite,
    SignIn,
    ChangeRole,
    Suspend,
    Reactivate,
    Logout,
    Delete,
    Leave,
    StartDeparture,
    CancelDeparture,
    ListUsers,
    GetUser,
    Seats,
    ListEvents,
    /// A tick of the schedule, in the midst of everything.
    Deadlines,
}

/// How often each is drawn, of the sum of all.
const WEIGHTS: [(Act, u32); 19] = [
    (Act::Invite, 17),
    (Act::InviteMany, 3),
    (Act::ResendInvite, 6),
    (Act::RevokeInvite, 4),
    (Act::AcceptInvite, 10),
    (Act::SignIn, 7),
    (Act::ChangeRole, 9),
    (Act::Suspend, 5),
    (Act::Reactivate, 7),
    (Act::Logout, 3),
    (Act::Delete, 4),
    (Act::Leave, 1),
    (Act::StartDeparture, 3),
    (Act::CancelDeparture, 3),
    (Act::ListUsers, 6),
    (Act::GetUser, 4),
    (Act::Seats, 3),
    (Act::ListEvents, 2),
    (Act::Deadlines, 1),
];

/// Roles, as often as they are drawn.
const ROLES: [&str; 10] = [
    "root",
    "admin",
    "admin",
    "admin",
    "billing",
    "developer",
    "developer",
    "developer",
    "monitor",
    "monitor",
];
/// Rows of a call that invites many.
const ROWS: usize = 3;
/// Of ten, how often somebody is chosen to whom the act can be done.
const SUITED_OF_TEN: u32 = 8;

impl Act {
    fn draw(random: &mut Rng) -> Self {
        let all: u32 = WEIGHTS.iter().map(|(_, weight)| weight).sum();
        let mut drawn = random.u32(..all);
        for (act, weight) in WEIGHTS {
            if drawn < weight {
                return act;
            }
            drawn -= weight;
        }
        Self::ListUsers
    }

    /// Whether this is somebody to whom it can be done.
    fn suits(self, target: &Target) -> bool {
        let is = |statuses: &[&str]| statuses.contains(&target.status.as_str());
        match self {
            Self::ResendInvite | Self::RevokeInvite => is(&["pending", "expired"]),
            Self::Suspend | Self::Logout | Self::SignIn => is(&["active"]),
            Self::StartDeparture | Self::CancelDeparture => is(&["active", "suspended"]),
            Self::Reactivate => is(&["suspended"]),
            _ => true,
        }
    }
}

pub(super) fn a_role(random: &mut Rng) -> &'static str {
    ROLES[random.usize(..ROLES.len())]
}

/// The most of a list that a reader takes.
fn page(target: &Target, random: &mut Rng) -> String {
    match random.u8(..4) {
        0 => format!("/v1/users?status={}", target.status),
        _ => "/v1/users?limit=200".to_owned(),
    }
}

impl Crew {
    /// Draws something, and does it.
    pub(super) async fn act(&self, from: &Caller, random: &mut Rng) -> (Act, Reply) {
        let mut act = Act::draw(random);
        if matches!(act, Act::AcceptInvite | Act::SignIn) && !self.may_hash() {
            act = Act::GetUser;
        }
        let token = self.somebody(random);
        // Somebody has to be signed in.
        if token.is_none() && act != Act::AcceptInvite {
            act = Act::SignIn;
        }
        let token = token.unwrap_or_default();
        let target = self.target(random, |target| act.suits(target));
        let by = from.with_token(&token);
        // What is drawn does not depend on how often it is tried.
        let mut again = random.clone();
        let mut reply = self.take(act, &by, &target, random).await;
        if reply.status == 403 && self.meets(&reply, &by).await {
            reply = self.take(act, &by, &target, &mut again).await;
        }
        if reply.status == 401 && act != Act::SignIn {
            self.forget(&token);
        }
        (act, reply)
    }

    async fn take(&self, act: Act, by: &Caller, target: &Target, random: &mut Rng) -> Reply {
        let user = |what: &str| format!("/v1/users/{}{what}", target.id);
        let confirmed = json!({ "confirm": true });
        match act {
            Act::Invite => by.post("/v1/users", invitee(&self.address(random), a_role(random))).await,
            Act::InviteMany => by.post("/v1/users/bulk", self.rows(random)).await,
            Act::ResendInvite => by.post(&user("/invitation"), json!({})).await,
            Act::RevokeInvite => by.delete(&user("/invitation")).await,
            Act::AcceptInvite => {
                let body = json!({ "token": self.letter(random), "password": PASSWORD });
                by.without_token().post("/v1/invitations/accept", body).await
            }
            Act::SignIn => self.sign_in(by, &target.email).await,
            Act::ChangeRole => by.put(&user("/role"), json!({ "role": a_role(random) })).await,
            Act::Suspend => by.post(&user("/suspend"), confirmed).await,
            Act::Reactivate => by.post(&user("/reactivate"), json!({})).await,
            Act::Logout => by.post(&user("/logout"), confirmed).await,
            Act::Delete => by.delete(&user("?confirm=true")).await,
            Act::Leave => by.delete("/v1/me?confirm=true").await,
            Act::StartDeparture => {
                let mode = if random.bool() { "auto" } else { "remind" };
                by.post(&user("/departure"), json!({ "mode": mode })).await
            }
            Act::CancelDeparture => by.delete(&user("/departure")).await,
            Act::ListUsers => {
                let path = page(target, random);
                let reply = by.get(&path).await;
                if reply.status == 200 && !path.contains("status") {
                    self.see(&reply.body["data"]);
                }
                reply
            }
            Act::GetUser => by.get(&user("")).await,
            Act::Seats => by.get("/v1/seats").await,
            Act::ListEvents => by.get("/v1/events").await,
            Act::Deadlines => by.post("/_local/run/deadlines", json!({})).await,
        }
    }

    /// A few who are to be invited, no address twice.
    fn rows(&self, random: &mut Rng) -> serde_json::Value {
        let mut rows: Vec<serde_json::Value> = Vec::new();
        while rows.len() < ROWS {
            let address = self.address(random);
            if rows.iter().all(|row| row["email"] != address.as_str()) {
                rows.push(invitee(&address, a_role(random)));
            }
        }
        json!({ "users": rows })
    }

    /// Somebody of those who were listed last, mostly one whom this suits.
    fn target(&self, random: &mut Rng, suits: impl Fn(&Target) -> bool) -> Target {
        let users = self.listed();
        let suited: Vec<&Target> = users.iter().filter(|target| suits(target)).collect();
        if !suited.is_empty() && random.u32(..10) < SUITED_OF_TEN {
            return suited[random.usize(..suited.len())].clone();
        }
        users[random.usize(..users.len())].clone()
    }
}
