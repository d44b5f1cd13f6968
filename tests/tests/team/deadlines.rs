//! What time alone calls for: reminders, expiries, suspensions that last, sign-ups that nobody confirmed.

use serde_json::{Value, json};
use tests::{PASSWORD, Roster, invitee};

const NOON: &str = "2026-03-01T12:00:00Z";

async fn at_noon() -> Roster {
    Roster::start_at(NOON).await
}

async fn user(by: &tests::Caller, id: &str) -> Value {
    by.get(&format!("/v1/users/{id}")).await.expect(200).body
}

// RULE: IN-11, PS-05
#[tokio::test]
async fn an_invitation_made_at_noon_is_reminded_after_a_day_and_over_after_two_to_the_second() {
    let roster = at_noon().await;
    let team = roster.team("time").await;
    let before = roster.mails(&team.root.email).await.len();
    let ann = team.pending("ann@time.test", "monitor").await;
    let expires_at = user(&team.root.caller, &ann).await["invitation"]["expires_at"].clone();
    let expires_at = expires_at.as_str().expect("an instant").to_owned();
    roster.advance("23h").await;
    assert_eq!(roster.facts_of(&team.account_id, "invitation.reminded").await.len(), 0);
    roster.advance("61m").await;
    let reminded = roster.facts_of(&team.account_id, "invitation.reminded").await;
    assert_eq!(reminded.len(), 1);
    assert_eq!(reminded[0]["target"], ann.as_str());
    assert_eq!(reminded[0]["actor"], json!({ "via": "system" }));
    assert_eq!(roster.mails("ann@time.test").await.len(), 2, "the invitation and one reminder");
    let root = roster.sign_in(&team.root.email).await.caller;
    roster.advance_to_before(&expires_at, 1).await;
    assert_eq!(user(&root, &ann).await["status"], "pending");
    roster.advance_to(&expires_at).await;
    assert_eq!(user(&root, &ann).await["status"], "expired");
    let token = json!({ "token": roster.token_for("ann@time.test").await, "password": PASSWORD });
    roster.caller().post("/v1/invitations/accept", token).await.refused(410, "invitation_expired");
    roster.advance("1m").await;
    let root = roster.sign_in(&team.root.email).await.caller;
    assert_eq!(roster.facts_of(&team.account_id, "invitation.expired").await.len(), 1);
    assert_eq!(root.get("/v1/seats").await.expect(200).body["pending"], 0, "the seat is back by itself");
    assert_eq!(roster.mails(&team.root.email).await.len(), before + 1, "the inviter is told once");
    roster.assert_counts_hold(&team.account_id).await;
}

// RULE: IN-11
#[tokio::test]
async fn years_of_ticks_tell_nothing_twice() {
    let roster = at_noon().await;
    let team = roster.team("once").await;
    team.pending("ann@once.test", "monitor").await;
    let before = roster.mails("ann@once.test").await.len();
    roster.advance("400d").await;
    for kind in ["invitation.reminded", "invitation.expired"] {
        assert_eq!(roster.facts_of(&team.account_id, kind).await.len(), 1, "{kind}");
    }
    assert_eq!(roster.mails("ann@once.test").await.len(), before + 1);
}

// RULE: PS-05, IN-11
#[tokio::test]
async fn at_three_of_three_with_one_expired_an_invitation_succeeds_before_any_sweep() {
    let roster = at_noon().await;
    let team = roster.team("full").await;
    let ann = team.pending("ann@full.test", "monitor").await;
    roster.advance("1h").await;
    team.pending("bob@full.test", "monitor").await;
    team.invite("eve@full.test", "monitor").await.refused(403, "maximum_users_reached");
    let expires_at = user(&team.root.caller, &ann).await["invitation"]["expires_at"].clone();
    roster.advance_to_before(expires_at.as_str().expect("an instant"), 30).await;
    let root = roster.sign_in(&team.root.email).await.caller;
    roster.stop_sweeps().await;
    roster.advance("31s").await;
    assert_eq!(roster.facts_of(&team.account_id, "invitation.expired").await.len(), 0, "no sweep has run");
    root.post("/v1/users", invitee("eve@full.test", "monitor")).await.expect(201);
    roster.mend().await;
    roster.advance("5m").await;
    assert_eq!(roster.facts_of(&team.account_id, "invitation.expired").await.len(), 1, "told once");
    roster.assert_counts_hold(&team.account_id).await;
}

// RULE: SU-07
#[tokio::test]
async fn a_suspension_is_told_of_after_a_week_and_after_two_and_then_no_more() {
    let roster = at_noon().await;
    let team = roster.team("idle").await;
    let sue = team.member("sue@idle.test", "developer").await;
    let path = format!("/v1/users/{}/suspend", sue.id);
    team.root.caller.post(&path, json!({ "confirm": true })).await.expect(200);
    assert_eq!(roster.mails("sue@idle.test").await.len(), 2, "the invitation, and that she is suspended");
    let days = |facts: Vec<Value>| facts.iter().map(|fact| fact["after"]["days"].clone()).collect::<Vec<_>>();
    for (by, told) in
        [("6d", vec![]), ("25h", vec![7]), ("6d", vec![7]), ("1d", vec![7, 14]), ("90d", vec![7, 14])]
    {
        roster.advance(by).await;
        let facts = roster.facts_of(&team.account_id, "user.suspension_warned").await;
        assert_eq!(json!(days(facts)), json!(told), "{by} later");
    }
    let told = roster.subjects(&team.root.email).await;
    let told = told.iter().filter(|subject| subject.contains("has been suspended for")).count();
    assert_eq!(told, 2, "the Root is told twice");
    assert_eq!(roster.mails("sue@idle.test").await.len(), 2, "the suspended user is not told again");
}

// RULE: AC-01
#[tokio::test]
async fn a_sign_up_that_nobody_confirmed_vanishes_after_two_days() {
    let roster = at_noon().await;
    let body =
        json!({ "account_name": "Ghost", "email": "g@ghost.test", "first_name": "G", "last_name": "Host" });
    let account =
        roster.caller().post("/v1/accounts", body.clone()).await.expect(202).text("account_id").to_owned();
    roster.advance("47h").await;
    assert_eq!(roster.mails("g@ghost.test").await.len(), 1, "nobody invited them, so nobody reminds them");
    assert!(!roster.table().partition(&format!("A#{account}")).await.is_empty());
    roster.advance("2h").await;
    assert_eq!(roster.table().partition(&format!("A#{account}")).await, Vec::<Value>::new());
    let dump = roster.dump().await;
    assert!(!json!(dump).to_string().contains("g@ghost.test"), "nothing of the address is left");
    roster.caller().post("/v1/accounts", body).await.expect(202);
    roster.accept("g@ghost.test").await;
}

// RULE: EV-05, BI-09
#[tokio::test]
async fn something_due_that_cannot_be_read_is_put_off_and_stands_in_nobodys_way() {
    let roster = at_noon().await;
    let team = roster.team("poison").await;
    let ann = team.pending("ann@poison.test", "monitor").await;
    let bob = team.pending("bob@poison.test", "monitor").await;
    let item = (format!("A#{}", team.account_id), format!("U#{ann}"));
    roster.table().set_schema(&item.0, &item.1, 99).await;
    roster.advance("49h").await;
    let expired = roster.facts_of(&team.account_id, "invitation.expired").await;
    assert_eq!(expired.iter().map(|fact| fact["target"].clone()).collect::<Vec<_>>(), [json!(bob)]);
    let parked =
        roster.stack.logs().iter().any(|(_, line)| line.contains(&ann) && line.contains("\"parked\":1"));
    assert!(parked, "the log names what was put off");
    roster.table().set_schema(&item.0, &item.1, 1).await;
    roster.advance("6h").await;
    assert_eq!(roster.facts_of(&team.account_id, "invitation.expired").await.len(), 2, "and done later");
    roster.assert_counts_hold(&team.account_id).await;
}

// RULE: IN-20
#[tokio::test]
async fn a_mail_of_which_nothing_is_heard_for_ten_minutes_counts_as_delayed() {
    let roster = at_noon().await;
    let team = roster.team("quiet").await;
    let ann = team.pending("silent@simulator.amazonses.com", "monitor").await;
    roster.advance("9m").await;
    assert_eq!(user(&team.root.caller, &ann).await["invitation"]["delivery"], "sent");
    roster.advance("2m").await;
    assert_eq!(user(&team.root.caller, &ann).await["invitation"]["delivery"], "delivery_delayed");
}
