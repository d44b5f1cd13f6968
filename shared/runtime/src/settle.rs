//! What a job writes: read, decide, commit, and again where others were quicker.

use domain::{Change, Entity, Origin};
use store::{Capacity, Loaded, Outcome, StoreError, Wants, Writes};

use crate::backoff::back_off;
use crate::{Env, Fault, Fresh, Moment, audit};

/// Attempts before the job gives up for now.
const ATTEMPTS_MAX: usize = 12;

/// What a job has written, and what that took.
#[derive(Clone, Copy, Debug, Default)]
pub struct Settled {
    /// Whether anything was written.
    pub is_changed: bool,
    /// Attempts to commit.
    pub attempts: usize,
    /// Capacity units.
    pub capacity: Capacity,
}

impl Settled {
    /// This, and then that.
    #[must_use]
    pub fn and(mut self, then: Self) -> Self {
        self.is_changed |= then.is_changed;
        self.attempts += then.attempts;
        self.capacity += then.capacity;
        self
    }
}

/// The moment of a job: no caller, and where it came from is the job itself.
pub(crate) fn moment(env: &Env) -> Result<Moment, Fault> {
    let now = env.clock.now();
    let request_id = crate::REQUEST_ID.try_with(Clone::clone).unwrap_or_else(|_| "-".into());
    let origin = Origin { ip: "-".into(), user_agent: env.function.into(), request_id };
    Ok(Moment {
        now,
        fresh: Fresh::draw(now)?,
        done: 0,
        if_match: domain::IfMatch::Any,
        format: None,
        origin,
        source_ip: String::new(),
    })
}

/// Commits what a job has decided on what it has read.
pub(crate) async fn commit(
    env: &Env,
    moment: &Moment,
    mut change: Change<()>,
    loaded: &Loaded,
) -> Result<(Outcome, Capacity), Fault> {
    let event = audit::entry(moment, None, &change).map_err(|_| "a job's event has too many facts")?;
    change.puts.extend(event.map(Entity::Event));
    let writes = Writes { puts: &change.puts, deletes: &change.deletes, reliances: &change.reliances };
    Ok(env.table.commit(writes, loaded).await?)
}

/// Reads these, and commits what is decided on them. The decision is made on the state alone: where no answer came to a
/// commit, the next attempt finds what it did and has nothing more to do. None is nothing to do.
pub async fn settle(
    env: &Env,
    wants: &Wants,
    decide: impl Fn(&Loaded, &Moment) -> Result<Option<Change<()>>, Fault>,
) -> Result<Settled, Fault> {
    let mut moment = moment(env)?;
    let mut settled = Settled::default();
    let mut last: Fault = "others kept being quicker".into();
    for attempt in 0..ATTEMPTS_MAX {
        if attempt > 0 {
            back_off(attempt - 1).await?;
        }
        settled.attempts += 1;
        let mut loaded = Loaded::default();
        let read = env.table.load(wants, &mut loaded).await;
        settled.capacity += loaded.capacity;
        match read {
            Ok(()) => {}
            Err(error @ StoreError::Transient(_)) => {
                last = error.into();
                continue;
            }
            Err(error) => return Err(error.into()),
        }
        let Some(change) = decide(&loaded, &moment)? else { return Ok(settled) };
        let (outcome, capacity) = commit(env, &moment, change, &loaded).await?;
        settled.capacity += capacity;
        match outcome {
            Outcome::Committed => return Ok(Settled { is_changed: true, ..settled }),
            Outcome::Contended => {}
            // It may be written: what is decided next is another event.
            Outcome::Unknown(error) => {
                last = error.into();
                moment.fresh.event_id = Fresh::draw(moment.now)?.event_id;
            }
        }
    }
    Err(last)
}
