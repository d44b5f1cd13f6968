//! The steps of what somebody's access takes: signing in, second factors, recovery codes, passwords and keys.

use serde_json::{Value, json};
use tests::{PASSWORD, Passkey, Person, Reply, Roster, Team, app_code};

use crate::{Bench, READ, WRITE, sign_in};

const NEW_PASSWORD: &str = "nimbus-walnut-42-quail";

/// The second half of a sign-in.
pub(crate) async fn verify(roster: &Roster, email: &str, challenged: &Reply) -> Reply {
    let mut body = roster.authenticators.answer(email);
    body["challenge"] = challenged.body["challenge"].clone();
    roster.caller().post("/v1/sessions/mfa", body).await
}

/// A team of its own.
pub(crate) async fn ways_in(bench: &mut Bench<'_>) {
    let team = bench.roster.team("access").await.on_pro().await;
    let ann = team.member("ann@access.test", "developer").await;
    bench.note("sign-in", 0, sign_in(bench.roster.caller(), &ann.email, PASSWORD).await).await.expect(201);
    sessions_and_profile(bench, &ann).await;
    let ann = passwords(bench, ann).await;
    let token = team.ask_access(&ann).await;
    for (steps, status) in [(WRITE, 204), (READ, 404)] {
        let body = json!({ "token": token, "answer": "yes" });
        let reply = bench.roster.caller().post("/v1/access-answers", body).await;
        bench.note("access-answer", steps, reply).await.expect(status);
    }
    second_factor(bench, &ann).await;
    codes(bench, &team, &ann).await;
    keys(bench, &team, &ann).await;
    passkeys(bench, &ann).await;
    bench.note("remove-mfa", WRITE, ann.caller.delete("/v1/me/mfa/totp").await).await.expect(204);
    roots_own(bench, &team).await;
}

async fn sessions_and_profile(bench: &mut Bench<'_>, ann: &Person) {
    let path = "/v1/me/sessions";
    let listed = bench.note("list-sessions", READ, ann.caller.get(path).await).await.expect(200);
    let is_other = |session: &&Value| session["current"] == false;
    let other = listed.body["data"].as_array().expect("sessions").iter().find(is_other).expect("another");
    let other = format!("{path}/{}", other["id"].as_str().expect("an identifier"));
    bench.note("end-session", WRITE, ann.caller.delete(&other).await).await.expect(204);
    bench.note("end-session", READ, ann.caller.delete(&other).await).await.expect(404);
    bench.note("end-other-sessions", WRITE, ann.caller.delete(path).await).await.expect(200);
    for steps in [WRITE, READ] {
        let named = json!({ "first_name": "Anna" });
        bench.note("update-profile", steps, ann.caller.patch("/v1/me", named).await).await.expect(200);
    }
    bench.note("get-notifications", READ, ann.caller.get("/v1/me/notifications").await).await.expect(200);
    for steps in [WRITE, READ] {
        let reply = ann.caller.put("/v1/me/notifications", json!({ "roles": false })).await;
        bench.note("change-notifications", steps, reply).await.expect(200);
    }
    bench.roster.advance("5m").await;
    bench.note("first use in five minutes", 0, ann.caller.get("/v1/me").await).await.expect(200);
    bench.note("get-profile", READ, ann.caller.get("/v1/me").await).await.expect(200);
}

async fn passwords(bench: &mut Bench<'_>, ann: Person) -> Person {
    let step_up = "/v1/sessions/current/step-up";
    for (password, status) in [("wrong", 401), (PASSWORD, 200)] {
        let reply = ann.caller.post(step_up, json!({ "password": password })).await;
        bench.note("step-up by password", 0, reply).await.expect(status);
    }
    for (current, status) in [("wrong", 401), (PASSWORD, 204)] {
        let body = json!({ "current_password": current, "new_password": NEW_PASSWORD });
        let reply = ann.caller.put("/v1/me/password", body).await;
        bench.note("change-password", 0, reply).await.expect(status);
    }
    for email in ["nobody@access.test", &ann.email] {
        let reply = bench.roster.caller().post("/v1/password-resets", json!({ "email": email })).await;
        bench.note("request-reset", 0, reply).await.expect(202);
    }
    bench.roster.stack.settle().await;
    let token = bench.roster.reset_tokens(&ann.email).await.remove(0);
    for (steps, status) in [(WRITE, 204), (READ, 404)] {
        let body = json!({ "token": token, "password": PASSWORD });
        let reply = bench.roster.caller().post("/v1/password-resets/confirm", body).await;
        bench.note("reset-password", steps, reply).await.expect(status);
    }
    bench.roster.sign_in(&ann.email).await
}

/// One that nobody's app shows around now.
fn wrong_code(roster: &Roster, secret: &str) -> String {
    app_code(roster, secret, -100)
}

async fn second_factor(bench: &mut Bench<'_>, ann: &Person) {
    let roster = bench.roster;
    let (enroll, confirm) = ("/v1/me/mfa/totp", "/v1/me/mfa/totp/confirm");
    let enrolled =
        bench.note("enroll-mfa", WRITE, ann.caller.post(enroll, json!({})).await).await.expect(200);
    let secret = enrolled.text("secret").to_owned();
    let wrong = json!({ "code": wrong_code(roster, &secret) });
    let reply = ann.caller.post(confirm, wrong.clone()).await;
    bench.note("confirm-mfa by a wrong code", WRITE, reply).await.refused(401, "invalid_code");
    let right = json!({ "code": app_code(roster, &secret, 0) });
    let confirmed = ann.caller.post(confirm, right.clone()).await;
    let confirmed = bench.note("confirm-mfa", WRITE, confirmed).await.expect(200);
    bench.note("confirm-mfa", READ, ann.caller.post(confirm, right).await).await.refused(409, "no_enrolment");

    let challenge = async |bench: &mut Bench<'_>| {
        let reply = sign_in(roster.caller(), &ann.email, PASSWORD).await;
        let challenged = bench.note("sign-in with a challenge", 0, reply).await.expect(200);
        challenged.body["challenge"].clone()
    };
    let verify = async |body: Value| roster.caller().post("/v1/sessions/mfa", body).await;
    let one = challenge(bench).await;
    let body = json!({ "challenge": one, "code": wrong["code"] });
    bench.note("verify-mfa, a wrong code", WRITE, verify(body).await).await.refused(401, "invalid_code");
    let body = json!({ "challenge": one, "code": app_code(roster, &secret, 1) });
    bench.note("verify-mfa", WRITE, verify(body.clone()).await).await.expect(201);
    bench.note("verify-mfa", READ, verify(body).await).await.refused(401, "challenge_invalid");
    let body =
        json!({ "challenge": challenge(bench).await, "recovery_code": confirmed.body["recovery_codes"][0] });
    bench.note("verify-mfa by recovery code", WRITE, verify(body).await).await.expect(201);

    roster.advance("60s").await;
    let step_up = async |body: Value| ann.caller.post("/v1/sessions/current/step-up", body).await;
    bench.note("step-up by a wrong code", WRITE, step_up(wrong).await).await.refused(401, "invalid_code");
    let body = json!({ "code": app_code(roster, &secret, 1) });
    bench.note("step-up by code", WRITE, step_up(body).await).await.expect(200);
}

async fn codes(bench: &mut Bench<'_>, team: &Team<'_>, ann: &Person) {
    let own = "/v1/me/recovery-codes";
    bench.note("issue-own-codes", WRITE, ann.caller.post(own, json!({})).await).await.expect(200);
    let view = format!("{own}/view");
    bench.note("view-own-codes", WRITE, ann.caller.post(&view, json!({})).await).await.expect(200);
    bench.roster.step_up(&team.root).await;
    let root = &team.root.caller;
    let theirs = format!("/v1/users/{}/recovery-codes", ann.id);
    let issued = root.post(&theirs, json!({ "confirm": true })).await;
    bench.note("issue-codes", WRITE, issued).await.expect(200);
    let viewed = root.post(&format!("{theirs}/view"), json!({})).await;
    bench.note("view-codes", WRITE, viewed).await.expect(200);
}

async fn keys(bench: &mut Bench<'_>, team: &Team<'_>, ann: &Person) {
    let (own, root) = ("/v1/me/api-keys", &team.root.caller);
    let theirs = format!("/v1/users/{}/api-keys", ann.id);
    let mut made = Vec::new();
    for name in ["one", "two", "three"] {
        let reply = ann.caller.post(own, json!({ "name": name })).await;
        made.push(bench.note("create-key", 0, reply).await.expect(201));
    }
    let by_key = ann.caller.with_token(made[2].text("token"));
    bench.note("first use in five minutes", 0, by_key.get("/v1/resources").await).await.expect(200);
    bench.note("list-resources by a key", READ, by_key.get("/v1/resources").await).await.expect(200);
    bench.note("list-keys", READ, ann.caller.get(own).await).await.expect(200);
    let first = format!("{own}/{}", made[0].text("id"));
    bench.note("delete-key", WRITE, ann.caller.delete(&first).await).await.expect(204);
    bench.note("delete-key", READ, ann.caller.delete(&first).await).await.expect(404);
    bench.note("list-user-keys", READ, root.get(&theirs).await).await.expect(200);
    let second = format!("{theirs}/{}", made[1].text("id"));
    bench.note("delete-user-key", WRITE, root.delete(&second).await).await.expect(204);
    bench.note("delete-user-keys", WRITE, root.delete(&theirs).await).await.expect(204);
    bench.note("delete-user-keys", READ, root.delete(&theirs).await).await.expect(204);
    bench.note("a dead key", READ, by_key.get("/v1/resources").await).await.expect(401);
}

async fn passkeys(bench: &mut Bench<'_>, ann: &Person) {
    let (roster, own, step_up) = (bench.roster, "/v1/me/mfa/passkeys", "/v1/sessions/current/step-up");
    let options = |path: &str| format!("{path}/options");
    let asked = ann.caller.post(&options(own), json!({})).await;
    let asked = bench.note("begin-passkey", READ, asked).await.expect(200).body;
    let (passkey, answer) = Passkey::create(roster.stack.url(), &asked["options"]);
    let body = json!({ "name": "Laptop", "ceremony": asked["ceremony"], "passkey": answer });
    let added = bench.note("add-passkey", WRITE, ann.caller.post(own, body.clone()).await).await.expect(201);
    bench.note("add-passkey", READ, ann.caller.post(own, body).await).await.refused(409, "ceremony_invalid");
    bench.note("list-passkeys", READ, ann.caller.get(own).await).await.expect(200);
    let sign_in = "/v1/sessions/passkey";
    let asked = roster.caller().post(&options(sign_in), json!({})).await;
    let asked = bench.note("begin-passkey-sign-in", 0, asked).await.expect(200);
    let evil = Passkey { origin: "https://elsewhere.example".into(), ..passkey.clone() };
    let signed_in = roster.caller().post(sign_in, evil.answered(&asked)).await;
    bench.note("sign-in-with-passkey", READ, signed_in).await.refused(401, "invalid_passkey");
    let signed_in = roster.caller().post(sign_in, passkey.answered(&asked)).await;
    bench.note("sign-in-with-passkey", WRITE, signed_in).await.expect(201);
    let half = roster.half_way(ann).await;
    let answer = passkey.answer(&half.body["passkey_options"]);
    let body = json!({ "challenge": half.body["challenge"], "passkey": answer });
    let met = roster.caller().post("/v1/sessions/mfa", body).await;
    bench.note("verify-mfa by passkey", WRITE, met).await.expect(201);
    let asked = ann.caller.post(&options(step_up), json!({})).await;
    let asked = bench.note("begin-step-up", READ, asked).await.expect(200);
    let stepped_up = ann.caller.post(step_up, passkey.answered(&asked)).await;
    bench.note("step-up by passkey", WRITE, stepped_up).await.expect(200);
    let path = format!("{own}/{}", added.text("id"));
    bench.note("remove-passkey", WRITE, ann.caller.delete(&path).await).await.expect(204);
    bench.note("remove-passkey", READ, ann.caller.delete(&path).await).await.expect(404);
}

/// Nothing of a Root's codes is kept from which they could be made once more. RULE: RC-04
async fn roots_own(bench: &mut Bench<'_>, team: &Team<'_>) {
    let root = &team.root.caller;
    let issued = root.post("/v1/me/recovery-codes", json!({})).await;
    bench.note("issue-own-codes of a Root", WRITE, issued).await.expect(200);
    let enrolled = root.post("/v1/me/mfa/totp", json!({})).await.expect(200);
    let code = json!({ "code": app_code(bench.roster, enrolled.text("secret"), 0) });
    let confirmed = root.post("/v1/me/mfa/totp/confirm", code).await;
    bench.note("confirm-mfa of a Root", WRITE, confirmed).await.expect(200);
}
