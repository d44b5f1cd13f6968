//! Guesses at a password: counted by address and place, whether there is anybody or not. RULE: AC-03, AC-12

use domain::{
    AddressKey, Attempts, AttemptsScope, Change, EntityKey, Fact, FactKind, Refusal, Reliance, Removal, User,
};
use store::{Loaded, Wants};

use crate::{Call, Failure, Moment};

/// What was counted of an address, from here and from anywhere.
pub struct Guesses {
    from_here: AttemptsScope,
    from_anywhere: AttemptsScope,
    here: Option<Attempts>,
    anywhere: Option<Attempts>,
}

impl Guesses {
    /// Has the counts of this address read.
    pub fn want(address: &AddressKey, call: &Call<'_>, wants: &mut Wants) {
        for scope in AttemptsScope::both(address, &call.moment.source_ip) {
            wants.key(EntityKey::Attempts(scope));
        }
    }

    /// The counts as they were read; refused while locked, the right password included.
    pub fn take(address: &AddressKey, call: &Call<'_>, loaded: &Loaded) -> Result<Self, Failure> {
        let [from_here, from_anywhere] = AttemptsScope::both(address, &call.moment.source_ip);
        let here: Option<Attempts> = loaded.get(&EntityKey::Attempts(from_here.clone()))?;
        let anywhere: Option<Attempts> = loaded.get(&EntityKey::Attempts(from_anywhere.clone()))?;
        Attempts::check(here.as_ref(), call.moment.now)?;
        Attempts::check(anywhere.as_ref(), call.moment.now)?;
        Ok(Self { from_here, from_anywhere, here, anywhere })
    }

    /// The counts of an address that is known only now: a step of its own.
    pub async fn load(address: &AddressKey, call: &Call<'_>, loaded: &mut Loaded) -> Result<Self, Failure> {
        let mut wants = Wants::default();
        Self::want(address, call, &mut wants);
        call.env.table.load(&wants, loaded).await?;
        Self::take(address, call, loaded)
    }

    /// One more wrong password. That it locked is audited where there is somebody.
    pub fn failed<R>(self, user: Option<&User>, at: &Moment) -> Change<R> {
        let by = at.fresh.event_id;
        let here = Attempts::failed(self.here, self.from_here, by, at.now);
        let anywhere = Attempts::failed(self.anywhere, self.from_anywhere, by, at.now);
        let has_locked = here.has_locked(at.now) || anywhere.has_locked(at.now);
        let change = Change::refuse(Refusal::InvalidCredentials).put(here).put(anywhere);
        match user.filter(|_| has_locked) {
            Some(user) => change.fact(Fact::of(FactKind::SignInLocked, user)),
            None => change,
        }
    }

    /// The password was right. That holds only if nobody failed from here in between, and no lock came from anywhere:
    /// guesses at the same time do not get past the count, and others' failures elsewhere do not stand in the owner's
    /// way before it locks.
    pub fn passed<R>(self, change: Change<R>) -> Change<R> {
        let here = EntityKey::Attempts(self.from_here);
        let change = change.relying_on(Reliance::SameLock(EntityKey::Attempts(self.from_anywhere)));
        if self.here.is_some() {
            change.delete(Removal::AsRead(here))
        } else {
            change.relying_on(Reliance::Unchanged(here))
        }
    }
}
