//! An account under load, as far as those who call it know it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use fastrand::Rng;
use serde_json::{Value, json};

use super::Size;
use crate::{Authenticators, Caller, PASSWORD, Reply, Roster, invitee};

/// Addresses that are invited to an account, again and again.
const ADDRESSES: usize = 90;
/// What the members are at the beginning, in turn.
const FIRST_ROLES: [&str; 6] = ["admin", "root", "admin", "developer", "admin", "monitor"];
/// Of ten, how often an Admin or a Root acts.
const MANAGERS_OF_TEN: u32 = 8;

/// A session that was given to somebody.
#[derive(Clone, Debug)]
pub struct Issued {
    /// Whose.
    pub user_id: String,
    /// Its identifier.
    pub session_id: String,
    /// Its credential.
    pub token: String,
    email: String,
}

/// Somebody as last listed.
#[derive(Clone, Debug)]
pub(super) struct Target {
    pub(super) id: String,
    pub(super) email: String,
    pub(super) role: String,
    pub(super) status: String,
}

/// An account under load.
pub struct Crew {
    /// The account.
    pub account_id: String,
    /// Its first Root's address.
    pub root: String,
    name: String,
    members: usize,
    issued: Mutex<Vec<Issued>>,
    live: Mutex<Vec<Issued>>,
    users: Mutex<Arc<Vec<Target>>>,
    /// The newest link to each address.
    letters: Mutex<BTreeMap<String, String>>,
    hashes_left: AtomicUsize,
    authenticators: Authenticators,
}

fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

impl Crew {
    /// An account on Pro, whose members have accepted.
    pub(super) async fn found(roster: &Roster, name: &str, size: Size) -> Self {
        let team = roster.team(name).await.on_pro().await;
        let crew = Self {
            account_id: team.account_id.clone(),
            root: team.root.email.clone(),
            name: name.to_owned(),
            members: size.members,
            issued: Mutex::default(),
            live: Mutex::default(),
            users: Mutex::default(),
            letters: Mutex::default(),
            hashes_left: AtomicUsize::new(size.hashes_max),
            authenticators: roster.authenticators.clone(),
        };
        let roles = FIRST_ROLES.iter().cycle();
        let rows = (0..size.members).zip(roles).map(|(n, role)| invitee(&crew.address_of(n), role));
        let rows = json!({ "users": rows.collect::<Vec<_>>() });
        team.root.caller.post("/v1/users/bulk", rows).await.expect(200);
        for n in 0..size.members {
            let token = roster.token_for(&crew.address_of(n)).await;
            let body = json!({ "token": token, "password": PASSWORD });
            roster.caller().post("/v1/invitations/accept", body).await.expect(201);
        }
        crew
    }

    /// Everybody who is active as far as is known signs in, and one of them lists all.
    pub(super) async fn sign_in_all(&self, roster: &Roster) {
        let active = self
            .listed()
            .iter()
            .filter(|user| user.status == "active")
            .map(|user| user.email.clone())
            .collect();
        for email in Some(active).filter(|active: &Vec<String>| !active.is_empty()).unwrap_or(self.first()) {
            // Some are suspended by now, or gone.
            self.sign_in(&roster.caller(), &email).await;
        }
        let live = lock(&self.live).clone();
        for issued in live.iter().rev() {
            let list = roster.caller().with_token(&issued.token).get("/v1/users?limit=200").await;
            if list.status == 200 {
                return self.see(&list.body["data"]);
            }
        }
    }

    /// The first Root and the first members.
    fn first(&self) -> Vec<String> {
        std::iter::once(self.root.clone()).chain((0..self.members).map(|n| self.address_of(n))).collect()
    }

    /// Somebody signs in, and acts from then on.
    pub(super) async fn sign_in(&self, from: &Caller, email: &str) -> Reply {
        let body = json!({ "email": email, "password": PASSWORD, "account_id": self.account_id });
        let mut reply = from.without_token().post("/v1/sessions", body).await;
        if reply.status == 200
            && let Some(mut answer) = self.authenticators.try_to_answer(email)
        {
            answer["challenge"] = reply.body["challenge"].clone();
            reply = from.without_token().post("/v1/sessions/mfa", answer).await;
        }
        if reply.status == 201 {
            let issued = Issued {
                user_id: text(&reply.body["user"]["id"]),
                session_id: text(&reply.body["session_id"]),
                token: text(&reply.body["token"]),
                email: email.to_owned(),
            };
            // An Admin or a Root does nothing else before. RULE: RO-08
            if reply.body["restricted"] == true {
                self.authenticators.try_to_enroll(email, &from.with_token(&issued.token)).await;
            }
            lock(&self.issued).push(issued.clone());
            lock(&self.live).push(issued);
        }
        reply
    }

    /// Does what a refusal asks for, as a console would: sets up a second factor, or proves once more who acts. Whether the
    /// same is worth another try. RULE: RO-08, AC-06
    pub(super) async fn meets(&self, refusal: &Reply, by: &Caller) -> bool {
        let issued = lock(&self.live).iter().find(|issued| issued.token == by.token()).cloned();
        let Some(Issued { email, .. }) = issued else { return false };
        match refusal.code() {
            "mfa_enrollment_required" => self.authenticators.try_to_enroll(&email, by).await.status == 200,
            "step_up_required" => {
                let Some(code) = self.authenticators.try_code(&email) else { return false };
                by.post("/v1/sessions/current/step-up", json!({ "code": code })).await.status == 200
            }
            _ => false,
        }
    }

    /// Every session that was given out, dead or not.
    pub fn issued(&self) -> Vec<Issued> {
        lock(&self.issued).clone()
    }

    /// The credential of somebody who seems to be signed in; mostly of an Admin or a Root.
    pub(super) fn somebody(&self, random: &mut Rng) -> Option<String> {
        let users = self.listed();
        let is_manager = |id: &str| {
            users.iter().any(|user| user.id == id && ["root", "admin"].contains(&user.role.as_str()))
        };
        let live = lock(&self.live);
        let managers: Vec<&Issued> = live.iter().filter(|issued| is_manager(&issued.user_id)).collect();
        if !managers.is_empty() && random.u32(..10) < MANAGERS_OF_TEN {
            return Some(managers[random.usize(..managers.len())].token.clone());
        }
        (!live.is_empty()).then(|| live[random.usize(..live.len())].token.clone())
    }

    /// A credential has turned out to be dead.
    pub(super) fn forget(&self, token: &str) {
        lock(&self.live).retain(|issued| issued.token != token);
    }

    /// Those who were listed last.
    pub(super) fn listed(&self) -> Arc<Vec<Target>> {
        lock(&self.users).clone()
    }

    /// Takes a list for what there is.
    pub(super) fn see(&self, users: &Value) {
        let users = users.as_array().into_iter().flatten().map(|user| Target {
            id: text(&user["id"]),
            email: text(&user["email"]),
            role: text(&user["role"]),
            status: text(&user["status"]),
        });
        *lock(&self.users) = Arc::new(users.collect());
    }

    /// Keeps the link of a mail to somebody of this account.
    pub(super) fn read_mail(&self, mail: &Value) {
        let to = text(&mail["to"][0]);
        let token = mail["links"].as_array().into_iter().flatten().find_map(|link| {
            let (_, token) = link.as_str()?.split_once("/accept#")?;
            Some(token.to_owned())
        });
        if let Some(token) = token.filter(|_| to.ends_with(&format!("@{}.test", self.name))) {
            lock(&self.letters).insert(to, token);
        }
    }

    /// A link that somebody was mailed, used or not.
    pub(super) fn letter(&self, random: &mut Rng) -> String {
        let letters = lock(&self.letters);
        let pending: Vec<String> = self
            .listed()
            .iter()
            .filter(|user| user.status == "pending")
            .map(|user| user.email.clone())
            .collect();
        let known: Vec<&String> = pending.iter().filter_map(|email| letters.get(email)).collect();
        if !known.is_empty() {
            return known[random.usize(..known.len())].clone();
        }
        let drawn = random.usize(..letters.len());
        letters.values().nth(drawn).cloned().unwrap_or_default()
    }

    /// Whether another run of argon2 is left, which is taken then.
    pub(super) fn may_hash(&self) -> bool {
        let take = |left: usize| left.checked_sub(1);
        self.hashes_left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, take).is_ok()
    }

    /// One of the addresses, whoever holds it.
    pub(super) fn address(&self, random: &mut Rng) -> String {
        self.address_of(random.usize(..ADDRESSES))
    }

    fn address_of(&self, n: usize) -> String {
        format!("p{n}@{}.test", self.name)
    }

    /// The address of a member of the beginning.
    pub fn member(&self, n: usize) -> String {
        self.address_of(n)
    }
}
