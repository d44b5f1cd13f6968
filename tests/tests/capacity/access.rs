//! What somebody's access costs: signing in, second factors, recovery codes, passwords and keys.

use serde_json::{Value, json};
use tests::{Caller, PASSWORD, Passkey, Person, Reply, app_code};

use crate::Life;

/// A key that was not used before.
pub(crate) const FIRST_USE: &str = "first use of a key";
const NEW_PASSWORD: &str = "nimbus-walnut-42-quail";

impl Life<'_> {
    /// Somebody, with a key of its own for each call where keys are used.
    fn by(&mut self, person: &Person) -> Caller {
        let caller = person.caller.clone();
        let Some(used) = &mut self.keys else { return caller };
        *used += 1;
        caller.with_header("idempotency-key", &format!("key {used}"))
    }

    async fn own(&mut self, what: &'static str, by: &Person, path: &str, body: Value) -> Reply {
        let reply = self.by(by).post(path, body).await;
        self.note(what, reply).await
    }

    async fn open(&mut self, what: &'static str, path: &str, body: Value) -> Reply {
        let reply = self.team.roster.caller().post(path, body).await;
        self.note(what, reply).await
    }

    pub(crate) async fn ways_in(&mut self, domain: &str) {
        let amy = self.team.member(&format!("amy@{domain}.test"), "developer").await;
        self.team.roster.stack.settle().await;
        self.sessions_and_profile(&amy).await;
        self.notifications(&amy).await;
        let amy = self.passwords(amy).await;
        self.question().await;
        self.second_factor(&amy).await;
        self.codes(&amy).await;
        self.api_keys(&amy).await;
        self.passkeys(&amy).await;
        let reply = self.by(&amy).delete("/v1/me/mfa/totp").await.expect(204);
        self.note("remove-mfa", reply).await;
    }

    async fn sessions_and_profile(&mut self, amy: &Person) {
        let anyone = amy.caller.without_token();
        let path = "/v1/me/sessions";
        let sign_in = json!({ "email": amy.email, "password": PASSWORD });
        let other = anyone.post("/v1/sessions", sign_in).await.expect(201);
        self.team.roster.stack.settle().await;
        let reply = amy.caller.get(path).await.expect(200);
        self.note("list-sessions", reply).await;
        let reply = self.by(amy).delete(&format!("{path}/{}", other.text("session_id"))).await.expect(204);
        self.note("end-session", reply).await;
        let reply = self.by(amy).delete(path).await.expect(200);
        self.note("end-other-sessions", reply).await;
        for what in ["update-profile", "update-profile the same"] {
            let reply = self.by(amy).patch("/v1/me", json!({ "first_name": "Amelia" })).await.expect(200);
            self.note(what, reply).await;
        }
    }

    async fn notifications(&mut self, amy: &Person) {
        let reply = self.by(amy).get("/v1/me/notifications").await.expect(200);
        self.note("get-notifications", reply).await;
        for roles in [false, true] {
            let reply = self.by(amy).put("/v1/me/notifications", json!({ "roles": roles })).await.expect(200);
            self.note("change-notifications", reply).await;
        }
    }

    async fn passwords(&mut self, amy: Person) -> Person {
        let step_up = "/v1/sessions/current/step-up";
        for (password, status) in [("wrong", 401), (PASSWORD, 200)] {
            let body = json!({ "password": password });
            self.own("step-up by password", &amy, step_up, body).await.expect(status);
        }
        for (current, status) in [("wrong", 401), (PASSWORD, 204)] {
            let body = json!({ "current_password": current, "new_password": NEW_PASSWORD });
            let reply = self.by(&amy).put("/v1/me/password", body).await.expect(status);
            self.note("change-password", reply).await;
        }
        let body = json!({ "email": amy.email });
        self.open("request-reset", "/v1/password-resets", body).await.expect(202);
        let token = self.team.roster.reset_tokens(&amy.email).await.remove(0);
        for status in [204, 404] {
            let body = json!({ "token": token, "password": PASSWORD });
            self.open("reset-password", "/v1/password-resets/confirm", body).await.expect(status);
        }
        let amy = self.team.roster.sign_in(&amy.email).await;
        self.team.roster.stack.settle().await;
        amy
    }

    /// Of somebody else: who was asked takes a little more room from then on.
    async fn question(&mut self) {
        let ben = self.team.member("ben@capacity.test", "monitor").await;
        let token = self.team.ask_access(&ben).await;
        for status in [204, 404] {
            let body = json!({ "token": token, "answer": "yes" });
            self.open("access-answer", "/v1/access-answers", body).await.expect(status);
        }
    }

    async fn second_factor(&mut self, amy: &Person) {
        let roster = self.team.roster;
        let (enroll, confirm) = ("/v1/me/mfa/totp", "/v1/me/mfa/totp/confirm");
        let enrolled = self.own("enroll-mfa", amy, enroll, json!({})).await.expect(200);
        let secret = enrolled.text("secret").to_owned();
        // One that nobody's app shows around now.
        let wrong = app_code(roster, &secret, -100);
        self.own("confirm-mfa", amy, confirm, json!({ "code": wrong })).await.expect(401);
        let right = json!({ "code": app_code(roster, &secret, 0) });
        let confirmed = self.own("confirm-mfa", amy, confirm, right).await.expect(200);
        let recovery_code = &confirmed.body["recovery_codes"][0];
        let challenge = async |life: &mut Self| {
            let body = json!({ "email": amy.email, "password": PASSWORD });
            let challenged = life.open("sign-in with a challenge", "/v1/sessions", body).await.expect(200);
            challenged.text("challenge").to_owned()
        };
        let (one, two) = (challenge(self).await, challenge(self).await);
        let right = app_code(roster, &secret, 1);
        for (code, status) in [(wrong.as_str(), 401), (&right, 201), (&right, 401)] {
            let body = json!({ "challenge": one, "code": code });
            self.open("verify-mfa", "/v1/sessions/mfa", body).await.expect(status);
        }
        let body = json!({ "challenge": two, "recovery_code": recovery_code });
        self.open("verify-mfa by recovery code", "/v1/sessions/mfa", body).await.expect(201);
        roster.advance("60s").await;
        let right = app_code(roster, &secret, 1);
        for (code, status) in [(wrong.as_str(), 401), (&right, 200)] {
            let body = json!({ "code": code });
            self.own("step-up by code", amy, "/v1/sessions/current/step-up", body).await.expect(status);
        }
    }

    async fn passkeys(&mut self, amy: &Person) {
        let roster = self.team.roster;
        let (own, step_up) = ("/v1/me/mfa/passkeys", "/v1/sessions/current/step-up");
        let asked = amy.caller.post(&format!("{own}/options"), json!({})).await.expect(200);
        let asked = self.note("begin-passkey", asked).await.body;
        let (passkey, answer) = Passkey::create(roster.stack.url(), &asked["options"]);
        let body = json!({ "name": "Laptop", "ceremony": asked["ceremony"], "passkey": answer });
        let added = self.own("add-passkey", amy, own, body).await.expect(201);
        let reply = amy.caller.get(own).await.expect(200);
        self.note("list-passkeys", reply).await;
        let sign_in = "/v1/sessions/passkey";
        let begun = self.open("begin-passkey-sign-in", &format!("{sign_in}/options"), json!({})).await;
        let evil = Passkey { origin: "https://elsewhere.example".into(), ..passkey.clone() };
        for (passkey, status) in [(&evil, 401), (&passkey, 201), (&passkey, 409)] {
            self.open("sign-in-with-passkey", sign_in, passkey.answered(&begun)).await.expect(status);
        }
        let half = roster.half_way(amy).await;
        let answer = passkey.answer(&half.body["passkey_options"]);
        let body = json!({ "challenge": half.body["challenge"], "passkey": answer });
        self.open("verify-mfa by passkey", "/v1/sessions/mfa", body).await.expect(201);
        let asked = amy.caller.post(&format!("{step_up}/options"), json!({})).await.expect(200);
        let asked = self.note("begin-step-up", asked).await;
        self.own("step-up by passkey", amy, step_up, passkey.answered(&asked)).await.expect(200);
        let reply = self.by(amy).delete(&format!("{own}/{}", added.text("id"))).await.expect(204);
        self.note("remove-passkey", reply).await;
    }

    async fn codes(&mut self, amy: &Person) {
        let own = "/v1/me/recovery-codes";
        self.own("issue-own-codes", amy, own, json!({})).await.expect(200);
        self.own("view-own-codes", amy, &format!("{own}/view"), json!({})).await.expect(200);
        let theirs = format!("/v1/users/{}/recovery-codes", amy.id);
        self.post("issue-codes", &theirs, json!({ "confirm": true })).await.expect(200);
        self.post("view-codes", &format!("{theirs}/view"), json!({})).await.expect(200);
    }

    async fn api_keys(&mut self, amy: &Person) {
        let own = "/v1/me/api-keys";
        let theirs = format!("/v1/users/{}/api-keys", amy.id);
        let mut made = Vec::new();
        for name in ["one", "two", "three"] {
            let reply = self.own("create-key", amy, own, json!({ "name": name })).await.expect(201);
            made.push(reply);
        }
        let reply = amy.caller.get(own).await.expect(200);
        self.note("list-keys", reply).await;
        let by_key = amy.caller.with_token(made[2].text("token"));
        for what in [FIRST_USE, "list-resources by a key"] {
            let reply = by_key.get("/v1/resources").await.expect(200);
            self.note(what, reply).await;
        }
        let reply = self.by(amy).delete(&format!("{own}/{}", made[0].text("id"))).await.expect(204);
        self.note("delete-key", reply).await;
        let reply = self.root().get(&theirs).await.expect(200);
        self.note("list-user-keys", reply).await;
        let reply = self.root().delete(&format!("{theirs}/{}", made[1].text("id"))).await.expect(204);
        self.note("delete-user-key", reply).await;
        let reply = self.root().delete(&theirs).await.expect(204);
        self.note("delete-user-keys", reply).await;
    }
}
