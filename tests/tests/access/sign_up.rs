//! Signing up.

use serde_json::json;
use tests::{PASSWORD, Roster, masked, without_ticks};

fn sign_up(email: &str) -> serde_json::Value {
    json!({ "account_name": "Acme", "email": email, "first_name": "Robin", "last_name": "Root" })
}

// RULE: AC-01
#[tokio::test]
async fn signing_up_makes_a_free_account_with_a_pending_root_who_is_mailed_the_link() {
    let roster = Roster::start().await;
    let reply = roster.caller().post("/v1/accounts", sign_up("robin@acme.test")).await.expect(202);
    insta::assert_json_snapshot!("sign_up", masked(&reply.body));

    let account_id = reply.text("account_id");
    let items = roster.dump().await;
    let of_account = |prefix: &str| {
        let pk = format!("A#{account_id}");
        let mut of_account = items.iter().filter(|item| item["pk"] == pk.as_str());
        of_account.find(|item| item["sk"].as_str().is_some_and(|sk| sk.starts_with(prefix))).cloned()
    };
    let (account, root) = (of_account("A").expect("the account"), of_account("U#").expect("its Root"));
    assert_eq!(
        (account["billing"]["subscription"].clone(), account["pending"].clone()),
        (json!(null), json!(1))
    );
    assert_eq!((root["role"].clone(), root["status"].clone()), (json!("root"), json!("pending")));
    assert_eq!(root["password_hash"], json!(null), "no password before there is a link");

    let mails = roster.mails("robin@acme.test").await;
    assert_eq!(mails.len(), 1, "exactly one mail");
    let mut mail = masked(&mails[0]);
    mail["message_id"] = "<id>".into();
    insta::assert_json_snapshot!("sign_up_mail", mail);

    let root = roster.accept("robin@acme.test").await;
    let seats = root.caller.get("/v1/seats").await.expect(200);
    assert_eq!(seats.body["plan"], "free");
    assert_eq!(root.caller.get("/v1/me").await.expect(200).body["role"], "root");
}

// RULE: AC-01, IN-11, IN-13
#[tokio::test]
async fn a_sign_up_that_nobody_confirms_for_48_hours_cannot_be_accepted_any_more() {
    // A tick some milliseconds before the end may last beyond it, and then nothing is left to be called expired.
    let roster = Roster::start_with(without_ticks()).await;
    roster.caller().post("/v1/accounts", sign_up("robin@acme.test")).await.expect(202);
    let token = roster.token_for("robin@acme.test").await;
    let look = json!({ "token": token });
    let expires_at = roster.caller().post("/v1/invitations/lookup", look.clone()).await.expect(200);
    let expires_at = expires_at.text("expires_at").to_owned();

    roster.advance_to_before(&expires_at, 10).await;
    roster.caller().post("/v1/invitations/lookup", look.clone()).await.expect(200);
    roster.advance_to(&expires_at).await;
    roster.caller().post("/v1/invitations/lookup", look).await.refused(410, "invitation_expired");
    let accept = json!({ "token": token, "password": PASSWORD });
    roster.caller().post("/v1/invitations/accept", accept).await.refused(410, "invitation_expired");
    let sign_in = json!({ "email": "robin@acme.test", "password": PASSWORD });
    roster.caller().post("/v1/sessions", sign_in).await.refused(401, "invalid_credentials");
}

// RULE: IN-18, AC-01
#[tokio::test]
async fn each_sign_up_of_an_address_is_an_account_of_its_own_with_its_own_password() {
    let roster = Roster::start().await;
    let mut accounts = Vec::new();
    for password in ["first-tungsten-quail", "second-tungsten-quail"] {
        let reply = roster.caller().post("/v1/accounts", sign_up("robin@acme.test")).await.expect(202);
        let token = roster.token_for("robin@acme.test").await;
        let accept = json!({ "token": token, "password": password });
        let user = roster.caller().post("/v1/invitations/accept", accept).await.expect(201);
        assert_eq!(user.body["account_id"], reply.body["account_id"]);
        accounts.push((reply.text("account_id").to_owned(), password));
    }
    assert_ne!(accounts[0].0, accounts[1].0);
    for (account_id, own) in &accounts {
        for (_, password) in &accounts {
            let body = json!({ "email": "robin@acme.test", "password": password, "account_id": account_id });
            let reply = roster.caller().post("/v1/sessions", body).await;
            assert_eq!(reply.status, if password == own { 201 } else { 401 }, "{:#}", reply.body);
        }
    }
}
