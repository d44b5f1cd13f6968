//! Accounts as whoever runs the product writes them, through the store: more lives than HTTP would lead in time.

use std::sync::Arc;

use domain::{
    Account, AccountId, Billed, Catalogue, Change, DUE_SHARDS, DueKind, Email, Entity, EntityKey, Exit,
    Instant, Interval, Invitee, Membership, Name, Nonce, Plan, Role, Text, Timer, User, UserId, Wish,
};
use futures_util::future::join_all;
use runtime::{Env, Host, Loaded, Wants, settle};
use store::{Outcome, Writes};

use crate::{Roster, Team};

/// Accounts that are opened by one commit: less than a commit may hold.
const OPENED_AT_ONCE: usize = 16;
/// Things of one commit.
const WRITTEN_AT_ONCE: usize = 100;
/// Commits that are under way at once.
const COMMITS_AT_ONCE: usize = 8;

/// What the operator writes by.
pub struct Ledger {
    env: Env,
}

impl Ledger {
    /// Of this stack.
    pub fn of(roster: &Roster) -> Self {
        let environment = roster.operator_environment().into();
        let host = Host { environment, clock: roster.stack.clock().clone(), output: Arc::new(|_| {}) };
        Self { env: Env::new("operator", &host, &[]).expect("the settings are there") }
    }

    /// The account of this number.
    pub fn account_id(number: u128) -> AccountId {
        AccountId::from_bits((1 << 100) + number)
    }

    /// The account's user of this number; 0 is its Root.
    pub fn user_id(account: u128, number: u128) -> UserId {
        UserId::from_bits((1 << 100) + (account << 32) + number)
    }

    /// An account as it is before anybody pays: its Root has accepted.
    pub fn account(number: u128, now: Instant) -> Account {
        begun(number, now).1.account
    }

    /// Whether anything is still to be charged by now.
    pub async fn is_any_due(&self) -> bool {
        let now = self.env.clock.now();
        // One after the other, so that looking costs little as long as there is something.
        for shard in 0..DUE_SHARDS {
            let look = self.env.table.due(DueKind::Billing, shard, now, 1).await;
            if !look.expect("the table answers").0.is_empty() {
                return true;
            }
        }
        false
    }

    /// Opens the accounts of these numbers, each of one Root, who pays from now on.
    pub async fn open(&self, numbers: impl Iterator<Item = u128>, plan: Plan, interval: Interval) {
        let now = self.env.clock.now();
        let numbers: Vec<u128> = numbers.collect();
        for some in numbers.chunks(OPENED_AT_ONCE * COMMITS_AT_ONCE) {
            let commits = some.chunks(OPENED_AT_ONCE).map(|few| async move {
                let puts: Vec<Entity> =
                    few.iter().flat_map(|number| opened(*number, plan, interval, now)).collect();
                let writes = Writes { puts: &puts, deletes: &[], reliances: &[] };
                let outcome =
                    self.env.table.commit(writes, &Loaded::default()).await.expect("it is written").0;
                assert!(matches!(outcome, Outcome::Committed), "{outcome:?}");
            });
            join_all(commits).await;
        }
    }

    /// Has the accounts of these numbers reviewed from now on.
    pub async fn review(&self, numbers: impl Iterator<Item = u128>) {
        let now = self.env.clock.now();
        let timers = numbers.map(|number| Timer::of_reviews(Self::account_id(number), now).into());
        self.write(timers.collect()).await;
    }

    /// Writes users of a team as they are, with nothing of what goes with them.
    pub async fn write(&self, puts: Vec<Entity>) {
        for puts in puts.chunks(WRITTEN_AT_ONCE) {
            let writes = Writes { puts, deletes: &[], reliances: &[] };
            let outcome = self.env.table.commit(writes, &Loaded::default()).await.expect("it is written").0;
            assert!(matches!(outcome, Outcome::Committed), "{outcome:?}");
        }
    }

    /// Somebody accepts.
    pub async fn join(&self, account: u128, number: u128) {
        let id = Self::user_id(account, number);
        self.join_as(Self::account_id(account), id, &format!("u{number}@a{account}.test")).await;
    }

    /// Somebody accepts in a team that is led over HTTP.
    pub async fn join_team(&self, team: &Team<'_>, number: u128) {
        let account_id = AccountId::parse(&team.account_id).expect("an identifier");
        self.join_as(account_id, Self::user_id(0, number), &format!("u{number}@many.test")).await;
    }

    async fn join_as(&self, account_id: AccountId, id: UserId, email: &str) {
        self.change(account_id, Wants::default(), |_, found, now| {
            let (user, billed) = joined(id, email, found, Role::Monitor, now);
            Change::reply(()).put(Membership::of(&user)).put(user).billed(billed)
        })
        .await;
    }

    /// They are deleted by the Root.
    pub async fn leave(&self, account: u128, number: u128) {
        let key = EntityKey::User(Self::account_id(account), Self::user_id(account, number));
        let mut wants = Wants::default();
        wants.key(key.clone());
        self.change(Self::account_id(account), wants, |loaded, found, now| {
            let user: User = loaded.get(&key).expect("it is a user").expect("they are there");
            let billed = found.remove(&user, now).expect("no Root goes, and no period is overdue");
            let root = Self::user_id(account, 0);
            Change::reply(()).removing(&user, billed, None, Exit::Deleted, root, now)
        })
        .await;
    }

    /// The account goes to this plan.
    pub async fn take(&self, account: u128, plan: Plan, interval: Interval) {
        self.change(Self::account_id(account), Wants::default(), |_, found, now| {
            let billed = found.change_plan(Wish::Paid(plan, interval), Catalogue::LISTS, now);
            Change::reply(()).billed(billed.expect("no period is overdue"))
        })
        .await;
    }

    /// Writes this in place of what is there.
    pub async fn put(&self, key: EntityKey, account_id: AccountId, entity: impl Into<Entity> + Clone) {
        let mut wants = Wants::default();
        wants.key(key);
        self.change(account_id, wants, |_, _, _| Change::reply(()).put(entity.clone())).await;
    }

    /// Whether there is such a thing.
    pub async fn has(&self, key: &EntityKey) -> bool {
        let (mut wants, mut loaded) = (Wants::default(), Loaded::default());
        wants.key(key.clone());
        self.env.table.load(&wants, &mut loaded).await.expect("the table answers");
        loaded.contains(key)
    }

    async fn change(
        &self,
        account_id: AccountId,
        mut wants: Wants,
        act: impl Fn(&Loaded, Account, Instant) -> Change<()>,
    ) {
        let key = EntityKey::Account(account_id);
        wants.key(key.clone());
        let settled = settle(&self.env, &wants, |loaded, at| {
            let found: Account = loaded.get(&key)?.ok_or("there is no such account")?;
            Ok(Some(act(loaded, found, at.now).performed_by_nobody(account_id)))
        });
        settled.await.expect("it is written");
    }
}

/// All that is written of a new account.
fn opened(number: u128, plan: Plan, interval: Interval, now: Instant) -> Vec<Entity> {
    let (root, joined) = begun(number, now);
    let billed = joined
        .account
        .change_plan(Wish::Paid(plan, interval), Catalogue::LISTS, now)
        .expect("it is on the list");
    let mut puts: Vec<Entity> = vec![Membership::of(&root).into(), root.into(), billed.account.into()];
    puts.extend(joined.entries.into_iter().chain(billed.entries).map(Entity::from));
    puts.extend(billed.invoices.into_iter().map(Entity::from));
    puts
}

/// A new account, whose Root has accepted.
fn begun(number: u128, now: Instant) -> (User, Billed) {
    let name = Name::parse(&format!("Account {number}")).expect("a name");
    let account = Account::new(Ledger::account_id(number), name, now);
    joined(Ledger::user_id(number, 0), &format!("u0@a{number}.test"), account, Role::Root, now)
}

/// Somebody who was invited just now, and has accepted.
fn joined(id: UserId, email: &str, account: Account, role: Role, now: Instant) -> (User, Billed) {
    let name = |text: &str| Name::parse(text).expect("a name");
    let invitee = Invitee {
        email: Email::parse(email).expect("an address"),
        first_name: name("Una"),
        last_name: name("User"),
        role,
        message: None,
    };
    let user = User::invited(id, &account, invitee, None, Nonce::new(id.bits()), now);
    let account = account.reserve_seat().expect("there is room");
    let billed = account.accept(&user, now).expect("no period is overdue");
    (user.accept("-".to_owned(), now), billed)
}
