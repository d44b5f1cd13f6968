//! A load: many actors on one account or on several, each of whom does one thing after the other by chance.
//!
//! What an actor draws follows from the seed; who is quicker does not. So a seed tries the same things again, and not the
//! same run.

mod act;
mod crew;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use fastrand::Rng;
use serde_json::Value;
use tokio::task::JoinSet;

use crate::{Caller, Reply, Roster};

pub use act::Act;
pub use crew::{Crew, Issued};

/// How large a load is.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// Accounts, each on Pro.
    pub accounts: usize,
    /// Active users of each at the beginning, beside its first Root.
    pub members: usize,
    /// Actors over all accounts.
    pub actors: usize,
    /// Acceptances and sign-ins that the actors of one account may try, since each runs argon2.
    pub hashes_max: usize,
}

/// How long a round lasts.
#[derive(Clone, Copy, Debug)]
pub enum Until {
    /// Until each actor has done so many things.
    Steps(usize),
    /// Until then; what has begun is ended.
    Moment(Instant),
}

/// How often what came out how.
pub type Outcomes = BTreeMap<(Act, String), usize>;

/// Accounts, and those who act on them.
pub struct Load<'a> {
    /// The accounts.
    pub crews: Vec<Arc<Crew>>,
    /// What became of everything that was done.
    pub outcomes: Outcomes,
    /// Replies that nobody should ever get, in words.
    pub faults: Vec<String>,
    /// Every mail so far, by the mail service's identifier.
    pub mails: BTreeMap<String, Value>,
    roster: &'a Roster,
    actors: Vec<Actor>,
}

struct Actor {
    crew: Arc<Crew>,
    caller: Caller,
    random: Rng,
    outcomes: Outcomes,
    faults: Vec<String>,
}

impl<'a> Load<'a> {
    /// Accounts with their members, none of whom is signed in yet. Names begin with this word.
    pub async fn of(roster: &'a Roster, word: &str, size: Size, seed: u64) -> Self {
        let mut crews = Vec::new();
        for n in 0..size.accounts {
            crews.push(Arc::new(Crew::found(roster, &format!("{word}{n}"), size).await));
        }
        let actors = (0..size.actors).map(|n| Actor {
            crew: crews[n % crews.len()].clone(),
            caller: roster.caller(),
            random: Rng::with_seed(seed.wrapping_add(n as u64)),
            outcomes: Outcomes::new(),
            faults: Vec::new(),
        });
        let actors = actors.collect();
        let (outcomes, faults, mails) = (Outcomes::new(), Vec::new(), BTreeMap::new());
        let mut load = Self { crews, outcomes, faults, mails, roster, actors };
        load.read_mails().await;
        load
    }

    /// All who are active sign in, who may not have been signed in before.
    pub async fn sign_in(&self) {
        for crew in &self.crews {
            crew.sign_in_all(self.roster).await;
        }
    }

    /// All actors act, all at once; then everything settles and the mails are read.
    pub async fn round(&mut self, until: Until) {
        let mut running = JoinSet::new();
        for actor in self.actors.drain(..) {
            running.spawn(actor.act(until));
        }
        for mut actor in running.join_all().await {
            for (outcome, count) in std::mem::take(&mut actor.outcomes) {
                *self.outcomes.entry(outcome).or_default() += count;
            }
            self.faults.append(&mut actor.faults);
            self.actors.push(actor);
        }
        self.roster.stack.settle().await;
        self.read_mails().await;
    }

    /// Invitees find their links; how many mails are new.
    pub async fn read_mails(&mut self) -> usize {
        let before = self.mails.len();
        let list = self.roster.caller().get("/_local/mail").await.expect(200).body;
        // The oldest first: the newest link is the one that is known in the end.
        for mail in list["data"].as_array().expect("mails").iter().rev() {
            let id = mail["message_id"].as_str().expect("an identifier");
            if self.mails.insert(id.to_owned(), mail.clone()).is_none() {
                self.crews.iter().for_each(|crew| crew.read_mail(mail));
            }
        }
        self.mails.len() - before
    }

    /// How many calls there were, and how many of them were told to come back later.
    pub fn busy(&self) -> (usize, usize) {
        let busy = self.outcomes.iter().filter(|((_, outcome), _)| outcome == "busy");
        (self.outcomes.values().sum(), busy.map(|(_, count)| count).sum())
    }
}

impl Actor {
    async fn act(mut self, until: Until) -> Self {
        let mut steps = 0;
        loop {
            let is_over = match until {
                Until::Steps(all) => steps >= all,
                Until::Moment(end) => Instant::now() >= end,
            };
            if is_over {
                return self;
            }
            let (act, reply) = self.crew.act(&self.caller, &mut self.random).await;
            self.note(act, &reply);
            steps += 1;
        }
    }

    /// Busy is no fault where it says when to come back. Neither is a tick that failed, which nobody waits for and the next
    /// one makes good.
    fn note(&mut self, act: Act, reply: &Reply) {
        let is_busy = reply.status == 503 && reply.code() == "busy" && reply.header("retry-after").is_some();
        if reply.status >= 500 && !is_busy && act != Act::Deadlines {
            self.faults.push(format!("{act:?} {} {}", reply.status, reply.body));
        }
        let outcome = match reply.status {
            ..400 => "done",
            _ if act == Act::Deadlines => "failed",
            _ => reply.code(),
        };
        *self.outcomes.entry((act, outcome.to_owned())).or_default() += 1;
    }
}
