//! What is looked at by itself, kept as it was, and told of.

use domain::{EntityKey, ReviewKind};
use serde_json::{Value, json};
use tests::{Caller, Ledger, Roster, Team};

async fn get(by: &Caller, path: &str) -> Value {
    by.get(path).await.expect(200).body
}

fn kinds(list: &Value) -> Vec<(&str, &str)> {
    let reviews = list["data"].as_array().into_iter().flatten();
    reviews
        .map(|it| {
            (it["kind"].as_str().expect("a kind"), &it["scheduled_at"].as_str().expect("an instant")[..10])
        })
        .collect()
}

/// Mails to this address since then, each by its day and its subject.
async fn inbox(roster: &Roster, to: &str) -> Vec<String> {
    let mails = roster.mails(to).await;
    let mut told: Vec<String> = mails
        .iter()
        .map(|mail| {
            let (at, subject) =
                (mail["at"].as_str().expect("an instant"), mail["subject"].as_str().expect("a subject"));
            format!("{} {subject}", &at[..16])
        })
        .collect();
    told.sort();
    told
}

// RULE: AU-02, AU-03, SU-07, RO-01
#[tokio::test]
async fn reviews_are_made_on_their_days_kept_and_told_to_whoever_may_read_them() {
    let roster = Roster::start_at("2026-03-20T12:00:00Z").await;
    let team = roster.team("reviewed").await.on_pro().await;
    let [ann, bill, sue] = [
        team.member("ann@reviewed.test", "admin").await,
        team.member("bill@reviewed.test", "billing").await,
        team.member("sue@reviewed.test", "developer").await,
    ];
    let suspend = format!("/v1/users/{}/suspend", sue.id);
    team.root.caller.post(&suspend, json!({ "confirm": true })).await.expect(200);
    roster.advance_to("2026-05-02T12:00:00Z").await;
    let root = roster.sign_in(&team.root.email).await.caller;
    let list = get(&root, "/v1/reports/reviews").await;
    let expected = [
        ("inactivity", "2026-05-01"),
        ("suspended_users", "2026-04-27"),
        ("suspended_users", "2026-04-20"),
        ("suspended_users", "2026-04-13"),
        ("roles", "2026-04-08"),
        ("suspended_users", "2026-04-06"),
        ("inactivity", "2026-04-01"),
        ("suspended_users", "2026-03-30"),
        ("suspended_users", "2026-03-23"),
    ];
    assert_eq!(kinds(&list), expected);
    // What was found stands as it was, with the names of those who are there.
    let id = |list: &Value, n: usize| list["data"][n]["id"].as_str().expect("an identifier").to_owned();
    let may = get(&root, &format!("/v1/reports/reviews/{}", id(&list, 0))).await;
    assert_eq!(
        (&may["savings"]["inactive"]["count"], &may["savings"]["inactive"]["monthly_total"]),
        (&json!(3), &json!(5700))
    );
    assert_eq!(
        (&may["savings"]["suspended"]["users"][0]["email"], &may["access"]),
        (&json!(sue.email), &Value::Null)
    );
    assert_eq!(list["data"][0]["saving"], may["savings"]["saving"]);
    let april = get(&root, &format!("/v1/reports/reviews/{}", id(&list, 6))).await;
    assert_eq!(april["savings"]["inactive"]["count"], 0, "nobody was away for long then");
    let roles = get(&root, &format!("/v1/reports/reviews/{}", id(&list, 4))).await;
    assert_eq!(
        roles["access"]["people"][1],
        json!({ "role": "admin", "active": 1, "with_mfa": 1, "suspended": 0 })
    );
    root.delete(&format!("/v1/users/{}?confirm=true", sue.id)).await.expect(204);
    let later = get(&root, &format!("/v1/reports/reviews/{}", id(&list, 0))).await;
    let gone = &later["savings"]["suspended"]["users"][0];
    assert_eq!(
        (&gone["id"], &gone["first_name"], &gone["email"]),
        (&json!(sue.id), &Value::Null, &Value::Null)
    );

    // A page at a time, of one kind; of a place there is nothing behind, nothing.
    let page = get(&root, "/v1/reports/reviews?limit=1&kind=suspended_users").await;
    assert_eq!(kinds(&page), [("suspended_users", "2026-04-27")]);
    let cursor = page["next_cursor"].as_str().expect("there are more");
    let next =
        get(&root, &format!("/v1/reports/reviews?limit=200&kind=suspended_users&cursor={cursor}")).await;
    assert_eq!((next["data"].as_array().map(Vec::len), &next["next_cursor"]), (Some(5), &Value::Null));
    root.get("/v1/reports/reviews/rev_00000000000000000000000000").await.refused(404, "not_found");
    root.get("/v1/reports/reviews/nonsense").await.refused(404, "not_found");
    let other = roster.team("elsewhere").await;
    let path = format!("/v1/reports/reviews/{}", id(&list, 0));
    other.root.caller.get(&path).await.refused(404, "not_found");

    // Whoever minds the bill reads of costs, and of nobody's role.
    let bill_now = roster.sign_in(&bill.email).await.caller;
    let told = get(&bill_now, "/v1/reports/reviews?limit=200").await;
    assert!(kinds(&told).iter().all(|(kind, _)| *kind != "roles") && kinds(&told).len() == 8, "{told}");
    bill_now.get(&format!("/v1/reports/reviews/{}", id(&list, 4))).await.refused(403, "insufficient_role");
    get(&bill_now, &path).await;

    // Each once, on its day, to whom it concerns.
    let of = |mails: Vec<String>, what: &str| {
        mails.into_iter().filter(|mail| mail.contains(what)).collect::<Vec<_>>()
    };
    let digest = "One user of reviewed keeps a seat while suspended: $19.00 a month";
    for email in [&team.root.email, &ann.email, &bill.email] {
        let digests = of(inbox(&roster, email).await, "while suspended");
        let days: Vec<&str> = digests.iter().map(|mail| &mail[..10]).collect();
        let mondays = ["2026-03-23", "2026-03-30", "2026-04-06", "2026-04-13", "2026-04-20", "2026-04-27"];
        assert_eq!(days, mondays, "{email}");
        assert!(digests.iter().all(|mail| mail.ends_with(digest)), "{digests:?}");
    }
    assert_eq!(of(inbox(&roster, &ann.email).await, "Role review").len(), 1);
    assert_eq!(of(inbox(&roster, &bill.email).await, "Role review"), Vec::<String>::new());
    assert_eq!(of(inbox(&roster, &bill.email).await, "Review of reviewed").len(), 2);
}

fn rows(bytes: &[u8]) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(bytes);
    reader.records().map(|row| row.expect("a row").iter().map(str::to_owned).collect()).collect()
}

// RULE: AU-03, AU-06
#[tokio::test]
async fn a_review_is_a_sheet_of_whom_it_points_out_and_all_of_them_are_exported() {
    let roster = Roster::start_at("2026-04-10T12:00:00Z").await;
    let team = roster.team("sheets").await.on_pro().await;
    let hostile = json!({
        "email": "eve@sheets.test", "first_name": "=1+1", "last_name": "L", "role": "monitor",
    });
    team.root.caller.post("/v1/users", hostile).await.expect(201);
    let eve = roster.accept("eve@sheets.test").await;
    team.root
        .caller
        .post(&format!("/v1/users/{}/suspend", eve.id), json!({ "confirm": true }))
        .await
        .expect(200);
    roster.review(&team.account_id, 100).await;
    let root = &team.root.caller;
    let id = roster.newest_review(&team.account_id, ReviewKind::Inactivity).await;
    for reply in [
        root.get(&format!("/v1/reports/reviews/{id}?format=csv")).await,
        root.with_header("accept", "text/csv").get(&format!("/v1/reports/reviews/{id}")).await,
    ] {
        let sheet = rows(&reply.expect(200).bytes);
        assert_eq!(sheet[0][..3], ["finding", "user_id", "first_name"]);
        assert_eq!((&*sheet[1][0], &*sheet[1][1], &*sheet[1][2]), ("suspended", &*eve.id, "'=1+1"));
        assert_eq!(sheet[1][10..], ["", "usd", "1900", "1"]);
        assert_eq!(sheet.len(), 2);
    }
    root.get(&format!("/v1/reports/reviews/{id}?format=pdf")).await.refused(422, "validation_failed");
    let exported = rows(&root.get("/v1/exports/reviews?format=csv").await.expect(200).bytes);
    let found: Vec<(&str, &str, &str)> = exported.iter().map(|row| (&*row[1], &*row[3], &*row[4])).collect();
    assert!(found.contains(&("inactivity", "suspended", "1")), "{found:?}");
    assert!(found.contains(&("roles", "elevated", "1")), "{found:?}");
    let bill = team.member("bill@sheets.test", "billing").await.caller;
    let exported = rows(&bill.get("/v1/exports/reviews?format=csv").await.expect(200).bytes);
    assert!(exported.iter().all(|row| row[1] != "roles") && exported.len() > 2, "{exported:?}");
    let monitor = team.member("moe@sheets.test", "monitor").await.caller;
    for path in ["/v1/reports/reviews", &*format!("/v1/reports/reviews/{id}"), "/v1/exports/reviews"] {
        monitor.get(path).await.refused(403, "insufficient_role");
    }
}

async fn reviews_of(roster: &Roster, team: &Team<'_>) -> usize {
    roster.facts_of(&team.account_id, "review.made").await.len()
}

// RULE: AC-11, AU-02
#[tokio::test]
async fn an_account_is_reviewed_once_however_often_it_is_asked_for_and_not_once_it_is_closed() {
    let roster = Roster::start_at("2026-04-10T12:00:00Z").await;
    let (open, closed) = (roster.team("open").await, roster.team("closed").await);
    roster.review_at_once(&open.account_id, 31, 8).await;
    assert_eq!(reviews_of(&roster, &open).await, 2, "of a month, and of roles");
    let nothing = roster.caller();
    for shard in 0..domain::DUE_SHARDS {
        nothing.post("/_local/run/inactivity", tests::part("reviews", shard)).await.expect(200);
    }
    assert_eq!(reviews_of(&roster, &open).await, 2);
    closed.root.caller.delete("/v1/account?confirm=true").await.expect(204);
    roster.review(&closed.account_id, 31).await;
    assert_eq!(reviews_of(&roster, &closed).await, 0);
    let account_id = domain::AccountId::parse(&closed.account_id).expect("an identifier");
    let timer = EntityKey::Timer(account_id, domain::TimerKind::Reviews);
    assert!(!Ledger::of(&roster).has(&timer).await, "nothing is due of it any more");
}
