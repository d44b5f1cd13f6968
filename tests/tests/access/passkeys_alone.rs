//! When a passkey signs in without the password, and what a factor beside it leaves alone.

use serde_json::{Value, json};
use tests::{PASSWORD, Passkey, Person, Roster};

use crate::passkeys::{
    PASSKEYS, SIGN_IN, STEP_UP, STEP_UP_OPTIONS, VERIFY, meeting, session_of, with_passkey,
};

const NEW: &str = "marble-otter-71-lantern";

async fn set_by_link(roster: &Roster, person: &Person, password: &str) {
    roster.caller().post("/v1/password-resets", json!({ "email": person.email })).await.expect(202);
    let token = roster.reset_tokens(&person.email).await.into_iter().next().expect("a link was mailed");
    let body = json!({ "token": token, "password": password });
    roster.caller().post("/v1/password-resets/confirm", body).await.expect(204);
}

/// Whether each passkey stands alone, the newest first.
fn alone(list: &Value) -> Vec<bool> {
    let data = list["data"].as_array().expect("passkeys");
    data.iter().map(|passkey| passkey["stands_alone"].as_bool().expect("yes or no")).collect()
}

// RULE: AC-04, AC-08, SE-07
#[tokio::test]
async fn after_a_new_password_a_passkey_stands_alone_once_it_stood_beside_it() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let (dev, passkey) = with_passkey(&roster, &team).await;
    // Somebody was at the unlocked computer.
    let (planted, _) = roster.add_passkey(&dev.caller, "Planted").await;
    roster.sign_in_by(&planted).await.expect(201);
    set_by_link(&roster, &dev, NEW).await;
    for passkey in [&passkey, &planted] {
        roster.sign_in_by(passkey).await.refused(403, "password_required");
    }
    let early = passkey.answered(&roster.asked_to_sign_in().await);
    roster.caller().post(SIGN_IN, early.clone()).await.refused(403, "password_required");
    let sign_in = json!({ "email": dev.email, "password": NEW });
    let half = roster.caller().post("/v1/sessions", sign_in).await.expect(200);
    let session =
        session_of(&roster, &roster.caller().post(VERIFY, meeting(&half, &passkey)).await.expect(201));
    assert_eq!(alone(&session.get(PASSKEYS).await.expect(200).body), [false, true]);
    // An answer that was refused for the password is over as well.
    let early = roster.caller().post(SIGN_IN, early).await;
    early.refused(409, "ceremony_invalid");
    roster.sign_in_by(&passkey).await.expect(201);
    roster.sign_in_by(&planted).await.refused(403, "password_required");
    roster.stack.settle().await;
    let mails = roster.mails(&dev.email).await;
    let reset = mails.iter().find(|mail| mail.to_string().contains("was reset")).expect("a mail");
    assert!(reset.to_string().contains("Remove one that you do not know"), "{reset}");
    // Their owner changes it, and steps up.
    let changed = json!({ "current_password": NEW, "new_password": PASSWORD });
    session.put("/v1/me/password", changed).await.expect(204);
    roster.sign_in_by(&passkey).await.refused(403, "password_required");
    let asked = session.post(STEP_UP_OPTIONS, json!({})).await.expect(200);
    session.post(STEP_UP, passkey.answered(&asked)).await.expect(200);
    roster.sign_in_by(&passkey).await.expect(201);
    assert_eq!(alone(&session.get(PASSKEYS).await.expect(200).body), [false, true]);
    // A logout asks for no password.
    team.root
        .caller
        .post(&format!("/v1/users/{}/logout", dev.id), json!({ "confirm": true }))
        .await
        .expect(200);
    roster.sign_in_by(&passkey).await.expect(201);
}

// RULE: AC-04
#[tokio::test]
async fn a_passkey_whose_holder_was_not_verified_when_it_was_added_never_stands_alone() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let dev = team.member("dev@acme.test", "developer").await;
    let asked = dev.caller.post("/v1/me/mfa/passkeys/options", json!({})).await.expect(200).body;
    let (made, _) = Passkey::create(roster.stack.url(), &asked["options"]);
    let without_pin = Passkey { verifies: false, ..made };
    let answer = without_pin.created(&asked["options"]);
    let body = json!({ "name": "Key", "ceremony": asked["ceremony"], "passkey": answer });
    let added = dev.caller.post(PASSKEYS, body).await.expect(201).body;
    assert_eq!(added["stands_alone"], false);
    // Whoever found it has set a PIN; and its owner uses it beside the password with one.
    let with_pin = Passkey { verifies: true, ..without_pin.clone() };
    roster.sign_in_by(&with_pin).await.refused(403, "password_required");
    let half = roster.half_way(&dev).await;
    roster.caller().post(VERIFY, meeting(&half, &with_pin)).await.expect(201);
    roster.sign_in_by(&with_pin).await.refused(403, "password_required");
}

// RULE: RC-02, RO-08
#[tokio::test]
async fn an_app_beside_a_passkey_leaves_codes_and_sessions_as_they_are() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let dev = team.member("dev@acme.test", "developer").await;
    let (passkey, added) = roster.add_passkey(&dev.caller, "Laptop").await;
    let other = session_of(&roster, &roster.sign_in_by(&passkey).await.expect(201));
    let confirmed = roster.authenticators.try_to_enroll(&dev.email, &dev.caller).await.expect(200);
    assert_eq!(confirmed.body, json!({}), "no other codes");
    other.get("/v1/me").await.expect(200);
    let code = added.body["recovery_codes"][0].clone();
    let body = json!({ "challenge": roster.half_way(&dev).await.body["challenge"], "recovery_code": code });
    roster.caller().post(VERIFY, body).await.expect(201);
    let enabled = roster.facts_of(&team.account_id, "mfa.enabled").await;
    let mut seen: Vec<_> = enabled.iter().filter(|fact| fact["target"] == json!(dev.id)).collect();
    seen.retain(|fact| fact["after"]["is_first"] == json!(false));
    assert_eq!(seen.len(), 1, "{enabled:#?}");
    // Another app in its place puts out whoever had the former one, and leaves the codes.
    roster.advance("5m").await;
    let replaced = roster.authenticators.try_to_enroll(&dev.email, &dev.caller).await.expect(200);
    assert_eq!(replaced.body, json!({}));
    other.get("/v1/me").await.refused(401, "unauthenticated");
    dev.caller.get("/v1/me").await.expect(200);
    let code = added.body["recovery_codes"][1].clone();
    let body = json!({ "challenge": roster.half_way(&dev).await.body["challenge"], "recovery_code": code });
    roster.caller().post(VERIFY, body).await.expect(201);
    roster.stack.settle().await;
    let mails = roster.mails(&dev.email).await;
    assert!(mails.iter().any(|mail| mail.to_string().contains("takes the place of your former one")));
}
