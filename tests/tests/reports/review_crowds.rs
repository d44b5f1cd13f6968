//! Very many accounts that are reviewed at one tick, and an account with very many users.

mod crowds {
    use std::ops::Range;
    use std::path::Path;

    use chrono::TimeDelta;
    use domain::{
        Account, AccountId, Email, Entity, Instant, Interval, Invitee, Nonce, Plan, Role, Text, User, UserId,
    };
    use local::redrive::Mode;
    use serde_json::{Value, json};
    use tests::{Ledger, Roster, ask_alone};

    /// Where lies what could not be reviewed.
    const LETTERS: &str = "ReviewDeadLetters";
    const ACCOUNTS: u128 = 1_000;
    const USERS: u128 = 10_000;
    /// The index is asked by each part of the wheel, to begin with.
    const PARTS: usize = 16;

    async fn reviews(roster: &Roster, account: u128) -> usize {
        let items = roster.table().partition(&format!("A#{}", Ledger::account_id(account))).await;
        items.iter().filter(|item| item["sk"].as_str().is_some_and(|sk| sk.starts_with("V#"))).count()
    }

    async fn tick(roster: &Roster) {
        roster.stack.invoke("inactivity", json!({})).await.expect("it ticks");
        roster.stack.settle().await;
    }

    // RULE: AU-02, EV-05
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn of_a_thousand_accounts_that_are_due_one_cannot_be_read_and_is_reviewed_once_it_can() {
        // What is looked at here ticks when it is told to.
        let roster = Roster::start_with(tests::without_closing("2026-03-03T12:00:00Z")).await;
        let ledger = Ledger::of(&roster);
        ledger.open(0..ACCOUNTS, Plan::Pro, Interval::Monthly).await;
        ledger.review(0..ACCOUNTS).await;
        let broken = ACCOUNTS / 2;
        let pk = format!("A#{}", Ledger::account_id(broken));
        roster.table().set_schema(&pk, "A", 9).await;
        roster.advance_to("2026-04-01T06:20:00Z").await;
        tick(&roster).await;
        for account in 0..ACCOUNTS {
            assert_eq!(reviews(&roster, account).await, usize::from(account != broken), "account {account}");
        }
        // Only the one is tried again, alone, and the third time its reason lies where an operator finds it.
        let waits = [("5m", 0), ("10m", 0), ("20m", 1), ("40m", 1), ("80m", 1), ("160m", 2)];
        for (wait, lie_there) in waits {
            assert_eq!(roster.redrive(LETTERS, Mode::Show).await.0.kept, lie_there, "{wait}");
            roster.advance(wait).await;
            tick(&roster).await;
        }
        let parked: Vec<Value> =
            roster.lines_of("inactivity").into_iter().filter(|line| line["parked"] == 1).collect();
        assert_eq!(parked.len(), 7, "the metric of the alarm: {parked:?}");
        let why = |line: &Value| line["fault"].as_str().is_some_and(|why| why.contains("schema 9"));
        assert!(parked.iter().all(why), "{parked:?}");
        let (_, said) = roster.redrive(LETTERS, Mode::Show).await;
        assert!(said.contains(&format!("sweep.reviews {pk}/T#reviews")), "{said}");
        assert!(said.contains("schema 9"), "{said}");

        // Of the same letters one is tried at a time. Before it is mended, it comes back; after that it is done at once, and
        // no second time.
        assert_eq!(roster.redrive(LETTERS, Mode::Repeat).await.0.repeated, 1);
        assert_eq!(roster.redrive(LETTERS, Mode::Show).await.0.kept, 2);
        assert_eq!(reviews(&roster, broken).await, 0);
        roster.table().set_schema(&pk, "A", 1).await;
        let (tally, said) = roster.redrive(LETTERS, Mode::Repeat).await;
        assert_eq!((tally.repeated, tally.kept), (1, 1), "{said}");
        assert!(said.contains("sent to InactivityQueue again"), "{said}");
        assert_eq!(reviews(&roster, broken).await, 1);
        assert_eq!(roster.redrive(LETTERS, Mode::Repeat).await.0.repeated, 1);
        assert_eq!(
            (reviews(&roster, broken).await, roster.redrive(LETTERS, Mode::Show).await.0.kept),
            (1, 0)
        );
        roster.advance("6h").await;
        tick(&roster).await;
        assert_eq!(reviews(&roster, broken).await, 1);
    }

    // RULE: AU-02, EV-05
    #[tokio::test]
    async fn an_account_that_can_be_read_again_is_reviewed_though_nobody_redrives_it() {
        let roster = Roster::start_with(tests::without_closing("2026-03-03T12:00:00Z")).await;
        let ledger = Ledger::of(&roster);
        ledger.open(0..1, Plan::Pro, Interval::Monthly).await;
        ledger.review(0..1).await;
        let pk = format!("A#{}", Ledger::account_id(0));
        roster.table().set_schema(&pk, "A", 9).await;
        roster.advance_to("2026-04-01T06:20:00Z").await;
        for wait in ["5m", "10m", "20m"] {
            tick(&roster).await;
            roster.advance(wait).await;
        }
        roster.table().set_schema(&pk, "A", 1).await;
        roster.advance("6h").await;
        tick(&roster).await;
        assert_eq!(reviews(&roster, 0).await, 1);
        // Its letter finds nothing to do.
        assert_eq!(roster.redrive(LETTERS, Mode::Repeat).await.0.repeated, 1);
        assert_eq!((reviews(&roster, 0).await, roster.redrive(LETTERS, Mode::Show).await.0.kept), (1, 0));
    }

    fn user(account: &Account, number: u128, accepted_at: Instant) -> User {
        let invitee = Invitee {
            email: Email::parse(&format!("u{number}@many.test")).expect("an address"),
            first_name: Text::parse("Ann").expect("a name"),
            last_name: Text::parse("Lee").expect("a name"),
            role: Role::Developer,
            message: None,
        };
        let id = UserId::from_bits((1 << 100) + number);
        let by = Some(UserId::from_bits(1));
        let user = User::invited(id, account, invitee, by, Nonce::new(number), accepted_at);
        // Nothing of it is still to be told.
        user.accept("hash".into(), accepted_at).told_of_first_week(accepted_at)
    }

    /// Those, who were all there last forty days ago.
    fn users(account_id: AccountId, numbers: Range<u128>, now: Instant) -> Vec<Entity> {
        let account = Account::new(account_id, Text::parse("Many").expect("a name"), now);
        let long_ago = now - TimeDelta::days(40);
        numbers.map(|number| user(&account, number, long_ago).into()).collect()
    }

    /// The most memory that the function held as a process of its own, while it reviewed the account.
    #[cfg(target_os = "linux")]
    async fn peak_bytes(roster: &Roster, account_id: &str) -> u64 {
        let event = roster.review_due(account_id, 100).await;
        let mut environment = roster.operator_environment().to_vec();
        for name in ["BUS_NAME", "DEAD_LETTERS_URL"] {
            environment.push((name.to_owned(), "none is told".to_owned()));
        }
        let program = Path::new(env!("CARGO_BIN_EXE_inactivity_alone"));
        let made = async || roster.facts_of(account_id, "review.made").await.len();
        let before = made().await;
        let alone = ask_alone(program, &environment, &event).await;
        assert_eq!(alone.answer, json!({ "batchItemFailures": [] }));
        assert!(made().await > before, "it made reviews");
        alone.peak_bytes
    }

    // RULE: AU-02
    #[cfg(target_os = "linux")]
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_review_of_ten_thousand_users_holds_about_as_much_as_one_of_a_thousand() {
        let mut peaks = Vec::new();
        for count in [USERS / 10, USERS] {
            // On a stack of its own: the process goes by the machine's clock, by which other accounts of its part are due too.
            let roster = Roster::start_with(tests::without_ticks()).await;
            let account_id = roster.team("many").await.on_pro().await.account_id;
            let id = AccountId::parse(&account_id).expect("an identifier");
            let now = roster.stack.clock().now();
            Ledger::of(&roster).write(users(id, 0..count, now)).await;
            peaks.push(peak_bytes(&roster, &account_id).await);
        }
        println!("{peaks:?} bytes");
        assert!(peaks[1] < 64 << 20, "{peaks:?} bytes");
        assert!(peaks[1] < peaks[0] + (4 << 20), "what it holds grows with the users: {peaks:?} bytes");
    }

    // RULE: AU-02
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn ten_thousand_users_are_looked_through_once_for_all_that_is_due() {
        let roster = Roster::start_at("2026-03-31T12:00:00Z").await;
        let team = roster.team("many").await.on_pro().await;
        let ledger = Ledger::of(&roster);
        let account_id = AccountId::parse(&team.account_id).expect("an identifier");
        let now = roster.stack.clock().now();
        ledger.write(users(account_id, 0..USERS, now)).await;
        let before = inactivity_calls(&roster).await.len();
        // A month, a quarter and, of those who are suspended, nothing.
        roster.review(&team.account_id, 100).await;
        let calls = inactivity_calls(&roster).await;
        let calls = &calls[before..];
        let of = |operation: &str| calls.iter().filter(|call| call["operation"] == operation).count();
        let bytes = USERS * 600;
        let pages = usize::try_from(bytes.div_ceil(1 << 20)).expect("few");
        assert!(of("Query") <= PARTS + pages + 5, "{} queries", of("Query"));
        assert_eq!(of("BatchGetItem"), 2, "what is due, and once more to commit it");
        let id = roster.newest_review(&team.account_id, domain::ReviewKind::Inactivity).await;
        let review = team.root.caller.get(&format!("/v1/reports/reviews/{id}")).await.expect(200).body;
        let inactive = &review["savings"]["inactive"];
        assert_eq!((&inactive["count"], &inactive["monthly_total"]), (&json!(10_000), &json!(19_000_000)));
        assert_eq!(inactive["users"].as_array().map(Vec::len), Some(100));
        // Whoever reads it stands behind all of those.
        let subject = "Review of many, March 2026: 10000 users inactive";
        let subjects = roster.subjects(&team.root.email).await;
        assert!(subjects.iter().any(|told| told == subject), "{subjects:?}");
        let read: f64 = calls.iter().filter_map(|call| call["consumed_capacity"].as_f64()).sum();
        assert!(read > 0.0 && read < 2000.0, "{read} capacity units");
    }

    async fn inactivity_calls(roster: &Roster) -> Vec<Value> {
        let list = roster.caller().get("/_local/calls").await.expect(200).body;
        let mut requests: Vec<Value> = list["data"].as_array().cloned().unwrap_or_default();
        requests.retain(|request| request["function"] == "inactivity");
        requests.reverse();
        requests.iter().flat_map(|request| request["calls"].as_array().cloned().unwrap_or_default()).collect()
    }
}
