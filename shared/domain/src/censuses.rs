//! Reviews of made-up teams.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::*;

fn instant(text: &str) -> Instant {
    text.parse().unwrap()
}

fn now() -> Instant {
    instant("2026-04-16T12:00:00Z")
}

/// An account that has paid for so many seats since the first of April.
fn account(plan: Plan, interval: Interval, active: u32) -> Account {
    let begun = instant("2026-04-01T00:00:00Z");
    let account = Account::new(AccountId::from_bits(1), Name::parse("Acme").unwrap(), begun);
    let account = Account { active, active_roots: 1, ..account };
    account.change_plan(Wish::Paid(plan, interval), Catalogue::LISTS, begun).unwrap().account
}

fn user(n: u128, account: &Account, role: Role, away: TimeDelta) -> User {
    let invitee = Invitee {
        email: Email::parse(&format!("u{n}@acme.test")).unwrap(),
        first_name: Name::parse("Ann").unwrap(),
        last_name: Name::parse("Lee").unwrap(),
        role,
        message: None,
    };
    let accepted_at = now() - TimeDelta::days(100);
    let user = User::invited(UserId::from_bits(n), account, invitee, None, Nonce::new(7), accepted_at);
    let user = user.accept("hash".into(), accepted_at);
    User { last_login_at: Some(now() - away), mfa_enabled: true, ..user }
}

fn reviewed(account: &Account, users: &[User]) -> Value {
    let begun = Census::begin(account.clone(), now());
    json!(users.iter().fold(begun, Census::see).end(Catalogue::LISTS))
}

// RULE: AU-01
#[test]
fn thirty_days_less_a_second_is_active_and_thirty_days_is_not() {
    let account = account(Plan::Pro, Interval::Monthly, 4);
    let (month, second) = (TimeDelta::days(30), TimeDelta::seconds(1));
    let just_active = user(1, &account, Role::Developer, month - second);
    let just_not = user(2, &account, Role::Developer, month);
    let never = |n, accepted: TimeDelta| {
        let user = user(n, &account, Role::Developer, month);
        User { last_login_at: None, accepted_at: Some(now() - accepted), ..user }
    };
    let (never_long, never_short) = (never(3, month), never(4, month - second));
    let told = reviewed(&account, &[just_active, just_not, never_long, never_short]);
    let inactive: Vec<&Value> = told["inactive"]["users"].as_array().unwrap().iter().collect();
    assert_eq!(told["inactive"]["count"], 2);
    assert_eq!(inactive[0]["id"], json!(UserId::from_bits(2)));
    assert_eq!(
        (&inactive[1]["has_signed_in"], &inactive[1]["since"]),
        (&json!(false), &json!(now() - month))
    );
    let patient = Account { inactive_after_days: 31, ..account };
    assert_eq!(reviewed(&patient, &[user(1, &patient, Role::Developer, month)])["inactive"]["count"], 0);
}

// RULE: AU-01, AU-02
#[test]
fn what_the_inactive_and_the_suspended_cost_is_told_at_the_accounts_own_rate() {
    let month = TimeDelta::days(30);
    let pro = account(Plan::Pro, Interval::Monthly, 10);
    let away: Vec<User> = (1..=5).map(|n| user(n, &pro, Role::Developer, month)).collect();
    let told = reviewed(&pro, &away);
    let cost = |of: &Value| (of["count"].clone(), of["monthly_total"].clone(), of["annual_total"].clone());
    assert_eq!(cost(&told["inactive"]), (json!(5), json!(9500), json!(114_000)));
    let suspend = |user: User| user.suspend(None, now()).unwrap();
    let suspended: Vec<User> =
        (1..=3).map(|n| suspend(user(n, &pro, Role::Monitor, TimeDelta::zero()))).collect();
    let told = reviewed(&pro, &suspended);
    assert_eq!(cost(&told["suspended"]), (json!(3), json!(5700), json!(68_400)));
    assert_eq!(told["inactive"]["count"], 0, "whoever is suspended is listed apart");
    let saving = json!({
        "seats": 3, "monthly_total": 5700, "annual_total": 68_400, "effective_from": "2026-05-01", "note": null,
    });
    assert_eq!(told["saving"], saving);

    // By the year: a twelfth beside what is charged, and nothing is saved before it is over.
    let annual = account(Plan::Pro, Interval::Annual, 10);
    let told = reviewed(&annual, &[user(1, &annual, Role::Developer, month)]);
    assert_eq!((&told["unit_amount"], &told["monthly_unit_amount"]), (&json!(18_000), &json!(1500)));
    assert_eq!(cost(&told["inactive"]), (json!(1), json!(1500), json!(18_000)));
    assert_eq!(told["saving"]["effective_from"], "2027-04-01");
    assert!(told["saving"]["note"].as_str().unwrap().contains("nothing is saved before"));

    let free = Account::new(AccountId::from_bits(1), Name::parse("Acme").unwrap(), now());
    let told = reviewed(&free, &[user(1, &free, Role::Developer, month)]);
    assert_eq!(cost(&told["inactive"]), (json!(1), json!(0), json!(0)));
    assert_eq!((&told["saving"]["effective_from"], &told["annual_saving"]), (&Value::Null, &Value::Null));
}

// RULE: AU-02, BI-13, BI-18
#[test]
fn what_is_saved_is_what_the_next_renewal_charges_less() {
    let team = account(Plan::Team, Interval::Monthly, 3);
    let away = user(1, &team, Role::Developer, TimeDelta::days(30));
    let saving = |account: Account| reviewed(&account, std::slice::from_ref(&away))["saving"].clone();
    let figures = |of: &Value| (of["monthly_total"].clone(), of["effective_from"].clone());
    assert_eq!(figures(&saving(team.clone())), (json!(3900), json!("2026-05-01")));
    let to = |plan, interval| {
        team.clone().change_plan(Wish::Paid(plan, interval), Catalogue::LISTS, now()).unwrap().account
    };
    let to_pro = to(Plan::Pro, Interval::Monthly);
    assert_eq!(figures(&saving(to_pro.clone())), (json!(1900), json!("2026-05-01")));
    assert_eq!(
        reviewed(&to_pro, std::slice::from_ref(&away))["inactive"]["monthly_total"],
        3900,
        "what it costs now"
    );
    let agreed = Terms::agreed(Interval::Monthly, 3000);
    let enterprise = team.clone().agree(agreed, "Contract 7", now()).unwrap().account;
    assert_eq!(figures(&saving(enterprise)), (json!(3000), json!("2026-05-01")));
    for ending in [
        team.clone().cancel(now()).unwrap().account,
        team.clone().change_plan(Wish::Free, Catalogue::LISTS, now()).unwrap().account,
    ] {
        let told = saving(ending);
        assert_eq!(figures(&told), (json!(0), Value::Null));
        assert!(told["note"].as_str().unwrap().contains("ends on 1 May 2026"), "{told}");
    }
}

// RULE: AU-01
#[test]
fn a_root_is_listed_and_not_proposed_and_who_is_pending_is_not_inactive() {
    let pro = account(Plan::Pro, Interval::Monthly, 3);
    let root = user(1, &pro, Role::Root, TimeDelta::days(40));
    let ann = user(2, &pro, Role::Developer, TimeDelta::days(40));
    let open = |n, days| {
        let user = user(n, &pro, Role::Monitor, TimeDelta::zero());
        let invited_at = now() - TimeDelta::days(days);
        let status = Status::Pending;
        User { status, accepted_at: None, last_login_at: None, invited_at, ..user }
    };
    let mut still = open(5, 8);
    still.invitation.expires_at = now() + TimeDelta::days(1);
    let told = reviewed(&pro, &[root, ann, open(3, 7), open(4, 6), still]);
    let proposed =
        |of: &Value| of["users"].as_array().unwrap().iter().map(|u| u["deletion_proposed"].clone()).collect();
    let inactive: Vec<Value> = proposed(&told["inactive"]);
    assert_eq!(inactive, [json!(false), json!(true)]);
    assert_eq!((&told["saving"]["seats"], &told["saving"]["monthly_total"]), (&json!(1), &json!(1900)));
    let long = told["long_pending"]["users"].as_array().unwrap().iter();
    let long: Vec<_> = long.map(|user| (user["id"].clone(), user["status"].clone())).collect();
    let id = |n| json!(UserId::from_bits(n));
    assert_eq!(long, [(id(3), json!("expired")), (id(5), json!("pending"))]);
}

// RULE: AU-01, AU-04
#[test]
fn who_has_said_of_late_that_they_need_their_access_is_not_proposed() {
    let pro = account(Plan::Pro, Interval::Monthly, 5);
    let away = TimeDelta::days(40);
    let said = |n, is_needed, ago: TimeDelta| {
        let answer = Some(AccessAnswer { is_needed, at: now() - ago });
        let asked_at = now() - ago - TimeDelta::days(1);
        let question = AccessQuestion { nonce: Nonce::new(1), asked_at, answer };
        User { access_question: Some(question), ..user(n, &pro, Role::Monitor, away) }
    };
    let (month, second) = (TimeDelta::days(30), TimeDelta::seconds(1));
    let users = [
        said(1, true, month - second),
        said(2, true, month),
        said(3, false, TimeDelta::zero()),
        user(4, &pro, Role::Monitor, away),
        said(5, true, TimeDelta::zero()).suspend(None, now()).unwrap(),
    ];
    let told = reviewed(&pro, &users);
    let listed = |of: &str| {
        let users = told[of]["users"].as_array().unwrap().iter();
        let said = |user: &Value| (user["deletion_proposed"].clone(), user["access_is_needed"].clone());
        users.map(said).collect::<Vec<_>>()
    };
    let (yes, no, none) = (json!(true), json!(false), Value::Null);
    let expected = [(&no, &yes), (&yes, &yes), (&yes, &no), (&yes, &none)];
    assert_eq!(listed("inactive"), expected.map(|(proposed, said)| (proposed.clone(), said.clone())));
    assert_eq!(listed("suspended"), [(no, yes)]);
    assert_eq!((&told["inactive"]["count"], &told["saving"]["seats"]), (&json!(4), &json!(3)));
}

// RULE: AU-02
#[test]
fn a_twelfth_of_what_all_seats_cost_a_year_is_rounded_once() {
    let mut agreed = account(Plan::Pro, Interval::Annual, 3);
    if let Some(paid) = &mut agreed.billing.subscription {
        paid.terms.unit_amount = 1000;
    }
    let users = [Role::Root, Role::Developer, Role::Monitor];
    let users: Vec<User> =
        (1..).zip(users).map(|(n, role)| user(n, &agreed, role, TimeDelta::zero())).collect();
    let told = reviewed(&agreed, &users);
    assert_eq!(told["team_cost"], json!({ "seats": 3, "monthly_total": 250, "annual_total": 3000 }));
    let parts: Vec<&Value> =
        told["seat_cost"].as_array().unwrap().iter().map(|cost| &cost["monthly_total"]).collect();
    assert_eq!(parts, [83, 83, 83]);
}

// RULE: AU-02, AU-05
#[test]
fn seats_are_told_by_role_and_status_and_those_hardly_used_are_pointed_out() {
    let pro = account(Plan::Pro, Interval::Monthly, 6);
    let half = TimeDelta::days(15);
    let users = [
        user(1, &pro, Role::Root, TimeDelta::zero()),
        user(2, &pro, Role::Monitor, half),
        user(3, &pro, Role::Billing, half),
        user(4, &pro, Role::Developer, half),
        user(5, &pro, Role::Monitor, half - TimeDelta::seconds(1)),
        user(6, &pro, Role::Monitor, half).suspend(None, now()).unwrap(),
        User { mfa_enabled: false, ..user(7, &pro, Role::Admin, TimeDelta::zero()) },
    ];
    let told = reviewed(&pro, &users);
    let ids = |of: &Value| of["users"].as_array().unwrap().iter().map(|user| user["id"].clone()).collect();
    let id = |n| json!(UserId::from_bits(n));
    let (hardly, bare): (Vec<Value>, Vec<Value>) =
        (ids(&told["hardly_used"]), ids(&told["elevated_without_mfa"]));
    assert_eq!((hardly, bare), (vec![id(2), id(3)], vec![id(7)]));
    let seats = told["seat_cost"].as_array().unwrap().iter();
    let seats: Vec<(&str, &str, i64, i64)> = seats
        .map(|row| {
            let text = |name: &str| row[name].as_str().unwrap();
            let number = |name: &str| row[name].as_i64().unwrap();
            (text("role"), text("status"), number("seats"), number("monthly_total"))
        })
        .collect();
    let expected = [
        ("root", "active", 1, 1900),
        ("admin", "active", 1, 1900),
        ("billing", "active", 1, 1900),
        ("developer", "active", 1, 1900),
        ("monitor", "active", 2, 3800),
        ("monitor", "suspended", 1, 1900),
    ];
    assert_eq!(seats, expected);
    assert_eq!(told["annual_saving"]["basis_points"], 2105);
}

// RULE: AU-02
#[test]
fn of_many_a_hundred_are_named_and_all_are_counted() {
    let pro = account(Plan::Pro, Interval::Monthly, 150);
    let many: Vec<User> = (1..=150).map(|n| user(n, &pro, Role::Monitor, TimeDelta::days(30))).collect();
    let inactive = reviewed(&pro, &many)["inactive"].clone();
    assert_eq!((&inactive["count"], &inactive["monthly_total"]), (&json!(150), &json!(285_000)));
    assert_eq!(inactive["users"].as_array().unwrap().len(), 100);
}

fn findings(account: &Account, users: &[User]) -> Findings {
    let begun = Census::begin(account.clone(), now());
    Findings::of(users.iter().fold(begun, Census::see), Catalogue::LISTS)
}

// RULE: AU-03, DE-02
#[test]
fn a_review_is_kept_as_it_was_without_a_name_and_told_with_those_who_are_there() {
    let pro = account(Plan::Pro, Interval::Monthly, 3);
    let (ann, bob) =
        (user(1, &pro, Role::Root, TimeDelta::zero()), user(2, &pro, Role::Admin, TimeDelta::days(40)));
    let bare =
        User { mfa_enabled: false, last_login_at: None, ..user(3, &pro, Role::Monitor, TimeDelta::zero()) };
    let found = findings(&pro, &[ann.clone(), bob.clone(), bare]);
    let review = Review::of(pro.id, ReviewKind::Security, now(), &found);
    let kept = serde_json::to_string(&review).unwrap();
    assert!(!kept.contains("acme.test") && !kept.contains("Lee"), "{kept}");
    assert_eq!(serde_json::from_str::<Review>(&kept).unwrap(), review);
    let named = review.clone().named(&std::collections::HashMap::from([(ann.id, ann)]));
    let elevated = json!(named.findings.access.elevated);
    assert_eq!(
        (&elevated["users"][0]["first_name"], &elevated["users"][1]["email"]),
        (&json!("Ann"), &Value::Null)
    );
    let counts: Vec<(&str, u32)> = review.groups().iter().map(|(name, group)| (*name, group.count)).collect();
    let expected = [
        ("inactive", 2),
        ("suspended", 0),
        ("long_pending", 0),
        ("elevated", 2),
        ("without_mfa", 1),
        ("never_signed_in", 1),
    ];
    assert_eq!(counts, expected);
    let admins = json!(review.findings.access.people[1]);
    assert_eq!(admins, json!({ "role": "admin", "active": 1, "with_mfa": 1, "suspended": 0 }));
}

// RULE: AU-02, AU-03, SU-07
#[test]
fn what_says_nothing_is_not_mailed_and_a_week_without_suspended_users_is_not_kept() {
    let pro = account(Plan::Pro, Interval::Monthly, 1);
    let free = Account::new(AccountId::from_bits(1), Name::parse("Acme").unwrap(), now());
    let of = |account: &Account, kind, users: &[User]| {
        Review::of(account.id, kind, now(), &findings(account, users))
    };
    let alone = [user(1, &free, Role::Root, TimeDelta::zero())];
    let away = [user(1, &free, Role::Root, TimeDelta::days(30))];
    let suspended = [user(1, &free, Role::Monitor, TimeDelta::zero()).suspend(None, now()).unwrap()];
    assert!(!of(&free, ReviewKind::Inactivity, &alone).is_mailed());
    assert!(of(&free, ReviewKind::Inactivity, &away).is_mailed());
    assert!(of(&pro, ReviewKind::Inactivity, &alone).is_mailed(), "what it costs is told");
    assert!(!of(&pro, ReviewKind::Roles, &alone).is_mailed(), "nobody reviews themselves");
    assert!(!of(&pro, ReviewKind::SuspendedUsers, &alone).is_kept());
    let digest = of(&free, ReviewKind::SuspendedUsers, &suspended);
    assert!(digest.is_kept() && digest.is_mailed());
}
