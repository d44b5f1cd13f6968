//! Whether somebody still needs their access: asked by mail, answered by its links.

use serde_json::{Value, json};
use tests::{Caller, Reply, Roster, Team};

fn question(id: &str) -> String {
    format!("/v1/users/{id}/access-question")
}

async fn answer(roster: &Roster, token: &str, answer: &str) -> Reply {
    roster.caller().post("/v1/access-answers", json!({ "token": token, "answer": answer })).await
}

async fn of_user(team: &Team<'_>, id: &str) -> Value {
    team.root.caller.get(&format!("/v1/users/{id}")).await.expect(200).body["access_question"].clone()
}

/// What the audit log has of that type.
async fn facts(by: &Caller, kind: &str) -> Vec<Value> {
    let page = by.get(&format!("/v1/events?type={kind}")).await.expect(200).body;
    page["data"].as_array().expect("events").clone()
}

// RULE: AU-04, EV-01
#[tokio::test]
async fn who_is_asked_answers_by_mail_and_the_answer_is_written_down() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await.on_pro().await;
    let ann = team.member("ann@acme.test", "developer").await;
    let before = team.root.caller.get(&format!("/v1/users/{}", ann.id)).await.expect(200).body;
    assert_eq!(before["access_question"], Value::Null, "nobody has asked");
    let seats = team.seats().await;
    let asked = team.root.caller.post(&question(&ann.id), json!({})).await.expect(200).body;
    assert_eq!((&asked["role"], &asked["status"]), (&before["role"], &before["status"]));
    assert!(asked["version"].as_u64() > before["version"].as_u64(), "an admin sees it");
    assert_eq!(asked["access_question"]["is_needed"], Value::Null);
    roster.stack.settle().await;
    let mails = roster.mails(&ann.email).await;
    let mail = mails.iter().find(|mail| mail["subject"] == "Do you still need your access to acme?");
    let links: Vec<&str> =
        mail.expect("a mail")["links"].as_array().expect("links").iter().filter_map(Value::as_str).collect();
    let token = roster.access_tokens(&ann.email).await.remove(0);
    assert_eq!(links.len(), 2);
    for (link, answer) in links.iter().zip(["yes", "no"]) {
        assert!(link.ends_with(&format!("/access?answer={answer}#{token}")), "{link}");
    }
    roster.advance("1h").await;
    answer(&roster, &token, "no").await.expect(204);
    // Whoever saw no answer does not act as if there were none. RULE: AP-03
    let unanswered = team.root.caller.with_header("if-match", &format!("\"{}\"", asked["version"]));
    let suspend = format!("/v1/users/{}/suspend", ann.id);
    unanswered.post(&suspend, json!({ "confirm": true })).await.refused(412, "version_mismatch");
    let told = of_user(&team, &ann.id).await;
    assert_eq!(told["is_needed"], false);
    assert_eq!(told["asked_at"], asked["access_question"]["asked_at"]);
    assert!(told["answered_at"].as_str() > told["asked_at"].as_str(), "{told}");
    let page = team.root.caller.get("/v1/users?email=ann@acme.test").await.expect(200).body;
    assert_eq!(page["data"][0]["access_question"], told, "a list shows it as well");
    // An admin decides: neither the session nor the seat is gone.
    ann.caller.get("/v1/me").await.expect(200);
    assert_eq!(team.seats().await, seats);
    let [fact] = &facts(&team.root.caller, "user.access_asked").await[..] else { panic!("asked once") };
    assert_eq!((&fact["actor"]["id"], &fact["target"]), (&json!(team.root.id), &json!(ann.id)));
    let [fact] = &facts(&team.root.caller, "user.access_answered").await[..] else { panic!("answered once") };
    assert_eq!((&fact["actor"]["id"], &fact["target"]), (&json!(ann.id), &json!(ann.id)));
    assert_eq!(fact["after"], json!({ "is_needed": false }));
}

// RULE: AU-04, AC-09
#[tokio::test]
async fn a_link_answers_once_for_thirty_days_and_until_the_next_question() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await.on_pro().await;
    let ann = team.member("ann@acme.test", "monitor").await;
    let bob = team.member("bob@acme.test", "monitor").await;
    let (anns, bobs) = (team.ask_access(&ann).await, team.ask_access(&bob).await);
    answer(&roster, &anns, "maybe").await.refused(422, "validation_failed");
    answer(&roster, "1none", "yes").await.refused(404, "token_invalid");
    let changed = if anns.ends_with('A') { "B" } else { "A" };
    answer(&roster, &format!("{}{changed}", &anns[..anns.len() - 1]), "yes")
        .await
        .refused(404, "token_invalid");
    // A link of another kind is none of this one, and the reverse.
    let body = json!({ "token": anns, "password": "fern-cobalt-otter-52" });
    roster.caller().post("/v1/password-resets/confirm", body).await.refused(404, "token_invalid");
    roster.caller().post("/v1/password-resets", json!({ "email": bob.email })).await.expect(202);
    roster.stack.settle().await;
    let reset = roster.reset_tokens(&bob.email).await.remove(0);
    answer(&roster, &reset, "yes").await.refused(404, "token_invalid");
    answer(&roster, &anns, "yes").await.expect(204);
    answer(&roster, &anns, "no").await.refused(404, "token_invalid");
    assert_eq!(of_user(&team, &ann.id).await["is_needed"], true, "the first answer stands");
    let early = team.root.caller.post(&question(&ann.id), json!({})).await;
    let early = early.refused(429, "rate_limited");
    assert!(early.header("retry-after").is_some(), "it says when");
    roster.advance("1d").await;
    let root = roster.sign_in(&team.root.email).await;
    let team = Team { root, ..team };
    let again = team.ask_access(&bob).await;
    answer(&roster, &bobs, "yes").await.refused(404, "token_invalid");
    roster.advance("30d").await;
    answer(&roster, &again, "yes").await.refused(404, "token_invalid");
    let root = roster.sign_in(&team.root.email).await;
    let team = Team { root, ..team };
    assert_eq!(of_user(&team, &bob.id).await["is_needed"], Value::Null);
    assert_eq!(of_user(&team, &ann.id).await["is_needed"], true);
}

// RULE: AU-04, RO-02, DE-01, AC-11
#[tokio::test]
async fn whoever_has_accepted_can_be_asked_and_answers_as_long_as_they_are_there() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await.on_pro().await;
    let root = &team.root.caller;
    let adam = team.member("adam@acme.test", "admin").await;
    let ask = async |by: &Caller, id: &str| by.post(&question(id), json!({})).await;
    ask(&adam.caller, &team.root.id).await.refused(403, "admin_cannot_modify_root");
    ask(&adam.caller, &adam.id).await.refused(403, "cannot_act_on_self");
    let eve = team.pending("eve@acme.test", "monitor").await;
    let early = ask(&adam.caller, &eve).await.refused(409, "not_accepted");
    assert_eq!(early.body["detail"], "This user has not accepted the invitation yet.");
    let [sue, dan] =
        [team.member("sue@acme.test", "monitor").await, team.member("dan@acme.test", "monitor").await];
    ask(&sue.caller, &dan.id).await.refused(403, "insufficient_role");
    root.post(&format!("/v1/users/{}/suspend", sue.id), json!({ "confirm": true })).await.expect(200);
    let token = team.ask_access(&sue).await;
    answer(&roster, &token, "yes").await.expect(204);
    let told = root.get(&format!("/v1/users/{}", sue.id)).await.expect(200).body;
    assert_eq!((&told["status"], &told["access_question"]["is_needed"]), (&json!("suspended"), &json!(true)));
    let token = team.ask_access(&dan).await;
    roster.step_up(&team.root).await;
    root.delete(&format!("/v1/users/{}?confirm=true", dan.id)).await.expect(204);
    answer(&roster, &token, "yes").await.refused(404, "token_invalid");
    ask(root, &dan.id).await.refused(410, "user_deleted");
    let token = team.ask_access(&adam).await;
    roster.step_up(&team.root).await;
    root.delete("/v1/account?confirm=true").await.expect(204);
    answer(&roster, &token, "yes").await.refused(404, "token_invalid");
}
