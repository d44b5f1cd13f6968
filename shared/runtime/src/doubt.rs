//! Commits of which no answer came. They may be applied as late as after a further attempt has looked for them,
//! so they stay in doubt until the request is answered.

use domain::{EntityKey, Event, Refusal};
use store::{Loaded, StoreError, Table, Wants};

use crate::Failure;
use crate::rounds::Told;

/// What the caller is told.
pub(crate) type Reply<R> = Result<Told<R>, Refusal>;

/// An answer that stands if its event is found.
pub(crate) struct InDoubt<R> {
    pub(crate) event: Event,
    pub(crate) reply: Reply<R>,
}

impl<R> InDoubt<R> {
    fn key(&self) -> EntityKey {
        EntityKey::Event(self.event.account_id, self.event.id)
    }

    /// Has every event in doubt looked for.
    pub(crate) fn want(in_doubt: &[Self], wants: &mut Wants) {
        for doubt in in_doubt {
            wants.key(doubt.key());
        }
    }

    /// The answer of the attempt whose event is there. All attempts share the event's identifier, so at most one
    /// of them was applied; what it says happened tells which.
    pub(crate) fn settled(in_doubt: &[Self], loaded: &Loaded) -> Result<Option<Reply<R>>, StoreError> {
        let Some(last) = in_doubt.last() else { return Ok(None) };
        let Some(applied) = loaded.get::<Event>(&last.key())? else { return Ok(None) };
        let its_own = in_doubt.iter().rfind(|doubt| doubt.event.facts == applied.facts);
        Ok(Some(its_own.unwrap_or(last).reply.clone()))
    }

    /// One last look, so that nobody is told to send again what was done.
    pub(crate) async fn settle(in_doubt: &[Self], table: &Table) -> Result<Option<Reply<R>>, Failure> {
        let mut wants = Wants::default();
        Self::want(in_doubt, &mut wants);
        let mut loaded = Loaded::default();
        match table.load(&wants, &mut loaded).await {
            Ok(()) => Ok(Self::settled(in_doubt, &loaded)?),
            Err(StoreError::Transient(_)) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}
