//! Who may call an operation: somebody signed in, or anyone.

use chrono::TimeDelta;
use domain::{
    Account, AccountId, Actor, ApiKey, EntityKey, Means, Performer, Permission, Refusal, Reliance, Session,
    User,
};
use store::{Loaded, Wants};

use crate::credential::CredentialId;
use crate::{Credential, Failure, Moment, Operation};

/// How exactly it is known when a credential was last used.
const SEEN_EVERY: TimeDelta = TimeDelta::minutes(5);

/// Whom an operation is open to.
#[derive(Clone, Copy)]
pub struct Admission {
    needs: Option<Permission>,
    session_alone: bool,
    while_enrolling: bool,
}

impl Admission {
    /// That of this operation.
    pub(crate) const fn of<O: Operation>() -> Self {
        Self { needs: O::NEEDS, session_alone: O::SESSION_ALONE, while_enrolling: O::WHILE_ENROLLING }
    }
}

/// A kind of caller.
pub trait Caller: Sized + Send + Sync {
    /// Whether a credential must come with the request.
    const HAS_CREDENTIAL: bool;

    /// What must be read to know the caller.
    fn wants(credential: Option<&Credential>, wants: &mut Wants);

    /// The caller, by what was read. RULE: SU-01, SE-02, SE-05, AC-11
    fn authenticate(
        credential: Option<&Credential>,
        loaded: &Loaded,
        moment: &Moment,
    ) -> Result<Self, Failure>;

    /// Whether it is open to them, in the interface's order of refusals. RULE: RO-08, RO-01, AC-07
    fn may_call(&self, admission: Admission) -> Result<(), Refusal>;

    /// What every write of theirs relies on.
    fn reliances(&self) -> Vec<Reliance>;

    /// Their credential, where it is time to note that it was used.
    fn unseen(&self, moment: &Moment) -> Option<EntityKey>;

    /// Their account, and who acts.
    fn performer(&self) -> Option<(AccountId, Performer)>;
}

/// No credential needed, none looked at.
pub struct Anyone;

impl Caller for Anyone {
    const HAS_CREDENTIAL: bool = false;

    fn wants(_: Option<&Credential>, _: &mut Wants) {}

    fn authenticate(_: Option<&Credential>, _: &Loaded, _: &Moment) -> Result<Self, Failure> {
        Ok(Self)
    }

    fn may_call(&self, _: Admission) -> Result<(), Refusal> {
        Ok(())
    }

    fn reliances(&self) -> Vec<Reliance> {
        Vec::new()
    }

    fn unseen(&self, _: &Moment) -> Option<EntityKey> {
        None
    }

    fn performer(&self) -> Option<(AccountId, Performer)> {
        None
    }
}

impl Caller for Actor {
    const HAS_CREDENTIAL: bool = true;

    fn wants(credential: Option<&Credential>, wants: &mut Wants) {
        if let Some(credential) = credential {
            wants.key(EntityKey::Account(credential.account_id));
            wants.key(user_key(credential));
            wants.key(credential.key());
        }
    }

    fn authenticate(
        credential: Option<&Credential>,
        loaded: &Loaded,
        moment: &Moment,
    ) -> Result<Self, Failure> {
        let credential = credential.ok_or(Refusal::Unauthenticated)?;
        let user = loaded.get::<User>(&user_key(credential))?.ok_or(Refusal::Unauthenticated)?;
        let account: Option<Account> = loaded.get(&EntityKey::Account(credential.account_id))?;
        let is_open = account.as_ref().is_some_and(Account::is_open);
        let active = user.status == domain::Status::Active;
        let means = means(credential, loaded)?.ok_or(Refusal::Unauthenticated)?;
        let (digest, is_live) = match &means {
            Means::Session(session) => (&session.secret_digest, session.is_live(&user, moment.now)),
            Means::Key(key) => (&key.secret_digest, key.is_live(&user, moment.now)),
        };
        if !(credential.matches(digest) && is_open && active && is_live) {
            return Err(Refusal::Unauthenticated.into());
        }
        Ok(Self { user, means, if_match: moment.if_match.clone() })
    }

    fn may_call(&self, admission: Admission) -> Result<(), Refusal> {
        if admission.session_alone {
            self.session()?;
        }
        if !admission.while_enrolling {
            self.has_enrolled()?;
        }
        // Whose role holds no keys is refused by any that they made before. RULE: AC-07
        if matches!(self.means, Means::Key(_)) {
            self.require(Permission::OwnKeys)?;
        }
        admission.needs.map_or(Ok(()), |permission| self.require(permission))
    }

    fn reliances(&self) -> Vec<Reliance> {
        Self::reliances(self)
    }

    fn unseen(&self, moment: &Moment) -> Option<EntityKey> {
        let user = &self.user;
        let (seen_at, key) = match &self.means {
            Means::Session(session) => (
                Some(session.last_seen_at.unwrap_or(session.created_at)),
                EntityKey::Session(user.account_id, user.id, session.id),
            ),
            Means::Key(key) => (key.last_seen_at, EntityKey::ApiKey(user.account_id, user.id, key.id)),
        };
        seen_at.is_none_or(|at| moment.now >= at + SEEN_EVERY).then_some(key)
    }

    fn performer(&self) -> Option<(AccountId, Performer)> {
        Some((self.user.account_id, Performer::new(&self.user, self.via())))
    }
}

fn user_key(credential: &Credential) -> EntityKey {
    EntityKey::User(credential.account_id, credential.user_id)
}

fn means(credential: &Credential, loaded: &Loaded) -> Result<Option<Means>, Failure> {
    Ok(match credential.id {
        CredentialId::Session(_) => loaded.get::<Session>(&credential.key())?.map(Means::Session),
        CredentialId::Key(_) => loaded.get::<ApiKey>(&credential.key())?.map(Means::Key),
    })
}
