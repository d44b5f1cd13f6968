//! The demo account that a first start makes: a team under identifiers, a password, credentials and invitations that
//! are always the same, so that the sample events in `events` work as they stand. All of it is worth something on
//! this machine only.

use chrono::TimeDelta;
use domain::{
    Account, AccountId, Email, Entity, Event, EventId, FACTS_MAX, Fact, FactKind, Instant, Interval,
    Invitation, Invitee, Membership, Name, Nonce, Origin, Performer, Plan, RateTag, Role, SESSION_LIFETIME,
    Session, SessionId, Status, Text, User, UserId, Via,
};
use runtime::{Credential, Env, Host, Loaded};
use store::{Outcome, Writes};

/// The demo Root's address.
pub const EMAIL: &str = "root@demo.example";
/// The password of everyone in the demo account. It is printed at the start.
pub const PASSWORD: &str = "demo-lantern-orchid-47";
/// The key of the demo invitations' MACs, and of nothing else: those of all other invitations are made under a key
/// that nobody knows.
pub(crate) const INVITATIONS_MAC_KEY: &[u8] = b"of the demo account's invitations and of nothing else";

/// What the demo identifiers begin with: an instant and zeros; four digits follow.
const ID_STEM: &str = "01KG9MFMM0BVPG00000000";
const ACCOUNT: u16 = 1;
/// How long ago those were invited who have not accepted.
const PENDING_FOR: TimeDelta = TimeDelta::hours(1);
/// The Root's sessions: one for all samples, and one that the sample of signing out ends.
const SESSIONS: [u16; 2] = [4, 5];

/// Somebody of the demo account.
struct Person {
    /// The end of the identifier.
    number: u16,
    /// The part before the @ of the address.
    local: &'static str,
    first: &'static str,
    last: &'static str,
    role: Role,
    status: Status,
}

impl Person {
    const fn new(number: u16, names: [&'static str; 3], role: Role, status: Status) -> Self {
        let [local, first, last] = names;
        Self { number, local, first, last, role, status }
    }
}

/// The Root first. Whoever a sample changes, no other sample is about.
const PEOPLE: &[Person] = &[
    Person::new(2, ["root", "Robin", "Root"], Role::Root, Status::Active),
    Person::new(3, ["dana", "Dana", "Dale"], Role::Developer, Status::Active),
    Person::new(6, ["cara", "Cara", "Cole"], Role::Developer, Status::Active),
    Person::new(7, ["sam", "Sam", "Stone"], Role::Developer, Status::Active),
    Person::new(8, ["rhea", "Rhea", "Reed"], Role::Monitor, Status::Suspended),
    Person::new(9, ["lou", "Lou", "Lane"], Role::Billing, Status::Active),
    Person::new(10, ["dan", "Dan", "Dean"], Role::Monitor, Status::Active),
    Person::new(11, ["ada", "Ada", "Ames"], Role::Admin, Status::Pending),
    Person::new(12, ["luca", "Luca", "Lind"], Role::Developer, Status::Pending),
    Person::new(21, ["rita", "Rita", "Rowe"], Role::Developer, Status::Pending),
    Person::new(22, ["theo", "Theo", "Tate"], Role::Monitor, Status::Pending),
];

/// The identifier of that number, read by its kind's `parse`.
fn id<T>(prefix: &str, number: u16, parse: fn(&str) -> Option<T>) -> Result<T, String> {
    let text = format!("{prefix}{ID_STEM}{number:04}");
    parse(&text).ok_or_else(|| format!("{text} is no identifier"))
}

fn account_id() -> Result<AccountId, String> {
    id(AccountId::PREFIX, ACCOUNT, AccountId::parse)
}

impl Person {
    fn id(&self) -> Result<UserId, String> {
        id(UserId::PREFIX, self.number, UserId::parse)
    }

    fn email(&self) -> Result<Email, String> {
        Email::parse(&format!("{}@demo.example", self.local)).map_err(|(_, problem)| problem)
    }

    fn nonce(&self) -> Nonce {
        Nonce::new(self.number.into())
    }

    /// What the token of their invitation is a MAC of.
    fn claim(&self) -> Result<Vec<u8>, String> {
        Ok(Invitation::claim(account_id()?, self.id()?, &self.nonce(), &self.email()?))
    }

    /// As they stand, by the steps that everyone takes, and the account that they take a seat in.
    fn join(&self, account: Account, hash: &str, now: Instant) -> Result<(Account, User), String> {
        let name = |text: &str| Name::parse(text).map_err(|(_, problem)| problem);
        let invitee = Invitee {
            email: self.email()?,
            first_name: name(self.first)?,
            last_name: name(self.last)?,
            role: self.role,
            message: None,
        };
        let by = (self.role != Role::Root).then(|| PEOPLE[0].id()).transpose()?;
        // Whoever is pending was invited a while ago, so that the invitation may be sent again.
        let is_pending = self.status == Status::Pending;
        let invited_at = if is_pending { now - PENDING_FOR } else { now };
        let user = User::invited(self.id()?, &account, invitee, by, self.nonce(), invited_at);
        let account = account.reserve_seat().map_err(|refusal| refusal.detail())?;
        if is_pending {
            return Ok((account, user));
        }
        let (account, user) = (account.accept(self.role), user.accept(hash.to_owned(), now));
        if self.status == Status::Active {
            return Ok((account, user));
        }
        let account = account.suspend(&user).map_err(|refusal| refusal.detail())?;
        Ok((account, user.suspend(None, now).map_err(|refusal| refusal.detail())?))
    }

    /// What happened to them.
    fn facts(&self, user: &User) -> Vec<Fact> {
        let (role, status) = (self.role.name(), |status: Status| status.name());
        let mut facts = match self.role {
            Role::Root => vec![Fact::of(FactKind::AccountCreated, user)],
            _ => vec![Fact::of(FactKind::UserInvited, user).after("role", role)],
        };
        if self.status != Status::Pending {
            let (pending, active) = (status(Status::Pending), status(Status::Active));
            let accepted = Fact::of(FactKind::UserAccepted, user).before("status", pending);
            facts.push(accepted.after("status", active).after("role", role));
        }
        if self.status == Status::Suspended {
            let (active, suspended) = (status(Status::Active), status(Status::Suspended));
            facts.push(
                Fact::of(FactKind::UserSuspended, user).before("status", active).after("status", suspended),
            );
        }
        facts
    }
}

/// The credential of one of the Root's sessions.
fn credential(session: u16) -> Result<Credential, String> {
    let session_id = id(SessionId::PREFIX, session, SessionId::parse)?;
    Ok(Credential::issue(account_id()?, PEOPLE[0].id()?, session_id, RateTag::new(1), [1; 32]))
}

/// Whether a MAC of this is that of a demo invitation.
pub(crate) fn is_claim(message: &[u8]) -> bool {
    PEOPLE.iter().any(|person| person.claim().is_ok_and(|claim| claim == message))
}

/// Makes the account, all or nothing.
pub(crate) async fn seed(host: &Host, now: Instant) -> Result<(), String> {
    let hash = runtime::hash_password(PASSWORD).await.map_err(|error| error.to_string())?;
    let name = Name::parse("Demo").map_err(|(_, problem)| problem)?;
    let mut account = Account::new(account_id()?, name, now).subscribe(Plan::Pro, Some(Interval::Monthly));
    let mut puts: Vec<Entity> = Vec::new();
    let mut facts = Vec::new();
    let root = PEOPLE[0].id()?;
    for person in PEOPLE {
        let (after, user) = person.join(account, &hash, now)?;
        account = after;
        facts.extend(person.facts(&user));
        puts.push(Membership::of(&user).into());
        let is_root = user.id == root;
        puts.push(if is_root { user.signed_in(RateTag::new(1), now) } else { user }.into());
    }
    puts.push(account.into());
    for session in SESSIONS {
        puts.push(self::session(&credential(session)?, now).into());
    }
    let by = Performer { id: Some(root), role: Some(Role::Root), via: Via::Public };
    for (number, facts) in (0..).zip(facts.chunks(FACTS_MAX)) {
        puts.push(Entity::Event(event(number, by, facts, now)?));
    }
    let env = Env::new("operator", host, &[]).map_err(|error| error.to_string())?;
    let writes = Writes { puts: &puts, deletes: &[], reliances: &[] };
    match env.table.commit(writes, &Loaded::default()).await.map_err(|error| error.to_string())? {
        (Outcome::Committed, _) => Ok(()),
        (Outcome::Contended, _) => Err("it is there already".to_owned()),
        (Outcome::Unknown(error), _) => Err(error.to_string()),
    }
}

fn session(credential: &Credential, now: Instant) -> Session {
    Session {
        id: credential.session_id,
        account_id: credential.account_id,
        user_id: credential.user_id,
        epoch: 0,
        secret_digest: credential.digest(),
        created_at: now,
        expires_at: now + SESSION_LIFETIME,
        ip: "127.0.0.0/24".to_owned(),
        device: "curl".to_owned(),
    }
}

fn event(number: u128, by: Performer, facts: &[Fact], now: Instant) -> Result<Event, String> {
    let origin = Origin { ip: "127.0.0.0/24".into(), user_agent: "curl".into(), request_id: "demo".into() };
    let id = EventId::from_bits(EventId::first_of(now).bits() + number);
    Ok(Event { id, account_id: account_id()?, at: now, actor: by, origin, facts: facts.to_vec() })
}

#[cfg(test)]
mod tests {
    use super::*;

    // RULE: AC-09
    #[test]
    fn only_the_demo_invitations_have_a_mac_that_is_known() {
        let person = &PEOPLE[7];
        let claim = person.claim().unwrap();
        assert!(is_claim(&claim));
        let other = Invitation::claim(
            AccountId::from_bits(1),
            person.id().unwrap(),
            &person.nonce(),
            &person.email().unwrap(),
        );
        assert!(!is_claim(&other));
        assert!(!is_claim(&claim[1..]));
        assert!(!is_claim(b""));
    }
}
