//! Lists: pages, cursors, filters.

use serde_json::{Value, json};
use tests::{Caller, Reply, Roster};

async fn list(by: &Caller, query: &str) -> Reply {
    by.get(&format!("/v1/users?{query}")).await
}

fn ids(page: &Value) -> Vec<String> {
    let data = page["data"].as_array().expect("a list");
    data.iter().map(|user| user["id"].as_str().expect("an identifier").to_owned()).collect()
}

/// All pages of a list, and how many users each had.
async fn pages(by: &Caller, query: &str) -> (Vec<String>, Vec<usize>) {
    let (mut all, mut sizes) = (Vec::new(), Vec::new());
    let mut page = list(by, query).await.expect(200).body;
    loop {
        all.extend(ids(&page));
        sizes.push(ids(&page).len());
        let Some(cursor) = page["next_cursor"].as_str().map(str::to_owned) else { break };
        assert!(sizes.len() < 100, "the list ends");
        page = list(by, &format!("{query}&cursor={cursor}")).await.expect(200).body;
    }
    (all, sizes)
}

// RULE: AP-04
#[tokio::test]
async fn a_list_comes_in_pages_each_user_once_also_while_users_are_added() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await.on_pro().await;
    let root = &team.root.caller;
    let mut before = vec![team.root.id.clone()];
    for n in 0..9 {
        before.push(team.pending(&format!("u{n}@acme.test"), "monitor").await);
    }
    let (all, sizes) = pages(root, "limit=4").await;
    assert_eq!(sizes, [4, 4, 2]);
    assert_eq!(all.len(), 10);
    assert!(before.iter().all(|id| all.contains(id)));
    assert_eq!(pages(root, "limit=5").await.1, [5, 5], "no empty page at the end");
    assert_eq!(pages(root, "limit=10").await.1, [10]);
    assert_eq!(pages(root, "limit=200").await.1, [10]);

    let first = list(root, "limit=4").await.expect(200).body;
    let cursor = first["next_cursor"].as_str().expect("more").to_owned();
    for n in 0..3 {
        team.pending(&format!("late{n}@acme.test"), "monitor").await;
    }
    // The last user of the page that was read goes: the cursor still holds.
    let last = ids(&first).pop().expect("a user");
    root.delete(&format!("/v1/users/{last}?confirm=true")).await.expect(204);
    let rest = list(root, &format!("limit=200&cursor={cursor}")).await.expect(200).body;
    let mut seen = [ids(&first), ids(&rest)].concat();
    assert_eq!(seen.len(), 13);
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 13, "nobody twice");
    assert!(before.iter().all(|id| seen.contains(id)), "nobody left out");
}

// RULE: AP-04
#[tokio::test]
async fn fifty_is_the_page_and_two_hundred_the_longest() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await.on_pro().await;
    let root = &team.root.caller;
    fill(&roster, &team.account_id, 210).await;
    assert_eq!(pages(root, "").await.1[..2], [50, 50]);
    assert_eq!(pages(root, "limit=200").await.1, [200, 11]);
    for limit in ["0", "201", "-1", "1.5", "ten", "", "99999999999999999999", "1,2"] {
        let reply = list(root, &format!("limit={limit}")).await.refused(422, "validation_failed");
        assert_eq!(reply.bad_fields(), [("limit", "out_of_range")], "{limit}");
    }
}

/// So many pending users behind all others, put there by the operator's hand.
async fn fill(roster: &Roster, account_id: &str, users: usize) {
    let query = json!({
        "TableName": roster.stack.table_name(),
        "KeyConditionExpression": "pk = :pk AND begins_with(sk, :user)",
        "ExpressionAttributeValues": { ":pk": { "S": format!("A#{account_id}") }, ":user": { "S": "U#" } },
    });
    let found = roster.table().call("Query", &query).await;
    let mut user = found["Items"][0].clone();
    user["status"] = json!({ "S": "pending" });
    user["role"] = json!({ "S": "monitor" });
    let numbers: Vec<usize> = (0..users).collect();
    for batch in numbers.chunks(25) {
        let put = |n: &usize| {
            let id = format!("usr_7ZZZZZZZZZZZZZZZZZZZZZ{n:04}");
            user["id"] = json!({ "S": id });
            user["sk"] = json!({ "S": format!("U#{id}") });
            json!({ "PutRequest": { "Item": user } })
        };
        let puts: Vec<Value> = batch.iter().map(put).collect();
        let write = json!({ "RequestItems": { roster.stack.table_name(): puts } });
        roster.table().call("BatchWriteItem", &write).await;
    }
}

// RULE: AP-04
#[tokio::test]
async fn a_filtered_page_may_be_short_or_empty_and_still_have_a_cursor() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await.on_pro().await;
    let root = &team.root.caller;
    fill(&roster, &team.account_id, 1100).await;
    let (all, sizes) = pages(root, "status=active").await;
    assert_eq!(all, [team.root.id.as_str()]);
    assert!(sizes.len() > 1 && sizes[0] == 1, "{sizes:?}");
    let (none, sizes) = pages(root, "role=billing").await;
    assert!(none.is_empty() && sizes.len() > 1, "{sizes:?}");
    let (pending, sizes) = pages(root, "status=expired&limit=7").await;
    assert_eq!(pending.len() + sizes.len(), sizes.len(), "they are pending, not expired");
    let (pending, sizes) = pages(root, "status=pending&limit=200").await;
    assert_eq!(pending.len(), 1100, "{sizes:?}");
}

// RULE: AP-04, IN-11
#[tokio::test]
async fn each_filter_narrows_the_list_and_all_of_them_together() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await.on_pro().await;
    let expired = team.pending("old.invitee@acme.test", "billing").await;
    roster.advance("48h").await;
    let root = roster.sign_in(&team.root.email).await.caller;
    let invite = async |email: &str, first: &str, last: &str, role: &str| {
        let body = json!({ "email": email, "first_name": first, "last_name": last, "role": role });
        root.post("/v1/users", body).await.expect(201).text("id").to_owned()
    };
    let ann = invite("ann@acme.test", "Ann", "Lee", "admin").await;
    let annika = invite("zz.top@acme.test", "Annika", "\u{c5}berg", "developer").await;
    let bob = invite("bob@lee.test", "Bob", "Annan", "developer").await;
    let bob_caller = roster.accept("bob@lee.test").await;
    let confirm = json!({ "confirm": true });
    root.post(&format!("/v1/users/{}/suspend", bob_caller.id), confirm).await.expect(200);
    let me = team.root.id.clone();
    let later = "2100-01-01T00:00:00Z";
    let cases: Vec<(String, Vec<&String>)> = vec![
        ("status=pending".into(), vec![&ann, &annika]),
        ("status=expired".into(), vec![&expired]),
        ("status=active".into(), vec![&me]),
        ("status=suspended".into(), vec![&bob]),
        ("role=developer".into(), vec![&annika, &bob]),
        ("role=monitor".into(), vec![]),
        ("mfa=true".into(), vec![&me]),
        ("mfa=false".into(), vec![&expired, &ann, &annika, &bob]),
        ("mfa=true&role=developer".into(), vec![]),
        (format!("last_login_before={later}"), vec![&expired, &me, &ann, &annika, &bob]),
        ("last_login_before=2020-01-01T00:00:00Z".into(), vec![&expired, &ann, &annika]),
        ("q=ann".into(), vec![&ann, &annika, &bob]),
        ("q=ANN+LEE".into(), vec![&ann]),
        ("q=lee".into(), vec![&ann]),
        ("q=zz.t".into(), vec![&annika]),
        ("q=%C3%A5berg".into(), vec![&annika]),
        ("q=nn".into(), vec![]),
        ("email=Ann@Acme.test".into(), vec![&ann]),
        ("email=ann@acme".into(), vec![]),
        ("email=nobody@acme.test".into(), vec![]),
        ("email=bob@lee.test&status=active".into(), vec![]),
        ("role=developer&status=pending&q=ann&mfa=false".into(), vec![&annika]),
    ];
    for (query, mut expected) in cases {
        if query == "email=ann@acme" {
            let reply = list(&root, &query).await.refused(422, "validation_failed");
            assert_eq!(reply.bad_fields(), [("email", "invalid_email")]);
            continue;
        }
        let mut found = ids(&list(&root, &query).await.expect(200).body);
        found.sort();
        expected.sort();
        assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{query}");
    }
}

// RULE: AP-04
#[tokio::test]
async fn what_is_no_filter_is_refused_every_one_at_once() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let query =
        "status=gone&role=owner&mfa=maybe&last_login_before=yesterday&q=&email=x&limit=0&sort=name&page=2";
    let reply = list(&team.root.caller, query).await.refused(422, "validation_failed");
    assert_eq!(
        reply.bad_fields(),
        [
            ("email", "invalid_email"),
            ("last_login_before", "invalid_instant"),
            ("limit", "out_of_range"),
            ("mfa", "not_one_of"),
            ("page", "unknown_field"),
            ("q", "out_of_range"),
            ("role", "not_one_of"),
            ("sort", "unknown_field"),
            ("status", "not_one_of"),
        ]
    );
}

// RULE: AP-04, AP-05
#[tokio::test]
async fn a_cursor_is_of_one_list_and_of_no_use_elsewhere() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let other = roster.team("other").await;
    for (team, name) in [(&team, "acme"), (&other, "other")] {
        for n in 0..2 {
            team.pending(&format!("u{n}@{name}.test"), "monitor").await;
        }
    }
    let root = &team.root.caller;
    let cursor =
        async |by: &Caller, query: &str| list(by, query).await.expect(200).text("next_cursor").to_owned();
    let plain = cursor(root, "limit=1").await;
    let of_pending = cursor(root, "limit=1&status=pending").await;
    for (query, used) in [
        ("status=pending", &plain),
        ("q=a", &plain),
        ("", &of_pending),
        ("status=active", &of_pending),
        ("status=pending&mfa=false", &of_pending),
    ] {
        let reply = list(root, &format!("{query}&cursor={used}")).await.refused(422, "validation_failed");
        assert_eq!(reply.bad_fields(), [("cursor", "invalid_cursor")], "{query}");
    }
    for bad in ["", "x", "AAAA", &plain[1..], &format!("{plain}A"), &"A".repeat(5000), "%00", "usr_1"] {
        let reply = list(root, &format!("cursor={bad}")).await.refused(422, "validation_failed");
        assert_eq!(reply.bad_fields(), [("cursor", "invalid_cursor")], "{bad:.20}");
    }
    list(root, &format!("limit=2&cursor={plain}")).await.expect(200);
    let foreign = cursor(&other.root.caller, "limit=1").await;
    let page = list(root, &format!("cursor={foreign}")).await.expect(200).body;
    let own = pages(root, "").await.0;
    assert!(ids(&page).iter().all(|id| own.contains(id)), "the account is the credential's");
}
