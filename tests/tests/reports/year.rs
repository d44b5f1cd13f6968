//! A year of a team as its inboxes have it.

use serde_json::json;
use tests::{Caller, Roster, Team};

/// What the clock is moved to, and then happens.
enum Act {
    Joins(&'static str, &'static str),
    SignsIn(&'static str),
    Suspend(&'static str),
    Reactivate(&'static str),
    Depart(&'static str),
    Delete(&'static str),
    PayByTheYear,
}

const HISTORY: [(&str, Act); 16] = [
    ("2026-01-05", Act::Joins("ann", "admin")),
    ("2026-01-12", Act::Joins("bill", "billing")),
    ("2026-01-20", Act::Joins("dan", "developer")),
    ("2026-02-02", Act::Joins("moe", "monitor")),
    ("2026-02-20", Act::SignsIn("ann")),
    ("2026-03-10", Act::Suspend("moe")),
    ("2026-03-28", Act::SignsIn("dan")),
    ("2026-04-02", Act::Reactivate("moe")),
    ("2026-05-11", Act::Joins("eve", "developer")),
    ("2026-06-03", Act::Depart("eve")),
    ("2026-06-24", Act::Suspend("dan")),
    ("2026-07-20", Act::Delete("dan")),
    ("2026-08-01", Act::PayByTheYear),
    ("2026-09-15", Act::Joins("zoe", "root")),
    ("2026-10-07", Act::SignsIn("ann")),
    ("2026-12-20", Act::SignsIn("bill")),
];

fn email(name: &str) -> String {
    format!("{name}@year.test")
}

async fn act(team: &Team<'_>, root: &Caller, act: &Act) {
    let roster = team.roster;
    let path = async |name: &str| {
        let found = root.get(&format!("/v1/users?email={}", email(name))).await.expect(200).body;
        format!("/v1/users/{}", found["data"][0]["id"].as_str().expect("an identifier"))
    };
    match act {
        Act::Joins(name, role) => {
            root.post("/v1/users", tests::invitee(&email(name), role)).await.expect(201);
            roster.accept(&email(name)).await;
        }
        Act::SignsIn(name) => drop(roster.sign_in(&email(name)).await),
        Act::Suspend(name) => {
            let suspended =
                root.post(&format!("{}/suspend", path(name).await), json!({ "confirm": true })).await;
            drop(suspended.expect(200));
        }
        Act::Reactivate(name) => {
            drop(root.post(&format!("{}/reactivate", path(name).await), json!({})).await.expect(200));
        }
        Act::Depart(name) => {
            let mode = json!({ "mode": "auto" });
            drop(root.post(&format!("{}/departure", path(name).await), mode).await.expect(200));
        }
        Act::Delete(name) => {
            drop(root.delete(&format!("{}?confirm=true", path(name).await)).await.expect(204));
        }
        Act::PayByTheYear => {
            let plan = json!({ "plan": "pro", "interval": "annual" });
            drop(root.put("/v1/billing/plan", plan).await.expect(200));
        }
    }
}

/// What somebody was mailed by itself: the day, the time, and the subject.
async fn inbox(roster: &Roster, to: &str) -> String {
    let mut told: Vec<String> = Vec::new();
    for mail in roster.mails(to).await {
        let at = mail["at"].as_str().expect("an instant");
        let subject = mail["subject"].as_str().expect("a subject");
        let is_by_itself = ["eview", "while suspended", "has been suspended", "first week"];
        if is_by_itself.iter().any(|words| subject.contains(words)) {
            told.push(format!("{} {}  {subject}", &at[..10], &at[11..13]));
        }
    }
    told.sort();
    told.join("\n")
}

// RULE: AU-01, AU-02, AU-03, CK-03, SU-07
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_year_of_a_team_brings_each_mail_on_its_day_once_with_what_was_so() {
    let roster = Roster::start_at("2026-01-02T12:00:00Z").await;
    let team = roster.team("year").await.on_pro().await;
    for (day, happens) in &HISTORY {
        roster.advance_to(&format!("{day}T12:00:00Z")).await;
        let root = roster.sign_in(&team.root.email).await.caller;
        act(&team, &root, happens).await;
    }
    roster.advance_to("2027-01-20T12:00:00Z").await;
    roster.stack.settle().await;
    let mut year = String::new();
    for name in ["root", "ann", "bill", "dan"] {
        year += &format!("{}\n{}\n\n", email(name), inbox(&roster, &email(name)).await);
    }
    insta::assert_snapshot!(year);
    // The figures of a mail are those of the interface.
    let root = roster.sign_in(&team.root.email).await.caller;
    let list = root.get("/v1/reports/reviews?kind=inactivity&limit=1").await.expect(200).body;
    let id = list["data"][0]["id"].as_str().expect("an identifier");
    let review = root.get(&format!("/v1/reports/reviews/{id}")).await.expect(200).body;
    let mails = roster.mails(&team.root.email).await;
    let mail = mails.iter().find(|mail| mail["text"].as_str().is_some_and(|text| text.contains(id)));
    let text = mail.expect("it was mailed")["text"].as_str().expect("a text").to_owned();
    let dollars = |cents: &serde_json::Value| domain::dollars(cents.as_i64().expect("cents"));
    let inactive = &review["savings"]["inactive"];
    let line = format!("- Inactive: {}, {} a month", inactive["count"], dollars(&inactive["monthly_total"]));
    assert!(text.contains(&line), "{line}: {text}");
    let note = review["savings"]["saving"]["note"].as_str().expect("it is paid for by the year");
    assert!(text.contains(note) && note.contains("nothing is saved before"), "{text}");
}
