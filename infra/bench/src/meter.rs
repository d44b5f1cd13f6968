//! What requests did at AWS, by what the local stack remembers of the latest of them.

use std::collections::HashMap;
use std::ops::AddAssign;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::Value;
use tests::{Caller, Roster};
use tokio::task::JoinHandle;

/// Less than the stack needs to forget a request.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// Functions that no caller waits for.
const JOBS: [&str; 6] =
    ["publish-events", "send-mail", "mail-feedback", "deadlines", "erase-user", "deliver-webhooks"];
const COMMIT: &str = "TransactWriteItems";

type Seen = Arc<Mutex<HashMap<String, Request>>>;

/// What one request did.
#[derive(Clone, Copy, Default)]
struct Request {
    calls: usize,
    round_trips: u64,
    attempts: usize,
    commits: usize,
}

/// Looks all the while.
pub(crate) struct Meter {
    caller: Caller,
    seen: Seen,
    looking: JoinHandle<()>,
}

/// What requests that committed something did at AWS.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Metered {
    /// Requests that committed something, if only that they were refused.
    pub(crate) commits: usize,
    /// Transactions they tried, and those of the requests that gave up.
    pub(crate) attempts: usize,
    /// Calls of requests that committed.
    pub(crate) calls: usize,
    /// Of these, what had to wait for one another.
    pub(crate) round_trips: u64,
}

impl AddAssign for Metered {
    fn add_assign(&mut self, more: Self) {
        self.commits += more.commits;
        self.attempts += more.attempts;
        self.calls += more.calls;
        self.round_trips += more.round_trips;
    }
}

impl Meter {
    /// Begins; what was before is forgotten.
    pub(crate) async fn start(roster: &Roster) -> Self {
        let (caller, seen) = (roster.caller(), Seen::default());
        caller.delete("/_local/calls").await;
        let looking = {
            let (caller, seen) = (caller.clone(), seen.clone());
            tokio::spawn(async move {
                loop {
                    tokio::time::sleep(LOOK_EVERY).await;
                    look(&caller, &seen).await;
                }
            })
        };
        Self { caller, seen, looking }
    }

    /// Ends, when everything has settled.
    pub(crate) async fn stop(self) -> Metered {
        self.looking.abort();
        look(&self.caller, &self.seen).await;
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let mut all = Metered::default();
        for request in seen.values() {
            all.attempts += request.attempts;
            if request.commits > 0 {
                all.commits += 1;
                all.calls += request.calls;
                all.round_trips += request.round_trips;
            }
        }
        all
    }
}

async fn look(caller: &Caller, seen: &Seen) {
    let list = caller.get("/_local/calls").await.body;
    let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
    for request in list["data"].as_array().into_iter().flatten() {
        let function = request["function"].as_str().unwrap_or_default();
        if !JOBS.contains(&function) {
            seen.insert(format!("{function} {}", request["request_id"]), judged(&request["calls"]));
        }
    }
}

fn judged(calls: &Value) -> Request {
    let mut request = Request::default();
    for call in calls.as_array().into_iter().flatten() {
        request.calls += 1;
        request.round_trips = request.round_trips.max(call["step"].as_u64().unwrap_or_default());
        if call["operation"] == COMMIT {
            request.attempts += 1;
            request.commits += usize::from(call["status"] == 200);
        }
    }
    request
}
