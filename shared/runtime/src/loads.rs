//! What an operation loads, declared by the type it decides on.

use std::future::Future;

use domain::{Account, EntityKey, Exit, Factors, Refusal, Tombstone, User};
use store::{Loaded, StoreError, Wants};

use crate::{Call, Fault};

/// Why loading did not come to an end.
#[derive(Debug)]
pub enum Failure {
    /// The caller's matter.
    Refused(Refusal),
    /// The table's.
    Store(StoreError),
    /// That of another service, which may answer later.
    Unavailable(Fault),
    /// The operator's.
    Fault(Fault),
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// Something that can be loaded for an operation `O`.
pub trait Loads<O>: Sized + Send {
    /// What the request alone says is needed; it is read together with the caller, in one step.
    fn wants(operation: &O, call: &Call<'_>, wants: &mut Wants);

    /// Takes it from what was read. A further step, and slow work such as a hash or a MAC, is done here.
    fn take(
        operation: &O,
        call: &Call<'_>,
        loaded: &mut Loaded,
    ) -> impl Future<Output = Result<Self, Failure>> + Send;

    /// The codes that taking it may be refused with.
    fn refuses() -> Vec<&'static str> {
        Vec::new()
    }
}

/// Nothing beside the caller.
impl<O: Sync> Loads<O> for () {
    fn wants(_: &O, _: &Call<'_>, _: &mut Wants) {}

    async fn take(_: &O, _: &Call<'_>, _: &mut Loaded) -> Result<Self, Failure> {
        Ok(())
    }
}

/// The caller's account.
impl<O: Sync> Loads<O> for Account {
    fn wants(_: &O, call: &Call<'_>, wants: &mut Wants) {
        wants.key(EntityKey::Account(call.account_id));
    }

    async fn take(_: &O, call: &Call<'_>, loaded: &mut Loaded) -> Result<Self, Failure> {
        let account = loaded.get::<Self>(&EntityKey::Account(call.account_id))?;
        account.ok_or_else(|| Failure::Fault("a user's account is not there".into()))
    }
}

/// The user of the caller's account that the path names. RULE: AP-05, DE-01
pub struct Target(pub User);

impl<O: Sync> Loads<O> for Target {
    fn refuses() -> Vec<&'static str> {
        vec!["not_found", "user_deleted"]
    }

    fn wants(_: &O, call: &Call<'_>, wants: &mut Wants) {
        if let Some(user_id) = call.target {
            wants.key(EntityKey::User(call.account_id, user_id));
            wants.key(EntityKey::Tombstone(call.account_id, user_id));
        }
    }

    async fn take(_: &O, call: &Call<'_>, loaded: &mut Loaded) -> Result<Self, Failure> {
        // What is no identifier is nobody's, and not found as any other.
        let user_id = call.target.ok_or(Refusal::NotFound)?;
        if let Some(user) = loaded.get::<User>(&EntityKey::User(call.account_id, user_id))? {
            return Ok(Self(user));
        }
        match loaded.get::<Tombstone>(&EntityKey::Tombstone(call.account_id, user_id))? {
            Some(_) => Err(Refusal::UserDeleted.into()),
            None => Err(Refusal::NotFound.into()),
        }
    }
}

/// The second factors of the user that the path names.
pub struct TheirFactors(pub Factors);

impl<O: Sync> Loads<O> for TheirFactors {
    fn wants(_: &O, call: &Call<'_>, wants: &mut Wants) {
        if let Some(user_id) = call.target {
            crate::want_factors(wants, call.account_id, user_id);
        }
    }

    async fn take(_: &O, call: &Call<'_>, loaded: &mut Loaded) -> Result<Self, Failure> {
        let user_id = call.target.ok_or(Refusal::NotFound)?;
        Ok(Self(crate::factors(loaded, call.account_id, user_id)?))
    }
}

/// The user that the path names, or what remains of them where their invitation was revoked. RULE: IN-09
pub enum Revocable {
    /// They are there, in whatever state.
    There(Box<User>),
    /// Their invitation was revoked.
    Revoked,
}

impl<O: Sync> Loads<O> for Revocable {
    fn refuses() -> Vec<&'static str> {
        <Target as Loads<O>>::refuses()
    }

    fn wants(operation: &O, call: &Call<'_>, wants: &mut Wants) {
        Target::wants(operation, call, wants);
    }

    async fn take(operation: &O, call: &Call<'_>, loaded: &mut Loaded) -> Result<Self, Failure> {
        let tombstone = call.target.map(|user_id| EntityKey::Tombstone(call.account_id, user_id));
        let tombstone = tombstone.map(|key| loaded.get::<Tombstone>(&key)).transpose()?.flatten();
        match Target::take(operation, call, loaded).await {
            Ok(Target(user)) => Ok(Self::There(Box::new(user))),
            Err(Failure::Refused(Refusal::UserDeleted))
                if tombstone.is_some_and(|remains| remains.exit == Exit::Revoked) =>
            {
                Ok(Self::Revoked)
            }
            Err(failure) => Err(failure),
        }
    }
}

impl<O: Sync, A: Loads<O>, B: Loads<O>> Loads<O> for (A, B) {
    fn wants(operation: &O, call: &Call<'_>, wants: &mut Wants) {
        A::wants(operation, call, wants);
        B::wants(operation, call, wants);
    }

    async fn take(operation: &O, call: &Call<'_>, loaded: &mut Loaded) -> Result<Self, Failure> {
        let first = A::take(operation, call, loaded).await?;
        Ok((first, B::take(operation, call, loaded).await?))
    }

    fn refuses() -> Vec<&'static str> {
        [A::refuses(), B::refuses()].concat()
    }
}
