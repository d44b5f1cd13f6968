//! The demo account that a first start makes, one to be closed and one to agree on a price with: teams under identifiers, a password,
//! credentials and invitations that are always the same, so that the sample events in `events` work as they stand. All
//! of it is worth something on this machine only.

use chrono::TimeDelta;
use domain::{
    Account, AccountId, Billed, Claim, Departure, DepartureId, DepartureMode, DepartureStep, Email, Entity,
    Event, EventId, FACTS_MAX, Fact, FactKind, Instant, Invitation, Invitee, Membership, Name, Nonce, Origin,
    Performer, RateTag, Resource, ResourceId, ResourceKey, ResourceKind, Role, SESSION_LIFETIME, Session,
    SessionId, Status, Text, Timer, User, UserId, Via,
};
use runtime::Credential;

use crate::demo_billing::kept;
use crate::demo_people::{PEOPLE, Person};
use crate::{demo_billing, demo_factors, demo_keys};

/// The demo Root's address.
pub const EMAIL: &str = "root@demo.example";
/// The password of everyone in the demo account. It is printed at the start.
pub const PASSWORD: &str = "demo-lantern-orchid-47";
/// The key of the MACs of the demo account's invitations and authenticators, and of nothing else: all others are made under
/// keys that nobody knows.
pub(crate) const MAC_KEY: &[u8] = b"of the demo account and of nothing else";

/// What the demo identifiers begin with: an instant and zeros; four digits follow.
const ID_STEM: &str = "01KG9MFMM0BVPG00000000";
/// How long ago those were invited who have not accepted.
const PENDING_FOR: TimeDelta = TimeDelta::hours(1);
/// What is in the registry of resources: its identifier, and its name.
const RESOURCE: (&str, &str) = ("support-bot", "Support bot");

/// An account and its people.
pub(crate) struct Team {
    /// The end of the account's identifier.
    number: u16,
    name: &'static str,
    /// Their Root first.
    people: &'static [Person],
    /// The ends of the sessions' identifiers, each with that of whose it is.
    sessions: &'static [(u16, u16)],
}

/// The Root has a session for all samples, and one that the sample of signing out ends; whoever leaves has one of their own.
pub(crate) const DEMO: Team = Team { number: 1, name: "Demo", people: PEOPLE, sessions: SESSIONS };
const SESSIONS: &[(u16, u16)] =
    &[(4, 2), (5, 2), (24, 2), (22, 21), (61, 60), (63, 62), (65, 64), (67, 66), (69, 68)];
/// Made for the sample that closes it. Its Root shares no address with anybody of the demo account.
pub(crate) const CLOSING: Team = Team {
    number: 31,
    name: "Closing",
    people: &[Person::new(32, ["rita.closing", "Rita", "Root"], Role::Root, Status::Active)],
    sessions: &[(33, 32)],
};
/// Made for the sample by which a price is agreed on, which waits for whatever else changes the plan.
pub(crate) const AGREEING: Team = Team {
    number: 81,
    name: "Agreeing",
    people: &[Person::new(82, ["rudy.agreeing", "Rudy", "Root"], Role::Root, Status::Active)],
    sessions: &[],
};

/// The account of that number.
pub(crate) fn account_id(number: u16) -> Result<AccountId, String> {
    id(AccountId::PREFIX, number, AccountId::parse)
}

/// Those who depart.
const DEPARTING: [u16; 2] = [41, 42];

/// The identifier of that number, read by its kind's `parse`.
pub(crate) fn id<T>(prefix: &str, number: u16, parse: fn(&str) -> Option<T>) -> Result<T, String> {
    let text = format!("{prefix}{ID_STEM}{number:04}");
    parse(&text).ok_or_else(|| format!("{text} is no identifier"))
}

fn session_id(number: u16) -> Result<SessionId, String> {
    id(SessionId::PREFIX, number, SessionId::parse)
}

pub(crate) fn user_id(number: u16) -> Result<UserId, String> {
    id(UserId::PREFIX, number, UserId::parse)
}

impl Person {
    fn id(&self) -> Result<UserId, String> {
        user_id(self.number)
    }

    fn email(&self) -> Result<Email, String> {
        Email::parse(&format!("{}@demo.example", self.local)).map_err(|(_, problem)| problem)
    }

    fn nonce(&self) -> Nonce {
        Nonce::new(self.number.into())
    }

    /// What the token of their invitation is a MAC of.
    fn claim(&self) -> Result<Claim, String> {
        Ok(Invitation::claim(DEMO.id()?, self.id()?, &self.nonce(), &self.email()?))
    }

    /// As they stand, by the steps that everyone takes, and the account that they take a seat in.
    fn join(&self, account: Account, hash: &str, now: Instant) -> Result<(Billed, User), String> {
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
            return Ok((Billed::of(account), user));
        }
        let mut billed = account.accept(&user, now).map_err(|refusal| refusal.detail())?;
        let user = user.accept(hash.to_owned(), now);
        if self.status == Status::Active {
            return Ok((billed, user));
        }
        billed.account = billed.account.suspend(&user).map_err(|refusal| refusal.detail())?;
        Ok((billed, user.suspend(None, now).map_err(|refusal| refusal.detail())?))
    }

    /// Their departure, of which the admins take the steps.
    fn departure(&self, now: Instant) -> Result<Departure, String> {
        let started = Departure {
            id: id(DepartureId::PREFIX, self.number, DepartureId::parse)?,
            account_id: DEMO.id()?,
            user_id: self.id()?,
            mode: DepartureMode::Remind,
            started_by: PEOPLE[0].id()?,
            started_as: Role::Root,
            started_at: now,
            successor_id: None,
            note: None,
            steps: Departure::steps_from(now),
            cancelled_at: None,
            finished_at: None,
            billable_after: None,
            next_invoice: None,
        };
        Ok(started.told(DepartureStep::Suspend, now))
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

/// What the requests of everybody of the demo account are counted under, each by themselves.
fn rate_tag() -> RateTag {
    RateTag::new(1)
}

/// Whether a MAC of this is that of a demo invitation or authenticator.
pub(crate) fn is_claim(message: &[u8]) -> bool {
    let is_invitation = |person: &Person| person.claim().is_ok_and(|claim| claim.bytes() == message);
    PEOPLE.iter().any(is_invitation) || demo_factors::is_claim(message)
}

impl Team {
    fn id(&self) -> Result<AccountId, String> {
        account_id(self.number)
    }

    fn credential(&self, session: u16, user: u16) -> Result<Credential, String> {
        Ok(Credential::issue(self.id()?, user_id(user)?, session_id(session)?, rate_tag(), [1; 32]))
    }

    /// All that there is of them.
    pub(crate) fn puts(&self, hash: &str, now: Instant) -> Result<Vec<Entity>, String> {
        let name = Name::parse(self.name).map_err(|(_, problem)| problem)?;
        let mut account = Account::new(self.id()?, name, now);
        let mut puts: Vec<Entity> = vec![Timer::of_reviews(account.id, now).into()];
        let mut facts = Vec::new();
        for person in self.people {
            let (billed, user) = person.join(account, hash, now)?;
            account = kept(billed, &mut puts, &mut facts);
            // Whoever signed up subscribes, and the others come after that.
            if person.number == self.people[0].number {
                account = kept(demo_billing::subscribe(account, now)?, &mut puts, &mut facts);
            }
            facts.extend(person.facts(&user));
            puts.push(Membership::of(&user).into());
            let user = if DEPARTING.contains(&person.number) {
                let departure = person.departure(now)?;
                let user = user.departing(Some(departure.id));
                facts.push(
                    Fact::of(FactKind::DepartureStarted, &user)
                        .after("departure_id", departure.id.to_string())
                        .after("mode", DepartureMode::name(departure.mode)),
                );
                puts.push(departure.into());
                user
            } else {
                user
            };
            let has_session = self.sessions.iter().any(|(_, user)| *user == person.number);
            let user = if has_session { user.signed_in(rate_tag(), now) } else { user };
            let mut user = match demo_factors::of(person.number, &user, now)? {
                Some((user, factors)) => {
                    puts.push(factors.into());
                    facts.push(
                        Fact::of(FactKind::MfaEnabled, &user).after("method", "totp").after("is_first", true),
                    );
                    user
                }
                None => user,
            };
            for key in demo_keys::of(person.number, &user, rate_tag(), now)? {
                let fact = Fact::of(FactKind::KeyCreated, &user).after("key_id", key.id.to_string());
                facts.push(fact.after("expires_at", key.expires_at.to_rfc3339()));
                (account, _) = account.with_key_tag(rate_tag());
                user = user.with_key_made();
                puts.push(key.into());
            }
            puts.push(user.into());
        }
        puts.push(account.into());
        for (session, user) in self.sessions {
            let id = session_id(*session)?;
            puts.push(self::session(id, &self.credential(*session, *user)?, now).into());
        }
        for (number, facts) in (0..).zip(facts.chunks(FACTS_MAX)) {
            puts.push(Entity::Event(self.event(number, facts, now)?));
        }
        Ok(puts)
    }

    fn event(&self, number: u128, facts: &[Fact], now: Instant) -> Result<Event, String> {
        let root = self.people[0].id()?;
        let actor = Performer { id: Some(root), role: Some(Role::Root), via: Via::Public };
        let origin =
            Origin { ip: "127.0.0.0/24".into(), user_agent: "curl".into(), request_id: "demo".into() };
        let id = EventId::from_bits(EventId::first_of(now).bits() + number);
        Ok(Event { id, account_id: self.id()?, at: now, actor, origin, facts: facts.to_vec() })
    }
}

/// Made by the Root of the demo account.
pub(crate) fn resource(now: Instant) -> Result<Resource, String> {
    let (id, name) = RESOURCE;
    Ok(Resource {
        account_id: DEMO.id()?,
        key: ResourceKey {
            kind: ResourceKind::Agents,
            id: ResourceId::parse(id).map_err(|(_, problem)| problem)?,
        },
        name: Name::parse(name).map_err(|(_, problem)| problem)?,
        collection: None,
        created_by: PEOPLE[0].id()?,
        created_at: now,
        updated_at: now,
    })
}

fn session(id: SessionId, credential: &Credential, now: Instant) -> Session {
    Session {
        id,
        account_id: credential.account_id,
        user_id: credential.user_id,
        epoch: 0,
        secret_digest: credential.digest(),
        created_at: now,
        expires_at: now + SESSION_LIFETIME,
        ip: "127.0.0.0/24".to_owned(),
        device: "curl".to_owned(),
        stepped_up_at: None,
        last_seen_at: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // RULE: AC-09
    #[test]
    fn only_the_demo_invitations_have_a_mac_that_is_known() {
        let person = &PEOPLE[7];
        let claim = person.claim().unwrap();
        assert!(is_claim(claim.bytes()));
        let other = Invitation::claim(
            AccountId::from_bits(1),
            person.id().unwrap(),
            &person.nonce(),
            &person.email().unwrap(),
        );
        assert!(!is_claim(other.bytes()));
        assert!(!is_claim(&claim.bytes()[1..]));
        assert!(!is_claim(b""));
    }
}
