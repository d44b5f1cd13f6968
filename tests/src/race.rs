//! What races need: many callers at once, and a count of how often the product was busy.

use std::future::Future;

use futures_util::future::join_all;

use crate::{Caller, Reply, Roster};

/// Callers from addresses of their own, who all call at once.
pub struct Crowd(Vec<Caller>);

/// How many calls a race made, and how many of them were told to come back later.
#[derive(Default)]
pub struct Tally {
    calls: usize,
    busy: usize,
}

impl Roster {
    /// So many callers.
    pub fn crowd(&self, size: usize) -> Crowd {
        Crowd((0..size).map(|_| self.caller()).collect())
    }
}

impl Crowd {
    /// Each of them does this, all at once.
    pub async fn at_once<F, C>(&self, call: F) -> Vec<Reply>
    where
        F: Fn(usize, Caller) -> C,
        C: Future<Output = Reply>,
    {
        join_all(self.0.iter().cloned().enumerate().map(|(n, caller)| call(n, caller))).await
    }
}

impl Tally {
    /// Counts a reply. A busy one has to say when to come back; no other fault is forgiven.
    #[track_caller]
    pub fn is_busy(&mut self, reply: &Reply) -> bool {
        self.calls += 1;
        let busy = reply.status == 503 && reply.code() == "busy";
        assert!(busy || reply.status < 500, "{} {:#}", reply.status, reply.body);
        assert!(!busy || reply.header("retry-after").is_some(), "busy says when to come back");
        self.busy += usize::from(busy);
        busy
    }

    /// Counts a reply that must not be busy, since the race has no outcome without it.
    #[track_caller]
    pub fn of(&mut self, reply: Reply) -> Reply {
        assert!(!self.is_busy(&reply), "busy, where one of the callers has to get through");
        reply
    }

    /// Counts replies by status and code; those that were busy are left out.
    #[track_caller]
    pub fn sort(&mut self, replies: Vec<Reply>, won: u16) -> (Vec<Reply>, Vec<Reply>) {
        let judged: Vec<Reply> = replies.into_iter().filter(|reply| !self.is_busy(reply)).collect();
        judged.into_iter().partition(|reply| reply.status == won)
    }

    /// Under 1 % of the calls were busy.
    #[track_caller]
    pub fn finish(self) {
        println!("races: {} calls, {} busy", self.calls, self.busy);
        assert!(self.busy * 100 < self.calls, "{} of {} calls were busy", self.busy, self.calls);
    }
}
