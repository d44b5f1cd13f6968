//! That a mail is sent once: a claim is a lease, and the mail service's identifier settles it. RULE: EV-03

use std::time::Duration;

use chrono::TimeDelta;
use domain::{Dispatch, Entity, Instant, Removal, UserId};
use runtime::{Env, Fault, Loaded, Wants, chain};
use store::{Outcome, Writes};

/// How long nobody else sends a mail. Longer than the function may run, so that nobody else is at work when it is
/// over; with that time shorter than its message is invisible for, so that another attempt does not meet the lease of the last.
pub const LEASE: TimeDelta = TimeDelta::seconds(30);
/// What settles a dispatch that had nothing to send.
pub(crate) const SKIPPED: &str = "skipped";
/// What settles the dispatch of a fact whose mails are each settled.
pub(crate) const ALL: &str = "all";
pub(crate) const SETTLE_ATTEMPTS_MAX: u32 = 6;
/// The first wait between two attempts to record; each further one is twice as long.
const SETTLE_PAUSE: Duration = Duration::from_millis(20);

/// A mail of a fact.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OneMail<'a> {
    pub(crate) fact_id: &'a str,
    /// Whose, where the fact leads to several.
    pub(crate) recipient: Option<UserId>,
}

impl OneMail<'_> {
    /// Whether it is settled already; a fault while somebody else is at work on it.
    pub(crate) fn is_settled(self, loaded: &Loaded, now: Instant) -> Result<bool, Fault> {
        match loaded.get::<Dispatch>(&Dispatch::key_of(self.fact_id, self.recipient))? {
            Some(dispatch) if dispatch.settled_as.is_some() => Ok(true),
            Some(dispatch) if now < dispatch.claimed_until => {
                Err("somebody else is sending this mail".into())
            }
            _ => Ok(false),
        }
    }

    /// Nobody else sends it while the lease lasts.
    pub(crate) async fn claim(self, env: &Env, loaded: &Loaded, now: Instant) -> Result<(), Fault> {
        match commit(env, self.dispatch(now + LEASE, None), loaded).await? {
            Outcome::Committed => Ok(()),
            Outcome::Contended => Err("somebody else claimed this mail".into()),
            Outcome::Unknown(error) => Err(error.into()),
        }
    }

    /// Lets the next attempt begin at once, where the mail was not taken and nobody is at work on it any more. Where that
    /// cannot be written, the lease ends by itself.
    pub(crate) async fn release(self, env: &Env) {
        let now = env.clock.now();
        let released =
            |stored: Option<Dispatch>| self.dispatch(now, stored.and_then(|dispatch| dispatch.settled_as));
        _ = self.write(env, released).await;
    }

    /// Records what became of the mail, by itself: nothing that others write stands in its way.
    pub(crate) async fn settle(self, env: &Env, as_what: &str) -> Result<(), Fault> {
        let mut last: Fault = "others kept settling this mail".into();
        for attempt in 0..SETTLE_ATTEMPTS_MAX {
            let settled = |stored: Option<Dispatch>| {
                let claimed_until = stored.map_or_else(|| env.clock.now(), |dispatch| dispatch.claimed_until);
                self.dispatch(claimed_until, Some(as_what.to_owned()))
            };
            match self.write(env, settled).await {
                Ok(Outcome::Committed) => return Ok(()),
                Ok(Outcome::Contended) => {}
                Ok(Outcome::Unknown(error)) => last = error.into(),
                Err(error) => last = error,
            }
            tokio::time::sleep(SETTLE_PAUSE * 2_u32.pow(attempt)).await;
        }
        Err(format!("the mail is {as_what}, and that could not be recorded: {}", chain(last.as_ref())).into())
    }

    async fn write(
        self,
        env: &Env,
        decide: impl FnOnce(Option<Dispatch>) -> Entity,
    ) -> Result<Outcome, Fault> {
        let key = Dispatch::key_of(self.fact_id, self.recipient);
        let (mut wants, mut loaded) = (Wants::default(), Loaded::default());
        wants.key(key.clone());
        env.table.load(&wants, &mut loaded).await?;
        let stored = loaded.get(&key)?;
        commit(env, decide(stored), &loaded).await
    }

    fn dispatch(self, claimed_until: Instant, settled_as: Option<String>) -> Entity {
        let Self { fact_id, recipient } = self;
        Dispatch { fact_id: fact_id.to_owned(), recipient, claimed_until, settled_as }.into()
    }
}

pub(crate) async fn commit(env: &Env, put: impl Into<Entity>, loaded: &Loaded) -> Result<Outcome, Fault> {
    let (puts, deletes): ([Entity; 1], &[Removal]) = ([put.into()], &[]);
    let (outcome, _) = env.table.commit(Writes { puts: &puts, deletes, reliances: &[] }, loaded).await?;
    Ok(outcome)
}
