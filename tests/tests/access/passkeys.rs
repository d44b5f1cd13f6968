//! Passkeys: as the first second factor, as one of several, without a password, and to step up.

use serde_json::{Value, json};
use tests::{Caller, PASSWORD, Passkey, Person, Reply, Roster, Team};

const OPTIONS: &str = "/v1/me/mfa/passkeys/options";
pub(crate) const PASSKEYS: &str = "/v1/me/mfa/passkeys";
pub(crate) const SIGN_IN: &str = "/v1/sessions/passkey";
pub(crate) const STEP_UP: &str = "/v1/sessions/current/step-up";
pub(crate) const STEP_UP_OPTIONS: &str = "/v1/sessions/current/step-up/options";
pub(crate) const VERIFY: &str = "/v1/sessions/mfa";

async fn developer(team: &Team<'_>) -> Person {
    team.member("dev@acme.test", "developer").await
}

/// Somebody with one passkey and no authenticator app.
pub(crate) async fn with_passkey(roster: &Roster, team: &Team<'_>) -> (Person, Passkey) {
    let dev = developer(team).await;
    let (passkey, _) = roster.add_passkey(&dev.caller, "Laptop").await;
    (dev, passkey)
}

pub(crate) fn session_of(roster: &Roster, reply: &Reply) -> Caller {
    roster.caller().with_token(reply.text("token"))
}

/// A sign-in by password that waits for a second factor, and what meets it.
pub(crate) fn meeting(half: &Reply, passkey: &Passkey) -> Value {
    json!({ "challenge": half.body["challenge"], "passkey": passkey.answer(&half.body["passkey_options"]) })
}

// RULE: RO-08, AC-05, RC-05, SE-07
#[tokio::test]
async fn the_first_passkey_lifts_what_is_owed_ends_other_sessions_and_comes_with_codes() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let ann = developer(&team).await;
    let other = roster.sign_in(&ann.email).await;
    let role = json!({ "role": "admin" });
    team.root.caller.put(&format!("/v1/users/{}/role", ann.id), role).await.expect(200);
    ann.caller.get(PASSKEYS).await.refused(403, "mfa_enrollment_required");
    let asked = ann.caller.post(OPTIONS, json!({})).await.expect(200).body;
    let options = &asked["options"];
    assert_eq!(options["rp"], json!({ "id": "localhost", "name": "roster" }));
    assert_eq!((&options["user"]["name"], &options["excludeCredentials"]), (&json!(ann.email), &json!([])));
    assert_eq!(options["authenticatorSelection"]["residentKey"], "preferred");
    let (passkey, added) = roster.add_passkey(&ann.caller, "Laptop").await;
    assert_eq!(added.body["recovery_codes"].as_array().map(Vec::len), Some(10));
    other.caller.get("/v1/me").await.refused(401, "unauthenticated");
    ann.caller.get("/v1/users").await.expect(200);
    let second = roster.add_passkey(&ann.caller, "Phone").await.1;
    assert_eq!(second.body.get("recovery_codes"), None, "those of the first are good");
    let list = ann.caller.get(PASSKEYS).await.expect(200).body;
    let names: Vec<_> = list["data"].as_array().unwrap().iter().map(|one| one["name"].clone()).collect();
    assert_eq!(names, [json!("Phone"), json!("Laptop")], "the newest first");
    assert_eq!(list["data"][1]["id"], json!(passkey.passkey_id));
    assert_eq!(ann.caller.get("/v1/me").await.expect(200).body["mfa_enabled"], true);
    roster.stack.settle().await;
    let subjects = roster.subjects(&ann.email).await;
    let told = |about: &str| subjects.iter().filter(|subject| subject.contains(about)).count();
    assert_eq!((told("A passkey was set up"), told("Security Codes Viewed")), (2, 1), "{subjects:?}");
    let code = added.body["recovery_codes"][0].clone();
    let body = json!({ "challenge": roster.half_way(&ann).await.body["challenge"], "recovery_code": code });
    roster.caller().post(VERIFY, body).await.expect(201);
}

// RULE: AC-04, AC-05, SE-05
#[tokio::test]
async fn a_passkey_signs_in_without_a_password_if_its_holder_is_verified() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let (dev, mut passkey) = with_passkey(&roster, &team).await;
    let asked = roster.asked_to_sign_in().await.body;
    assert_eq!(asked["options"]["userVerification"], "required");
    assert_eq!(asked["options"]["rpId"], "localhost");
    roster.advance("1h").await;
    let signed_in = roster.sign_in_by(&passkey).await.expect(201);
    assert_eq!((signed_in.text("token").is_empty(), &signed_in.body["restricted"]), (false, &json!(false)));
    let me = session_of(&roster, &signed_in).get("/v1/me").await.expect(200).body;
    assert_eq!(me["id"], json!(dev.id));
    let now = roster.stack.clock().now();
    let login: chrono::DateTime<chrono::Utc> = me["last_login_at"].as_str().unwrap().parse().unwrap();
    assert!(now - login < chrono::TimeDelta::minutes(1), "a full authentication");
    // It is fresh, as any sign-in.
    session_of(&roster, &signed_in).post("/v1/me/api-keys", json!({ "name": "ci" })).await.expect(201);
    let list = session_of(&roster, &signed_in).get(PASSKEYS).await.expect(200).body;
    assert_ne!(list["data"][0]["last_used_at"], Value::Null);
    let mut body = passkey.answered(&roster.asked_to_sign_in().await);
    body["credential"] = "cookie".into();
    let by_cookie = roster.caller().post(SIGN_IN, body).await.expect(201);
    assert!(by_cookie.header("set-cookie").is_some() && by_cookie.body["token"].is_null());
    passkey.verifies = false;
    roster.sign_in_by(&passkey).await.refused(401, "invalid_passkey");
    passkey.verifies = true;
    passkey.user_handle = None;
    roster.sign_in_by(&passkey).await.refused(401, "invalid_passkey");
}

// RULE: AC-04
#[tokio::test]
async fn a_passkey_meets_the_challenge_of_a_password_beside_what_else_there_is() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let dev = developer(&team).await;
    let (mut passkey, adding) = roster.make_passkey(&dev.caller, "Laptop").await;
    dev.caller.post(PASSKEYS, adding.clone()).await.expect(201);
    let half = roster.half_way(&dev).await;
    assert_eq!(half.body["factors"], json!(["passkey", "recovery_code"]));
    let allowed = &half.body["passkey_options"]["allowCredentials"];
    assert_eq!(allowed.as_array().map(Vec::len), Some(1), "{allowed}");
    // A security key without a PIN, that keeps nothing of the user, will do here.
    (passkey.verifies, passkey.user_handle) = (false, None);
    let body = meeting(&half, &passkey);
    let met = roster.caller().post(VERIFY, body.clone()).await.expect(201);
    session_of(&roster, &met).get("/v1/me").await.expect(200);
    roster.caller().post(VERIFY, body).await.refused(401, "challenge_invalid");
    dev.caller.post(PASSKEYS, adding).await.refused(409, "ceremony_invalid");
    let other = roster.half_way(&dev).await;
    let swapped =
        json!({ "challenge": other.body["challenge"], "passkey": meeting(&half, &passkey)["passkey"] });
    roster.caller().post(VERIFY, swapped).await.refused(401, "invalid_passkey");
    let both = json!({ "challenge": other.body["challenge"], "passkey": passkey.answer(&json!({
        "rpId": "localhost", "challenge": "AA",
    })), "code": "123456" });
    roster.caller().post(VERIFY, both).await.refused(422, "validation_failed");
    roster.enroll(&dev).await;
    let three = roster.half_way(&dev).await;
    assert_eq!(three.body["factors"], json!(["passkey", "totp", "recovery_code"]));
    let apart = team.root.clone();
    let half = roster.half_way(&apart).await;
    assert_eq!(half.body["factors"], json!(["totp", "recovery_code"]));
    assert_eq!(half.body.get("passkey_options"), None);
}

// RULE: AC-06
#[tokio::test]
async fn a_passkey_steps_up_and_a_password_alone_does_not() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let (dev, passkey) = with_passkey(&roster, &team).await;
    roster.advance("16m").await;
    let key = json!({ "name": "ci" });
    dev.caller.post("/v1/me/api-keys", key.clone()).await.refused(403, "step_up_required");
    dev.caller.post(STEP_UP, json!({ "password": PASSWORD })).await.refused(422, "validation_failed");
    let asked = dev.caller.post(STEP_UP_OPTIONS, json!({})).await.expect(200);
    let body = passkey.answered(&asked);
    for part in ["ceremony", "passkey"] {
        let half = json!({ part: body[part] });
        dev.caller.post(STEP_UP, half).await.refused(422, "validation_failed");
    }
    dev.caller.post(STEP_UP, body.clone()).await.expect(200);
    dev.caller.post("/v1/me/api-keys", key).await.expect(201);
    dev.caller.post(STEP_UP, body).await.refused(409, "ceremony_invalid");
    let bare = team.member("bare@acme.test", "developer").await;
    bare.caller.post(STEP_UP_OPTIONS, json!({})).await.refused(409, "mfa_not_enabled");
    team.root.caller.post(STEP_UP_OPTIONS, json!({})).await.refused(409, "mfa_not_enabled");
}

// RULE: RO-08, AC-06
#[tokio::test]
async fn a_passkey_is_removed_after_a_recent_authentication_and_with_the_last_factor_go_the_codes() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let (dev, passkey) = with_passkey(&roster, &team).await;
    let path = format!("{PASSKEYS}/{}", passkey.passkey_id);
    dev.caller.delete("/v1/me/mfa/totp").await.refused(409, "mfa_not_enabled");
    for nobody in ["psk_01AN4Z07BY79KA1307SR9X4MV3", "nonsense"] {
        dev.caller.delete(&format!("{PASSKEYS}/{nobody}")).await.refused(404, "not_found");
    }
    team.root.caller.delete(&path).await.refused(404, "not_found");
    roster.enroll(&dev).await;
    roster.advance("16m").await;
    dev.caller.delete(&path).await.refused(403, "step_up_required");
    roster.step_up(&dev).await;
    dev.caller.delete(&path).await.expect(204);
    roster.sign_in_by(&passkey).await.refused(401, "invalid_passkey");
    assert_eq!(dev.caller.get("/v1/me").await.expect(200).body["mfa_enabled"], true, "the app is left");
    let (second, _) = roster.add_passkey(&dev.caller, "Phone").await;
    dev.caller.delete("/v1/me/mfa/totp").await.expect(204);
    let half = roster.half_way(&dev).await;
    assert_eq!(
        half.body["factors"],
        json!(["passkey", "recovery_code"]),
        "the passkey and the codes are left"
    );
    let path = format!("{PASSKEYS}/{}", second.passkey_id);
    let role = |role: &str| json!({ "role": role });
    let user = format!("/v1/users/{}/role", dev.id);
    roster.step_up(&team.root).await;
    team.root.caller.put(&user, role("admin")).await.expect(200);
    dev.caller.delete(&path).await.refused(409, "mfa_required_for_role");
    team.root.caller.put(&user, role("developer")).await.expect(200);
    dev.caller.delete(&path).await.expect(204);
    assert_eq!(dev.caller.get("/v1/me").await.expect(200).body["mfa_enabled"], false);
    let body = json!({ "email": dev.email, "password": PASSWORD });
    roster.caller().post("/v1/sessions", body).await.expect(201);
    let removed = roster.facts_of(&team.account_id, "mfa.removed").await;
    assert_eq!(removed.len(), 3);
}

// RULE: AC-06, RO-08
#[tokio::test]
async fn one_more_takes_a_recent_authentication_and_ten_are_the_most() {
    let roster = Roster::start().await;
    let team = roster.team("acme").await;
    let (dev, passkey) = with_passkey(&roster, &team).await;
    let asked = dev.caller.post(OPTIONS, json!({})).await.expect(200);
    assert_eq!(asked.body["options"]["excludeCredentials"].as_array().map(Vec::len), Some(1));
    let body = |name: &str| {
        let made = passkey.created(&asked.body["options"]);
        json!({ "name": name, "ceremony": asked.body["ceremony"], "passkey": made })
    };
    dev.caller.post(PASSKEYS, body("Again")).await.refused(409, "passkey_exists");
    let mut wrong = body("Laptop");
    let challenge = &asked.body["options"]["challenge"];
    wrong["passkey"] = passkey.answer(&json!({ "rpId": "localhost", "challenge": challenge }));
    dev.caller.post(PASSKEYS, wrong).await.refused(401, "invalid_passkey");
    let (_, last) = roster.make_passkey(&dev.caller, "Last").await;
    for n in 2..=10 {
        roster.add_passkey(&dev.caller, &format!("No. {n}")).await;
    }
    dev.caller.post(OPTIONS, json!({})).await.refused(409, "too_many_passkeys");
    dev.caller.post(PASSKEYS, last).await.refused(409, "ceremony_invalid");
    roster.advance("16m").await;
    dev.caller.post(OPTIONS, json!({})).await.refused(403, "step_up_required");
    let keys = dev.caller.get(PASSKEYS).await.expect(200).body;
    assert_eq!(keys["data"].as_array().map(Vec::len), Some(10));
}
