//! Many users are deleted by one call, each judged as if they were alone.

use serde_json::json;
use tests::{Caller, Reply, Roster, Team, invitees};

pub(crate) async fn delete(by: &Caller, ids: &[&str]) -> Reply {
    by.post("/v1/users/bulk-delete", json!({ "user_ids": ids, "confirm": true })).await
}

pub(crate) fn outcomes(reply: &Reply) -> Vec<(&str, &str)> {
    let results = reply.body["results"].as_array().into_iter().flatten();
    results
        .map(|row| {
            (row["user_id"].as_str().expect("an identifier"), row["outcome"].as_str().expect("an outcome"))
        })
        .collect()
}

/// So many who were invited by one call.
pub(crate) async fn invited(team: &Team<'_>, rows: usize) -> Vec<String> {
    let many = invitees((0..rows).map(|row| format!("row{row}@many.test")));
    let reply = team.root.caller.post("/v1/users/bulk", many).await.expect(200);
    reply.user_ids().into_iter().map(str::to_owned).collect()
}

// RULE: AU-04, DE-01, DE-03, RO-02, EV-01
#[tokio::test]
async fn each_of_many_is_deleted_or_told_what_they_would_be_refused_with_alone() {
    let roster = Roster::start().await;
    let team = roster.team("many").await.on_pro().await;
    let adam = team.member("adam@many.test", "admin").await;
    let ann = team.member("ann@many.test", "developer").await;
    let bob = team.member("bob@many.test", "monitor").await;
    let eve = team.pending("eve@many.test", "monitor").await;
    team.root.caller.delete(&format!("/v1/users/{}?confirm=true", bob.id)).await.expect(204);
    team.root.caller.post(&format!("/v1/users/{}/departure", ann.id), json!({})).await.expect(200);
    let unknown = "usr_01K00000000000000000000000";
    let (root, adams) = (team.root.id.as_str(), adam.id.as_str());
    let reply = delete(&adam.caller, &[root, &ann.id, unknown, &bob.id, adams, &eve]).await.expect(200);
    let told = [
        (root, "admin_cannot_modify_root"),
        (&ann.id, "deleted"),
        (unknown, "not_found"),
        (&bob.id, "user_deleted"),
        (adams, "cannot_act_on_self"),
        (&eve, "deleted"),
    ];
    assert_eq!(outcomes(&reply), told);
    let seats = &reply.body["seats"];
    assert_eq!((&seats["active"], &seats["pending"]), (&json!(2), &json!(0)), "{seats}");
    // As a deletion of one alone: what they can use is dead, and their departure is over.
    ann.caller.get("/v1/me").await.refused(401, "unauthenticated");
    let finished = roster.facts_of(&team.account_id, "departure.finished").await;
    assert_eq!(finished.len(), 1);
    for (kind, whom) in [("user.deleted", vec![&bob.id, &ann.id]), ("invitation.revoked", vec![&eve])] {
        let facts = roster.facts_of(&team.account_id, kind).await;
        let mut targets: Vec<&str> = facts.iter().filter_map(|fact| fact["target"].as_str()).collect();
        let mut whom: Vec<&str> = whom.into_iter().map(String::as_str).collect();
        targets.sort_unstable();
        whom.sort_unstable();
        assert_eq!(targets, whom, "{kind}");
    }
    let refused = roster.facts_of(&team.account_id, "access.refused").await;
    let mut refused: Vec<(&str, &str)> = refused
        .iter()
        .filter_map(|fact| Some((fact["target"].as_str()?, fact["after"]["code"].as_str()?)))
        .collect();
    refused.sort_unstable();
    let mut attempts = [(root, "admin_cannot_modify_root"), (adams, "cannot_act_on_self")];
    attempts.sort_unstable();
    assert_eq!(refused, attempts, "each is an attempt as any other");
    roster.assert_counts_hold(&team.account_id).await;

    // A Root goes by a Root.
    let rita = team.member("rita@many.test", "root").await;
    let reply = delete(&rita.caller, &[root, adams]).await.expect(200);
    assert_eq!(outcomes(&reply), [(root, "deleted"), (adams, "deleted")]);
    roster.assert_counts_hold(&team.account_id).await;
}

// RULE: AU-04, AP-02, BI-04
#[tokio::test]
async fn more_than_one_transaction_holds_are_deleted_and_no_charge_moves() {
    let roster = Roster::start().await;
    let team = roster.team("many").await.on_pro().await;
    let (ann, zoe) =
        (team.member("ann@many.test", "monitor").await, team.member("zoe@many.test", "monitor").await);
    let ids = invited(&team, 30).await;
    let all: Vec<&str> = [ann.id.as_str()]
        .into_iter()
        .chain(ids.iter().map(String::as_str))
        .chain([zoe.id.as_str()])
        .collect();
    let before = team.root.caller.get("/v1/billing").await.expect(200).body;
    let keyed = team.root.caller.with_header("idempotency-key", "many");
    let reply = delete(&keyed, &all).await.expect(200);
    assert_eq!(outcomes(&reply), all.iter().map(|id| (*id, "deleted")).collect::<Vec<_>>());
    let after = team.root.caller.get("/v1/billing").await.expect(200).body;
    assert_eq!(after["open_additions"], before["open_additions"], "a deletion lowers nothing that stands");
    assert_eq!(
        delete(&keyed, &all).await.expect(200).body,
        reply.body,
        "it is told again, and not done again"
    );
    // Whoever has deleted them is told so again for a day, and nobody else ever.
    let again = delete(&team.root.caller, &all).await.expect(200);
    assert_eq!(outcomes(&again), outcomes(&reply));
    let adam = team.member("adam@many.test", "admin").await;
    let others = delete(&adam.caller, &all).await.expect(200);
    assert!(outcomes(&others).iter().all(|(_, outcome)| *outcome == "user_deleted"), "{:?}", others.body);
    roster.advance("86401s").await;
    let root = roster.sign_in(&team.root.email).await.caller;
    let late = delete(&root, &all[..1]).await.expect(200);
    assert_eq!(outcomes(&late), [(all[0], "user_deleted")]);
    roster.assert_counts_hold(&team.account_id).await;
}

// RULE: AU-04, CK-02, BI-05
#[tokio::test]
async fn nine_who_depart_the_day_after_they_came_are_deleted_by_one_call() {
    let roster = Roster::start().await;
    let team = roster.team("many").await.on_pro().await;
    let mut ids = Vec::new();
    for n in 0..9 {
        let id = team.member(&format!("m{n}@many.test"), "monitor").await.id;
        team.root.caller.post(&format!("/v1/users/{id}/departure"), json!({})).await.expect(200);
        ids.push(id);
    }
    roster.advance("20h").await;
    let root = roster.sign_in(&team.root.email).await.caller;
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let reply = delete(&root, &ids).await.expect(200);
    assert_eq!(outcomes(&reply), ids.iter().map(|id| (*id, "deleted")).collect::<Vec<_>>());
    assert_eq!(roster.facts_of(&team.account_id, "departure.finished").await.len(), 9);
    roster.assert_counts_hold(&team.account_id).await;
}

// RULE: AU-04, AC-06, DE-01
#[tokio::test]
async fn what_is_wrong_is_named_and_nobody_is_deleted() {
    let roster = Roster::start().await;
    let team = roster.team("many").await.on_pro().await;
    let ann = team.member("ann@many.test", "monitor").await.id;
    let root = &team.root.caller;
    let before = roster.dump().await;
    let mut many: Vec<String> = (0..101).map(|n| format!("usr_01K000000000000000000{n:05}")).collect();
    for (body, fields) in [
        (json!({ "user_ids": [ann] }), vec!["confirm"]),
        (json!({ "user_ids": [], "confirm": true }), vec!["user_ids"]),
        (json!({ "user_ids": many, "confirm": true }), vec!["user_ids"]),
        (json!({ "user_ids": ann, "confirm": true }), vec!["user_ids"]),
        (json!({ "confirm": true }), vec!["user_ids"]),
        (
            json!({ "user_ids": [ann, 7, "ann", ann], "confirm": false }),
            vec!["confirm", "user_ids[1]", "user_ids[2]", "user_ids[3]"],
        ),
    ] {
        let reply = root.post("/v1/users/bulk-delete", body.clone()).await.refused(422, "validation_failed");
        let named: Vec<&str> = reply.body["errors"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|e| e["field"].as_str())
            .collect();
        assert_eq!(named, fields, "{body}");
    }
    many.truncate(100);
    let known_to_nobody =
        root.post("/v1/users/bulk-delete", json!({ "user_ids": many, "confirm": true })).await;
    assert!(outcomes(&known_to_nobody.expect(200)).iter().all(|(_, outcome)| *outcome == "not_found"));
    assert_eq!(roster.dump().await, before);
    roster.advance("16m").await;
    delete(root, &[&ann]).await.refused(403, "step_up_required");
}
