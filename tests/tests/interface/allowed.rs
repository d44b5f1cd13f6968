//! Each user in a reply says what the caller may do to them: what is listed succeeds, what is not is refused.

use serde_json::{Value, json};
use tests::{Caller, PASSWORD, Reply, Roster, Team};

const ROLES: [&str; 5] = ["root", "admin", "billing", "developer", "monitor"];
/// A departure is looked for and called off before one begins: what was called off can still be read.
const ACTIONS: [&str; 17] = [
    "get-user",
    "change-role",
    "logout",
    "ask-access",
    "suspend",
    "reactivate",
    "list-user-sessions",
    "get-departure",
    "cancel-departure",
    "start-departure",
    "view-codes",
    "issue-codes",
    "list-user-keys",
    "delete-user-keys",
    "resend-invite",
    "revoke-invite",
    "delete",
];
/// Those of them that take a recent authentication, whoever it is done to. RULE: AC-06
const FRESH: [&str; 3] = ["issue-codes", "view-codes", "delete"];
/// Waiting is pending for more than a minute, after which an invitation may be sent again; enrolled is active with a
/// second factor, and so is whoever is suspended.
const STATES: [&str; 7] = ["pending", "waiting", "active", "enrolled", "suspended", "departing", "expired"];

async fn act(by: &Caller, action: &str, id: &str, role: &str) -> Reply {
    let user = |what: &str| format!("/v1/users/{id}{what}");
    let confirm = json!({ "confirm": true });
    match action {
        "get-user" => by.get(&user("")).await,
        "change-role" => by.put(&user("/role"), json!({ "role": role })).await,
        "logout" => by.post(&user("/logout"), confirm).await,
        "ask-access" => by.post(&user("/access-question"), json!({})).await,
        "suspend" => by.post(&user("/suspend"), confirm).await,
        "reactivate" => by.post(&user("/reactivate"), json!({})).await,
        "get-departure" => by.get(&user("/departure")).await,
        "cancel-departure" => by.delete(&user("/departure")).await,
        "start-departure" => by.post(&user("/departure"), json!({})).await,
        "list-user-sessions" => by.get(&user("/sessions")).await,
        "resend-invite" => by.post(&user("/invitation"), json!({})).await,
        "revoke-invite" => by.delete(&user("/invitation")).await,
        "issue-codes" => by.post(&user("/recovery-codes"), confirm).await,
        "view-codes" => by.post(&user("/recovery-codes/view"), json!({})).await,
        "list-user-keys" => by.get(&user("/api-keys")).await,
        "delete-user-keys" => by.delete(&user("/api-keys")).await,
        _ => by.delete(&user("?confirm=true")).await,
    }
}

/// Somebody to act on, and another just like them where an invitation can be taken back, since nobody goes twice.
#[derive(Clone)]
struct Target {
    id: String,
    spare: String,
}

/// Users of this role in this state.
async fn targets(team: &Team<'_>, role: &str, state: &str, n: usize) -> Target {
    let id = target(team, role, state, n, "").await;
    let spare = match state {
        "pending" | "waiting" | "expired" => target(team, role, state, n, "spare-").await,
        _ => id.clone(),
    };
    if state == "waiting" {
        team.roster.advance("61s").await;
    }
    Target { id, spare }
}

async fn target(team: &Team<'_>, role: &str, state: &str, n: usize, name: &str) -> String {
    let email = format!("{name}{role}-{state}-{n}@acme.test");
    let id = team.pending(&email, role).await;
    if matches!(state, "active" | "departing") {
        let body = json!({ "token": team.roster.token_for(&email).await, "password": PASSWORD });
        team.roster.caller().post("/v1/invitations/accept", body).await.expect(201);
    }
    if matches!(state, "enrolled" | "suspended") {
        let person = team.roster.accept(&email).await;
        if !matches!(role, "root" | "admin") {
            team.roster.enroll(&person).await;
        }
    }
    match state {
        "suspended" => _ = act(&team.root.caller, "suspend", &id, role).await.expect(200),
        "departing" => _ = act(&team.root.caller, "start-departure", &id, role).await.expect(200),
        _ => {}
    }
    id
}

fn listed(user: &Value) -> Vec<String> {
    let actions = user["allowed_actions"].as_array().expect("every user has them");
    actions.iter().map(|action| action.as_str().expect("a name").to_owned()).collect()
}

/// Tries every action, and puts back what it did.
async fn walk(team: &Team<'_>, by: &Caller, Target { id, spare }: &Target, role: &str, state: &str) {
    let reply = by.get(&format!("/v1/users/{id}")).await;
    // Whoever may not read the user sees no list, and may do nothing.
    let allowed = if reply.status == 200 { listed(&reply.body) } else { Vec::new() };
    assert!(allowed.iter().all(|action| ACTIONS.contains(&action.as_str())), "{allowed:?}");
    for action in ACTIONS {
        let reply = act(by, action, if action == "revoke-invite" { spare } else { id }, role).await;
        let succeeded = reply.status < 300;
        let is_listed = allowed.iter().any(|listed| listed == action);
        assert_eq!(succeeded, is_listed, "{action} on a {state} {role}: {} {}", reply.status, reply.code());
        match (action, state) {
            ("cancel-departure", "departing") if succeeded => {
                act(&team.root.caller, "start-departure", id, role).await.expect(200);
            }
            ("start-departure", _) if succeeded => {
                act(&team.root.caller, "cancel-departure", id, role).await.expect(200);
            }
            ("suspend", "active" | "enrolled" | "departing") if succeeded => {
                act(&team.root.caller, "reactivate", id, role).await.expect(200);
            }
            ("reactivate", "suspended") if succeeded => {
                act(&team.root.caller, "suspend", id, role).await.expect(200);
            }
            _ => {}
        }
    }
}

// RULE: AP-06, RO-02, RO-03, SU-06, DE-03, IN-07, IN-09, IN-10, RC-03, RC-04, AC-07
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_listed_succeeds_and_what_is_not_is_refused() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await.on_pro().await;
    // Those whose time is over, first: time does not go back.
    let mut expired = Vec::new();
    for actor in 0..ROLES.len() {
        for role in ROLES {
            expired.push((actor, role, targets(&team, role, "expired", actor).await));
        }
    }
    roster.advance("48h").await;
    let root = roster.sign_in(&team.root.email).await;
    let team = Team { root, ..team };
    for (n, role) in ROLES.into_iter().enumerate() {
        // A minute's requests are limited, and a recent authentication is one for a quarter of an hour.
        roster.advance("1m").await;
        roster.step_up(&team.root).await;
        let actor = team.member(&format!("actor-{role}@acme.test"), role).await;
        for (_, role, targets) in expired.iter().filter(|(actor, ..)| *actor == n) {
            walk(&team, &actor.caller, targets, role, "expired").await;
        }
        for state in STATES.into_iter().filter(|state| *state != "expired") {
            for role in ROLES {
                let targets = targets(&team, role, state, n).await;
                walk(&team, &actor.caller, &targets, role, state).await;
            }
        }
        let oneself = actor.caller.get("/v1/me").await.expect(200).body;
        let of_oneself: &[&str] = match role {
            "root" | "admin" => &["get-user", "list-user-sessions", "list-user-keys", "delete-user-keys"],
            "billing" => &["get-user"],
            _ => &[],
        };
        assert_eq!(listed(&oneself), of_oneself, "{role}");
        let oneself = Target { id: actor.id.clone(), spare: actor.id.clone() };
        walk(&team, &actor.caller, &oneself, role, "active").await;
    }
}

// RULE: AP-06
#[tokio::test]
async fn every_user_in_a_reply_carries_the_list_for_its_caller() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let root = &team.root.caller;
    let invited = team.invite("ann@acme.test", "developer").await.expect(201).body;
    let ann = invited["id"].as_str().expect("an identifier");
    let of_pending = [
        "get-user",
        "revoke-invite",
        "change-role",
        "logout",
        "delete",
        "list-user-sessions",
        "list-user-keys",
        "delete-user-keys",
    ];
    assert_eq!(listed(&invited), of_pending);
    roster.advance("60s").await;
    let waiting = root.get(&format!("/v1/users/{ann}")).await.expect(200).body;
    assert_eq!(listed(&waiting)[..3], ["get-user", "resend-invite", "revoke-invite"], "it may be sent again");
    let token = roster.token_for("ann@acme.test").await;
    let accept = json!({ "token": token, "password": PASSWORD });
    let accepted = roster.caller().post("/v1/invitations/accept", accept).await.expect(201).body;
    assert_eq!(listed(&accepted), [""; 0], "nobody is signed in yet");
    let session = json!({ "email": "ann@acme.test", "password": PASSWORD });
    let session = roster.caller().post("/v1/sessions", session).await.expect(201).body;
    assert_eq!(listed(&session["user"]), [""; 0], "a developer reads nobody");
    let all = [
        "get-user",
        "change-role",
        "suspend",
        "reactivate",
        "logout",
        "delete",
        "start-departure",
        "ask-access",
        "list-user-sessions",
        "list-user-keys",
        "delete-user-keys",
    ];
    let oneself = ["get-user", "list-user-sessions", "list-user-keys", "delete-user-keys"];
    let page = root.get("/v1/users").await.expect(200).body;
    for user in page["data"].as_array().expect("users") {
        let is_oneself = user["id"] == team.root.id.as_str();
        let expected = if is_oneself { oneself.to_vec() } else { all.to_vec() };
        assert_eq!(listed(user), expected);
    }
    for action in ["change-role", "suspend", "reactivate"] {
        assert_eq!(listed(&act(root, action, ann, "monitor").await.expect(200).body), all, "{action}");
    }
}

// RULE: AP-06, AC-06
#[tokio::test]
async fn what_takes_a_recent_authentication_is_listed_all_the_same_and_told_apart_by_the_refusal() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await.on_pro().await;
    let ann = target(&team, "developer", "enrolled", 0, "").await;
    let root = &team.root.caller;
    let path = format!("/v1/users/{ann}");
    let before = listed(&root.get(&path).await.expect(200).body);
    assert!(FRESH.iter().all(|action| before.iter().any(|listed| listed == action)), "{before:?}");
    roster.advance("16m").await;
    assert_eq!(listed(&root.get(&path).await.expect(200).body), before);
    for action in ACTIONS.into_iter().filter(|action| before.iter().any(|listed| listed == action)) {
        let reply = act(root, action, &ann, "monitor").await;
        match (FRESH.contains(&action), action) {
            (true, _) => drop(reply.refused(403, "step_up_required")),
            (_, "start-departure") => drop(act(root, "cancel-departure", &ann, "monitor").await.expect(200)),
            (false, _) => assert!(reply.status < 300, "{action}: {:#}", reply.body),
        }
    }
    roster.step_up(&team.root).await;
    for action in FRESH {
        let reply = act(root, action, &ann, "monitor").await;
        assert!(reply.status < 300, "{action}: {:#}", reply.body);
    }
}

// RULE: AP-06, RO-08
#[tokio::test]
async fn nothing_is_listed_for_whoever_owes_a_second_factor() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await.on_pro().await;
    let ann = team.member("ann@acme.test", "developer").await;
    act(&team.root.caller, "change-role", &ann.id, "admin").await.expect(200);
    assert_eq!(listed(&ann.caller.get("/v1/me").await.expect(200).body), [""; 0]);
    roster.enroll(&ann).await;
    let own = ["get-user", "list-user-sessions", "list-user-keys", "delete-user-keys"];
    assert_eq!(listed(&ann.caller.get("/v1/me").await.expect(200).body), own);
}
