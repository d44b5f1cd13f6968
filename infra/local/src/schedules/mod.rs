//! Schedules: what ticks, when, and in which order. How ticks are merged, and why that is safe, stands in
//! `infra/decisions/0008`.

mod cron;
mod due;
mod expression;
mod invocation;

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
pub(crate) use expression::Expression;
#[cfg(test)]
pub(crate) use invocation::event;
use tokio::sync::{Mutex, Notify, watch};

use crate::state::{Invocation, State};
use crate::template::{Schedule, Template};
use crate::{World, clock};

/// Ticks that one move of the clock runs at most. Whoever asks for more asks again.
const TICKS_MAX: usize = 200_000;
/// How long a move of the clock waits for its turn, and for what each tick led to.
const WAIT_LONGEST: Duration = Duration::from_mins(1);
/// The longest sleep between two looks at the clock.
const SLEEP_LONGEST: Duration = Duration::from_hours(1);
/// Real time until another try when the stack's own file failed.
const RETRY: Duration = Duration::from_secs(5);

/// All schedules of the template that are enabled.
pub(crate) struct Schedules {
    turns: Mutex<Turns>,
    /// The clock was moved.
    moved: Notify,
    halted: watch::Sender<bool>,
}

/// Who has it runs what is due; nobody else does meanwhile.
struct Turns {
    lanes: Vec<Lane>,
    /// Invocations that an earlier run of the stack did not end.
    left: Vec<Invocation>,
    due: due::Due,
}

/// One schedule, and how far it has come.
struct Lane {
    function: String,
    schedule: Schedule,
    began: DateTime<Utc>,
    done_until: DateTime<Utc>,
    /// The writes to the table counted before its last run, if its function answered: where there are no more by now,
    /// it would leave again what it left.
    left_at: Option<u64>,
}

/// Why the clock stands before the instant it was to be moved to.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Stopped {
    #[error("the stack stops")]
    Halted,
    #[error("something is still under way")]
    Busy,
    #[error("that was {TICKS_MAX} ticks of schedules; ask again to go on")]
    Ticks,
    #[error("the stack's file: {0}")]
    State(#[from] rusqlite::Error),
}

impl Schedules {
    /// Takes up the template's schedules where they were left.
    pub(crate) fn open(template: &Template, state: &State, now: DateTime<Utc>) -> rusqlite::Result<Self> {
        let enabled = template.functions.iter().flat_map(|function| {
            let schedules = function.schedules.iter().filter(|schedule| schedule.is_enabled);
            schedules.map(|schedule| (function.name.clone(), schedule.clone()))
        });
        let enabled: Vec<(String, Schedule)> = enabled.collect();
        let named: Vec<(&str, &str)> =
            enabled.iter().map(|(_, schedule)| (schedule.name.as_str(), schedule.spelled.as_str())).collect();
        let progress = state.keep_schedules(&named, now.timestamp_millis())?;
        let instant = |ms| DateTime::from_timestamp_millis(ms).unwrap_or(now);
        let lanes = enabled.into_iter().zip(progress).map(|((function, schedule), progress)| Lane {
            function,
            schedule,
            began: instant(progress.began_ms),
            done_until: instant(progress.done_until_ms),
            left_at: None,
        });
        let turns = Turns { lanes: lanes.collect(), left: state.invocations()?, due: due::Due::default() };
        Ok(Self { turns: Mutex::new(turns), moved: Notify::new(), halted: watch::Sender::new(false) })
    }

    /// No further tick runs.
    pub(crate) fn halt(&self) {
        self.halted.send_replace(true);
    }

    async fn halted(&self) {
        // The sender lives in `self`, so waiting cannot fail.
        let _ = self.halted.subscribe().wait_for(|halted| *halted).await;
    }
}

/// Moves the clock to `target`, from tick to tick: at each, everything due runs and settles before time goes on.
pub(crate) async fn move_clock(world: &World, target: DateTime<Utc>) -> Result<(), Stopped> {
    let outcome = from_tick_to_tick(world, target).await;
    // Also where it stopped on the way: the next tick is another one than before.
    world.schedules.moved.notify_one();
    outcome
}

async fn from_tick_to_tick(world: &World, target: DateTime<Utc>) -> Result<(), Stopped> {
    let mut turns = within(world, world.schedules.turns.lock()).await?;
    // A lease goes by this clock: while somebody is at work under one, it must not run out by a jump.
    within(world, world.work.no_batch()).await?;
    turns.resume(world).await?;
    for _ in 0..TICKS_MAX {
        let next = turns.next(world, target).await;
        clock::set(world, next.map_or(target, |(_, at)| at))?;
        // Messages that waited for this instant are there before the tick.
        within(world, world.work.settled()).await?;
        let Some((lane, at)) = next else { return Ok(()) };
        turns.run(world, lane, at).await?;
        within(world, world.work.settled()).await?;
    }
    Err(Stopped::Ticks)
}

/// Runs what falls due while time just passes, until the stack ends.
pub(crate) async fn keep_time(world: Arc<World>) {
    loop {
        let pause = match run_due(&world).await {
            Ok(None) => SLEEP_LONGEST,
            Ok(Some(next)) => (next - world.clock.now()).to_std().unwrap_or_default(),
            Err(Stopped::Halted) => return,
            Err(_) => RETRY,
        };
        tokio::select! {
            () = tokio::time::sleep(pause.min(SLEEP_LONGEST)) => {}
            () = world.schedules.moved.notified() => {}
            () = world.schedules.halted() => return,
        }
    }
}

/// Runs all that is due by now, also what fell due while the stack was down; answers when the next tick is.
async fn run_due(world: &World) -> Result<Option<DateTime<Utc>>, Stopped> {
    let mut turns = world.schedules.turns.lock().await;
    turns.resume(world).await?;
    let now = world.clock.now();
    for _ in 0..TICKS_MAX {
        match turns.next(world, now).await {
            Some((lane, at)) => turns.run(world, lane, at).await?,
            None => return Ok(turns.lanes.iter().filter_map(Lane::next_tick).min()),
        }
    }
    Ok(Some(now))
}

/// Waits for something, but neither for ever nor over the end of the stack.
async fn within<T>(world: &World, something: impl Future<Output = T>) -> Result<T, Stopped> {
    tokio::select! {
        () = world.schedules.halted() => Err(Stopped::Halted),
        came = tokio::time::timeout(WAIT_LONGEST, something) => came.map_err(|_| Stopped::Busy),
    }
}

impl Turns {
    /// Ends what an earlier run of the stack did not.
    async fn resume(&mut self, world: &World) -> Result<(), Stopped> {
        while let Some(invocation) = self.left.first() {
            if *world.schedules.halted.borrow() {
                return Err(Stopped::Halted);
            }
            invocation::invoke(world, invocation).await?;
            self.left.remove(0);
        }
        Ok(())
    }

    /// The next tick that has to run by `target`, and whose it is. At the same instant the template's order decides.
    async fn next(&mut self, world: &World, target: DateTime<Utc>) -> Option<(usize, DateTime<Utc>)> {
        let may_merge = self.lanes.iter().any(|lane| lane.last_tick(target) > lane.next_tick());
        let due = if may_merge { self.due.instants(world).await } else { None };
        let writes = world.table_writes();
        let ticks = self.lanes.iter().enumerate();
        ticks.filter_map(|(lane, of)| Some((lane, of.tick(target, due, writes)?))).min_by_key(|(_, at)| *at)
    }

    async fn run(&mut self, world: &World, lane: usize, at: DateTime<Utc>) -> Result<(), Stopped> {
        if *world.schedules.halted.borrow() {
            return Err(Stopped::Halted);
        }
        let Some(lane) = self.lanes.get_mut(lane) else { return Ok(()) };
        let event = invocation::event(&lane.schedule, at);
        let writes = world.table_writes();
        let invocation =
            world.state.tick(&lane.schedule.name, at.timestamp_millis(), &lane.function, &event)?;
        world.work.add(1);
        lane.done_until = at;
        let has_answered = invocation::invoke(world, &invocation).await?;
        lane.left_at = has_answered.then_some(writes);
        Ok(())
    }
}

impl Lane {
    fn next_tick(&self) -> Option<DateTime<Utc>> {
        self.schedule.expression.next(self.began, self.done_until)
    }

    fn last_tick(&self, until: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.schedule.expression.last_until(self.began, until)
    }

    /// The next tick that has to run by `target`. The ticks of a rate with nothing due are merged into the next that
    /// has something due, or into the last; nothing is merged where nobody knows what is due.
    fn tick(
        &self,
        target: DateTime<Utc>,
        due: Option<&[DateTime<Utc>]>,
        writes: u64,
    ) -> Option<DateTime<Utc>> {
        let first = self.next_tick().filter(|first| *first <= target)?;
        let (Some(due), Some(last)) = (due, self.last_tick(target)) else { return Some(first) };
        let left_until = (self.left_at == Some(writes)).then_some(self.done_until);
        let earliest = due.iter().filter(|at| left_until.is_none_or(|until| **at > until)).min();
        let tick = earliest.and_then(|at| self.schedule.expression.next_from(self.began, *at));
        Some(tick.unwrap_or(last).clamp(first, last.max(first)))
    }
}
