//! What has to fit together once everything has settled.

use std::collections::{BTreeMap, BTreeSet};

use domain::User;
use serde_json::{Value, json};
use tests::{Crew, Roster};

use crate::history::{Told, life, told};

/// The subject of every mail that brings an invitation, the first time and again.
const INVITES: &str = " invited you to ";

/// All that the table holds of one account.
struct Kept<'a> {
    users: BTreeMap<String, &'a Value>,
    tombstones: BTreeMap<String, &'a Value>,
    memberships: Vec<&'a Value>,
    sessions: Vec<&'a Value>,
    /// The facts of each user, in order.
    lives: BTreeMap<String, Vec<Told>>,
    /// What became of the mail of each fact, by its identifier.
    dispatches: BTreeMap<String, &'a Value>,
}

fn text<'a>(item: &'a Value, name: &str) -> &'a str {
    item[name].as_str().unwrap_or_default()
}

impl<'a> Kept<'a> {
    fn of(account_id: &str, items: &'a [Value]) -> Self {
        let pk = format!("A#{account_id}");
        let of_account: Vec<&Value> = items.iter().filter(|item| text(item, "pk") == pk).collect();
        let by_id = |prefix: &str| {
            let found =
                of_account.iter().filter_map(|item| Some((text(item, "sk").strip_prefix(prefix)?, *item)));
            found.map(|(id, item)| (id.to_owned(), item)).collect::<BTreeMap<String, &Value>>()
        };
        let within =
            |prefix: &'static str| items.iter().filter(move |item| text(item, "pk").starts_with(prefix));
        let memberships = within("M#").filter(|item| text(item, "sk") == pk).collect();
        let events: Vec<&Value> =
            within("E#").filter(|item| text(item, "pk") == format!("E#{account_id}")).collect();
        let mut lives: BTreeMap<String, Vec<Told>> = BTreeMap::new();
        for told in told(&events) {
            if let Some(target) = told.fact["target"].as_str() {
                lives.entry(target.to_owned()).or_default().push(told.clone());
            }
        }
        for facts in lives.values_mut() {
            facts.sort_by_key(Told::order);
        }
        let dispatches = within("C#").map(|item| (text(item, "pk")[2..].to_owned(), item)).collect();
        let sessions = of_account.iter().filter(|item| text(item, "sk").starts_with("S#")).copied().collect();
        Self { users: by_id("U#"), tombstones: by_id("X#"), memberships, sessions, lives, dispatches }
    }

    /// Every address has one user, and every user its address. RULE: IN-16
    fn assert_addresses_are_unique(&self) {
        let addresses: BTreeSet<&str> = self.memberships.iter().map(|item| text(item, "pk")).collect();
        assert_eq!(addresses.len(), self.memberships.len(), "an address stands once");
        let held: BTreeMap<&str, &str> =
            self.memberships.iter().map(|item| (text(item, "user_id"), text(item, "address"))).collect();
        assert_eq!(held.len(), self.memberships.len(), "nobody has two addresses");
        let of_users: BTreeMap<&str, String> = self
            .users
            .iter()
            .map(|(id, item)| (id.as_str(), user(item).email.key().as_str().to_owned()))
            .collect();
        let held: BTreeMap<&str, String> = held.into_iter().map(|(id, of)| (id, of.to_owned())).collect();
        assert_eq!(held, of_users);
    }

    /// The audit entries of every user lead to where they stand. RULE: EV-01
    fn assert_histories_agree(&self) {
        let both: Vec<&String> = self.users.keys().filter(|id| self.tombstones.contains_key(*id)).collect();
        assert!(both.is_empty(), "a user and gone: {both:?}");
        let known: BTreeSet<&String> = self.users.keys().chain(self.tombstones.keys()).collect();
        for (id, facts) in &self.lives {
            let stands = life(facts).map(|standing| (standing.status.to_owned(), standing.role));
            let stored =
                self.users.get(id).map(|user| (text(user, "status").into(), text(user, "role").into()));
            assert_eq!(stands, stored, "{id}: {facts:#?}");
            assert!(known.contains(id), "{id} is known of nowhere: {facts:#?}");
        }
        let silent: Vec<&&String> = known.iter().filter(|id| !self.lives.contains_key(**id)).collect();
        assert!(silent.is_empty(), "no audit entry tells of {silent:?}");
        let accepted =
            |facts: &&Vec<Told>| facts.iter().filter(|told| told.kind == "user.accepted").count() > 1;
        assert_eq!(self.lives.values().find(accepted).map(Vec::len), None, "accepted twice. RULE: IN-14");
    }

    /// Whoever has a deadline is on the wheel at that instant, and nobody else is.
    fn assert_the_wheel_agrees(&self) {
        for (id, item) in &self.users {
            let user = user(item);
            let at = user.deadline().map(|next| next.at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true));
            assert_eq!(item["due_at"], json!(at), "{id}: {item:#}");
            assert_eq!(item["due"].is_null(), at.is_none(), "{id}: {item:#}");
            assert!(user.status != domain::Status::Pending || at.is_some(), "{id} is pending for ever");
        }
    }

    /// Each fact that brings an invitation led to one mail, or to none because another fact had come since.
    /// RULE: EV-02, EV-03
    fn assert_mails_agree(&self, mails: &BTreeMap<String, Value>) {
        let invitations: BTreeSet<&str> = mails
            .iter()
            .filter(|(_, mail)| text(mail, "subject").contains(INVITES))
            .map(|(id, _)| id.as_str())
            .collect();
        let links: BTreeSet<String> =
            invitations.iter().map(|id| mails[*id]["links"][0].to_string()).collect();
        assert_eq!(links.len(), invitations.len(), "each mail brings a link of its own");
        let (mut sent, mut skipped) = (BTreeSet::new(), 0);
        for facts in self.lives.values() {
            for (n, told) in facts.iter().enumerate().filter(|(_, told)| told.invites()) {
                let dispatch = self.dispatches.get(&told.id);
                match dispatch.map_or("", |dispatch| text(dispatch, "settled_as")) {
                    "" => panic!("nothing became of the mail of {told:#?}"),
                    "skipped" => {
                        let later = &facts[n + 1..];
                        assert!(!later.is_empty(), "the mail of {told:#?} was left out");
                        skipped += 1;
                    }
                    message => assert!(sent.insert(message), "one mail for two facts"),
                }
            }
        }
        println!("simulation: {} invitations mailed, {skipped} were out of date", sent.len());
        assert_eq!(sent, invitations, "the mails are those that were recorded");
    }

    /// Whether a session is alive by what is stored. RULE: SE-02
    fn is_alive(&self, user_id: &str, session_id: &str) -> bool {
        let Some(user) = self.users.get(user_id) else { return false };
        let sort_key = format!("S#{user_id}#{session_id}");
        let session = self.sessions.iter().find(|item| text(item, "sk") == sort_key);
        let is_of_epoch = session.is_some_and(|session| session["epoch"] == user["session_epoch"]);
        text(user, "status") == "active" && is_of_epoch
    }
}

fn user(item: &Value) -> User {
    serde_json::from_value(item.clone()).unwrap_or_else(|error| panic!("{error}: {item:#}"))
}

/// Fails where anything does not.
pub(crate) async fn assert_everything_fits(roster: &Roster, crew: &Crew, mails: &BTreeMap<String, Value>) {
    roster.assert_counts_hold(&crew.account_id).await;
    let items = roster.whole_dump().await;
    let kept = Kept::of(&crew.account_id, &items);
    let is_active_root = |item: &&&Value| text(item, "role") == "root" && text(item, "status") == "active";
    assert!(kept.users.values().any(|item| is_active_root(&item)), "an active Root always. RULE: RO-06");
    kept.assert_addresses_are_unique();
    kept.assert_histories_agree();
    kept.assert_the_wheel_agrees();
    kept.assert_mails_agree(mails);
    let caller = roster.caller();
    let mut alive = 0;
    for issued in crew.issued() {
        let expected = kept.is_alive(&issued.user_id, &issued.session_id);
        let reply = caller.with_token(&issued.token).get("/v1/me").await;
        assert_eq!(reply.status == 200, expected, "{issued:?}: {} {:#}", reply.status, reply.body);
        alive += usize::from(expected);
    }
    let issued = crew.issued().len();
    println!(
        "simulation: {} users, {} gone, {alive} of {issued} sessions alive",
        kept.users.len(),
        kept.tombstones.len()
    );
    assert!(kept.tombstones.len() > 10 && alive < issued, "a simulation in which something happened");
}
