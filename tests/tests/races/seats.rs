//! Seats and invitations: many callers, one seat, one token, one address.

use serde_json::{Value, json};
use tests::{PASSWORD, Tally, Team, invitee};

use crate::{ROUNDS, roster};

async fn assert_full_of_three(team: &Team<'_>) {
    let seats = team.seats().await;
    assert_eq!((&seats["total"], &seats["available"]), (&json!(3), &json!(0)), "{seats:#}");
    let users = team.root.caller.get("/v1/users").await.expect(200).body;
    assert_eq!(users["data"].as_array().map(Vec::len), Some(3), "{users:#}");
    team.roster.assert_counts_hold(&team.account_id).await;
}

/// So many invite at once, each somebody else; so many get through.
async fn invite_at_once(name: &str, pending_before: usize, callers: usize) {
    let roster = roster().await;
    let crowd = roster.crowd(callers);
    let mut tally = Tally::default();
    for round in 0..ROUNDS {
        let team = roster.team(&format!("{name}{round}")).await;
        for n in 0..pending_before {
            team.pending(&format!("before{n}@{name}{round}.test"), "developer").await;
        }
        let address = |n: usize| format!("n{n}@{name}{round}.test");
        let replies = crowd.at_once(|n, caller| {
            let caller = caller.with_token(team.root.caller.token());
            let body = invitee(&address(n), "developer");
            async move { caller.post("/v1/users", body).await }
        });
        let free = 2 - pending_before;
        let (won, lost) = tally.sort(replies.await, 201);
        assert_eq!(won.len(), free, "as many succeed as seats were free");
        for reply in lost {
            let seats = &reply.refused(403, "maximum_users_reached").body["seats"];
            assert_eq!(seats["total"], 3, "the refusal counts the seats: {seats:#}");
        }
        assert_full_of_three(&team).await;
        let mails = roster.caller().get("/_local/mail").await.expect(200).body;
        let to = |mail: &Value| mail["to"][0].as_str().expect("an address").to_owned();
        let mut mailed: Vec<String> = mails["data"].as_array().expect("mails").iter().map(to).collect();
        mailed.retain(|to| (0..callers).any(|n| *to == address(n)));
        let mut invited: Vec<String> =
            won.iter().map(|reply| reply.body["email"].as_str().expect("an address").to_owned()).collect();
        invited.sort();
        mailed.sort();
        assert_eq!(mailed, invited, "one mail to each who was invited, and to nobody else");
    }
    tally.finish();
}

// RULE: IN-04, PS-02, PS-03, IN-02
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_twenty_invitations_for_one_seat_one_succeeds() {
    invite_at_once("last", 1, 20).await;
}

// RULE: IN-04, PS-02
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_sixty_four_invitations_for_two_seats_two_succeed() {
    invite_at_once("two", 0, 64).await;
}

// RULE: IN-14, IN-12, IN-13, PS-03
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_ten_who_accept_one_invitation_one_becomes_the_user() {
    let roster = roster().await;
    let crowd = roster.crowd(10);
    let mut tally = Tally::default();
    for round in 0..ROUNDS {
        let team = roster.team(&format!("accept{round}")).await;
        let address = format!("ann@accept{round}.test");
        let id = team.pending(&address, "developer").await;
        let token = roster.token_for(&address).await;
        let replies = crowd.at_once(|_, caller| {
            let body = json!({ "token": token, "password": PASSWORD });
            async move { caller.post("/v1/invitations/accept", body).await }
        });
        let (won, lost) = tally.sort(replies.await, 201);
        assert_eq!(won.len(), 1);
        assert_eq!(won[0].body["id"], json!(id));
        for reply in lost {
            reply.refused(404, "invitation_invalid");
        }
        let seats = team.seats().await;
        assert_eq!((&seats["active"], &seats["pending"], &seats["total"]), (&json!(2), &json!(0), &json!(2)));
        let accepted = |fact: &&Value| fact["type"] == "user.accepted" && fact["target"] == json!(id);
        assert_eq!(roster.facts(&team.account_id).await.iter().filter(accepted).count(), 1);
        roster.assert_counts_hold(&team.account_id).await;
    }
    tally.finish();
}

// RULE: IN-16, IN-02, PS-03
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_eight_who_invite_one_address_one_succeeds() {
    let roster = roster().await;
    let crowd = roster.crowd(8);
    let mut tally = Tally::default();
    let team = roster.team("address").await.on_pro().await;
    for round in 0..ROUNDS {
        let address = format!("ann{round}@address.test");
        let replies = crowd.at_once(|_, caller| {
            let caller = caller.with_token(team.root.caller.token());
            let body = invitee(&address, "developer");
            async move { caller.post("/v1/users", body).await }
        });
        let (won, lost) = tally.sort(replies.await, 201);
        assert_eq!(won.len(), 1);
        for reply in lost {
            assert_eq!(reply.refused(409, "invitation_pending").body["user_id"], won[0].body["id"]);
        }
        assert_eq!(roster.mails(&address).await.len(), 1, "one mail");
    }
    let seats = team.seats().await;
    assert_eq!(seats["pending"], json!(ROUNDS));
    roster.assert_counts_hold(&team.account_id).await;
    tally.finish();
}

// RULE: PS-05, IN-04, IN-11
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_ten_invitations_for_the_seat_of_a_lapsed_one_one_succeeds() {
    let roster = roster().await;
    let crowd = roster.crowd(10);
    let mut tally = Tally::default();
    for round in 0..10 {
        let team = roster.team(&format!("lapsed{round}")).await;
        team.member(&format!("bob@lapsed{round}.test"), "developer").await;
        team.pending(&format!("old@lapsed{round}.test"), "developer").await;
        roster.advance("48h").await;
        let root = roster.sign_in(&team.root.email).await;
        let replies = crowd.at_once(|n, caller| {
            let caller = caller.with_token(root.caller.token());
            let body = invitee(&format!("n{n}@lapsed{round}.test"), "developer");
            async move { caller.post("/v1/users", body).await }
        });
        let (won, lost) = tally.sort(replies.await, 201);
        assert_eq!(won.len(), 1);
        for reply in lost {
            reply.refused(403, "maximum_users_reached");
        }
        roster.assert_counts_hold(&team.account_id).await;
    }
    tally.finish();
}

// RULE: PS-06, PS-12, IN-04
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_twenty_invitations_at_once_on_pro_none_is_lost() {
    let roster = roster().await;
    let crowd = roster.crowd(20);
    let mut tally = Tally::default();
    let team = roster.team("pro").await.on_pro().await;
    let mut invited = 0;
    for round in 0..5 {
        let replies = crowd.at_once(|n, caller| {
            let caller = caller.with_token(team.root.caller.token());
            let body = invitee(&format!("n{n}@pro{round}.test"), "developer");
            async move { caller.post("/v1/users", body).await }
        });
        let (won, lost) = tally.sort(replies.await, 201);
        assert!(lost.is_empty(), "{lost:#?}");
        invited += won.len();
    }
    assert_eq!(team.seats().await["pending"], json!(invited), "each is counted once");
    roster.assert_counts_hold(&team.account_id).await;
    // All of them write the same account: how many give up depends on the machine.
    tally.report();
}
