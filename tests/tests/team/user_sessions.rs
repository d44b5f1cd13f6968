//! Where a user is signed in, as admins see it.

use std::sync::Arc;

use domain::{AccountId, Entity, SESSION_LIFETIME, Session, SessionId, UserId};
use runtime::{Clock, Env, Host};
use serde_json::{Value, json};
use store::{Loaded, Writes};
use tests::{Caller, PASSWORD, Roster};

const LISTED_MAX: u128 = 200;

fn path(id: &str) -> String {
    format!("/v1/users/{id}/sessions")
}

async fn sessions(by: &Caller, id: &str) -> Vec<Value> {
    by.get(&path(id)).await.expect(200).body["data"].as_array().cloned().expect("a list")
}

fn ids(sessions: &[Value]) -> Vec<&str> {
    sessions.iter().map(|session| session["id"].as_str().expect("an identifier")).collect()
}

// RULE: SE-04, SE-01, SE-05
#[tokio::test]
async fn live_sessions_are_listed_the_newest_first_and_dead_ones_are_not() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let root = &team.root.caller;
    let ann = team.member("ann@acme.test", "developer").await;
    let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
    let by_firefox = roster.caller().with_header("user-agent", firefox);
    let mut begun = Vec::new();
    for caller in [roster.caller(), by_firefox] {
        roster.advance("1h").await;
        let body = json!({ "email": "ann@acme.test", "password": PASSWORD });
        begun.push(caller.post("/v1/sessions", body).await.expect(201).body);
    }
    let listed = sessions(root, &ann.id).await;
    assert_eq!(listed.len(), 3);
    assert_eq!(
        ids(&listed)[..2],
        [begun[1]["session_id"].as_str().unwrap(), begun[0]["session_id"].as_str().unwrap()]
    );
    let newest = listed[0].as_object().expect("a session");
    assert_eq!(
        (&newest["device"], &newest["expires_at"]),
        (&json!("Firefox on Linux"), &begun[1]["expires_at"])
    );
    assert!(newest["ip"].as_str().is_some_and(|ip| ip.ends_with(".0/24")), "{newest:?}");
    assert_eq!(newest.len(), 5, "nothing else is shown: {newest:?}");

    ann.caller.delete("/v1/sessions/current").await.expect(204);
    assert_eq!(sessions(root, &ann.id).await, listed[..2], "a session that was signed out is not listed");
    // The older of the two ends an hour before the other.
    roster.advance_to(begun[0]["expires_at"].as_str().unwrap()).await;
    let root = &roster.sign_in(&team.root.email).await.caller;
    assert_eq!(sessions(root, &ann.id).await, listed[..1]);
    root.post(&format!("/v1/users/{}/logout", ann.id), json!({ "confirm": true })).await.expect(200);
    assert!(sessions(root, &ann.id).await.is_empty());
}

// RULE: SE-04, SU-02, IN-03
#[tokio::test]
async fn whoever_cannot_be_signed_in_has_an_empty_list() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let root = &team.root.caller;
    let pending = team.pending("pia@acme.test", "monitor").await;
    assert!(sessions(root, &pending).await.is_empty());
    let ann = team.member("ann@acme.test", "developer").await;
    root.post(&format!("/v1/users/{}/suspend", ann.id), json!({ "confirm": true })).await.expect(200);
    assert!(sessions(root, &ann.id).await.is_empty());
    root.delete(&format!("/v1/users/{}?confirm=true", ann.id)).await.expect(204);
    root.get(&path(&ann.id)).await.refused(410, "user_deleted");
}

// RULE: RO-02, RO-04
#[tokio::test]
async fn an_admin_sees_their_own_sessions_and_those_of_all_but_a_root() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await.on_pro().await;
    let adam = team.member("adam@acme.test", "admin").await;
    let amy = team.member("amy@acme.test", "admin").await;
    assert_eq!(sessions(&adam.caller, &adam.id).await.len(), 1, "that does nothing to anybody");
    assert_eq!(sessions(&adam.caller, &amy.id).await.len(), 1);
    adam.caller.get(&path(&team.root.id)).await.refused(403, "admin_cannot_modify_root");
    assert_eq!(sessions(&team.root.caller, &team.root.id).await.len(), 1);
    for role in ["billing", "developer", "monitor"] {
        let member = team.member(&format!("{role}@acme.test"), role).await;
        member.caller.get(&path(&amy.id)).await.refused(403, "insufficient_role");
        member.caller.get(&path(&member.id)).await.refused(403, "insufficient_role");
    }
}

// RULE: SE-04
#[tokio::test]
async fn of_very_many_sessions_the_newest_are_listed() {
    const MORE: u128 = 5;
    const ITEMS_MAX: usize = 100;
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let environment = roster.operator_environment().into();
    let host = Host { environment, clock: Clock::default(), output: Arc::new(|_| {}) };
    let env = Env::new("operator", &host, &[]).expect("the settings");
    let now = roster.stack.clock().now();
    let pia = team.pending("pia@acme.test", "monitor").await;
    let session = |n: u128| Session {
        id: SessionId::from_bits(n),
        account_id: AccountId::parse(&team.account_id).unwrap(),
        user_id: UserId::parse(&pia).unwrap(),
        epoch: 0,
        secret_digest: String::new(),
        created_at: now,
        expires_at: now + SESSION_LIFETIME,
        ip: "192.0.2.0/24".into(),
        device: "curl".into(),
        stepped_up_at: None,
        last_seen_at: None,
    };
    let puts: Vec<Entity> = (0..LISTED_MAX + MORE).map(|n| session(n).into()).collect();
    for puts in puts.chunks(ITEMS_MAX) {
        let writes = Writes { puts, deletes: &[], reliances: &[] };
        env.table.commit(writes, &Loaded::default()).await.expect("the table answers");
    }
    let expected: Vec<String> =
        (MORE..LISTED_MAX + MORE).rev().map(|n| SessionId::from_bits(n).to_string()).collect();
    assert_eq!(ids(&sessions(&team.root.caller, &pia).await), expected);
}
