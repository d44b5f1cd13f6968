//! Inviting many at once.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tests::{Caller, Reply, Roster, invitee, invitees};

pub(crate) const FUNCTION: &str = "invite-many";

pub(crate) async fn invite(by: &Caller, body: Value) -> Reply {
    by.post("/v1/users/bulk", body).await
}

/// The same under a key, and again for as long as the product is busy: it goes on where it stopped.
pub(crate) async fn invite_under(key: &str, by: &Caller, body: Value) -> Reply {
    const REPEATS_MAX: usize = 10;
    let keyed = by.with_header("idempotency-key", key);
    for _ in 0..REPEATS_MAX {
        let reply = invite(&keyed, body.clone()).await;
        if reply.code() != "busy" {
            return reply;
        }
    }
    panic!("it stays busy");
}

pub(crate) fn addresses(rows: std::ops::Range<usize>) -> impl Iterator<Item = String> {
    rows.map(|n| format!("n{n}@many.test"))
}

/// What became of the rows, in their order.
pub(crate) fn outcomes(reply: &Reply) -> Vec<&str> {
    let results = reply.body["results"].as_array().expect("results");
    for (n, result) in results.iter().enumerate() {
        assert_eq!(result["row"], json!(n));
    }
    results.iter().map(|result| result["outcome"].as_str().expect("an outcome")).collect()
}

/// How many mails went to each address.
pub(crate) async fn mails(roster: &Roster) -> BTreeMap<String, usize> {
    roster.stack.settle().await;
    let all = roster.caller().get("/_local/mail").await.expect(200).body;
    let mut mails = BTreeMap::new();
    for mail in all["data"].as_array().into_iter().flatten() {
        *mails.entry(mail["to"][0].as_str().expect("an address").to_owned()).or_default() += 1;
    }
    mails
}

// RULE: IN-01, IN-17, IN-21, AP-09
#[tokio::test]
async fn every_bad_field_of_every_row_is_named_and_nothing_is_written() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await.on_pro().await;
    let root = &team.root.caller;
    let before = roster.dump().await;
    let body = json!({ "users": [
        invitee("Ann@many.test", "monitor"),
        { "email": "nobody", "first_name": "", "last_name": 7, "role": "owner", "message": "m".repeat(501), "id": "usr_1" },
        invitee(" ann@MANY.test", "monitor"),
        "bob@many.test",
        { "email": "ann@many.test" },
        invitee("ann+tag@many.test", "monitor"),
    ], "confirm": true });
    let reply = invite(root, body).await.refused(422, "validation_failed");
    assert_eq!(
        reply.bad_fields(),
        [
            ("confirm", "unknown_field"),
            ("users[1].email", "invalid_email"),
            ("users[1].first_name", "empty"),
            ("users[1].id", "unknown_field"),
            ("users[1].last_name", "wrong_type"),
            ("users[1].message", "too_long"),
            ("users[1].role", "not_one_of"),
            ("users[2].email", "duplicate"),
            ("users[3]", "wrong_type"),
            ("users[4].email", "duplicate"),
            ("users[4].first_name", "required"),
            ("users[4].last_name", "required"),
            ("users[4].role", "required"),
        ]
    );
    let bad_rows = json!({ "users": (0..100).map(|_| json!({ "email": 1 })).collect::<Vec<_>>() });
    let reply = invite(root, bad_rows).await.refused(422, "validation_failed");
    assert_eq!(reply.bad_fields().len(), 400, "each field of each row");
    assert_eq!(
        reply.bad_fields()[..2],
        [("users[0].email", "wrong_type"), ("users[0].first_name", "required")]
    );
    assert_eq!(reply.bad_fields()[40].0, "users[10].email", "in the order of the rows");
    for users in [json!([]), invitees(addresses(0..101))["users"].clone()] {
        let reply = invite(root, json!({ "users": users })).await.refused(422, "validation_failed");
        assert_eq!(reply.bad_fields(), [("users", "out_of_range")]);
    }
    assert_eq!(roster.dump().await, before);
}

// RULE: IN-21, IN-16, IN-11, IN-02, EV-01, RO-09
#[tokio::test]
async fn each_row_is_told_what_became_of_it() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await.on_pro().await;
    let old = team.pending("old@many.test", "monitor").await;
    let ann = team.member("ann@many.test", "monitor").await;
    let sue = team.member("sue@many.test", "monitor").await;
    roster.advance("48h").await;
    let root = roster.sign_in(&team.root.email).await.caller;
    root.post(&format!("/v1/users/{}/suspend", sue.id), json!({ "confirm": true })).await.expect(200);
    let bob = root.post("/v1/users", invitee("bob@many.test", "monitor")).await.expect(201);
    let mut named = invitee("New@many.test", "admin");
    named["message"] = "Welcome aboard".into();
    named["justification"] = "runs the team".into();
    let rows = ["ann@many.test", "OLD@many.test", "bob@many.test", "sue@many.test"];
    let mut users = vec![named];
    users.extend(rows.map(|email| invitee(email, "developer")));
    let reply = invite(&root, json!({ "users": users })).await.expect(200);
    assert_eq!(
        outcomes(&reply),
        ["invited", "user_exists", "invited", "invitation_pending", "user_exists"],
        "{:#}",
        reply.body
    );
    let id = |row: usize| reply.body["results"][row]["user_id"].as_str().expect("an identifier");
    assert_eq!((id(1), id(3), id(4)), (ann.id.as_str(), bob.text("id"), sue.id.as_str()));
    assert_eq!(reply.body["seats"], root.get("/v1/seats").await.expect(200).body);
    root.get(&format!("/v1/users/{old}")).await.refused(410, "user_deleted");
    let new = root.get(&format!("/v1/users/{}", id(0))).await.expect(200).body;
    assert_eq!((&new["email"], &new["role"]), (&json!("New@many.test"), &json!("admin")));
    let mails = mails(&roster).await;
    assert_eq!((mails["New@many.test"], mails["OLD@many.test"], mails["bob@many.test"]), (1, 1, 1));
    assert!(roster.mails("new@many.test").await[0]["text"].to_string().contains("Welcome aboard"));
    let facts = roster.facts_of(&team.account_id, "user.invited").await;
    let fact = facts.iter().find(|fact| fact["target"] == id(0)).expect("a fact");
    assert_eq!((&fact["after"]["role"], &fact["reason"]), (&json!("admin"), &json!("runs the team")));
    assert!(roster.accept("OLD@many.test").await.id == id(2), "the new one");
    roster.assert_counts_hold(&team.account_id).await;
}

// RULE: IN-21, IN-05, PS-02
#[tokio::test]
async fn where_there_is_no_room_for_all_none_is_invited_and_both_numbers_are_told() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    team.pending("ann@many.test", "monitor").await;
    let root = &team.root.caller;
    roster.stack.settle().await;
    let before = roster.dump().await;
    let rows = || ["ann@many.test", "bob@many.test", "eve@many.test"].map(str::to_owned);
    let reply = invite(root, invitees(rows())).await.refused(403, "maximum_users_reached");
    assert_eq!((&reply.body["requested"], &reply.body["seats"]["available"]), (&json!(2), &json!(1)));
    assert!(reply.text("detail").starts_with("Upgrade required: 2 seats are asked for, and 1 of"));
    let hundred = invite(root, invitees(addresses(0..100))).await.refused(403, "maximum_users_reached");
    assert_eq!((&hundred.body["requested"], &hundred.body["seats"]["available"]), (&json!(100), &json!(1)));
    let mut after = roster.dump().await;
    after.retain(|item| before.contains(item) || !item["pk"].to_string().contains("E#"));
    assert_eq!(after, before, "nothing but audit entries");
    let refused = roster.facts_of(&team.account_id, "access.refused").await;
    assert_eq!(refused.len(), 2);
    assert_eq!(refused[0]["after"], json!({ "operation": FUNCTION, "code": "maximum_users_reached" }));

    // An address that is known needs no seat.
    let reply = invite(root, invitees(rows().into_iter().take(2))).await.expect(200);
    assert_eq!(outcomes(&reply), ["invitation_pending", "invited"]);
    let reply = invite(root, invitees(rows().into_iter().take(2))).await.expect(200);
    assert_eq!(outcomes(&reply), ["invitation_pending"; 2], "nobody needs one");
    roster.assert_counts_hold(&team.account_id).await;
    let adam = team.on_pro().await.member("adam@many.test", "admin").await;
    let rows = json!({ "users": [invitee("a@many.test", "monitor"), invitee("b@many.test", "root")] });
    invite(&adam.caller, rows).await.refused(403, "admin_cannot_assign_root");
    assert!(mails(&roster).await.keys().all(|to| to != "a@many.test"));
}

// RULE: IN-21, PS-05, IN-11
#[tokio::test]
async fn lapsed_seats_go_to_the_rows_that_need_them() {
    let roster = Roster::start().await;
    let over = roster.team("over").await.on_pro_for_five_minutes().await;
    let team = roster.team("acme").await;
    team.pending("ann@many.test", "monitor").await;
    team.pending("bob@many.test", "monitor").await;
    invite(&over.root.caller, invitees(addresses(0..30))).await.expect(200);
    roster.advance("48h").await;
    let root = roster.sign_in(&team.root.email).await.caller;
    // One takes the place of its own address, the other that of somebody else.
    let three = ["ann@many.test", "eve@many.test", "max@many.test"].map(str::to_owned);
    let reply = invite(&root, invitees(three.clone())).await.refused(403, "maximum_users_reached");
    assert_eq!((&reply.body["requested"], &reply.body["seats"]["available"]), (&json!(3), &json!(2)));
    let reply = invite(&root, invitees(three.into_iter().take(2))).await.expect(200);
    assert_eq!(outcomes(&reply), ["invited"; 2]);
    roster.assert_counts_hold(&team.account_id).await;
    assert_eq!(reply.body["seats"]["total"], 3);

    // More seats have to come back than one commit gives back.
    let root = roster.sign_in(&over.root.email).await.caller;
    let reply =
        invite(&root, invitees(["eve@many.test", "n3@many.test"].map(str::to_owned))).await.expect(200);
    assert_eq!(outcomes(&reply), ["invited"; 2]);
    assert_eq!(reply.body["seats"]["total"], 3);
    roster.assert_counts_hold(&over.account_id).await;
}
