//! Very many, and many at the same time: what is tried where the table is as quick as the one in use.

use futures_util::future::join_all;
use serde_json::json;
use tests::{By, Reply, Roster, Team, invitee, invitees};

use crate::bulk::{addresses, invite, invite_under};
use crate::closing::{CLOSE, item};

// RULE: IN-22, IN-21
#[tokio::test]
async fn the_limit_of_the_hour_counts_rows_that_were_created_and_is_judged_for_all() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await.on_pro().await;
    let root = &team.root.caller;
    for n in 0..5 {
        let rows = || invitees(addresses(n * 100..(n * 100 + 100).min(490)));
        invite_under(&format!("call {n}"), root, rows()).await.expect(200);
        // Nobody is created, and nothing is counted.
        invite(root, rows()).await.expect(200);
    }
    let reply = invite(root, invitees(addresses(485..501))).await.refused(429, "rate_limited");
    assert!(reply.header("retry-after").is_some());
    assert_eq!(team.seats().await["pending"], 490, "not one of them");
    invite(root, invitees(addresses(480..500))).await.expect(200);
    assert_eq!(team.seats().await["pending"], 500);
    invite(root, invitees(addresses(490..501))).await.refused(429, "rate_limited");
    invite(root, invitees(addresses(0..100))).await.expect(200);
    roster.advance("1h").await;
    invite(root, invitees(addresses(490..501))).await.expect(200);
    roster.assert_counts_hold(&team.account_id).await;
}

async fn cost_of_closing(roster: &Roster, team: &Team<'_>) -> f64 {
    let reply = team.root.caller.delete(CLOSE).await.expect(204);
    let calls = roster.calls(&reply, By::Operation).await;
    let writes = calls.iter().filter(|call| call.operation == "TransactWriteItems");
    assert_eq!(writes.clone().count(), 1, "one write");
    writes.map(|call| call.units).sum()
}

// RULE: AC-11
#[tokio::test]
async fn closing_costs_the_same_with_250_invitations_as_with_none() {
    const INVITATIONS: usize = 250;
    let roster = Roster::start().await;
    let alone = cost_of_closing(&roster, &roster.team("alone").await.on_pro().await).await;
    let team = roster.team("acme").await.on_pro().await;
    for n in 0..INVITATIONS {
        team.pending(&format!("n{n}@acme.test"), "monitor").await;
    }
    roster.stack.settle().await;
    assert_eq!(item(&roster, &team, "A").await["pending"], INVITATIONS);
    let crowded = cost_of_closing(&roster, &team).await;
    assert!((crowded - alone).abs() < f64::EPSILON, "{alone} units alone, {crowded} with many");
    assert_eq!(item(&roster, &team, "A").await["pending"], 0);
    let facts = roster.facts_of(&team.account_id, "account.closed").await;
    assert_eq!(facts[0]["before"]["pending"], INVITATIONS);
    for n in [0, INVITATIONS - 1] {
        let token = json!({ "token": roster.token_for(&format!("n{n}@acme.test")).await });
        roster.caller().post("/v1/invitations/lookup", token).await.refused(404, "invitation_invalid");
    }
}

// RULE: AC-11, RO-07
#[tokio::test]
async fn of_many_who_close_at_once_one_does_and_nothing_gets_in_behind_it() {
    let roster = Roster::start().await;
    for round in 0..5 {
        let team = roster.team(&format!("acme{round}")).await.on_pro().await;
        let root = &team.root.caller;
        let invitations =
            (0..6).map(|n| root.post("/v1/users", invitee(&format!("n{n}@acme{round}.test"), "monitor")));
        let closings = (0..4).map(|_| root.delete(CLOSE));
        let (invited, closed) = tokio::join!(join_all(invitations), join_all(closings));
        let with =
            |replies: &[Reply], status: u16| replies.iter().filter(|reply| reply.status == status).count();
        assert_eq!((with(&closed, 204), with(&closed, 401)), (1, 3), "one closes it");
        assert_eq!(with(&invited, 201) + with(&invited, 401), 6);
        roster.stack.settle().await;
        assert_eq!(item(&roster, &team, "A").await["pending"], 0, "none counts as pending");
        let facts = roster.facts_of(&team.account_id, "account.closed").await;
        assert_eq!((facts.len(), &facts[0]["before"]["pending"]), (1, &json!(with(&invited, 201))));
    }
}
