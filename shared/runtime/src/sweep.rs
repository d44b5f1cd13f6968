//! Sweeps: functions that a schedule wakes, and that work off what is due. A tick asks each part of the wheel whether
//! anything is due there, and has those parts worked on, each by an invocation of its own.
//!
//! Ticks that come late or twice change nothing but the delay: what is due is read before anything is done.

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant as Stopwatch};

use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use domain::{DUE_SHARDS, DueKind, Instant};
use futures_util::future::{BoxFuture, join_all, try_join_all};
use serde::Deserialize;
use serde_json::{Value, json};
use store::{DueItem, StoreError};

use crate::dead_letters::{DEAD_LETTERS_URL, DeadLetters};
use crate::record::{Record, chain};
use crate::{Env, Fault, Function, Handler, Host, RequestIdHeader, Settled, StartError};

const BUS_NAME: &str = "BUS_NAME";
/// Where its messages say that they come from.
pub(crate) const SOURCE: &str = "roster.sweep";
/// Things that one look into the index brings.
const PAGE_MAX: i32 = 50;
/// Things that are worked on at once.
const AT_ONCE_MAX: usize = 8;
/// How long one thing may take: begun at the end of an invocation's work, it still ends within the function's minute.
const SETTLE_LONGEST: Duration = Duration::from_secs(28);
/// Entries of a call to the bus.
const ENTRIES_MAX: usize = 10;

/// Something that works off what is due.
pub trait Sweep: Sized + Send + Sync + 'static {
    /// The name of its function.
    const NAME: &'static str;
    /// What waits for it.
    const KIND: DueKind;
    /// The settings that it cannot start without, beside the table's and the bus's names.
    const SETTINGS: &'static [&'static str] = &[];
    /// How many more invocations may follow one of which time was up, before the next tick begins anew: no more than fit
    /// between two, so that none runs beside another.
    const FURTHER_MAX: u64 = 0;
    /// After how long an invocation leaves the rest to the next: what it has begun, it ends.
    const WORK_LONGEST: Duration = Duration::from_secs(30);
    /// After how many failures something is also put into a dead-letter queue with its reason, for its operator to have it
    /// done once it is mended; it is tried again by itself all the same. Nothing, where the log is enough. RULE: EV-05
    const LETTER_AFTER: Option<u32> = None;

    /// Makes its clients, once.
    fn start(env: &Env) -> Result<Self, StartError>;

    /// Tells that something could not be dealt with and is put off. RULE: BI-09
    fn tell_parked(
        _env: &Env,
        _due: &DueItem,
        _error: &Fault,
    ) -> impl Future<Output = Result<(), Fault>> + Send {
        async { Ok(()) }
    }

    /// Deals with one thing, if it still is due.
    fn settle(&self, env: &Env, due: &DueItem) -> impl Future<Output = Result<Settled, Fault>> + Send;
}

/// The function of a sweep.
pub const fn sweep<S: Sweep>() -> Function {
    Function::of_events(S::NAME, start::<S>)
}

struct SweepHandler<S> {
    env: Env,
    bus: aws_sdk_eventbridge::Client,
    sweep: S,
    dead_letters: DeadLetters,
}

/// What of a part of the wheel is still due.
enum Left {
    Nothing,
    Some,
}

/// A tick carries nothing that matters; what the bus brings back names a part of the wheel, and a dead letter that is tried
/// again the one thing that it is about.
#[derive(Deserialize)]
struct Batch {
    #[serde(rename = "Records")]
    records: Vec<Queued>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Queued {
    message_id: String,
    body: String,
    #[serde(default, rename = "eventSourceARN")]
    queue: String,
}

pub(crate) fn start<S: Sweep>(host: &Host) -> Result<Arc<dyn Handler>, StartError> {
    let letters = S::LETTER_AFTER.map(|_| DEAD_LETTERS_URL);
    let settings: Vec<&'static str> = S::SETTINGS.iter().copied().chain([BUS_NAME]).chain(letters).collect();
    let env = Env::new(S::NAME, host, &settings)?;
    let config = aws_sdk_eventbridge::config::Builder::from(&env.sdk).interceptor(RequestIdHeader).build();
    let bus = aws_sdk_eventbridge::Client::from_conf(config);
    let sweep = S::start(&env)?;
    Ok(Arc::new(SweepHandler::<S> { env, bus, sweep, dead_letters: DeadLetters::default() }))
}

impl<S: Sweep> Handler for SweepHandler<S> {
    fn call(&self, event: Value) -> BoxFuture<'_, Result<Value, Fault>> {
        Box::pin(async move {
            let request_id = format!("sweep-{:016x}", getrandom::u64()?);
            let work = async {
                if event.get("Records").is_some() {
                    self.work(serde_json::from_value(event)?).await
                } else {
                    self.tick().await.map(|()| Value::Null)
                }
            };
            crate::REQUEST_ID.scope(request_id, work).await
        })
    }
}

impl<S: Sweep> SweepHandler<S> {
    /// Has every part of the wheel worked on where something is due.
    async fn tick(&self) -> Result<(), Fault> {
        let stopwatch = Stopwatch::now();
        let mut record = Record::new(crate::REQUEST_ID.get(), "tick".into());
        let now = self.env.clock.now();
        let looks: Vec<_> = (0..DUE_SHARDS).map(|shard| self.env.table.due(S::KIND, shard, now, 1)).collect();
        let mut entries = Vec::new();
        for (shard, (due, capacity)) in (0..DUE_SHARDS).zip(try_join_all(looks).await?) {
            record.capacity += capacity;
            if !due.is_empty() {
                entries.push(self.entry(shard, S::FURTHER_MAX)?);
            }
        }
        // A minute in which nothing is due leaves no line: each metric that occurs costs by the hour.
        if !entries.is_empty() {
            self.have_worked_off(entries).await?;
            record.duration_ms = stopwatch.elapsed().as_millis();
            record.write(&self.env);
        }
        Ok(())
    }

    async fn have_worked_off(&self, parts: Vec<PutEventsRequestEntry>) -> Result<(), Fault> {
        for chunk in parts.chunks(ENTRIES_MAX) {
            let answer = self.bus.put_events().set_entries(Some(chunk.to_vec())).send().await?;
            if answer.failed_entry_count() > 0 {
                return Err("the bus did not take a part of the wheel".into());
            }
        }
        Ok(())
    }

    fn entry(&self, shard: u8, further: u64) -> Result<PutEventsRequestEntry, Fault> {
        Ok(PutEventsRequestEntry::builder()
            .event_bus_name(self.env.setting(BUS_NAME)?)
            .source(SOURCE)
            .detail_type(format!("sweep.{}", S::KIND.name()))
            .detail(json!({ "shard": shard, "further": further }).to_string())
            .build())
    }

    async fn work(&self, batch: Batch) -> Result<Value, Fault> {
        let mut failures = Vec::new();
        for queued in batch.records {
            let body: Value = serde_json::from_str(&queued.body).unwrap_or_default();
            let shard = body.pointer("/detail/shard").and_then(Value::as_u64);
            let further = body.pointer("/detail/further").and_then(Value::as_u64).unwrap_or(0);
            let alone = body.pointer("/detail/id").and_then(Value::as_str).and_then(DueItem::named);
            let worked = match (shard.and_then(|shard| u8::try_from(shard).ok()), alone) {
                (Some(shard), _) => self.work_off(shard, further, &queued.queue).await,
                (None, Some(item)) => self.repeat(&item, &queued.queue).await,
                (None, None) => Err("the message names no part of the wheel".into()),
            };
            if worked.is_err() {
                failures.push(json!({ "itemIdentifier": queued.message_id }));
            }
        }
        Ok(json!({ "batchItemFailures": failures }))
    }

    /// Deals with what a dead letter was about. If that fails again, it goes back with its new reason. RULE: EV-05
    async fn repeat(&self, item: &DueItem, queue: &str) -> Result<(), Fault> {
        let stopwatch = Stopwatch::now();
        let mut record = Record::new(crate::REQUEST_ID.get(), "dead letter".into());
        let done = match self.settle_one(item).await {
            Ok(settled) => {
                record.settled(settled);
                Ok(())
            }
            Err(error) => {
                record.failed(format!("{item}: {}", chain(error.as_ref())));
                self.put_down(item, &error, queue, &mut record).await
            }
        };
        if let Err(untold) = &done {
            record.failed_besides(&chain(untold.as_ref()));
        }
        record.duration_ms = stopwatch.elapsed().as_millis();
        record.write(&self.env);
        done
    }

    /// Puts something into the dead-letter queue, from where it goes back to this queue.
    async fn put_down(
        &self,
        item: &DueItem,
        error: &Fault,
        queue: &str,
        record: &mut Record,
    ) -> Result<(), Fault> {
        let kind = format!("sweep.{}", S::KIND.name());
        let letter = json!({ "source": SOURCE, "detail-type": kind, "detail": { "id": item.to_string() } });
        self.dead_letters.put(&self.env, queue, &letter.to_string(), &chain(error.as_ref())).await?;
        record.dead_letters += 1;
        Ok(())
    }

    /// Puts off what failed, and tells so; the others go on, whether it could be told or not. RULE: BI-09
    async fn park(
        &self,
        item: &DueItem,
        error: &Fault,
        queue: &str,
        now: Instant,
        record: &mut Record,
    ) -> Result<(), Fault> {
        record.parked += 1;
        record.failed(format!("{item}: {}", chain(error.as_ref())));
        let failures = self.env.table.postpone(item, now).await?;
        let mut told = S::tell_parked(&self.env, item, error).await;
        // Once more after as many again: a letter that could not be put down is not the last.
        let is_to_lie_there = |after| failures.is_some_and(|failures| failures.is_multiple_of(after));
        if S::LETTER_AFTER.is_some_and(is_to_lie_there) {
            told = told.and(self.put_down(item, error, queue, record).await);
        }
        if let Err(untold) = told {
            record.failed_besides(&chain(untold.as_ref()));
        }
        Ok(())
    }

    /// Works off a part of the wheel. What fails is put off, so that it stands in nobody's way; what is left when time is up
    /// is left to another invocation, at once, or to the next tick.
    async fn work_off(&self, shard: u8, further: u64, queue: &str) -> Result<(), Fault> {
        let stopwatch = Stopwatch::now();
        let mut record = Record::new(crate::REQUEST_ID.get(), format!("shard {shard}"));
        let worked = match self.until_nothing_is_due(shard, queue, stopwatch, &mut record).await {
            Ok(Left::Some) if further > 0 => {
                self.have_worked_off(vec![self.entry(shard, further - 1)?]).await
            }
            worked => worked.map(drop),
        };
        if let Err(error) = &worked {
            record.failed(chain(error.as_ref()));
        }
        record.duration_ms = stopwatch.elapsed().as_millis();
        record.write(&self.env);
        worked
    }

    /// Within its time, so that what takes for ever is put off too.
    async fn settle_one(&self, item: &DueItem) -> Result<Settled, Fault> {
        let settled = tokio::time::timeout(SETTLE_LONGEST, self.settle_or_again(item)).await;
        settled.unwrap_or_else(|_| Err(format!("it took longer than {} s", SETTLE_LONGEST.as_secs()).into()))
    }

    /// Once more where the table did not answer in time; nothing is put off for a moment's trouble.
    async fn settle_or_again(&self, item: &DueItem) -> Result<Settled, Fault> {
        match self.sweep.settle(&self.env, item).await {
            Err(error) if matches!(error.downcast_ref(), Some(StoreError::Transient(_))) => {
                self.sweep.settle(&self.env, item).await
            }
            settled => settled,
        }
    }

    async fn until_nothing_is_due(
        &self,
        shard: u8,
        queue: &str,
        stopwatch: Stopwatch,
        record: &mut Record,
    ) -> Result<Left, Fault> {
        let mut before: Vec<DueItem> = Vec::new();
        loop {
            let now = self.env.clock.now();
            let (due, capacity) = self.env.table.due(S::KIND, shard, now, PAGE_MAX).await?;
            record.capacity += capacity;
            // The index may still name what was just dealt with, and not yet what comes after it.
            let is_full = usize::try_from(PAGE_MAX) == Ok(due.len());
            let fresh: Vec<DueItem> = due.into_iter().filter(|item| !before.contains(item)).collect();
            if fresh.is_empty() {
                return Ok(if is_full { Left::Some } else { Left::Nothing });
            }
            for some in fresh.chunks(AT_ONCE_MAX) {
                let work: Vec<_> = some.iter().map(|item| self.settle_one(item)).collect();
                for (item, outcome) in some.iter().zip(join_all(work).await) {
                    match outcome {
                        Ok(settled) => record.settled(settled),
                        Err(error) => self.park(item, &error, queue, now, record).await?,
                    }
                }
                if stopwatch.elapsed() > S::WORK_LONGEST {
                    return Ok(Left::Some);
                }
            }
            before = fresh;
        }
    }
}
