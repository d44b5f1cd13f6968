//! The mails, as they arrive.

use serde_json::{Value, json};
use tests::{Roster, masked};

/// What a mail reader would turn into a link.
fn clickable(text: &str) -> Vec<&str> {
    let words = text.split(|c: char| c.is_whitespace() || "<>\"()".contains(c));
    let is_host =
        |word: &str| word.split_once("www.").is_some_and(|(_, rest)| rest.starts_with(char::is_alphanumeric));
    words.filter(|word| word.contains("://") || word.contains(".com") || is_host(word)).collect()
}

// RULE: IN-19, IN-12
#[tokio::test]
async fn an_invitation_says_who_where_what_and_until_when_and_nothing_typed_becomes_a_link() {
    let roster = Roster::start().await;
    let body = json!({
        "account_name": "http://evil.com <b>Acme</b>", "email": "root@acme.test",
        "first_name": "www.evil.com", "last_name": "<a href=\"https://evil.com\">R</a>",
    });
    roster.caller().post("/v1/accounts", body).await.expect(202);
    let root = roster.accept("root@acme.test").await.caller;
    let body = json!({
        "email": "ann@x.test", "first_name": "Ann & <i>Co</i>", "last_name": "Lee", "role": "billing",
        "message": "Hi <b>Ann</b>,\nsee https://evil.com/login & mail me@evil.com\n> quoted",
    });
    root.post("/v1/users", body).await.expect(201);
    let mails = roster.mails("ann@x.test").await;
    let mail = &mails[0];
    assert_eq!(mail["links"].as_array().map(Vec::len), Some(1), "{mail:#}");
    let link = mail["links"][0].as_str().expect("a link");
    let text = |name: &str| mail[name].as_str().expect("a text").to_owned();
    assert_eq!(clickable(&text("text")), [link]);
    assert_eq!(clickable(&text("html")), [link]);
    assert!(clickable(&text("subject")).is_empty(), "{}", text("subject"));
    assert_eq!(text("html").matches("<a ").count(), 1);
    for tag in ["<b>", "<i>", "<a href=\"https"] {
        assert!(!text("html").contains(tag), "{tag}");
    }
    let masked = masked(mail);
    let shown = |name: &str| masked[name].as_str().expect("a text").replace('\u{2060}', "\u{b7}");
    insta::assert_snapshot!(
        "invitation",
        format!("{}\n\n{}\n{}", shown("subject"), shown("text"), shown("html"))
    );
}

// RULE: IN-19
#[tokio::test]
async fn a_subject_takes_no_second_line() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    for name in ["Ann\r\nBcc: eve@evil.com", "Ann\nX", "Ann\u{0}", "Ann\u{2028}X", "Ann\u{85}X"] {
        let mut body = tests::invitee("ann@x.test", "monitor");
        body["first_name"] = name.into();
        let reply = team.root.caller.post("/v1/users", body).await.refused(422, "validation_failed");
        assert_eq!(reply.bad_fields(), [("first_name", "control_character")], "{name:?}");
        let body = json!({ "account_name": name, "email": "b@x.test", "first_name": "B", "last_name": "C" });
        roster.caller().post("/v1/accounts", body).await.refused(422, "validation_failed");
    }
    assert!(roster.mails("ann@x.test").await.is_empty() && roster.mails("b@x.test").await.is_empty());
}

// RULE: SU-04, EV-03
#[tokio::test]
async fn a_reactivated_user_is_told_once() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let ann = team.member("ann@x.test", "developer").await;
    let path = format!("/v1/users/{}", ann.id);
    team.root.caller.post(&format!("{path}/suspend"), json!({ "confirm": true })).await.expect(200);
    let told = roster.subjects("ann@x.test").await;
    assert_eq!(told, ["Your access to acme is suspended", "Robin Root invited you to acme"]);
    team.root.caller.post(&format!("{path}/reactivate"), json!({})).await.expect(200);
    team.root.caller.post(&format!("{path}/reactivate"), json!({})).await.expect(200);
    let mails = roster.mails("ann@x.test").await;
    assert_eq!(mails.len(), 3, "one mail a fact");
    let shown = masked(&json!([mails[0]["subject"], mails[0]["text"]]));
    insta::assert_json_snapshot!("reactivated", shown);
}

// RULE: EV-03, IN-02
#[tokio::test]
async fn each_fact_that_calls_for_a_mail_is_settled_with_the_mail_that_went_out() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    team.pending("ann@x.test", "developer").await;
    let mails = roster.caller().get("/_local/mail").await.expect(200).body;
    let mut sent: Vec<Value> =
        mails["data"].as_array().into_iter().flatten().map(|mail| mail["message_id"].clone()).collect();
    let items = roster.dump().await;
    let dispatches = items.iter().filter(|item| item["pk"].as_str().is_some_and(|pk| pk.starts_with("C#")));
    let mut settled: Vec<Value> = dispatches.map(|item| item["settled_as"].clone()).collect();
    sent.sort_by_key(Value::to_string);
    settled.sort_by_key(Value::to_string);
    assert_eq!(sent.len(), 4, "the sign-up's, the authenticator's, the codes' and the invitation's");
    assert_eq!(settled, sent);
}
