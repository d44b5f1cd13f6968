//! Calls of many parts: more than one transaction holds. Each round loads, decides and commits some of the parts, under
//! an event of its own; a call of one part is one round, at no further cost. What a round has done stays done: the
//! same call once more finds it and goes on. RULE: IN-21, AP-02

use std::sync::Arc;
use std::time::Instant as Stopwatch;

use domain::{Event, EventId, Refusal, Replay, Reply as _, UserId};
use store::{Loaded, StoreError};

use crate::call::Memo;
use crate::idempotency::Answer;
use crate::record::Record;
use crate::shell::{Asked, Retrying};
use crate::{Env, Failure, Moment, Operation};

/// More than any call takes: each round deals with a part, or makes room for the next.
const ROUNDS_MAX: usize = 200;

/// What a round answers.
pub(crate) struct Told<R> {
    /// What the caller is told, as far as the call has come.
    pub(crate) answer: Answer,
    /// The same for the next round; none where the call is at its end.
    pub(crate) so_far: Option<Arc<R>>,
}

impl<R> Clone for Told<R> {
    fn clone(&self) -> Self {
        Self { answer: self.answer.clone(), so_far: self.so_far.clone() }
    }
}

impl<R> Told<R> {
    /// The end of the call.
    pub(crate) const fn whole(answer: Answer) -> Self {
        Self { answer, so_far: None }
    }
}

/// Round after round, until all parts are dealt with or one round is refused.
pub(crate) async fn run<O: Operation>(
    env: &Env,
    asked: &Asked<O>,
    mut moment: Moment,
    target: Option<UserId>,
    record: &mut Record,
) -> Result<Answer, Failure> {
    let (memo, begun) = (Memo::default(), Stopwatch::now());
    let mut before: Option<Arc<O::Reply>> = None;
    for _ in 0..ROUNDS_MAX {
        let retrying = Retrying {
            env,
            moment: &moment,
            memo: &memo,
            credential: asked.credential.as_ref(),
            claim: asked.claim.as_ref(),
            input: &asked.input,
            target,
            begun,
            before: before.as_deref(),
        };
        let told = retrying.run(record).await;
        record.hashes = memo.hashes();
        record.note = memo.noted();
        let Told { answer, so_far } = told?;
        let Some(so_far) = so_far else { return Ok(answer) };
        moment.done = O::dealt_with(&so_far);
        moment.fresh.event_id = next(moment.fresh.event_id);
        before = Some(so_far);
    }
    Err(Refusal::Busy.into())
}

/// The events of one call stand in the order of its rounds.
const fn next(id: EventId) -> EventId {
    EventId::from_bits(id.bits().wrapping_add(1))
}

impl<O: Operation> Retrying<'_, O> {
    /// This round's reply, joined to those before it.
    pub(crate) fn tell(&self, reply: O::Reply) -> Result<Told<O::Reply>, Failure> {
        let reply = match self.before {
            Some(before) => O::join(before, reply),
            None => reply,
        };
        let body = serde_json::to_string(&reply).map_err(|error| Failure::Fault(error.into()))?;
        let format = self.input.as_ref().ok().and_then(|operation| operation.format(self.moment.format));
        let rendered = format.and_then(|format| Some((format, reply.render(format)?)));
        let next = reply.next().map(str::to_owned);
        let (cookie, version) = (reply.cookie(), reply.version());
        let status_half_way = reply.status_half_way();
        let answer = Answer { body, rendered, cookie, status_half_way, version, next, is_replayed: false };
        let parts = self.input.as_ref().map_or(0, Operation::parts);
        let is_whole = O::dealt_with(&reply) >= parts;
        Ok(Told { answer, so_far: (!is_whole).then(|| Arc::new(reply)) })
    }

    /// What is kept under the caller's key: with the first round that changed something that the call is under way, with
    /// the last round its answer. Whatever changed something left an event; what changed nothing is judged afresh.
    pub(crate) fn kept(
        &self,
        told: &Told<O::Reply>,
        event: Option<&Event>,
        loaded: &Loaded,
    ) -> Result<Option<Replay>, StoreError> {
        let Some(claim) = self.claim else { return Ok(None) };
        let now = self.moment.now;
        let is_under_way = claim.is_under_way(loaded, now)?;
        Ok(match &told.so_far {
            None if event.is_some() || is_under_way => Some(claim.replay(&told.answer, O::SHOWS_SECRET, now)),
            Some(_) if event.is_some() && !is_under_way => Some(claim.begun(now)),
            _ => None,
        })
    }
}
