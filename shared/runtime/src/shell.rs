//! The way of every request: authenticate and load, decide, commit, answer; again, where others were quicker.

use std::time::{Duration, Instant as Stopwatch};

use domain::{AccountId, Change, Entity, Origin, Refusal, Reply as _, UserId};
use store::{Loaded, Outcome, StoreError, Wants, Writes};

use crate::backoff::back_off;
use crate::call::Memo;
use crate::caller::Admission;
use crate::doubt::{InDoubt, Reply};
use crate::gateway::{Request, Response};
use crate::idempotency::{Answer, Claim};
use crate::record::{Record, chain};
use crate::rounds::{self, Told};
use crate::{
    Call, Caller, Credential, Env, Failure, Fault, Fresh, Loads, Moment, Operation, accept, audit, origin,
};

/// Attempts before the caller is told that it is busy.
const ATTEMPTS_MAX: usize = 12;
/// No attempt begins later than this: where the table is slow, the caller is told so before the function's time is up.
const ATTEMPTS_LONGEST: Duration = Duration::from_secs(6);

/// Whatever is under way then is left: a caller who is told that it is busy can ask again under the same key, and one whose
/// function is stopped is told nothing.
const ANSWER_LONGEST: Duration = Duration::from_millis(9500);

/// Answers a request, and writes its line.
pub(crate) async fn answer<O: Operation>(env: &Env, request: Request) -> Response {
    let stopwatch = Stopwatch::now();
    let id = &request.id;
    let mut record = Record::new(id.clone(), request.route.clone());
    let answer = tokio::time::timeout(ANSWER_LONGEST, run::<O>(env, &request, &mut record)).await;
    let response = match answer.unwrap_or_else(|_| Err(Refusal::Busy.into())) {
        Ok(answer) => Ok(Response::success(O::SUCCESS, answer, &request)),
        Err(Failure::Refused(refusal)) => {
            record.outcome = refusal.code();
            Response::refusal(&refusal, id)
        }
        Err(Failure::Store(error)) => Err(error.into()),
        Err(Failure::Unavailable(error) | Failure::Fault(error)) => Err(error),
    };
    let response = response.unwrap_or_else(|error| {
        record.failed(chain(error.as_ref()));
        Response::fault(id)
    });
    record.status = response.status;
    record.duration_ms = stopwatch.elapsed().as_millis();
    record.write(env);
    response
}

/// A round of a request, and what stays the same however often it is tried.
pub(crate) struct Retrying<'a, O: Operation> {
    pub(crate) env: &'a Env,
    pub(crate) moment: &'a Moment,
    pub(crate) memo: &'a Memo,
    pub(crate) credential: Option<&'a Credential>,
    pub(crate) claim: Option<&'a Claim>,
    pub(crate) input: &'a Result<O, Refusal>,
    pub(crate) target: Option<UserId>,
    pub(crate) begun: Stopwatch,
    /// What the rounds before have answered.
    pub(crate) before: Option<&'a O::Reply>,
}

/// How an attempt ended.
pub(crate) enum Ended<R> {
    Answered(Reply<R>),
    /// Others were quicker.
    Contended,
    /// A period was over, and was closed before anything that comes after it. RULE: BI-08
    Closed,
    /// No answer came; what was sent may be written.
    Unanswered(Option<Box<InDoubt<R>>>, Fault),
}

/// A request as it was read, before anything was loaded.
pub(crate) struct Asked<O> {
    pub(crate) credential: Option<Credential>,
    pub(crate) claim: Option<Claim>,
    pub(crate) input: Result<O, Refusal>,
}

fn read<O: Operation>(request: &Request) -> Result<Asked<O>, Failure> {
    let mut fields = request.fields()?.on_path(request.path());
    let credential = request.credential().filter(|_| O::Caller::HAS_CREDENTIAL);
    if O::Caller::HAS_CREDENTIAL && credential.is_none() {
        return Err(Refusal::Unauthenticated.into());
    }
    if O::Caller::HAS_CREDENTIAL {
        request.check_origin()?;
    }
    let claim = credential.as_ref().and_then(|by| {
        let of_session = O::IS_OF_SESSION.then_some(by.id);
        Claim::read(O::NAME, of_session, request, by, &mut fields)
    });
    let read = O::read(&mut fields);
    if fields.asks_cookie {
        request.check_asker()?;
    }
    let input = match (fields.finish(), read) {
        (Ok(()), None) => return Err(Failure::Fault("a request was not read, and no field is wrong".into())),
        (Ok(()), Some(operation)) => Ok(operation),
        (Err(refusal), _) => Err(refusal),
    };
    Ok(Asked { credential, claim, input })
}

/// Reads a request and does nothing about it.
pub(crate) fn try_read<O: Operation>(event: serde_json::Value) -> Result<(), Failure> {
    let request = Request::read(event).map_err(Failure::Fault)?;
    read::<O>(&request)?.input.map(drop).map_err(Failure::Refused)
}

async fn run<O: Operation>(env: &Env, request: &Request, record: &mut Record) -> Result<Answer, Failure> {
    let asked = read::<O>(request)?;
    let mut moment = moment(env, request)?;
    moment.format = accept::preferred(request.header("accept"), O::Reply::FORMATS);
    if let Some(claim) = &asked.claim {
        moment.fresh.seed = claim.seed();
    }
    rounds::run(env, &asked, moment, request.target(), record).await
}

fn moment(env: &Env, request: &Request) -> Result<Moment, Failure> {
    let now = env.clock.now();
    let origin = Origin {
        ip: origin::truncate_ip(&request.source_ip),
        user_agent: origin::device(&request.user_agent),
        request_id: request.id.clone(),
    };
    let fresh = Fresh::draw(now).map_err(Failure::Fault)?;
    let if_match = request.if_match();
    let source_ip = request.source_ip.clone();
    Ok(Moment { now, fresh, done: 0, if_match, format: None, origin, source_ip })
}

impl<O: Operation> Retrying<'_, O> {
    pub(crate) async fn run(&self, record: &mut Record) -> Result<Told<O::Reply>, Failure> {
        let mut in_doubt = Vec::new();
        let mut attempt = 0;
        while attempt < ATTEMPTS_MAX {
            if attempt > 0 {
                back_off(attempt - 1).await.map_err(Failure::Fault)?;
            }
            if self.begun.elapsed() > ATTEMPTS_LONGEST {
                break;
            }
            record.attempts += 1;
            match self.attempt(&in_doubt, record).await? {
                Ended::Answered(reply) => return reply.map_err(Failure::Refused),
                Ended::Closed => {}
                Ended::Contended => {
                    record.conflicts += 1;
                    attempt += 1;
                }
                Ended::Unanswered(doubt, error) => {
                    attempt += 1;
                    record.fault = Some(chain(error.as_ref()));
                    in_doubt.extend(doubt.map(|doubt| *doubt));
                }
            }
        }
        match InDoubt::settle(&in_doubt, &self.env.table).await? {
            Some(reply) => reply.map_err(Failure::Refused),
            None => Err(Refusal::Busy.into()),
        }
    }

    async fn attempt(
        &self,
        in_doubt: &[InDoubt<O::Reply>],
        record: &mut Record,
    ) -> Result<Ended<O::Reply>, Failure> {
        let mut loaded = Loaded::default();
        let ended = self.attempt_on(in_doubt, &mut loaded, record).await;
        record.capacity += loaded.capacity;
        match ended {
            Err(Failure::Store(error @ StoreError::Transient(_))) => {
                Ok(Ended::Unanswered(None, error.into()))
            }
            Err(Failure::Unavailable(error)) => Ok(Ended::Unanswered(None, error)),
            ended => ended,
        }
    }

    async fn attempt_on(
        &self,
        in_doubt: &[InDoubt<O::Reply>],
        loaded: &mut Loaded,
        record: &mut Record,
    ) -> Result<Ended<O::Reply>, Failure> {
        let account_id = self.credential.map_or(AccountId::from_bits(0), |credential| credential.account_id);
        let call = Call {
            env: self.env,
            moment: self.moment,
            account_id,
            caller_id: self.credential.map(|credential| credential.user_id),
            session_id: self.credential.and_then(Credential::session_id),
            target: self.target,
            memo: self.memo,
        };
        let mut wants = Wants::default();
        O::Caller::wants(self.credential, &mut wants);
        if let Ok(operation) = self.input {
            O::Loads::wants(operation, &call, &mut wants);
        }
        InDoubt::want(in_doubt, &mut wants);
        if let Some(claim) = self.claim {
            wants.key(claim.key());
        }
        let (read, ()) = tokio::join!(self.env.table.load(&wants, loaded), self.count(record));
        read?;
        if let Some(reply) = InDoubt::settled(in_doubt, loaded)? {
            return Ok(Ended::Answered(reply));
        }
        let by = O::Caller::authenticate(self.credential, loaded, self.moment)?;
        self.check_rate(loaded)?;
        if let Some(reply) = self.replayed(&by, loaded)? {
            return Ok(Ended::Answered(reply));
        }
        let operation = self.input.as_ref().map_err(Clone::clone)?;
        let seen = self.note_seen(&by);
        let (ended, seen) = tokio::join!(self.act(operation, &by, &call, loaded, record), seen);
        record.capacity += seen;
        ended
    }

    async fn act(
        &self,
        operation: &O,
        by: &O::Caller,
        call: &Call<'_>,
        loaded: &mut Loaded,
        record: &mut Record,
    ) -> Result<Ended<O::Reply>, Failure> {
        let admission = Admission::of::<O>();
        // Where there is no target, nothing secret is tried and nothing dear is read for whom the operation is not open to.
        let admitted = if O::SESSION_ALONE || O::ROLE_FIRST { by.may_call(admission) } else { Ok(()) };
        let change = match admitted {
            Err(refusal) => Err(refusal),
            Ok(()) => match O::Loads::take(operation, call, loaded).await {
                // The role comes after what is there: the interface's order of refusals has 404 and 410 before 403.
                Ok(loads) => by.may_call(admission).and_then(|()| operation.decide(by, loads, self.moment)),
                Err(Failure::Refused(refusal)) => Err(refusal),
                Err(failure) => return Err(failure),
            },
        };
        let change = change.unwrap_or_else(Change::refuse);
        if let Err(Refusal::PeriodOverdue(account_id)) = change.reply {
            return self.close(account_id, loaded, record).await;
        }
        if change.reply.is_err()
            && let Some(reply) = self.done_meanwhile(by, record).await?
        {
            return Ok(Ended::Answered(reply));
        }
        self.commit(by, change, loaded, record).await
    }

    /// The stored answer, where the same call was committed before. RULE: AP-02
    fn replayed(&self, by: &O::Caller, loaded: &Loaded) -> Result<Option<Reply<O::Reply>>, StoreError> {
        let Some(claim) = self.claim else { return Ok(None) };
        let settled = claim.settled(loaded, self.moment.now)?;
        // Who has lost the right since is told no more of what they did. RULE: RO-05
        let told = settled.filter(|reply| reply.is_err() || by.may_call(Admission::of::<O>()).is_ok());
        Ok(told.map(|reply| reply.map(Told::whole)))
    }

    /// Items that are read together are not read as of one instant. A refusal may come from what the running twin of
    /// this call has just done; then the twin's answer is told. RULE: AP-02
    async fn done_meanwhile(
        &self,
        by: &O::Caller,
        record: &mut Record,
    ) -> Result<Option<Reply<O::Reply>>, StoreError> {
        let Some(claim) = self.claim else { return Ok(None) };
        let (mut wants, mut loaded) = (Wants::default(), Loaded::default());
        wants.key(claim.key());
        let read = self.env.table.load(&wants, &mut loaded).await;
        record.capacity += loaded.capacity;
        read?;
        self.replayed(by, &loaded)
    }

    async fn commit(
        &self,
        by: &O::Caller,
        mut change: Change<O::Reply>,
        loaded: &Loaded,
        record: &mut Record,
    ) -> Result<Ended<O::Reply>, Failure> {
        match &change.reply {
            Ok(_) => change.reliances.extend(by.reliances()),
            Err(refusal) => {
                change.facts.extend(audit::refused(O::NAME, by.performer(), refusal, self.target));
            }
        }
        let event = audit::entry(self.moment, by.performer(), &change)?;
        change.puts.extend(event.clone().map(Entity::Event));
        let reply = match change.reply {
            Ok(reply) => Ok(self.tell(reply)?),
            Err(refusal) => Err(refusal),
        };
        if let Ok(told) = &reply {
            change.puts.extend(self.kept(told, event.as_ref(), loaded)?.map(Entity::Replay));
        }
        let writes = Writes { puts: &change.puts, deletes: &change.deletes, reliances: &change.reliances };
        let (outcome, capacity) = self.env.table.commit(writes, loaded).await?;
        record.capacity += capacity;
        Ok(match outcome {
            Outcome::Committed => Ended::Answered(reply),
            Outcome::Contended => Ended::Contended,
            Outcome::Unknown(error) => {
                let doubt = event.map(|event| Box::new(InDoubt { event, reply }));
                Ended::Unanswered(doubt, error.into())
            }
        })
    }
}
