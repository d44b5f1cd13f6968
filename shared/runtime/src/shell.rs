//! The way of every request: authenticate and load, decide, commit, answer; again, where others were quicker.

use std::time::{Duration, Instant as Stopwatch};

use domain::{
    AccountId, Change, EntityKey, Event, FACTS_MAX, Fact, FactKind, Origin, Performer, Refusal, UserId,
};
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

/// Answers a request, and writes its line.
pub(crate) async fn answer<O: Operation>(env: &Env, request: Request) -> Response {
    let stopwatch = Stopwatch::now();
    let mut record = Record::new(request.id.clone(), request.route.clone());
    let id = &request.id;
    let response = match run::<O>(env, &request, &mut record).await {
        Ok(reply) => Ok(Response::success(O::SUCCESS, reply, id)),
        Err(Failure::Refused(refusal)) => {
            record.outcome = refusal.code();
            Response::refusal(&refusal, id)
        }
        Err(Failure::Store(error)) => Err(error.into()),
        Err(Failure::Fault(error)) => Err(error),
    };
    let response = response.unwrap_or_else(|error| {
        record.outcome = "fault";
        record.fault = Some(chain(error.as_ref()));
        Response::fault(id)
    });
    record.status = response.status;
    record.duration_ms = stopwatch.elapsed().as_millis();
    record.write(env);
    response
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

/// An answer that stands if its event is found: its commit was sent, and what became of it is not known.
struct InDoubt {
    account_id: AccountId,
    reply: Result<String, Refusal>,
}

/// How an attempt ended.
enum Ended {
    Answered(Result<String, Refusal>),
    /// Worth another attempt.
    Again,
}

async fn run<O: Operation>(env: &Env, request: &Request, record: &mut Record) -> Result<String, Failure> {
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
    let mut in_doubt = None;
    for attempt in 0..COMMIT_ATTEMPTS_MAX {
        record.attempts += 1;
        match attempts.attempt(&mut in_doubt, record).await {
            Ok(Ended::Answered(reply)) => return reply.map_err(Failure::Refused),
            Ok(Ended::Again) | Err(Failure::Store(StoreError::Transient(_))) => {}
            Err(failure) => return Err(failure),
        }
        record.conflicts += 1;
        back_off(attempt).await?;
    }
    attempts.applied_after_all(in_doubt).await
}

impl<O: Operation> Attempts<'_, O> {
    async fn attempt(&self, in_doubt: &mut Option<InDoubt>, record: &mut Record) -> Result<Ended, Failure> {
        let mut loaded = Loaded::default();
        let ended = self.attempt_on(in_doubt, &mut loaded, record).await;
        record.capacity += loaded.capacity;
        ended
    }

    /// A last look for a commit of which no answer came, before the caller is told to try again.
    async fn applied_after_all(&self, in_doubt: Option<InDoubt>) -> Result<String, Failure> {
        let Some(in_doubt) = in_doubt else { return Err(Refusal::Busy.into()) };
        let mut wants = Wants::default();
        wants.key(self.event_key(in_doubt.account_id));
        let mut loaded = Loaded::default();
        match self.env.table.load(&wants, &mut loaded).await {
            Ok(()) if loaded.contains(&self.event_key(in_doubt.account_id)) => {
                in_doubt.reply.map_err(Failure::Refused)
            }
            _ => Err(Refusal::Busy.into()),
        }
    }

    const fn event_key(&self, account_id: AccountId) -> EntityKey {
        EntityKey::Event(account_id, self.moment.fresh.event_id)
    }

    async fn attempt_on(
        &self,
        in_doubt: &mut Option<InDoubt>,
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
        if let Some(in_doubt) = &in_doubt {
            wants.key(self.event_key(in_doubt.account_id));
        }
        self.env.table.load(&wants, loaded).await?;
        if let Some(in_doubt) = in_doubt
            && loaded.contains(&self.event_key(in_doubt.account_id))
        {
            return Ok(Ended::Answered(in_doubt.reply.clone()));
        }
        let by = O::Caller::authenticate(self.credential, loaded, self.moment)?;
        let operation = self.input.as_ref().map_err(Clone::clone)?;
        let loads = O::Loads::take(operation, &call, loaded).await?;
        let change = by.require(O::NEEDS).and_then(|()| operation.decide(&by, loads, self.moment));
        match change {
            Ok(change) => self.commit(&by, change, loaded, in_doubt, record).await,
            Err(refusal) => match refused::<O>(&by, &refusal, self.target) {
                Some(fact) => {
                    let change: Change<O::Reply> = Change::refuse(refusal).fact(fact);
                    self.commit(&by, change, loaded, in_doubt, record).await
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
        in_doubt: &mut Option<InDoubt>,
        record: &mut Record,
    ) -> Result<Ended, Failure> {
        let performer = change.performer.or_else(|| by.performer());
        if let Some((account_id, performer)) = performer
            && !change.facts.is_empty()
        {
            change.puts.push(domain::Entity::Event(self.event(account_id, performer, &mut change.facts)?));
        }
        let audit_only = change.reply.is_err();
        change.reliances.extend(by.reliance().filter(|_| !audit_only));
        let reply = match change.reply {
            Ok(reply) => Ok(serde_json::to_string(&reply).map_err(|error| Failure::Fault(error.into()))?),
            Err(refusal) => Err(refusal),
        };
        let writes = Writes { puts: &change.puts, deletes: &change.deletes, reliances: &change.reliances };
        let (outcome, capacity) = self.env.table.commit(writes, loaded).await?;
        record.capacity += capacity;
        if let (Outcome::Unknown(_), Some((account_id, _))) = (&outcome, performer) {
            *in_doubt = Some(InDoubt { account_id, reply });
            return Ok(Ended::Again);
        }
        Ok(if let Outcome::Committed = outcome { Ended::Answered(reply) } else { Ended::Again })
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

/// A refused privileged attempt is a fact of its own. RULE: EV-01
fn refused<O: Operation>(by: &O::Caller, refusal: &Refusal, target: Option<UserId>) -> Option<Fact> {
    by.performer().filter(|_| refusal.is_audited())?;
    let fact = Fact { target, ..Fact::bare(FactKind::AccessRefused) };
    Some(fact.after("operation", O::NAME).after("code", refusal.code()))
}

/// Full jitter: anything between nothing and the attempt's longest wait.
async fn back_off(attempt: usize) -> Result<(), Failure> {
    let longest =
        BACKOFF_MAX.min(BACKOFF_FIRST * 2_u32.saturating_pow(u32::try_from(attempt).unwrap_or(u32::MAX)));
    let random = getrandom::u32().map_err(|error: getrandom::Error| Failure::Fault(Fault::from(error)))?;
    tokio::time::sleep(longest.mul_f64(f64::from(random) / f64::from(u32::MAX))).await;
    Ok(())
}
