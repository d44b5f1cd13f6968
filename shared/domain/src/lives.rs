//! Whole lives of teams and users: counters against the users they count, and what begins and ends when.

use chrono::TimeDelta;

use crate::{
    Account, AccountId, Change, Departure, Email, EntityKey, Exit, Instant, Interval, Invitee, Name, Nonce,
    Plan, Refusal, Removal, Role, SESSION_LIFETIME, Session, SessionId, Status, Subscription, Terms, Text,
    Tombstone, User, UserId,
};

fn account() -> Account {
    Account::new(AccountId::from_bits(1), Name::parse("Acme").unwrap(), Instant::default())
}

pub(crate) fn user(n: u128, role: Role) -> User {
    let invitee = Invitee {
        email: Email::parse(&format!("u{n}@acme.test")).unwrap(),
        first_name: Name::parse("Una").unwrap(),
        last_name: Name::parse("User").unwrap(),
        role,
        message: None,
    };
    User::invited(UserId::from_bits(n), &account(), invitee, None, Nonce::new(n), Instant::default())
}

/// A session that began at the first instant of all.
pub(crate) fn session_of(user: &User) -> Session {
    Session {
        id: SessionId::from_bits(1),
        account_id: user.account_id,
        user_id: user.id,
        epoch: user.session_epoch,
        secret_digest: String::new(),
        created_at: Instant::default(),
        expires_at: Instant::default() + SESSION_LIFETIME,
        ip: String::new(),
        device: String::new(),
        stepped_up_at: None,
        last_seen_at: None,
    }
}

impl Account {
    /// With this plan, by the month, from the first instant of all on.
    pub(crate) fn on_plan(mut self, plan: Plan) -> Self {
        let terms = Terms { plan, interval: Interval::Monthly, unit_amount: 1900, price_list: Some(1) };
        let begun = Subscription::begin(terms, self.billable(), Instant::default().date_naive());
        self.billing.subscription = plan.is_paid().then_some(begun.0);
        self
    }
}

/// A team with one active Root.
fn team() -> (Account, Vec<User>) {
    let root = user(0, Role::Root);
    let account = account().reserve_seat().unwrap().accept(&root, Instant::default()).unwrap().account;
    (account, vec![root.accept("hash".into(), Instant::default())])
}

fn agree(account: &Account, users: &[User]) {
    let count = |status| u32::try_from(users.iter().filter(|user| user.status == status).count()).unwrap();
    let counted = (account.pending, account.active, account.suspended);
    assert_eq!(counted, (count(Status::Pending), count(Status::Active), count(Status::Suspended)));
    let roots = users.iter().filter(|user| user.is_active_root()).count();
    assert_eq!(usize::try_from(account.active_roots).unwrap(), roots);
    assert!(roots >= 1, "an active Root always");
}

// RULE: PS-02, PS-03, PS-04
#[test]
fn three_seats_are_three_whoever_holds_them() {
    let pending = account().reserve_seat().unwrap().reserve_seat().unwrap().reserve_seat().unwrap();
    let mixed = {
        let (account, _) = team();
        account.reserve_seat().unwrap().reserve_seat().unwrap()
    };
    for full in [pending, mixed] {
        let Err(Refusal::MaximumUsers { seats, .. }) = full.clone().reserve_seat() else {
            panic!("a fourth seat")
        };
        assert_eq!((seats.total, seats.limit, seats.available), (3, Some(3), Some(0)));
        let paid = full.on_plan(Plan::Pro);
        assert_eq!(paid.reserve_seat().unwrap().seats().limit, None, "no cap on paid plans");
    }
}

// RULE: PS-01, PS-02, PS-11, PS-12, SU-05, RO-06, PS-10
#[test]
fn whatever_happens_the_counters_agree_with_the_users_and_a_root_remains() {
    let mut random = 0x5eed_u64;
    let mut draw = |below: usize| {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(random >> 33).unwrap() % below
    };
    let (mut account, mut users) = team();
    let mut refused = 0;
    for n in 1..20_000 {
        let at = draw(users.len());
        let target = users[at].clone();
        let before = account.seats();
        match draw(6) {
            0 => match account.clone().reserve_seat() {
                Ok(reserved) => {
                    account = reserved;
                    users.push(user(n, Role::ALL[draw(5)]));
                }
                Err(refusal) => {
                    assert!(matches!(refusal, Refusal::MaximumUsers { .. }));
                    assert_eq!(before.total, 3);
                    refused += 1;
                }
            },
            1 if target.status == Status::Pending => {
                account = account.accept(&target, Instant::default()).unwrap().account;
                users[at] = target.accept("hash".into(), Instant::default());
                assert_eq!(
                    account.seats().total,
                    before.total,
                    "a pending user and its invitation are one seat"
                );
            }
            2 if target.status == Status::Active => {
                if let Ok(suspended) = account.clone().suspend(&target) {
                    account = suspended;
                    users[at] = target.suspend(None, Instant::default()).unwrap();
                    assert_eq!(account.seats().billable, before.billable);
                }
            }
            3 if target.status == Status::Suspended => {
                account = account.reactivate(&target);
                users[at] = target.reactivate().unwrap();
                assert_eq!(account.seats().billable, before.billable);
            }
            4 => {
                let role = Role::ALL[draw(5)];
                if let Ok(changed) = account.clone().change_role(&target, role) {
                    account = changed;
                    users[at] = target.with_role(role);
                    assert_eq!(
                        (account.seats().total, account.seats().billable),
                        (before.total, before.billable)
                    );
                }
            }
            5 => {
                if let Ok(removed) = account.clone().remove(&target, Instant::default()) {
                    account = removed.account;
                    users.swap_remove(at);
                    assert_eq!(account.seats().total + 1, before.total, "the seat is free at once");
                }
            }
            _ => {}
        }
        agree(&account, &users);
        assert!(account.seats().total <= 3);
    }
    assert!(refused > 100, "the cap was met, {refused} times");
}

// RULE: SU-02, SU-04, SU-06, SE-01
#[test]
fn a_suspension_ends_sessions_and_a_second_one_changes_nothing() {
    let active = user(1, Role::Monitor).accept("hash".into(), Instant::default());
    let suspended = active.clone().suspend(None, Instant::default()).unwrap();
    assert_ne!(suspended.session_epoch, active.session_epoch);
    assert_eq!(suspended.clone().suspend(None, Instant::default()), Ok(suspended.clone()));
    let back = suspended.clone().reactivate().unwrap();
    assert_eq!(back.session_epoch, suspended.session_epoch, "old sessions stay dead");
    assert_eq!(back.password_hash, active.password_hash);
    assert_eq!(user(1, Role::Monitor).suspend(None, Instant::default()), Err(Refusal::UseRevoke));
    assert_eq!(user(1, Role::Monitor).reactivate(), Err(Refusal::NotAccepted));
}

// RULE: RO-01, SU-03
#[test]
fn what_is_stored_is_spelt_as_the_interface_spells_it() {
    let stored = |value: serde_json::Value| value.as_str().unwrap().to_owned();
    for role in Role::ALL {
        assert_eq!(stored(serde_json::to_value(role).unwrap()), role.name());
        assert_eq!(Role::parse(role.name()), Some(role));
    }
    for status in Status::ALL {
        assert_eq!(stored(serde_json::to_value(status).unwrap()), status.name());
        assert_eq!(Status::parse(status.name()), Some(status));
    }
    for reason in crate::SuspendReason::ALL {
        assert_eq!(stored(serde_json::to_value(reason).unwrap()), reason.name());
        assert_eq!(crate::SuspendReason::parse(reason.name()), Some(reason));
    }
}

// RULE: IN-11, IN-12, PS-05, AP-03
#[test]
fn an_invitation_lives_48_hours_and_is_used_once() {
    let ann = user(1, Role::Monitor);
    let end = Instant::default() + chrono::TimeDelta::hours(48);
    let moment = chrono::TimeDelta::milliseconds(1);
    assert_eq!((ann.status_at(end - moment), ann.status_at(end)), (Status::Pending, Status::Expired));
    assert!(!ann.holds_a_lapsed_seat(end - moment) && ann.holds_a_lapsed_seat(end));
    let lapsed = ann.clone().lapse();
    assert_eq!((lapsed.status, lapsed.version), (Status::Expired, ann.version + 1));
    assert!(!lapsed.holds_a_lapsed_seat(end), "its seat is back already");
    let accepted = ann.clone().accept("hash".into(), end - moment);
    assert_eq!((accepted.invitation.nonce.clone(), accepted.version), (None, ann.version + 1));
    let before = team().0.reserve_seat().unwrap();
    assert_eq!(before.clone().release_pending(&ann).seats().total + 1, before.seats().total);
}

// RULE: PS-08, PS-11
#[test]
fn paid_seats_are_the_high_water_mark_of_billable_seats() {
    let (account, users) = team();
    let mut account = account.on_plan(Plan::Pro);
    assert_eq!(account.seats().paid_seats, 1);
    for _ in 0..3 {
        account = account.reserve_seat().unwrap();
        assert_eq!(account.seats().paid_seats, 1, "pending is not billed");
    }
    for paid in [2, 3, 4] {
        account = account.accept(&users[0], Instant::default()).unwrap().account;
        assert_eq!(account.seats().paid_seats, paid);
    }
    let gone = User { role: Role::Monitor, ..users[0].clone() };
    let account = account.remove(&gone, Instant::default()).unwrap().account;
    assert_eq!(
        (account.seats().billable, account.seats().paid_seats),
        (3, 4),
        "it never falls within a period"
    );
    assert_eq!(
        account.reserve_seat().unwrap().accept(&gone, Instant::default()).unwrap().account.seats().paid_seats,
        4,
        "a paid seat is refilled"
    );
}

// RULE: IN-07
#[test]
fn an_invitation_is_sent_again_a_minute_after_the_last_time_five_times_and_under_a_new_version() {
    let mut ann = user(1, Role::Monitor);
    let mut now = Instant::default();
    let again = |ann: &User, n, now| ann.clone().invite_again(Nonce::new(n), now, &account());
    for n in 1..=5 {
        now += TimeDelta::seconds(60);
        let early = again(&ann, 100 + n, now - TimeDelta::milliseconds(1));
        assert_eq!(early, Err(Refusal::RateLimited { retry_after_seconds: 1 }));
        let sent = again(&ann, 100 + n, now).unwrap();
        assert_eq!(sent.invitation.nonce, Some(Nonce::new(100 + n)), "older tokens are dead");
        assert_eq!(sent.invitation.expires_at, now + TimeDelta::hours(48));
        ann = sent;
    }
    let sixth = again(&ann, 106, now + TimeDelta::seconds(60));
    assert!(matches!(sixth, Err(Refusal::RateLimited { .. })));
    assert_eq!(again(&ann, 106, ann.invitation.expires_at).unwrap().invitation.resends, 0, "a new life");
}

// RULE: SE-02, SE-05
#[test]
fn a_session_is_over_after_24_hours_and_with_the_epoch_it_began_in() {
    let ann = user(1, Role::Monitor).accept("hash".into(), Instant::default());
    let session = session_of(&ann);
    let end = Instant::default() + TimeDelta::hours(24);
    assert!(session.is_live(&ann, end - TimeDelta::milliseconds(1)));
    assert!(!session.is_live(&ann, end));
    assert!(!session.is_live(&ann.end_sessions(), Instant::default()));
}

// RULE: CK-01
#[test]
fn a_departure_is_due_at_once_after_an_hour_and_after_a_day() {
    let steps = Departure::steps_from(Instant::default());
    let due: Vec<TimeDelta> = steps.iter().map(|step| step.due_at - Instant::default()).collect();
    assert_eq!(due, [0, 1, 24].map(TimeDelta::hours));
}

// RULE: DE-01, DE-02, DE-04, RS-03
#[test]
fn whoever_is_removed_leaves_a_tombstone_that_comes_to_name_nobody_and_a_free_address() {
    let ann = user(1, Role::Monitor).accept("hash".into(), Instant::default());
    let by = UserId::from_bits(2);
    let without = team().0.remove(&ann, Instant::default()).unwrap();
    let change = Change::reply(()).removing(&ann, without, None, Exit::Deleted, by, Instant::default());
    let gone: Vec<EntityKey> = change.deletes.iter().map(Removal::key).collect();
    let address = EntityKey::Membership(ann.email.key(), ann.account_id);
    assert_eq!(gone, [EntityKey::User(ann.account_id, ann.id), address]);
    let erased = Tombstone::of(&ann, Exit::Deleted, by, Instant::default()).erased();
    assert_eq!((erased.label.as_str(), &erased.gone), ("Deleted user", &None));
    let stored = serde_json::to_string(&erased).unwrap();
    assert!(!stored.contains("acme.test") && !stored.contains("Una"), "{stored}");
}
