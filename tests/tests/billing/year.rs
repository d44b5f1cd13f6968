//! A year of many accounts that nobody but time closes, against a model that knows heads, prices and the calendar alone.

use chrono::{Days, Months, NaiveDate};
use domain::{Interval, Plan};
use tests::{Ledger, Roster};

use crate::reconcile::given_up;

const ACCOUNTS: usize = 200;
const BEGINS: NaiveDate = NaiveDate::from_ymd_opt(2027, 1, 20).expect("a day");
const DAYS: u64 = 12 * 31;
const SEED: u64 = 0x0020_2611_2900;

/// What happens in an account.
#[derive(Clone, Copy)]
enum Act {
    Join,
    Leave,
    /// To Team, of the same interval.
    Rise,
}

/// An account, as a calendar and a list of what happened.
struct Life {
    months: u32,
    units: [i64; 2],
    is_risen: bool,
    begins: NaiveDate,
    /// Who is there beside the Root, and how many ever were.
    there: Vec<u128>,
    ever: u128,
    acts: Vec<(NaiveDate, Act)>,
}

fn rounded(amount: i64, days: i64, of: i64) -> i64 {
    let doubled = 2 * amount * days + of;
    doubled / (2 * of)
}

impl Life {
    /// What is charged until this day, day by day.
    fn charged(&self, until: NaiveDate) -> Vec<(String, i64)> {
        let boundary = |n: u32| self.begins.checked_add_months(Months::new(n * self.months)).expect("a day");
        let (mut unit, mut heads, mut paid, mut n) = (self.units[0], 1, 1, 0);
        let mut charged = vec![(self.begins.to_string(), unit)];
        for day in self.begins.iter_days().take_while(|day| *day <= until) {
            if day == boundary(n + 1) {
                (n, paid) = (n + 1, heads);
                charged.push((day.to_string(), unit * heads));
            }
            let (left, whole) =
                ((boundary(n + 1) - day).num_days(), (boundary(n + 1) - boundary(n)).num_days());
            let mut added = 0;
            for (_, act) in self.acts.iter().filter(|(on, _)| *on == day) {
                match act {
                    Act::Join => {
                        heads += 1;
                        added += i64::from(heads > paid);
                        paid = paid.max(heads);
                    }
                    Act::Leave => heads -= 1,
                    Act::Rise => {
                        if added > 0 {
                            charged.push((day.to_string(), rounded(unit * added, left, whole)));
                        }
                        let back = rounded(unit * paid, left, whole);
                        (unit, added) = (self.units[1], 0);
                        charged.push((day.to_string(), rounded(unit * paid, left, whole) - back));
                    }
                }
            }
            if added > 0 && day < until {
                charged.push((day.to_string(), rounded(unit * added, left, whole)));
            }
        }
        charged
    }
}

/// What time has charged, by the numbers of the invoices.
async fn invoices(roster: &Roster, account: u128) -> Vec<(String, i64)> {
    let items = roster.table().partition(&format!("A#{}", Ledger::account_id(account))).await;
    let invoices = items.iter().filter(|item| item["sk"].as_str().is_some_and(|sk| sk.starts_with("I#")));
    let mut numbered: Vec<(u64, String, i64)> = invoices
        .map(|invoice| {
            let date = invoice["date"].as_str().expect("a day").to_owned();
            (
                invoice["number"].as_u64().expect("a number"),
                date,
                invoice["total"].as_i64().expect("an amount"),
            )
        })
        .collect();
    numbered.sort();
    assert!(numbered.iter().map(|(number, ..)| *number).eq(1..=numbered.len() as u64), "without gaps");
    numbered.into_iter().map(|(_, date, total)| (date, total)).collect()
}

// RULE: BI-02, BI-03, BI-04, BI-05, BI-06, BI-07, BI-11, BI-19, BI-20
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_year_of_two_hundred_accounts_that_time_alone_closes_is_charged_as_heads_and_calendar_say() {
    let roster = Roster::start_at("2027-01-20T11:00:00Z").await;
    let ledger = Ledger::of(&roster);
    let mut random = fastrand::Rng::with_seed(SEED);
    let mut lives: Vec<Life> = Vec::new();
    let last = BEGINS + Days::new(DAYS);
    for day in BEGINS.iter_days().take_while(|day| *day <= last) {
        roster.advance_to(&format!("{day}T12:00:00Z")).await;
        for account in 0..ACCOUNTS.min(lives.len() + 14) {
            let number = account as u128;
            let Some(life) = lives.get_mut(account) else {
                let (plan, interval, months, units) = match random.u8(0..5) {
                    0 => (Plan::Team, Interval::Monthly, 1, [3900, 3900]),
                    1 => (Plan::Pro, Interval::Monthly, 1, [1900, 3900]),
                    2 => (Plan::Team, Interval::Annual, 12, [37_200, 37_200]),
                    _ => (Plan::Pro, Interval::Annual, 12, [18_000, 37_200]),
                };
                ledger.open([number].into_iter(), plan, interval).await;
                let (there, acts) = (Vec::new(), Vec::new());
                let is_risen = plan == Plan::Team;
                lives.push(Life { months, units, is_risen, begins: day, there, ever: 0, acts });
                continue;
            };
            if day == last {
                continue;
            }
            for _ in 0..random.u8(0..150).saturating_sub(147) {
                let act = match random.u8(0..20) {
                    0 if !life.is_risen => Act::Rise,
                    1..8 if !life.there.is_empty() => Act::Leave,
                    _ => Act::Join,
                };
                match act {
                    Act::Rise => {
                        life.is_risen = true;
                        let interval = if life.months == 12 { Interval::Annual } else { Interval::Monthly };
                        ledger.take(number, Plan::Team, interval).await;
                    }
                    Act::Leave => {
                        let who = life.there.swap_remove(random.usize(0..life.there.len()));
                        ledger.leave(number, who).await;
                    }
                    Act::Join => {
                        life.ever += 1;
                        life.there.push(life.ever);
                        ledger.join(number, life.ever).await;
                    }
                }
                life.acts.push((day, act));
            }
        }
    }
    roster.stack.settle().await;
    let mut charges = 0;
    for (number, life) in (0..).zip(&lives) {
        let issued = invoices(&roster, number).await;
        assert_eq!(issued, life.charged(last), "account {number}");
        charges += issued.len();
    }
    assert!(lives.len() == ACCOUNTS && charges > 8 * ACCOUNTS, "{charges}");
    // Each of them was held against users and history.
    let (kept, said) = given_up(&roster).await;
    assert_eq!(kept, 0, "{said}");
}
