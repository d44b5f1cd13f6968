//! The audit log as Root and Admin read it.

use local::Options;
use serde_json::{Value, json};
use tests::{Caller, Roster, Team, without_reports};

async fn page(by: &Caller, query: &str) -> Value {
    by.get(&format!("/v1/events?{query}")).await.expect(200).body
}

fn data(page: &Value) -> Vec<Value> {
    page["data"].as_array().expect("a list").clone()
}

/// All events of a list, page by page, but what was heard of mails.
async fn all(by: &Caller, query: &str) -> Vec<Value> {
    let mut found = Vec::new();
    let mut next = page(by, query).await;
    for _ in 0..100 {
        found.extend(data(&next));
        let Some(cursor) = next["next_cursor"].as_str() else { return without_reports(found) };
        next = page(by, &format!("{query}&cursor={cursor}")).await;
    }
    panic!("the list does not end");
}

/// What people did; what time alone or the mail service brought comes when it comes.
fn types(events: &[Value]) -> Vec<&str> {
    let by_people = events.iter().filter(|event| event["actor"]["via"] != "system");
    by_people.map(|event| event["type"].as_str().expect("a type")).collect()
}

/// Ann is invited, and again after her time was over; Ada comes in as Admin, Ann is demoted by nobody.
async fn history(roster: &Roster) -> (Team<'_>, Caller, String) {
    let team = roster.team("acme").await;
    team.pending("ann@acme.test", "developer").await;
    roster.lapse_unswept().await;
    roster.mend().await;
    let root = roster.sign_in(&team.root.email).await;
    let team = Team { root, ..team };
    let ann = team.pending("ann@acme.test", "developer").await;
    let ada = team.member("ada@acme.test", "admin").await;
    let path = format!("/v1/users/{ann}/role");
    let body = json!({ "role": "billing", "justification": "asked by cfo@acme.test" });
    ada.caller.put(&path, body).await.expect(200);
    (team, ada.caller, ann)
}

// RULE: EV-01, AP-04
#[tokio::test]
async fn admins_read_every_fact_newest_first_in_pages_of_any_length() {
    let roster = Roster::start().await;
    let (team, ada, _) = history(&roster).await;
    roster.stack.settle().await;
    let listed = all(&ada, "").await;
    let newest_first = [
        "user.role_changed",
        "codes.issued",
        "mfa.enabled",
        "mfa.enrolment_started",
        "session.created",
        "user.accepted",
        "user.invited",
        "invitation.revoked",
        "user.invited",
        "session.created",
        "session.challenged",
        "user.invited",
        "codes.issued",
        "mfa.enabled",
        "mfa.enrolment_started",
        "session.created",
        "user.accepted",
        "account.created",
    ];
    let mut sorted = types(&listed);
    assert_eq!(sorted.len(), newest_first.len(), "{sorted:?}");
    // The two facts of one commit have one instant.
    for pair in [1..3, 7..9, 12..14] {
        sorted[pair].sort_unstable();
    }
    assert_eq!(sorted, newest_first);
    for limit in 1..=4 {
        assert_eq!(all(&ada, &format!("limit={limit}")).await, listed, "in pages of {limit}");
    }
    let stored = without_reports(roster.history(&team.account_id).await);
    let stored: Vec<Value> = stored.into_iter().rev().collect();
    for (event, fact) in listed.iter().zip(&stored) {
        for name in ["type", "at", "actor", "target", "before", "after", "reason", "ip", "request_id"] {
            assert_eq!(event[name], fact[name], "{name} of {event:#}");
        }
    }
    assert!(!json!(listed).to_string().contains('@'), "no address, not even in a reason");
    insta::assert_json_snapshot!("event", tests::masked(&listed[0]));
}

// RULE: EV-01
#[tokio::test]
async fn the_log_is_filtered_by_actor_target_type_and_span() {
    let roster = Roster::start().await;
    let (team, ada, ann) = history(&roster).await;
    let me = ada.get("/v1/me").await.expect(200).body["id"].as_str().expect("an identifier").to_owned();
    let by_ada = all(&ada, &format!("actor={me}")).await;
    let of_ada = [
        "user.role_changed",
        "codes.issued",
        "mfa.enabled",
        "mfa.enrolment_started",
        "session.created",
        "user.accepted",
    ];
    assert_eq!(types(&by_ada), of_ada);
    let on_ann = all(&ada, &format!("target={ann}&limit=1")).await;
    assert_eq!(types(&on_ann), ["user.role_changed", "user.invited"]);
    let accepted = all(&ada, "type=user.accepted").await;
    assert_eq!(accepted.len(), 2);
    assert_eq!(all(&ada, &format!("target={ann}&type=user.accepted")).await.len(), 0);
    roster.stack.settle().await;
    let whole = all(&ada, "").await;
    let middle = whole[6]["at"].as_str().expect("an instant");
    let since = all(&ada, &format!("from={middle}")).await;
    let until = all(&ada, &format!("to={middle}")).await;
    assert_eq!([since, until].concat(), whole, "each is in one of the two");
    assert_eq!(all(&ada, &format!("from={middle}&to=2000-01-01T00:00:00Z")).await.len(), 0);
    let wrong = ada.get("/v1/events?actor=ann&type=user.eaten&from=today&limit=0&who=x").await;
    let wrong = wrong.refused(422, "validation_failed");
    let named: Vec<&str> = wrong.bad_fields().into_iter().map(|(field, _)| field).collect();
    assert_eq!(named, ["actor", "from", "limit", "type", "who"]);
    let cursor = page(&ada, "limit=1").await["next_cursor"].as_str().expect("more").to_owned();
    let other_list = ada.get(&format!("/v1/events?limit=1&type=user.invited&cursor={cursor}")).await;
    assert_eq!(other_list.refused(422, "validation_failed").bad_fields(), [("cursor", "invalid_cursor")]);
    drop(team);
}

// RULE: EV-01, AP-05
#[tokio::test]
async fn nobody_else_reads_it_and_nobody_reads_anothers() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await.on_pro().await;
    let other = roster.team("other").await;
    for role in ["billing", "developer", "monitor"] {
        let caller = team.member(&format!("{role}@acme.test"), role).await.caller;
        caller.get("/v1/events").await.refused(403, "insufficient_role");
    }
    let refused = all(&team.root.caller, "type=access.refused").await;
    assert_eq!(refused.len(), 3, "and that they tried is in it");
    assert!(refused.iter().all(|event| event["after"]["operation"] == "list-events"));
    let theirs = all(&other.root.caller, "").await;
    let of_enrolment = ["codes.issued", "mfa.enabled", "mfa.enrolment_started"];
    let since_sign_up = [&of_enrolment[..], &["session.created", "user.accepted", "account.created"]];
    assert_eq!(types(&theirs), since_sign_up.concat());
}

// RULE: EV-01
#[tokio::test]
async fn after_400_days_only_what_moved_a_seat_is_left() {
    // Of a year's reviews nothing is asked here.
    let options = Options { endpoint: tests::endpoint(), ..tests::without_ticks() };
    let roster = Roster::start_with(options).await;
    let (team, _, _) = history(&roster).await;
    roster.stack.settle().await;
    let before = all(&team.root.caller, "").await;
    roster.advance("400d").await;
    let root = roster.sign_in(&team.root.email).await.caller;
    let left = all(&root, "").await;
    let moved_a_seat = |event: &&Value| {
        let kind = event["type"].as_str().expect("a type");
        let moves = ["account.created", "user.invited", "user.accepted", "invitation.revoked"];
        moves.contains(&kind)
    };
    let kept: Vec<Value> = before.iter().filter(moved_a_seat).cloned().collect();
    // What happened since is behind nothing: sign-ins, and what time alone brought.
    let since = left.iter().position(|event| kept.first() == Some(event));
    assert_eq!(left[since.expect("something is kept")..], kept);
    assert_eq!(all(&root, "limit=2").await, left);
}
