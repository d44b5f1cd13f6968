//! What SES reports of the mails, and who is told.

use serde_json::{Value, json};
use tests::{Fault, Of, Roster, Team, Which, invitee, masked};

const BOUNCE: &str = "bounce@simulator.amazonses.com";

async fn user(team: &Team<'_>, id: &str) -> Value {
    team.roster.stack.settle().await;
    team.root.caller.get(&format!("/v1/users/{id}")).await.expect(200).body
}

/// The facts of this type, as far as they tell of somebody.
async fn told(team: &Team<'_>, kind: &str, id: &str) -> Vec<Value> {
    let mut facts = team.roster.facts_of(&team.account_id, kind).await;
    facts.retain(|fact| fact["target"] == id);
    facts
}

/// Somebody who invites, and is suspended before anything is heard of the mail; the invited.
async fn invited_by_somebody_who_is_suspended(team: &Team<'_>) -> String {
    let adam = team.member("adam@acme.test", "admin").await;
    let body = invitee("silent@simulator.amazonses.com", "monitor");
    let ann = adam.caller.post("/v1/users", body).await.expect(201);
    let suspend = format!("/v1/users/{}/suspend", adam.id);
    team.root.caller.post(&suspend, json!({ "confirm": true })).await.expect(200);
    team.roster.stack.settle().await;
    ann.text("id").to_owned()
}

// RULE: IN-20
#[tokio::test]
async fn an_invitation_shows_when_it_was_sent_and_delivered() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let ann = team.pending("ann@x.test", "developer").await;
    let ann_then = user(&team, &ann).await;
    assert_eq!(ann_then["invitation"]["delivery"], "delivered");
    let instant = |name: &str| ann_then["invitation"][name].as_str().expect("an instant").to_owned();
    assert!(ann_then["invited_at"].as_str() <= Some(&instant("sent_at")));
    assert!(instant("sent_at") < instant("delivered_at"));
    assert_eq!(ann_then["version"], 1, "what is heard of a mail is no new version");
    let facts = told(&team, "invitation.delivery_changed", &ann).await;
    assert_eq!(facts.len(), 1);
    assert_eq!(facts[0]["after"], json!({ "delivery": "delivered" }));
    assert_eq!(facts[0]["actor"], json!({ "via": "system" }));
}

// RULE: IN-20, EV-04
#[tokio::test]
async fn a_bounce_marks_the_invitation_and_the_address_and_is_told_to_who_invited() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await.on_pro().await;
    let adam = team.member("adam@acme.test", "admin").await;
    let (his, roots) =
        (roster.mails("adam@acme.test").await.len(), roster.mails(&team.root.email).await.len());
    let ann = adam.caller.post("/v1/users", invitee(BOUNCE, "developer")).await.expect(201);
    let ann = ann.text("id").to_owned();
    let shown = user(&team, &ann).await;
    assert_eq!(shown["invitation"]["delivery"], "delivery_failed");
    assert_eq!(shown["invitation"]["delivered_at"], Value::Null);
    assert_eq!(shown["mail_problem"], "bounced");
    assert_eq!(shown["status"], "pending", "the seat is still held");
    let delivery = told(&team, "invitation.delivery_changed", &ann).await;
    assert_eq!(delivery[0]["after"], json!({ "delivery": "delivery_failed" }));
    let problem = told(&team, "user.mail_problem_noted", &ann).await;
    assert_eq!((problem.len(), &problem[0]["after"]), (1, &json!({ "mail_problem": "bounced" })));
    assert_eq!(problem[0]["actor"], json!({ "via": "system" }));
    let mails = roster.mails("adam@acme.test").await;
    assert_eq!(mails.len(), his + 1, "this alone");
    let shown = masked(&json!([mails[0]["subject"], mails[0]["text"]])).to_string();
    insta::assert_snapshot!("undeliverable", shown.replace('\u{2060}', "\u{b7}"));
    assert_eq!(roster.mails(&team.root.email).await.len(), roots, "nobody else is told");
}

// RULE: IN-20, EV-04
#[tokio::test]
async fn the_mailbox_simulator_is_reported_on_as_by_ses() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await.on_pro().await;
    for (local, delivery, problem) in [
        ("bounce+a", "delivery_failed", json!("bounced")),
        ("suppressionlist", "delivery_failed", json!("bounced")),
        ("complaint", "delivery_failed", json!("complained")),
        ("success", "delivered", Value::Null),
        ("silent", "sent", Value::Null),
    ] {
        let id = team.pending(&format!("{local}@simulator.amazonses.com"), "monitor").await;
        let shown = user(&team, &id).await;
        assert_eq!(shown["invitation"]["delivery"], delivery, "{local}");
        assert_eq!(shown["mail_problem"], problem, "{local}");
        let is_delivered = ["complaint", "success"].contains(&local);
        assert_eq!(shown["invitation"]["delivered_at"].is_string(), is_delivered, "{local}");
    }
}

// RULE: EV-04, IN-20
#[tokio::test]
async fn reports_that_come_twice_late_and_in_any_order_have_one_effect() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await.on_pro().await;
    let reports = ["delivery", "delivery-delay", "bounce-permanent"];
    let mut ends = Vec::new();
    for (n, order) in
        [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]].into_iter().enumerate()
    {
        let id = team.pending(&format!("silent+{n}@simulator.amazonses.com"), "monitor").await;
        roster.stack.settle().await;
        let of = Of::Invitation(roster.sending(&team.account_id, &id).await);
        for report in order.into_iter().chain(order) {
            roster.hear(reports[report], &team.account_id, &id, of).await;
        }
        let mut invitation = user(&team, &id).await["invitation"].take();
        for own in ["sent_at", "expires_at"] {
            invitation[own] = "<instant>".into();
        }
        ends.push(invitation);
        let last = told(&team, "invitation.delivery_changed", &id).await;
        assert_eq!(last.last().expect("a fact")["after"], json!({ "delivery": "delivery_failed" }));
        assert_eq!(told(&team, "user.mail_problem_noted", &id).await.len(), 1, "{order:?}");
    }
    assert!(ends.iter().all(|end| *end == ends[0]), "{ends:#?}");
    assert_eq!(ends[0]["delivered_at"], "2026-01-31T09:00:03.250Z");
}

// RULE: EV-04, IN-20
#[tokio::test]
async fn a_report_of_another_mail_tells_of_the_address_alone() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await.on_pro().await;
    let id = team.pending("silent@simulator.amazonses.com", "monitor").await;
    roster.stack.settle().await;
    let sending = roster.sending(&team.account_id, &id).await;
    for (of, report) in [
        (Of::Invitation(sending - 1), "delivery"),
        (Of::Fact("evt-0"), "delivery"),
        (Of::Fact("evt-0"), "complaint"),
    ] {
        roster.hear(report, &team.account_id, &id, of).await;
    }
    let shown = user(&team, &id).await;
    assert_eq!(
        (&shown["invitation"]["delivery"], &shown["mail_problem"]),
        (&json!("sent"), &json!("complained"))
    );
    assert!(told(&team, "invitation.delivery_changed", &id).await.is_empty());
    roster.hear("bounce-automatic-answer", &team.account_id, &id, Of::Invitation(sending)).await;
    assert_eq!(user(&team, &id).await["invitation"]["delivery"], "sent", "it arrived, and nobody is at home");
    // Of users that are not there any more nothing is noted, and nothing fails.
    team.root.caller.delete(&format!("/v1/users/{id}?confirm=true")).await.expect(204);
    roster.hear("bounce-permanent", &team.account_id, &id, Of::Invitation(sending)).await;
}

// RULE: EV-03, EV-04, IN-20
#[tokio::test]
async fn each_of_several_recipients_is_mailed_once_whatever_fails_for_another() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await.on_pro().await;
    let mut roots = vec![team.root.email.clone()];
    for n in 1..=2 {
        roots.push(format!("root{n}@acme.test"));
        team.member(&roots[n], "root").await;
    }
    let before =
        roster.caller().get("/_local/mail").await.expect(200).body["data"].as_array().map_or(0, Vec::len);
    let ann = invited_by_somebody_who_is_suspended(&team).await;
    let sending = roster.sending(&team.account_id, &ann).await;
    let send_mail = |call, kind, which| Fault { function: "send-mail", call, kind, which };
    for fault in [
        send_mail(("ses", "SendEmail"), "before", Which::Nth(2)),
        send_mail(("sqs", "ReceiveMessage"), "duplicate", Which::Nth(1)),
    ] {
        roster.break_call(&fault).await;
    }
    roster.hear("bounce-permanent", &team.account_id, &ann, Of::Invitation(sending)).await;
    roster.stack.settle().await;
    // What met a lease waits for it to end.
    for _ in 0..3 {
        roster.advance("61s").await;
    }
    assert!(roster.mend().await >= 2, "the faults are met");
    for root in &roots {
        let mails = roster.mails(root).await;
        let told = mails
            .iter()
            .filter(|mail| mail["subject"].as_str().is_some_and(|it| it.contains("not be delivered")));
        assert_eq!(told.count(), 1, "{root}");
    }
    let after =
        roster.caller().get("/_local/mail").await.expect(200).body["data"].as_array().map_or(0, Vec::len);
    let mut adams = roster.subjects("adam@acme.test").await;
    // Nobody promises an order of the mails of two facts that became true together.
    adams.sort_unstable();
    assert_eq!(
        adams,
        [
            "An authenticator app was set up for your sign-in to acme",
            "Robin Root invited you to acme",
            "Security Codes Viewed",
            "Your access to acme is suspended",
        ]
    );
    assert_eq!(after - before, 4 + 1 + roots.len(), "Adam's, Ann's invitation, and each Root once");
    let fact = roster.events(&team.account_id).await;
    let fact = fact.iter().rev().find(|event| event["facts"][0]["type"] == "invitation.delivery_changed");
    let fact = format!("C#{}.0", fact.expect("it was heard")["id"].as_str().expect("an identifier"));
    let items = roster.dump().await;
    let settled =
        |pk: &str| items.iter().find(|item| item["pk"] == pk).map(|item| item["settled_as"].clone());
    assert_eq!(settled(&fact), Some(json!("all")));
    let own =
        items.iter().filter(|item| item["pk"].as_str().is_some_and(|pk| pk.starts_with(&format!("{fact}/"))));
    assert_eq!(own.count(), roots.len(), "a dispatch each");
}
