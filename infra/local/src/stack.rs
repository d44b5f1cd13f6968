//! Starting and stopping.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::process::ExitStatus;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, Utc};
use runtime::Clock;
use tokio::sync::{Notify, Semaphore};
use tokio::task::JoinHandle;

use crate::aws::access::{Access, Grant};
use crate::aws::{Holds, Keys, Tables};
use crate::calls::Calls;
use crate::elsewhere::{Elsewhere, Names};
use crate::faults::Faults;
use crate::invoke::{Functions, Logs, environment};
use crate::lock::Lock;
use crate::processes::Processes;
use crate::schedules::Schedules;
use crate::server::{Server, listen};
use crate::state::State;
use crate::template::{Template, queue_name};
use crate::work::Work;
use crate::{Options, StackError, World, aws, control, demo_seed, elsewhere, outbox, schedules};

/// Invocations over HTTP at a time.
const SANDBOXES_MAX: usize = 256;
/// How long batches under way may take to end: a little more than a function may run.
const BATCHES_LONGEST: Duration = Duration::from_secs(12);
/// The setting that keeps the clock's offset.
pub(crate) const OFFSET: &str = "clock_offset_ms";

/// The functions' setting that admits a receiver of webhooks on this machine.
const WEBHOOK_RECEIVER: &str = "WEBHOOK_RECEIVER";

/// A running stack. Dropping it ends it as a crash would; [`Stack::stop`] ends it cleanly.
pub struct Stack {
    world: Arc<World>,
    url: String,
    first_start: bool,
    tables: Option<Tables>,
    public: Server,
    emulated: Server,
    workers: Vec<JoinHandle<()>>,
    processes: Option<Processes>,
    _lock: Option<Lock>,
}

impl Stack {
    /// Starts the whole template.
    pub async fn start(options: Options) -> Result<Self, StackError> {
        let lock = options.data.as_deref().map(Lock::take).transpose()?;
        let in_data = |name: &str| options.data.as_deref().map(|folder| folder.join(name));
        let public = listen(options.port).await?;
        let emulated = listen(0).await?;
        let url = format!("http://localhost:{}", public.local_addr()?.port());
        let aws_url = format!("http://{}", emulated.local_addr()?);

        let mut parameters = options.parameters.clone();
        parameters.entry("ConsoleUrl".to_owned()).or_insert_with(|| url.clone());
        let first_start = in_data("stack.sqlite").is_none_or(|file| !file.exists());
        let state = State::open(in_data("stack.sqlite").as_deref())?;
        let names = Names::of(&state, options.endpoint.as_deref(), first_start)?;
        let mut template = Template::read_with_prefix(&options.template, &parameters, &names.prefix)?;
        admit(&mut template, options.webhook_receiver);
        let (clock, offset_ms) = clock(&state, options.clock)?;
        let time_is_real = options.processes.is_some();
        if time_is_real && offset_ms != 0 {
            let problem = "the functions are processes of their own, whose time is real; here it was moved";
            return Err(StackError::Clock(problem.to_owned()));
        }
        let keys = Keys::open(in_data("keys.json").as_deref(), &template.keys, &state)?;
        let (tables, elsewhere) = match &options.endpoint {
            None => (Some(Tables::start(in_data("tables.sqlite").as_deref(), &template)?), None),
            Some(endpoint) => {
                let keeps = options.data.is_some();
                (None, Some(Elsewhere::set_up(endpoint, names, &template, &state, keeps).await?))
            }
        };
        let logs = Arc::new(Logs::new(options.print_logs));
        // Loopback only, whatever proxy the environment names.
        let http = reqwest::Client::builder().no_proxy().build();
        let http = http.map_err(|error| StackError::Io(std::io::Error::other(error)))?;
        let mut processes = None;
        let functions = match &options.processes {
            None => Functions::start(&template, &options.functions, &aws_url, &clock, &logs)?,
            Some(lambda) => {
                let each = template.functions.iter().map(|f| (f.name.clone(), environment(f, &aws_url)));
                let started = processes.insert(Processes::start(lambda, &each.collect()).await?);
                Functions::elsewhere(&template, &http, started.url(), &logs)
            }
        };

        let with_stream = template.functions.iter().filter(|function| !function.streams.is_empty());
        let streams = with_stream.map(|function| (function.name.clone(), Arc::new(Notify::new()))).collect();
        let fed = template.functions.iter().flat_map(|function| &function.queues);
        let fed: Vec<&str> = fed.filter_map(|source| queue_name(&source.queue_arn)).collect();
        let queues = fed.iter().map(|queue| ((*queue).to_owned(), Arc::new(Notify::new()))).collect();
        let schedules = Schedules::open(&template, &state, clock.now())?;
        let work = Work::new(state.outstanding(&fed)?);
        let holds = Holds::new(state.holds()?, &work);
        let world = Arc::new(World {
            state,
            clock,
            offset_ms: Mutex::new(offset_ms),
            keys,
            tables_url: tables.as_ref().map(|tables| tables.url().to_owned()).unwrap_or_default(),
            elsewhere,
            aws_url,
            http,
            functions,
            logs,
            calls: Calls::default(),
            access: Access::default(),
            faults: Faults::default(),
            received: aws::Received::default(),
            transactions: aws::Transactions::default(),
            work,
            holds,
            schedules,
            table_writes: AtomicU64::new(0),
            sandboxes: Semaphore::new(SANDBOXES_MAX),
            streams,
            queues,
            aws_latency: options.aws_latency,
            time_is_real,
            template,
        });
        // What a crash left open is settled before anything new is written.
        outbox::resolve(&world, world.state.unresolved()?).await?;
        let public = Server::start(public, control::router(world.clone()));
        let emulated = Server::start(emulated, aws::router(world.clone()));
        let workers = workers(&world);
        Ok(Self { world, url, first_start, tables, public, emulated, workers, processes, _lock: lock })
    }

    /// Where the HTTP interface answers, without a slash at the end.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Where the emulated AWS answers.
    pub fn aws_url(&self) -> &str {
        &self.world.aws_url
    }

    /// The name of the table, which bears a prefix where it is elsewhere.
    pub fn table_name(&self) -> &str {
        self.world.template.tables.first().map_or("", |table| &table.name)
    }

    /// The services that are at the endpoint that was given, by their names.
    pub fn elsewhere(&self) -> Vec<&'static str> {
        self.world.elsewhere.as_ref().map(Elsewhere::services).unwrap_or_default()
    }

    /// Where functions are invoked that are processes of their own, without a slash at the end.
    pub fn functions_url(&self) -> Option<&str> {
        self.processes.as_ref().map(Processes::url)
    }

    /// Waits until the functions' processes have ended of themselves: for ever, where the stack runs the functions.
    pub async fn processes_ended(&mut self) -> std::io::Result<ExitStatus> {
        match &mut self.processes {
            Some(processes) => processes.ended().await,
            None => std::future::pending().await,
        }
    }

    /// The clock that all functions share.
    pub fn clock(&self) -> &Clock {
        &self.world.clock
    }

    /// Whether there was no data before.
    pub fn first_start(&self) -> bool {
        self.first_start
    }

    /// The functions' log lines as (function, line), oldest first; only the latest are kept.
    pub fn logs(&self) -> Vec<(String, String)> {
        self.world.logs.lines()
    }

    /// The grants of the functions' policies that allowed something so far.
    pub fn used_grants(&self) -> BTreeSet<Grant> {
        self.world.access.used()
    }

    /// What functions asked for so far and their policies do not allow.
    pub fn denied_grants(&self) -> BTreeSet<Grant> {
        self.world.access.denied()
    }

    #[cfg(test)]
    pub(crate) fn world(&self) -> &World {
        &self.world
    }

    /// Makes the demo account, over the emulated AWS as a function would.
    pub async fn make_demo(&self) -> Result<(), String> {
        demo_seed::seed(&control::operator(&self.world), self.world.clock.now()).await
    }

    /// Calls one function with an event, as `aws lambda invoke` would; none where it failed, which its log tells.
    pub async fn invoke(&self, function: &str, event: serde_json::Value) -> Option<serde_json::Value> {
        self.world.functions.invoke(function, event).await.ok()
    }

    /// Waits until no request, event, message or mail is under way; what waits for the clock is not.
    pub async fn settle(&self) {
        self.world.work.settled().await;
    }

    /// Ends it: open requests are answered, what is not delivered yet is delivered after the next start.
    pub async fn stop(mut self) {
        self.world.schedules.halt();
        // From the outside in: what is under way still needs the emulated AWS.
        self.public.stop().await;
        let _ = tokio::time::timeout(BATCHES_LONGEST, self.world.work.stop_batches()).await;
        for worker in std::mem::take(&mut self.workers) {
            worker.abort();
            // Awaited so that it holds nothing any more; that it was aborted is no news.
            let _ = worker.await;
        }
        if let Some(processes) = self.processes.take() {
            processes.stop().await;
        }
        self.emulated.stop().await;
        if let Some(elsewhere) = &self.world.elsewhere {
            elsewhere.remove(&self.world.template).await;
        }
        if let Some(thread) = self.tables.as_mut().and_then(Tables::stop) {
            let _ = tokio::task::spawn_blocking(move || thread.join()).await;
        }
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        self.world.schedules.halt();
        self.workers.iter().chain([&self.public.task, &self.emulated.task]).for_each(JoinHandle::abort);
    }
}

/// The clock as it was left, or begun where asked; it never goes back over data.
fn clock(state: &State, begin: Option<DateTime<Utc>>) -> Result<(Clock, i64), StackError> {
    let kept = state.setting(OFFSET)?.and_then(|text| text.parse::<i64>().ok());
    let mut offset_ms = kept.unwrap_or(0);
    if let Some(begin) = begin {
        let wanted = (begin - Utc::now()).num_milliseconds();
        if kept.is_some_and(|kept| wanted < kept) {
            return Err(StackError::Clock(format!(
                "in this data it is later than {begin}, and time does not go back"
            )));
        }
        offset_ms = wanted;
    }
    state.keep(OFFSET, &offset_ms.to_string())?;
    let clock = Clock::default();
    clock.advance(chrono::TimeDelta::milliseconds(offset_ms));
    Ok((clock, offset_ms))
}

/// Has every function know of the one receiver of webhooks on this machine that may be called. The template never does.
fn admit(template: &mut Template, receiver: Option<SocketAddr>) {
    let Some(receiver) = receiver else { return };
    for function in &mut template.functions {
        function.environment.insert(WEBHOOK_RECEIVER.to_owned(), receiver.to_string());
    }
}

fn workers(world: &Arc<World>) -> Vec<JoinHandle<()>> {
    let mut workers = vec![tokio::spawn(schedules::keep_time(world.clone()))];
    for function in &world.template.functions {
        for source in &function.streams {
            let delivery = outbox::deliver(world.clone(), function.name.clone(), source.clone());
            workers.push(tokio::spawn(delivery));
        }
        for source in &function.queues {
            let feed = aws::queues::feed(world.clone(), function.name.clone(), source.clone());
            workers.push(tokio::spawn(feed));
        }
    }
    for (queue, url) in world.elsewhere.iter().flat_map(Elsewhere::queues) {
        workers.push(tokio::spawn(elsewhere::carry(world.clone(), queue.clone(), url.clone())));
    }
    workers
}
