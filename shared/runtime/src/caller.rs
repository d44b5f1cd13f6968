//! Who may call an operation: somebody signed in, or anyone.

use domain::{
    Account, AccountId, Actor, EntityKey, Performer, Permission, Refusal, Reliance, Session, User, Via,
};
use store::{Loaded, Wants};

use crate::{Credential, Failure, Moment};

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

    /// Whether their role allows it.
    fn require(&self, permission: Option<Permission>) -> Result<(), Refusal>;

    /// What every write of theirs relies on.
    fn reliance(&self) -> Option<Reliance>;

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

    fn require(&self, _: Option<Permission>) -> Result<(), Refusal> {
        Ok(())
    }

    fn reliance(&self) -> Option<Reliance> {
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
            wants.key(session_key(credential));
        }
    }

    fn authenticate(
        credential: Option<&Credential>,
        loaded: &Loaded,
        moment: &Moment,
    ) -> Result<Self, Failure> {
        let credential = credential.ok_or(Refusal::Unauthenticated)?;
        let session = loaded.get::<Session>(&session_key(credential))?.ok_or(Refusal::Unauthenticated)?;
        let user = loaded.get::<User>(&user_key(credential))?.ok_or(Refusal::Unauthenticated)?;
        let account: Option<Account> = loaded.get(&EntityKey::Account(credential.account_id))?;
        let is_open = account.as_ref().is_some_and(Account::is_open);
        let genuine = credential.matches(&session.secret_digest);
        let active = user.status == domain::Status::Active;
        if genuine && is_open && active && session.is_live(&user, moment.now) {
            Ok(Self { user, session, if_match: moment.if_match.clone() })
        } else {
            Err(Refusal::Unauthenticated.into())
        }
    }

    fn require(&self, permission: Option<Permission>) -> Result<(), Refusal> {
        permission.map_or(Ok(()), |permission| self.require(permission))
    }

    fn reliance(&self) -> Option<Reliance> {
        Some(Reliance::on_actor(self))
    }

    fn performer(&self) -> Option<(AccountId, Performer)> {
        Some((self.user.account_id, Performer::new(&self.user, Via::Session)))
    }
}

fn user_key(credential: &Credential) -> EntityKey {
    EntityKey::User(credential.account_id, credential.user_id)
}

fn session_key(credential: &Credential) -> EntityKey {
    EntityKey::Session(credential.account_id, credential.user_id, credential.session_id)
}
