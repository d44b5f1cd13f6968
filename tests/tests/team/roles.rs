//! Roles, and who gives them to whom.

use serde_json::{Value, json};
use tests::{Caller, Person, Reply, Roster, invitee};

async fn change(by: &Caller, id: &str, role: &str) -> Reply {
    by.put(&format!("/v1/users/{id}/role"), json!({ "role": role })).await
}

async fn act(by: &Caller, what: &str, id: &str) -> Reply {
    match what {
        "delete" => by.delete(&format!("/v1/users/{id}?confirm=true")).await,
        "reactivate" => by.post(&format!("/v1/users/{id}/reactivate"), json!({})).await,
        _ => by.post(&format!("/v1/users/{id}/{what}"), json!({ "confirm": true })).await,
    }
}

// RULE: RO-02, RO-04
#[tokio::test]
async fn an_admin_does_nothing_to_a_root_by_any_path() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await.on_pro().await;
    let admin = team.member("adam@acme.test", "admin").await.caller;
    let second = team.member("rita@acme.test", "root").await;
    let pending = team.pending("paul@acme.test", "root").await;
    for id in [&team.root.id, &second.id, &pending] {
        for what in ["suspend", "reactivate", "logout", "delete"] {
            let reply = act(&admin, what, id).await.refused(403, "admin_cannot_modify_root");
            assert_eq!(reply.body["hint"], "Root can do this, but for a Root's recovery codes.");
        }
        change(&admin, id, "monitor").await.refused(403, "admin_cannot_modify_root");
        change(&admin, id, "root").await.refused(403, "admin_cannot_modify_root");
    }
    let bob = team.member("bob@acme.test", "developer").await;
    change(&admin, &bob.id, "root").await.refused(403, "admin_cannot_assign_root");
    admin.post("/v1/users", invitee("eve@acme.test", "root")).await.refused(403, "admin_cannot_assign_root");
    second.caller.get("/v1/me").await.expect(200);
    change(&admin, &bob.id, "admin").await.expect(200);
    change(&team.root.caller, &bob.id, "root").await.expect(200);
}

// RULE: RO-03, RO-04, SU-06, DE-03
#[tokio::test]
async fn nobody_acts_on_themselves() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let admin = team.member("adam@acme.test", "admin").await;
    for Person { id, caller, .. } in [&team.root, &admin] {
        for role in ["root", "admin", "monitor"] {
            change(caller, id, role).await.refused(403, "cannot_change_own_role");
        }
        for what in ["suspend", "logout", "delete"] {
            act(caller, what, id).await.refused(403, "cannot_act_on_self");
        }
    }
}

// RULE: RO-05, RO-08
#[tokio::test]
async fn another_role_is_in_force_at_the_very_next_request_of_the_same_session() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let bob = team.member("bob@acme.test", "monitor").await;
    bob.caller.get("/v1/users").await.refused(403, "insufficient_role");
    let reply = change(&team.root.caller, &bob.id, "admin").await.expect(200);
    assert_eq!(reply.body["role"], "admin");
    bob.caller.get("/v1/users").await.refused(403, "mfa_enrollment_required");
    roster.enroll(&bob).await;
    bob.caller.get("/v1/users").await.expect(200);
    bob.caller.post("/v1/users", invitee("eve@acme.test", "monitor")).await.expect(201);
    change(&team.root.caller, &bob.id, "billing").await.expect(200);
    bob.caller.get("/v1/users").await.expect(200);
    bob.caller.post("/v1/users", invitee("max@acme.test", "monitor")).await.refused(403, "insufficient_role");
    change(&team.root.caller, &bob.id, "developer").await.expect(200);
    bob.caller.get("/v1/users").await.refused(403, "insufficient_role");
    assert_eq!(bob.caller.get("/v1/me").await.expect(200).body["role"], "developer");
}

// RULE: RO-06
#[tokio::test]
async fn the_last_active_root_stays() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await.on_pro().await;
    team.pending("paul@acme.test", "root").await;
    let sue = team.member("sue@acme.test", "root").await;
    act(&team.root.caller, "suspend", &sue.id).await.expect(200);
    let rita = team.member("rita@acme.test", "root").await;
    // Two are active: one of them removes the other, and is then the last.
    act(&rita.caller, "suspend", &team.root.id).await.expect(200);
    act(&rita.caller, "reactivate", &team.root.id).await.expect(200);
    let root = roster.sign_in(&team.root.email).await;
    change(&rita.caller, &root.id, "admin").await.expect(200);
    act(&root.caller, "suspend", &rita.id).await.refused(403, "admin_cannot_modify_root");
    // A suspended and a pending Root do not count, and cannot be reached through: Rita is the only one left.
    change(&rita.caller, &rita.id, "admin").await.refused(403, "cannot_change_own_role");
    act(&rita.caller, "delete", &sue.id).await.expect(204);
    act(&rita.caller, "delete", &rita.id).await.refused(403, "cannot_act_on_self");
}

// RULE: RO-06
#[tokio::test]
async fn two_roots_who_remove_each_other_at_once_leave_one() {
    for what in ["delete", "suspend", "demote"] {
        let roster = Roster::start().await;
        let team = roster.team("acme").await;
        let rita = team.member("rita@acme.test", "root").await;
        let remove = async |by: &Caller, id: &str| match what {
            "demote" => change(by, id, "monitor").await,
            _ => act(by, what, id).await,
        };
        let (one, two) =
            tokio::join!(remove(&team.root.caller, &rita.id), remove(&rita.caller, &team.root.id),);
        let done = [&one, &two].iter().filter(|reply| reply.status < 300).count();
        assert_eq!(done, 1, "{what}: {} {}, {} {}", one.status, one.body, two.status, two.body);
        let left = if one.status < 300 { &team.root.caller } else { &rita.caller };
        assert_eq!(left.get("/v1/me").await.expect(200).body["role"], "root");
    }
}

// RULE: RO-07
#[tokio::test]
async fn an_admin_who_is_demoted_suspended_or_deleted_at_the_same_time_is_told_what_became_of_it() {
    for what in ["demote", "suspend", "delete", "logout"] {
        let roster = Roster::start().await;
        let team = roster.team("acme").await.on_pro().await;
        let adam = team.member("adam@acme.test", "admin").await;
        let root = &team.root.caller;
        let remove = async || match what {
            "demote" => change(root, &adam.id, "monitor").await,
            _ => act(root, what, &adam.id).await,
        };
        let (removed, invited) =
            tokio::join!(remove(), adam.caller.post("/v1/users", invitee("eve@acme.test", "monitor")));
        assert!(removed.status < 300, "{:#}", removed.body);
        let eve = team.root.caller.get("/v1/users?email=eve@acme.test").await.expect(200).body;
        let there = eve["data"].as_array().is_some_and(|data| !data.is_empty());
        assert_eq!(there, invited.status == 201, "{what}: {} {:#}", invited.status, invited.body);
        // Which came first nobody can see from outside; that nothing comes later, everybody can.
        let late = adam.caller.post("/v1/users", invitee("max@acme.test", "monitor")).await;
        assert!([401, 403].contains(&late.status), "{what}: {}", late.status);
    }
}

// RULE: RO-09, EV-01
#[tokio::test]
async fn a_justification_is_kept_in_the_audit_log_and_published_to_nobody() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let bob = team.member("bob@acme.test", "monitor").await;
    let body = json!({ "role": "admin", "justification": " Covers for Ann\nuntil May " });
    team.root.caller.put(&format!("/v1/users/{}/role", bob.id), body).await.expect(200);
    let mut body = invitee("eve@acme.test", "admin");
    body["justification"] = "Second pair of eyes".into();
    team.root.caller.post("/v1/users", body).await.expect(201);
    let changed = roster.facts_of(&team.account_id, "user.role_changed").await;
    assert_eq!(changed[0]["reason"], "Covers for Ann\nuntil May");
    let invited = roster.facts_of(&team.account_id, "user.invited").await;
    assert_eq!(invited[1]["reason"], "Second pair of eyes");
    let body = json!({ "role": "monitor", "justification": "x".repeat(501) });
    let reply = team.root.caller.put(&format!("/v1/users/{}/role", bob.id), body).await;
    assert_eq!(reply.refused(422, "validation_failed").bad_fields(), [("justification", "too_long")]);
}

// RULE: RO-01, RO-05
#[tokio::test]
async fn the_same_role_again_changes_nothing() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let bob = team.member("bob@acme.test", "monitor").await;
    let before = roster.dump().await;
    let reply = change(&team.root.caller, &bob.id, "monitor").await.expect(200);
    assert_eq!(reply.body["role"], Value::from("monitor"));
    assert_eq!(roster.dump().await, before);
}
