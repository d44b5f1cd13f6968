//! The way of every request: authenticate and load, decide, commit, answer; again, where others were quicker.

use std::time::{Duration, Instant as Stopwatch};

use domain::{
    AccountId, Change, EntityKey, Event, FACTS_MAX, Fact, FactKind, Origin, Performer, Refusal, UserId,
};
use serde::Serialize;
use serde_json::Value;
use store::{Loaded, Outcome, StoreError, Wants, Writes};

use crate::call::Memo;
use crate::gateway::{Request, Response};
use crate::record::{Record, chain};
use crate::{Call, Caller, Credential, Env, Failure, Fault, Fresh, Loads, Moment, Operation, origin};

/// Attempts before the caller is told that it is busy.
const COMMIT_ATTEMPTS_MAX: usize = 12;
/// The first wait lies between nothing and this; each further one may be twice as long.
const BACKOFF_FIRST: Duration = Duration::from_millis(8);
const BACKOFF_MAX: Duration = Duration::from_millis(500);
/// No attempt begins later than this: where the table is slow, the caller is told so before the function's time is up.
const ATTEMPTS_LONGEST: Duration = Duration::from_secs(6);

/// Answers a request, and writes its line.
pub(crate) async fn answer<O: Operation>(env: &Env, request: Request) -> Response {
    let stopwatch = Stopwatch::now();
    let mut record = Record::new(request.id.clone(), request.route.clone());
    let response = match run::<O>(env, &request, &mut record).await {
        Ok(reply) => Response::success(O::SUCCESS, reply.filter(|_| O::SUCCESS != 204).as_ref(), &request.id),
        Err(Failure::Refused(refusal)) => {
            record.outcome = refusal.code();
            Response::refusal(&refusal, &request.id)
        }
        Err(Failure::Store(error)) => fault(&mut record, &error, &request.id),
        Err(Failure::Fault(error)) => fault(&mut record, error.as_ref(), &request.id),
    };
    record.status = response.status;
    record.duration_ms = stopwatch.elapsed().as_millis();
    record.write(env);
    response
}

fn fault(record: &mut Record, error: &(dyn std::error::Error + 'static), request_id: &str) -> Response {
    record.outcome = "fault";
    record.fault = Some(chain(error));
    Response::fault(request_id)
}

/// What stays the same over all attempts.
struct Attempts<'a, O> {
    env: &'a Env,
    moment: &'a Moment,
    memo: &'a Memo,
    credential: Option<&'a Credential>,
    input: &'a Result<O, Refusal>,
    target: Option<UserId>,
}

/// An answer that stands if its event is found: its commit was sent, and what became of it is not known. It may be
/// applied as late as after a further attempt has looked for it, so it stays in doubt until the request is answered.
struct InDoubt {
    event: Event,
    reply: Result<Value, Refusal>,
}

/// How an attempt ended.
enum Ended {
    Answered(Result<Value, Refusal>),
    /// Worth another attempt.
    Again(Option<InDoubt>),
}

async fn run<O: Operation>(
    env: &Env,
    request: &Request,
    record: &mut Record,
) -> Result<Option<Value>, Failure> {
    let mut fields = request.fields()?;
    let credential = request.credential();
    if O::Caller::HAS_CREDENTIAL && credential.is_none() {
        return Err(Refusal::Unauthenticated.into());
    }
    let read = O::read(&mut fields);
    let input = fields.finish().and_then(|()| read.ok_or_else(|| Refusal::Validation(Vec::new())));
    let now = env.clock.now();
    let moment = Moment {
        now,
        fresh: Fresh::draw(now).map_err(Failure::Fault)?,
        origin: Origin {
            ip: origin::truncate_ip(&request.source_ip),
            user_agent: origin::device(&request.user_agent),
            request_id: request.id.clone(),
        },
        source_ip: request.source_ip.clone(),
    };
    let memo = Memo::default();
    let attempts = Attempts {
        env,
        moment: &moment,
        memo: &memo,
        credential: credential.as_ref(),
        input: &input,
        target: request.target(),
    };
    let begun = Stopwatch::now();
    let mut in_doubt = Vec::new();
    for attempt in 0..COMMIT_ATTEMPTS_MAX {
        if attempt > 0 {
            back_off(attempt - 1).await?;
        }
        if begun.elapsed() > ATTEMPTS_LONGEST {
            break;
        }
        record.attempts += 1;
        match attempts.attempt(&in_doubt, record).await? {
            Ended::Answered(reply) => return reply.map(Some).map_err(Failure::Refused),
            Ended::Again(doubt) => in_doubt.extend(doubt),
        }
        record.conflicts += 1;
    }
    match attempts.settle(&in_doubt).await? {
        Some(reply) => reply.map(Some).map_err(Failure::Refused),
        None => Err(Refusal::Busy.into()),
    }
}

impl<O: Operation> Attempts<'_, O> {
    async fn attempt(&self, in_doubt: &[InDoubt], record: &mut Record) -> Result<Ended, Failure> {
        let mut loaded = Loaded::default();
        let ended = self.attempt_on(in_doubt, &mut loaded, record).await;
        record.capacity += loaded.capacity;
        match ended {
            Err(Failure::Store(StoreError::Transient(_))) => Ok(Ended::Again(None)),
            ended => ended,
        }
    }

    async fn attempt_on(
        &self,
        in_doubt: &[InDoubt],
        loaded: &mut Loaded,
        record: &mut Record,
    ) -> Result<Ended, Failure> {
        let account_id = self.credential.map_or(AccountId::from_bits(0), |credential| credential.account_id);
        let call = Call { env: self.env, moment: self.moment, account_id, memo: self.memo };
        let mut wants = Wants::default();
        O::Caller::wants(self.credential, &mut wants);
        if let Ok(operation) = self.input {
            O::Loads::wants(operation, &call, &mut wants);
        }
        want_events(in_doubt, &mut wants);
        self.env.table.load(&wants, loaded).await?;
        if let Some(reply) = settled(in_doubt, loaded)? {
            return Ok(Ended::Answered(reply));
        }
        let by = O::Caller::authenticate(self.credential, loaded, self.moment)?;
        let operation = self.input.as_ref().map_err(Clone::clone)?;
        let loads = O::Loads::take(operation, &call, loaded).await?;
        let change = by.require(O::NEEDS).and_then(|()| operation.decide(&by, loads, self.moment));
        match change {
            Ok(change) => self.commit(&by, change, loaded, record).await,
            Err(refusal) => match refused::<O>(&by, &refusal, self.target) {
                Some(fact) => {
                    let change: Change<O::Reply> = Change::refuse(refusal).fact(fact);
                    self.commit(&by, change, loaded, record).await
                }
                None => Err(refusal.into()),
            },
        }
    }

    async fn commit(
        &self,
        by: &O::Caller,
        mut change: Change<O::Reply>,
        loaded: &Loaded,
        record: &mut Record,
    ) -> Result<Ended, Failure> {
        let mut event = None;
        if let Some((account_id, performer)) = change.performer.or_else(|| by.performer())
            && !change.facts.is_empty()
        {
            let written = self.event(account_id, performer, &mut change.facts)?;
            change.puts.push(domain::Entity::Event(written.clone()));
            event = Some(written);
        }
        let audit_only = change.reply.is_err();
        change.reliances.extend(by.reliance().filter(|_| !audit_only));
        let reply = to_value(change.reply)?;
        let writes = Writes { puts: &change.puts, deletes: &change.deletes, reliances: &change.reliances };
        let (outcome, capacity) = self.env.table.commit(writes, loaded).await?;
        record.capacity += capacity;
        Ok(match (outcome, event) {
            (Outcome::Committed, _) => Ended::Answered(reply),
            (Outcome::Unknown(_), Some(event)) => Ended::Again(Some(InDoubt { event, reply })),
            (Outcome::Contended | Outcome::Unknown(_), _) => Ended::Again(None),
        })
    }

    /// One last look at what is in doubt, so that nobody is told to send again what was done.
    async fn settle(&self, in_doubt: &[InDoubt]) -> Result<Option<Result<Value, Refusal>>, Failure> {
        let mut wants = Wants::default();
        want_events(in_doubt, &mut wants);
        let mut loaded = Loaded::default();
        match self.env.table.load(&wants, &mut loaded).await {
            Ok(()) => settled(in_doubt, &loaded),
            Err(StoreError::Transient(_)) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    fn event(
        &self,
        account_id: AccountId,
        actor: Performer,
        facts: &mut Vec<Fact>,
    ) -> Result<Event, Failure> {
        if facts.len() > FACTS_MAX {
            return Err(Failure::Fault(format!("{} facts are too many for one event", facts.len()).into()));
        }
        Ok(Event {
            id: self.moment.fresh.event_id,
            account_id,
            at: self.moment.now,
            actor,
            origin: self.moment.origin.clone(),
            facts: std::mem::take(facts),
        })
    }
}

fn key_of(event: &Event) -> EntityKey {
    EntityKey::Event(event.account_id, event.id)
}

fn want_events(in_doubt: &[InDoubt], wants: &mut Wants) {
    for doubt in in_doubt {
        wants.key(key_of(&doubt.event));
    }
}

/// The answer of the attempt whose event is there. All attempts share the event's identifier, so at most one of them
/// was applied; what it says happened tells which.
fn settled(in_doubt: &[InDoubt], loaded: &Loaded) -> Result<Option<Result<Value, Refusal>>, Failure> {
    let Some(last) = in_doubt.last() else { return Ok(None) };
    let Some(applied) = loaded.get::<Event>(&key_of(&last.event))? else { return Ok(None) };
    let its_own = in_doubt.iter().rfind(|doubt| doubt.event.facts == applied.facts);
    Ok(Some(its_own.unwrap_or(last).reply.clone()))
}

/// A refused privileged attempt is a fact of its own. RULE: EV-01
fn refused<O: Operation>(by: &O::Caller, refusal: &Refusal, target: Option<UserId>) -> Option<Fact> {
    by.performer().filter(|_| refusal.is_audited())?;
    let fact = Fact { target, ..Fact::bare(FactKind::AccessRefused) };
    Some(fact.after("operation", O::NAME).after("code", refusal.code()))
}

fn to_value<R: Serialize>(reply: Result<R, Refusal>) -> Result<Result<Value, Refusal>, Failure> {
    match reply {
        Ok(reply) => serde_json::to_value(reply).map(Ok).map_err(|error| Failure::Fault(error.into())),
        Err(refusal) => Ok(Err(refusal)),
    }
}

/// Full jitter: anything between nothing and the attempt's longest wait.
async fn back_off(attempt: usize) -> Result<(), Failure> {
    let longest =
        BACKOFF_MAX.min(BACKOFF_FIRST * 2_u32.saturating_pow(u32::try_from(attempt).unwrap_or(u32::MAX)));
    let random = getrandom::u32().map_err(|error: getrandom::Error| Failure::Fault(Fault::from(error)))?;
    tokio::time::sleep(longest.mul_f64(f64::from(random) / f64::from(u32::MAX))).await;
    Ok(())
}
