//! What the store asks of the table, and what it takes its answers to mean: against the table of the local stack, or
//! the one at an endpoint, which gives a second opinion.
#![allow(clippy::expect_used, clippy::panic)]

use chrono::TimeDelta;
use domain::{
    AccountId, Dispatch, Email, Entity, EntityKey, Event, EventId, Instant, Membership, RateScope, RateTag,
    RateWindow, Reliance, Removal, UserId,
};
use runtime::{Clock, Env, Host};
use serde_json::Value;
use std::sync::Arc;
use store::{Collection, Loaded, Outcome, StoreError, Wants, Writes};
use tests::Roster;

/// More than one call reads, fewer than two do.
const KEYS: usize = 130;

/// More pages than there are.
const PAGES_MAX: usize = 4;

/// The table with nobody else at it.
struct Bench {
    roster: Roster,
    env: Env,
}

impl Bench {
    async fn new() -> Self {
        let roster = Roster::start().await;
        let environment = roster.operator_environment().into();
        let host = Host { environment, clock: Clock::default(), output: Arc::new(|_| {}) };
        let env = Env::new("operator", &host, &[]).expect("the settings");
        Self { roster, env }
    }

    async fn read(&self, keys: impl IntoIterator<Item = EntityKey>) -> Loaded {
        let mut wants = Wants::default();
        keys.into_iter().for_each(|key| wants.key(key));
        let mut loaded = Loaded::default();
        self.env.table.load(&wants, &mut loaded).await.expect("the table reads");
        loaded
    }

    async fn query(&self, collection: Collection) -> Loaded {
        let mut wants = Wants::default();
        wants.collection(collection);
        let mut loaded = Loaded::default();
        self.env.table.load(&wants, &mut loaded).await.expect("the table reads");
        loaded
    }

    async fn try_to_commit(&self, writes: Writes<'_>, loaded: &Loaded) -> Result<Outcome, StoreError> {
        self.env.table.commit(writes, loaded).await.map(|(outcome, _)| outcome)
    }

    async fn commit(&self, puts: &[Entity], loaded: &Loaded) -> Outcome {
        let writes = Writes { puts, deletes: &[], reliances: &[] };
        self.try_to_commit(writes, loaded).await.expect("the table answers")
    }

    async fn dispatch(&self, n: usize) -> Option<Dispatch> {
        self.read([key(n)]).await.get(&key(n)).expect("a dispatch")
    }

    async fn end(self) {
        self.roster.stack.stop().await;
    }
}

fn instant() -> Instant {
    "2026-01-31T09:00:00Z".parse().expect("an instant")
}

fn key(n: usize) -> EntityKey {
    EntityKey::Dispatch(format!("fact.{n}"))
}

fn dispatch(n: usize, settled_as: Option<&str>) -> Entity {
    let settled_as = settled_as.map(str::to_owned);
    Dispatch { fact_id: format!("fact.{n}"), recipient: None, claimed_until: instant(), settled_as }.into()
}

#[track_caller]
fn assert_committed(outcome: &Outcome) {
    assert!(matches!(outcome, Outcome::Committed), "{outcome:?}");
}

#[track_caller]
fn assert_contended(outcome: &Outcome) {
    assert!(matches!(outcome, Outcome::Contended), "{outcome:?}");
}

#[tokio::test]
async fn a_batch_reads_more_keys_than_one_call_takes_and_knows_which_are_empty() {
    let bench = Bench::new().await;
    let there: Vec<usize> = (0..KEYS).filter(|n| n % 10 != 0).collect();
    // Few at a time: some tables copy themselves for each item of a transaction.
    for some in there.chunks(15) {
        let puts: Vec<Entity> = some.iter().map(|n| dispatch(*n, None)).collect();
        assert_committed(&bench.commit(&puts, &Loaded::default()).await);
    }
    let loaded = bench.read((0..KEYS).map(key)).await;
    let found: Vec<usize> = (0..KEYS).filter(|n| loaded.contains(&key(*n))).collect();
    assert_eq!(found, there);
    bench.end().await;
}

#[tokio::test]
async fn of_two_who_read_the_same_the_second_writes_nothing() {
    let bench = Bench::new().await;
    assert_committed(&bench.commit(&[dispatch(1, None), dispatch(2, None)], &Loaded::default()).await);
    let loaded = bench.read([key(1), key(2), key(3)]).await;
    assert_committed(&bench.commit(&[dispatch(1, Some("first"))], &loaded).await);
    let second = [dispatch(3, None), dispatch(2, Some("second")), dispatch(1, Some("second"))];
    assert_contended(&bench.commit(&second, &loaded).await);
    let settled_as = |dispatch: Option<Dispatch>| dispatch.and_then(|dispatch| dispatch.settled_as);
    assert_eq!(settled_as(bench.dispatch(1).await).as_deref(), Some("first"));
    assert_eq!(settled_as(bench.dispatch(2).await), None);
    assert_eq!(bench.dispatch(3).await, None);
    bench.end().await;
}

#[tokio::test]
async fn what_is_new_is_written_once_alone_and_among_others() {
    let bench = Bench::new().await;
    let nothing = Loaded::default();
    assert_committed(&bench.commit(&[dispatch(1, Some("first"))], &nothing).await);
    assert_contended(&bench.commit(&[dispatch(1, Some("second"))], &nothing).await);
    assert_contended(&bench.commit(&[dispatch(2, None), dispatch(1, Some("third"))], &nothing).await);
    assert_eq!(bench.dispatch(1).await.and_then(|dispatch| dispatch.settled_as).as_deref(), Some("first"));
    assert_eq!(bench.dispatch(2).await, None);
    bench.end().await;
}

#[tokio::test]
async fn an_attribute_that_is_gone_is_removed_and_the_others_stay() {
    let bench = Bench::new().await;
    assert_committed(&bench.commit(&[dispatch(1, Some("sent"))], &Loaded::default()).await);
    let loaded = bench.read([key(1)]).await;
    assert_committed(&bench.commit(&[dispatch(1, None)], &loaded).await);
    let stored = bench.dispatch(1).await.expect("the dispatch");
    assert_eq!((stored.settled_as, stored.claimed_until), (None, instant()));
    bench.end().await;
}

#[tokio::test]
async fn a_commit_rests_on_what_it_only_read() {
    let bench = Bench::new().await;
    let reliances = [Reliance::Unchanged(key(1))];
    let relying = async |n: usize, loaded: &Loaded| {
        let writes = Writes { puts: &[dispatch(n, None)], deletes: &[], reliances: &reliances };
        bench.try_to_commit(writes, loaded).await.expect("an answer")
    };

    let absent = bench.read([key(1)]).await;
    assert_committed(&relying(10, &absent).await);
    assert_committed(&bench.commit(&[dispatch(1, None)], &absent).await);
    assert_contended(&relying(11, &absent).await);

    let present = bench.read([key(1)]).await;
    assert_committed(&relying(12, &present).await);
    assert_committed(&bench.commit(&[dispatch(1, Some("moved"))], &present).await);
    assert_contended(&relying(13, &present).await);
    assert_eq!((bench.dispatch(11).await, bench.dispatch(13).await), (None, None));
    bench.end().await;
}

#[tokio::test]
async fn an_address_is_given_back_only_by_the_user_who_holds_it() {
    let bench = Bench::new().await;
    let address = Email::parse("ann@acme.test").expect("an address").key();
    let of = |user: u128| Membership {
        address: address.clone(),
        account_id: AccountId::from_bits(7),
        user_id: UserId::from_bits(user),
    };
    assert_committed(&bench.commit(&[of(1).into()], &Loaded::default()).await);
    let give_back = |user: u128| [Removal::Membership(of(user))];
    for (user, is_held) in [(2, true), (1, false)] {
        let deletes = give_back(user);
        // Never alone: a transaction of one is no transaction.
        let puts = [dispatch(usize::try_from(user).expect("small"), None)];
        let writes = Writes { puts: &puts, deletes: &deletes, reliances: &[] };
        let outcome = bench.try_to_commit(writes, &Loaded::default()).await.expect("an answer");
        assert_eq!(matches!(outcome, Outcome::Contended), is_held, "{outcome:?}");
        let left = bench.query(Collection::Memberships(address.clone())).await;
        let left: Vec<Membership> = left.all(&Collection::Memberships(address.clone())).expect("memberships");
        assert_eq!(left.len(), usize::from(is_held));
    }
    bench.end().await;
}

#[tokio::test]
async fn what_can_never_be_written_is_no_contention() {
    let bench = Bench::new().await;
    let too_large = "x".repeat(400 * 1024);
    let puts = [dispatch(1, None), dispatch(2, Some(&too_large))];
    let writes = Writes { puts: &puts, deletes: &[], reliances: &[] };
    let outcome = bench.try_to_commit(writes, &Loaded::default()).await;
    assert!(matches!(outcome, Err(StoreError::Misuse(_) | StoreError::Refused(_))), "{outcome:?}");
    assert_eq!(bench.dispatch(1).await, None);
    bench.end().await;
}

/// The sample event, at another instant.
fn event(account_id: AccountId, seconds: i64) -> Event {
    let sample: Value =
        serde_json::from_str(include_str!("../../events/publish-events.json")).expect("the sample");
    let image = sample["Records"][0]["dynamodb"]["NewImage"].clone();
    let sample = store::event_of_image(image).expect("an event");
    let at = instant() + TimeDelta::seconds(seconds);
    Event { id: EventId::first_of(at), account_id, at, ..sample }
}

#[tokio::test]
async fn pages_follow_each_other_without_a_gap_and_keep_to_their_span() {
    let bench = Bench::new().await;
    let account_id = AccountId::from_bits(7);
    let puts: Vec<Entity> = (0..5).map(|n| Entity::Event(event(account_id, n))).collect();
    assert_committed(&bench.commit(&puts, &Loaded::default()).await);
    assert_committed(
        &bench.commit(&[Entity::Event(event(AccountId::from_bits(8), 2))], &Loaded::default()).await,
    );
    let (mut not_after, mut pages) = (None, Vec::new());
    while pages.len() < PAGES_MAX {
        let page = Collection::Events { account_id, from: None, to: None, not_after, limit: 2 };
        let loaded = bench.query(page.clone()).await;
        let events: Vec<Event> = loaded.all(&page).expect("events");
        let Some(last) = events.last() else { break };
        not_after = Some(EventId::from_bits(last.id.bits() - 1));
        pages.push(events.iter().map(|event| (event.at - instant()).num_seconds()).collect::<Vec<_>>());
        if !loaded.has_more(&page) {
            break;
        }
    }
    assert_eq!(pages, [vec![4, 3], vec![2, 1], vec![0]]);
    let at = |seconds: i64| Some(instant() + TimeDelta::seconds(seconds));
    let span = Collection::Events { account_id, from: at(1), to: at(3), not_after: None, limit: 9 };
    let loaded = bench.query(span.clone()).await;
    let events: Vec<Event> = loaded.all(&span).expect("events");
    let seconds: Vec<i64> = events.iter().map(|event| (event.at - instant()).num_seconds()).collect();
    assert_eq!((seconds, loaded.has_more(&span)), (vec![2, 1], false));
    bench.end().await;
}

// RULE: AP-08
#[tokio::test]
async fn requests_are_counted_one_by_one_in_their_window() {
    let bench = Bench::new().await;
    let window = |user: u128, seconds: i64| {
        let scope = RateScope::Sessions(UserId::from_bits(user));
        RateWindow::at(scope, RateTag::new(5), instant() + TimeDelta::seconds(seconds))
    };
    let mut counted = Vec::new();
    for (user, seconds) in [(1, 0), (1, 59), (2, 0), (1, 60), (1, 30)] {
        counted.push(bench.env.table.count(&window(user, seconds)).await.expect("a count").0);
    }
    assert_eq!(counted, [1, 2, 1, 1, 3]);
    bench.end().await;
}
