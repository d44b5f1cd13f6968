//! Calls that lead each function of one's own access, and of others' codes and keys, to everything that it may ask for.

use std::iter;

use reqwest::Method;
use serde_json::{Value, json};
use tests::PASSWORD;

use crate::calls::{Step, post};
use crate::prepared::{
    ACCESS_LINK, ANSWER, CEREMONY, CHALLENGE, CODE, FIRST_CODE, LINK, NEW_ANSWER, Prepared, WRONG_ANSWER,
};

const NEW_PASSWORD: &str = "quartz-lattice-heron-7";
const PASSKEYS: &str = "/v1/me/mfa/passkeys";
const WRONG_CODE: &str = "000000";
/// Wrong passwords that lock an address, and wrong codes that end a challenge; twice as many lock a user's codes.
const LOCKED_BY: usize = 5;

fn get<'a>(by: &'a str, path: &str) -> Step<'a> {
    (by, Method::GET, path.to_owned(), None)
}

fn delete<'a>(by: &'a str, path: &str) -> Step<'a> {
    (by, Method::DELETE, path.to_owned(), None)
}

fn sign_in<'a>(email: &str, password: &str) -> Step<'a> {
    post("", "/v1/sessions", json!({ "email": email, "password": password }))
}

fn code_step<'a>(name: &str, code: &str) -> Step<'a> {
    post("", "/v1/sessions/mfa", json!({ "challenge": CHALLENGE, name: code }))
}

fn password<'a>(by: &'a str, current: &str) -> Step<'a> {
    let body = json!({ "current_password": current, "new_password": NEW_PASSWORD });
    (by, Method::PUT, "/v1/me/password".to_owned(), Some(body))
}

impl Prepared {
    /// Calls that lead a function to everything it may ask for, where it is about oneself, or about codes and keys.
    #[allow(clippy::too_many_lines)] // it is one table
    pub(crate) fn own_calls(&self, function: &str) -> Vec<Step<'_>> {
        let (root, monitor, ann) = (self.root.as_str(), self.monitor.as_str(), self.ann.as_str());
        // A key that is refused, or somebody who owes a second factor, is written down.
        let (erin, key, owing) = (self.erin.session.as_str(), self.erin.key.as_str(), self.owing.as_str());
        let token = &self.pending_token;
        let theirs = |what: &str| format!("/v1/users/{}{what}", self.erin.id);
        let own_key = format!("/v1/me/api-keys/{}", self.erin.key_id);
        let challenged = || sign_in("erin@acme.test", PASSWORD);
        let step_up = |by, body: Value| post(by, "/v1/sessions/current/step-up", body);
        let enroll = |by| post(by, "/v1/me/mfa/totp", json!({}));
        let confirm = |by, code: &str| post(by, "/v1/me/mfa/totp/confirm", json!({ "code": code }));
        let codes = |by, what: &str| post(by, &format!("/v1/me/recovery-codes{what}"), json!({}));
        let begin_passkey = |by| post(by, &format!("{PASSKEYS}/options"), json!({}));
        let add_passkey = |by, answer: &str| {
            post(by, PASSKEYS, json!({ "name": "Laptop", "ceremony": CEREMONY, "passkey": answer }))
        };
        let reset = |email: &str| post("", "/v1/password-resets", json!({ "email": email }));
        let chosen = |token: &str| {
            post("", "/v1/password-resets/confirm", json!({ "token": token, "password": NEW_PASSWORD }))
        };
        match function {
            "lookup-invite" => vec![post("", "/v1/invitations/lookup", json!({ "token": token }))],
            "accept-invite" => {
                vec![post("", "/v1/invitations/accept", json!({ "token": token, "password": PASSWORD }))]
            }
            // Once more than locks: that is refused before anything is tried.
            "sign-in" => [("ann", "wrong"), ("ann", PASSWORD), ("erin", PASSWORD)]
                .into_iter()
                .chain([("mona", "wrong"); LOCKED_BY + 1])
                .map(|(name, password)| sign_in(&format!("{name}@acme.test"), password))
                .collect(),
            "verify-mfa" => {
                let wrong = || iter::once(challenged()).chain(vec![code_step("code", WRONG_CODE); LOCKED_BY]);
                iter::empty()
                    .chain([challenged(), code_step("code", CODE), challenged()])
                    .chain([code_step("recovery_code", &self.erin.recovery_code)])
                    .chain(wrong())
                    .chain(wrong())
                    .collect()
            }
            "step-up" => vec![
                step_up(key, json!({ "code": CODE })),
                step_up(erin, json!({ "code": WRONG_CODE })),
                step_up(erin, json!({ "code": CODE })),
                post(erin, "/v1/sessions/current/step-up/options", json!({})),
                step_up(ann, json!({ "password": "wrong" })),
                step_up(ann, json!({ "password": PASSWORD })),
            ],
            "sign-in-with-passkey" => vec![
                post("", "/v1/sessions/passkey/options", json!({})),
                post("", "/v1/sessions/passkey", json!({ "ceremony": CEREMONY, "passkey": WRONG_ANSWER })),
                post("", "/v1/sessions/passkey", json!({ "ceremony": CEREMONY, "passkey": ANSWER })),
            ],
            "sign-out" => [key, erin].map(|by| delete(by, "/v1/sessions/current")).into(),
            "list-sessions" => [key, erin].map(|by| get(by, "/v1/me/sessions")).into(),
            "end-sessions" => {
                let one = format!("/v1/me/sessions/{}", self.erin.other_session);
                vec![delete(key, &one), delete(erin, &one), delete(erin, "/v1/me/sessions")]
            }
            "get-profile" => [root, &self.keyless].map(|by| get(by, "/v1/me")).into(),
            "update-profile" => [key, erin]
                .map(|by| (by, Method::PATCH, "/v1/me".to_owned(), Some(json!({ "first_name": "E" }))))
                .into(),
            "notification-settings" => [key, erin]
                .into_iter()
                .flat_map(|by| {
                    let put =
                        (by, Method::PUT, "/v1/me/notifications".to_owned(), Some(json!({ "roles": false })));
                    [get(by, "/v1/me/notifications"), put]
                })
                .collect(),
            "change-password" => {
                vec![password(key, PASSWORD), password(ann, "wrong"), password(ann, PASSWORD)]
            }
            "request-reset" => vec![reset("nobody@acme.test"), reset("ann@acme.test")],
            "reset-password" => vec![reset("ann@acme.test"), chosen("none"), chosen(LINK)],
            "access-answer" => {
                let answer =
                    |token: &str| post("", "/v1/access-answers", json!({ "token": token, "answer": "no" }));
                let ask = post(root, &format!("/v1/users/{}/access-question", self.active), json!({}));
                vec![ask, answer("none"), answer(ACCESS_LINK)]
            }
            "enroll-mfa" => vec![enroll(key), enroll(ann)],
            // The first, one in place of another, and one more beside a passkey.
            "confirm-mfa" => vec![
                enroll(ann),
                confirm(ann, WRONG_CODE),
                enroll(ann),
                confirm(ann, FIRST_CODE),
                enroll(erin),
                confirm(erin, FIRST_CODE),
                delete(erin, "/v1/me/mfa/totp"),
                enroll(erin),
                confirm(erin, FIRST_CODE),
            ],
            "remove-mfa" => [key, erin].map(|by| delete(by, "/v1/me/mfa/totp")).into(),
            "add-passkey" => vec![
                begin_passkey(key),
                begin_passkey(ann),
                // An answer of a use is none of a making.
                add_passkey(ann, WRONG_ANSWER),
                add_passkey(ann, NEW_ANSWER),
                begin_passkey(erin),
                add_passkey(erin, NEW_ANSWER),
            ],
            "list-passkeys" => [key, erin].map(|by| get(by, PASSKEYS)).into(),
            "remove-passkey" => [key, erin]
                .map(|by| delete(by, &format!("{PASSKEYS}/{}", self.erin.passkey.passkey_id)))
                .into(),
            "own-codes" => vec![codes(key, ""), codes(erin, "/view"), codes(erin, "")],
            "create-key" => {
                [key, erin].map(|by| post(by, "/v1/me/api-keys", json!({ "name": "one more" }))).into()
            }
            "list-keys" => [key, erin].map(|by| get(by, "/v1/me/api-keys")).into(),
            "delete-key" => [key, erin].map(|by| delete(by, &own_key)).into(),
            "leave" => [owing, monitor].map(|by| delete(by, "/v1/me?confirm=true")).into(),
            "authorize" => {
                [owing, root].map(|by| post(by, "/v1/authorize", json!({ "action": "users.read" }))).into()
            }
            "issue-codes" => [monitor, root]
                .map(|by| post(by, &theirs("/recovery-codes"), json!({ "confirm": true })))
                .into(),
            "view-codes" => {
                [monitor, root].map(|by| post(by, &theirs("/recovery-codes/view"), json!({}))).into()
            }
            "list-user-keys" => [monitor, root].map(|by| get(by, &theirs("/api-keys"))).into(),
            "delete-user-keys" => {
                let one = theirs(&format!("/api-keys/{}", self.erin.key_id));
                vec![delete(monitor, &one), delete(root, &one), delete(root, &theirs("/api-keys"))]
            }
            "billing-summary" => [monitor, root].map(|by| get(by, "/v1/billing")).into(),
            "preview-charge" => {
                [monitor, root].map(|by| post(by, "/v1/billing/preview", json!({ "add_users": 1 }))).into()
            }
            "change-plan" => [monitor, root]
                .map(|by| {
                    let plan = json!({ "plan": "team", "interval": "monthly" });
                    (by, Method::PUT, "/v1/billing/plan".to_owned(), Some(plan))
                })
                .into(),
            "cancel-plan" => [monitor, root].map(|by| delete(by, "/v1/billing/subscription")).into(),
            "list-invoices" => [monitor, root].map(|by| get(by, "/v1/invoices")).into(),

            "get-invoice" => {
                let mut calls = vec![get(monitor, &format!("/v1/invoices/{}", self.invoice))];
                calls.push(get(root, &format!("/v1/invoices/{}", self.invoice)));
                calls
            }
            other => panic!("say what leads {other} to everything that its policies allow"),
        }
    }
}
