//! A user carries a version, and whoever names it changes only what they have seen.

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use tests::{Caller, Reply, Roster};

/// Everything that changes a user by identifier.
fn changes(id: &str) -> [(Method, String, Option<Value>); 6] {
    let user = |what: &str| format!("/v1/users/{id}{what}");
    let confirm = || Some(json!({ "confirm": true }));
    [
        (Method::PUT, user("/role"), Some(json!({ "role": "billing" }))),
        (Method::POST, user("/logout"), confirm()),
        (Method::POST, user("/access-question"), None),
        (Method::POST, user("/suspend"), confirm()),
        (Method::POST, user("/reactivate"), None),
        (Method::DELETE, user("?confirm=true"), None),
    ]
}

fn seen(caller: &Caller, tag: &str) -> Caller {
    caller.with_header("if-match", tag)
}

async fn tag(root: &Caller, id: &str) -> String {
    let reply = root.get(&format!("/v1/users/{id}")).await.expect(200);
    let tag = reply.header("etag").expect("an ETag").to_owned();
    assert_eq!(tag, format!("\"{}\"", reply.body["version"]));
    tag
}

// RULE: AP-03
#[tokio::test]
async fn every_change_of_a_user_holds_to_the_version_that_was_named() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let ann = team.member("ann@acme.test", "developer").await.id;
    let root = &team.root.caller;
    for (method, path, body) in changes(&ann) {
        let now = tag(root, &ann).await;
        for stale in ["\"0\"", &format!("W/{now}"), "nonsense"] {
            let reply = seen(root, stale).call(method.clone(), &path, body.clone()).await;
            let reply = reply.refused(412, "version_mismatch");
            assert_eq!(format!("\"{}\"", reply.body["version"]), now, "{path}: it tells what it is now");
        }
        assert_eq!(tag(root, &ann).await, now, "{path}: nothing was done");
        let either = format!("\"0\", {now}");
        let reply = seen(root, &either).call(method, &path, body).await;
        assert!(reply.status < 300, "{path}: {:#}", reply.body);
        if let Some(tag) = reply.header("etag") {
            assert_ne!(tag, now, "{path}: it is another now");
        }
    }
    root.get(&format!("/v1/users/{ann}")).await.refused(410, "user_deleted");
}

// RULE: AP-03
#[tokio::test]
async fn of_many_who_saw_the_same_version_one_changes_it() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let ann = team.pending("ann@acme.test", "developer").await;
    let root = seen(&team.root.caller, &tag(&team.root.caller, &ann).await);
    let path = format!("/v1/users/{ann}/role");
    let roles = ["admin", "billing", "monitor"].into_iter().cycle().take(12);
    let replies = join_all(roles.map(|role| root.put(&path, json!({ "role": role })))).await;
    let (changed, refused): (Vec<Reply>, Vec<Reply>) = replies.into_iter().partition(|r| r.status == 200);
    assert_eq!(changed.len(), 1);
    assert!(refused.iter().all(|reply| reply.code() == "version_mismatch"));
    let user = team.root.caller.get(&format!("/v1/users/{ann}")).await.body;
    assert_eq!(user["role"], changed[0].body["role"]);
}

// RULE: AP-03, AC-05
#[tokio::test]
async fn signing_in_and_a_mail_on_its_way_are_no_new_version() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let root = &team.root.caller;
    let ann = team.pending("ann@acme.test", "developer").await;
    let before = tag(root, &ann).await;
    assert_eq!(roster.mails("ann@acme.test").await.len(), 1, "the mail was sent in between");
    assert_eq!(tag(root, &ann).await, before);
    roster.accept("ann@acme.test").await;
    let accepted = tag(root, &ann).await;
    assert_ne!(accepted, before);
    let ann = roster.sign_in("ann@acme.test").await;
    assert_eq!(tag(root, &ann.id).await, accepted);
    let profile = ann.caller.get("/v1/me").await.expect(200);
    assert_eq!(profile.header("etag"), Some(accepted.as_str()));
}

// RULE: AP-03, RO-08
#[tokio::test]
async fn ones_own_profile_holds_to_the_version_that_was_named() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let ann = team.member("ann@acme.test", "developer").await;
    let before = ann.caller.get("/v1/me").await.expect(200).header("etag").expect("an ETag").to_owned();
    let renamed = |name: &str| json!({ "first_name": name });
    let changed = seen(&ann.caller, &before).patch("/v1/me", renamed("Anna")).await.expect(200);
    let now = changed.header("etag").expect("an ETag").to_owned();
    assert_ne!(now, before);
    let stale = seen(&ann.caller, &before).patch("/v1/me", renamed("Anne")).await;
    stale.refused(412, "version_mismatch");
    let same = seen(&ann.caller, &now).patch("/v1/me", renamed("Anna")).await.expect(200);
    assert_eq!(same.header("etag"), Some(now.as_str()), "nothing has changed");
    // What a list shows of a user is another version: whether they have a second factor.
    roster.enroll(&ann).await;
    assert_ne!(tag(&team.root.caller, &ann.id).await, now);
}
