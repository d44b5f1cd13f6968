//! Which refusal comes first where several apply.

use reqwest::Method;
use serde_json::{Value, json};
use tests::{Caller, Roster, invitee};

use crate::matrix::table;

/// A situation in which several refusals apply, and the call.
struct Situation<'a> {
    by: &'a Caller,
    call: (Method, String, Option<Value>),
    applies: &'a str,
}

fn situation<'a>(by: &'a Caller, call: (Method, String, Option<Value>), applies: &'a str) -> Situation<'a> {
    Situation { by, call, applies }
}

fn role_of(id: &str, role: &str) -> (Method, String, Option<Value>) {
    (Method::PUT, format!("/v1/users/{id}/role"), Some(json!({ "role": role })))
}

fn suspend(id: &str) -> (Method, String, Option<Value>) {
    (Method::POST, format!("/v1/users/{id}/suspend"), Some(json!({ "confirm": true })))
}

fn delete(id: &str) -> (Method, String, Option<Value>) {
    (Method::DELETE, format!("/v1/users/{id}?confirm=true"), None)
}

fn delete_many(ids: &[&str]) -> (Method, String, Option<Value>) {
    (Method::POST, "/v1/users/bulk-delete".into(), Some(json!({ "user_ids": ids, "confirm": true })))
}

fn resend(id: &str) -> (Method, String, Option<Value>) {
    (Method::POST, format!("/v1/users/{id}/invitation"), None)
}

fn revoke(id: &str) -> (Method, String, Option<Value>) {
    (Method::DELETE, format!("/v1/users/{id}/invitation"), None)
}

fn invite_many(emails: &[&str], role: &str) -> (Method, String, Option<Value>) {
    let users: Vec<Value> = emails.iter().map(|email| invitee(email, role)).collect();
    (Method::POST, "/v1/users/bulk".into(), Some(json!({ "users": users })))
}

fn invite(email: &str, role: &str) -> (Method, String, Option<Value>) {
    (Method::POST, "/v1/users".into(), Some(invitee(email, role)))
}

// RULE: RO-04, RO-02, RO-03, RO-06, AP-05, IN-07, IN-09, IN-16
#[tokio::test]
async fn of_several_refusals_the_first_in_the_order_is_given() {
    const UNKNOWN: &str = "usr_00000000000000000000000001";
    let roster = Roster::start().await;
    // Free, with a Root, an Admin and a Developer: the Root is the last one, and every seat is taken.
    let team = roster.team("order").await;
    let admin = team.member("ada@order.test", "admin").await;
    let gone = team.pending("gone@order.test", "root").await;
    team.root.caller.delete(&format!("/v1/users/{gone}?confirm=true")).await.expect(204);
    let developer = team.member("dan@order.test", "developer").await;
    // Paid, so that there is room for a pending Root beside the same people.
    let paid = roster.team("paid").await.on_pro().await;
    let paid_admin = paid.member("ada@paid.test", "admin").await;
    let paid_root = paid.pending("rob@paid.test", "root").await;
    let nobody = roster.caller();
    let (root, ada, dan) = (&team.root.caller, &admin.caller, &developer.caller);
    let wrong = (Method::PUT, format!("/v1/users/{UNKNOWN}/role"), Some(json!({ "role": "king" })));
    let unconfirmed = (Method::DELETE, format!("/v1/users/{}", team.root.id), None);

    let situations = [
        situation(&nobody, wrong.clone(), "no credential, wrong field, unknown target"),
        situation(dan, wrong, "wrong field, unknown target, role"),
        situation(dan, unconfirmed, "not confirmed, role, target is Root"),
        situation(dan, suspend(UNKNOWN), "unknown target, role"),
        situation(dan, suspend(&paid.root.id), "another account's target, role"),
        situation(dan, suspend(&gone), "deleted target, role"),
        situation(dan, role_of(&developer.id, "root"), "role, own role, makes a Root"),
        situation(dan, role_of(&team.root.id, "admin"), "role, target is Root, last Root"),
        situation(dan, suspend(&developer.id), "role, oneself"),
        situation(dan, invite("gil@order.test", "root"), "role, makes a Root, no seat"),
        situation(ada, role_of(&admin.id, "root"), "own role, makes a Root"),
        situation(root, role_of(&team.root.id, "admin"), "own role, last Root"),
        situation(root, suspend(&team.root.id), "oneself, last Root"),
        situation(root, delete(&team.root.id), "oneself, last Root"),
        situation(dan, delete_many(&[&team.root.id]), "role, target is Root, of many"),
        situation(ada, role_of(&team.root.id, "root"), "target is Root, makes a Root"),
        situation(ada, role_of(&team.root.id, "monitor"), "target is Root, last Root"),
        situation(ada, delete(&team.root.id), "target is Root, last Root"),
        situation(&paid_admin.caller, suspend(&paid_root), "target is Root, invitation not accepted"),
        situation(ada, invite("dan@order.test", "root"), "makes a Root, already a user, no seat"),
        situation(ada, invite("gil@order.test", "root"), "makes a Root, no seat"),
        situation(ada, invite_many(&["gil@order.test"], "root"), "makes a Root, no seat, of many"),
        situation(root, invite_many(&["gil@order.test", "gus@order.test"], "monitor"), "no seat, of many"),
        situation(dan, resend(&team.root.id), "role, target is Root, accepted"),
        situation(ada, resend(&team.root.id), "target is Root, accepted"),
        situation(ada, resend(&admin.id), "oneself, accepted"),
        situation(ada, resend(&developer.id), "accepted"),
        situation(dan, resend(&gone), "revoked, role"),
        situation(&paid_admin.caller, resend(&paid_root), "target is Root, sent a moment ago"),
        situation(&paid.root.caller, resend(&paid_root), "sent a moment ago"),
        situation(dan, revoke(&gone), "role, revoked before"),
        situation(ada, invite("dan@order.test", "monitor"), "already a user, no seat"),
        situation(&paid_admin.caller, invite("rob@paid.test", "root"), "makes a Root, already invited"),
    ];
    let mut rows = vec![["applies", "refused with"].map(str::to_owned).to_vec()];
    for Situation { by, call: (method, path, body), applies } in situations {
        let reply = by.call(method, &path, body).await;
        rows.push(vec![applies.to_owned(), format!("{} {}", reply.status, reply.code())]);
    }
    insta::assert_snapshot!(table(&rows));
}
