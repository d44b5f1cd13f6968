//! Each operation on somebody's access, called on the same user as often as one likes.

use reqwest::Method;
use serde_json::{Value, json};
use tests::{PASSWORD, Person, Team, app_code};

use crate::operation::Operation;
use crate::scene::{Attempt, Scene};

/// Fewer than a set has, and than a user may have.
const CODES_USED: usize = 8;
const KEYS_MADE: usize = 20;
/// The step after this one: its code is good for a minute at least.
const NEXT: i64 = 1;

/// Whose access the operation is about, with a second factor where it takes one.
pub(crate) async fn owner(team: &Team<'_>, operation: Operation) -> Option<Person> {
    let (role, has_factor) = match operation {
        Operation::SignInHalfWay
        | Operation::VerifyByApp
        | Operation::VerifyByRecoveryCode
        | Operation::StepUpByApp
        | Operation::EnrollMfa
        | Operation::IssueOwnCodes
        | Operation::ViewOwnCodes
        | Operation::IssueCodes
        | Operation::ViewCodes => ("monitor", true),
        Operation::CreateKey
        | Operation::ListKeys
        | Operation::DeleteKey
        | Operation::ListUserKeys
        | Operation::DeleteUserKey
        | Operation::DeleteUserKeys => ("developer", false),
        Operation::StepUpByPassword
        | Operation::ListSessions
        | Operation::EndSession
        | Operation::EndOtherSessions
        | Operation::UpdateProfile
        | Operation::ChangeNotifications
        | Operation::ChangePassword
        | Operation::RequestReset
        | Operation::ResetPassword
        | Operation::AnswerAccess
        | Operation::ConfirmMfa
        | Operation::RemoveMfa
        | Operation::BeginPasskey
        | Operation::AddPasskey
        | Operation::ListPasskeys
        | Operation::RemovePasskey
        | Operation::BeginPasskeySignIn
        | Operation::SignInWithPasskey
        | Operation::VerifyByPasskey
        | Operation::BeginStepUp
        | Operation::StepUpByPasskey => ("monitor", false),
        _ => return None,
    };
    let owner = team.member(&format!("owner@{}.test", operation.name()), role).await;
    if has_factor {
        team.roster.enroll(&owner).await;
    }
    Some(owner)
}

fn password(n: usize) -> String {
    format!("{PASSWORD}-{n}")
}

impl Scene<'_> {
    /// The operation, under a key of its own where somebody is signed in.
    pub(crate) async fn on_access(&self, owner: &Person, n: usize) -> Attempt {
        let roster = self.team.roster;
        let anyone = owner.caller.without_token();
        let key = format!("call {n}");
        let own = owner.caller.with_header("idempotency-key", &key);
        let root = self.team.root.caller.with_header("idempotency-key", &key);
        let theirs = |what: &str| format!("/v1/users/{}{what}", owner.id);
        let attempt = |caller, method, path: &str, body| Attempt { caller, method, path: path.into(), body };
        let sign_in = json!({ "email": owner.email, "password": PASSWORD });
        match self.operation {
            Operation::SignInHalfWay => attempt(anyone, Method::POST, "/v1/sessions", Some(sign_in)),
            Operation::VerifyByApp | Operation::VerifyByRecoveryCode => {
                let body = self.answer(owner, n).await;
                attempt(anyone, Method::POST, "/v1/sessions/mfa", Some(body))
            }
            Operation::StepUpByPassword => {
                let body = json!({ "password": PASSWORD });
                attempt(own, Method::POST, "/v1/sessions/current/step-up", Some(body))
            }
            Operation::StepUpByApp => {
                let body = json!({ "code": self.next_code(owner).await });
                attempt(own, Method::POST, "/v1/sessions/current/step-up", Some(body))
            }
            Operation::ListSessions => attempt(own, Method::GET, "/v1/me/sessions", None),
            Operation::EndSession | Operation::EndOtherSessions => {
                let other = anyone.post("/v1/sessions", sign_in).await.expect(201);
                let path = match self.operation {
                    Operation::EndSession => format!("/v1/me/sessions/{}", other.text("session_id")),
                    _ => "/v1/me/sessions".to_owned(),
                };
                attempt(own, Method::DELETE, &path, None)
            }
            Operation::UpdateProfile => {
                attempt(own, Method::PATCH, "/v1/me", Some(json!({ "first_name": format!("Nia {n}") })))
            }
            Operation::ChangeNotifications => {
                let body = json!({ "roles": !n.is_multiple_of(2) });
                attempt(own, Method::PUT, "/v1/me/notifications", Some(body))
            }
            Operation::ChangePassword => {
                let current = if n == 0 { PASSWORD.to_owned() } else { password(n - 1) };
                let body = json!({ "current_password": current, "new_password": password(n) });
                attempt(own, Method::PUT, "/v1/me/password", Some(body))
            }
            Operation::RequestReset | Operation::ResetPassword => self.reset(n).await,
            Operation::AnswerAccess => self.answer_access(n).await,
            Operation::EnrollMfa => attempt(own, Method::POST, "/v1/me/mfa/totp", None),
            Operation::ConfirmMfa => {
                let enrolled = owner.caller.post("/v1/me/mfa/totp", json!({})).await.expect(200);
                let body = json!({ "code": app_code(roster, enrolled.text("secret"), NEXT) });
                attempt(own, Method::POST, "/v1/me/mfa/totp/confirm", Some(body))
            }
            Operation::RemoveMfa => {
                roster.enroll(owner).await;
                attempt(own, Method::DELETE, "/v1/me/mfa/totp", None)
            }
            Operation::BeginPasskey
            | Operation::AddPasskey
            | Operation::ListPasskeys
            | Operation::RemovePasskey
            | Operation::BeginPasskeySignIn
            | Operation::SignInWithPasskey
            | Operation::VerifyByPasskey
            | Operation::BeginStepUp
            | Operation::StepUpByPasskey => self.on_passkey(owner, n).await,
            Operation::IssueOwnCodes => attempt(own, Method::POST, "/v1/me/recovery-codes", None),
            Operation::ViewOwnCodes => attempt(own, Method::POST, "/v1/me/recovery-codes/view", None),
            Operation::IssueCodes => {
                let confirm = Some(json!({ "confirm": true }));
                attempt(root, Method::POST, &theirs("/recovery-codes"), confirm)
            }
            Operation::ViewCodes => attempt(root, Method::POST, &theirs("/recovery-codes/view"), None),
            Operation::ListKeys => attempt(own, Method::GET, "/v1/me/api-keys", None),
            Operation::ListUserKeys => attempt(root, Method::GET, &theirs("/api-keys"), None),
            _ => self.on_key(owner, n).await,
        }
    }

    /// What meets a challenge of now.
    async fn answer(&self, owner: &Person, n: usize) -> Value {
        let roster = self.team.roster;
        let mut body = if self.operation == Operation::VerifyByApp {
            json!({ "code": self.next_code(owner).await })
        } else {
            if n > 0 && n.is_multiple_of(CODES_USED) {
                roster.enroll(owner).await;
            }
            let codes = roster.authenticators.recovery_codes(&owner.email);
            json!({ "recovery_code": codes[n % CODES_USED] })
        };
        let sign_in = json!({ "email": owner.email, "password": PASSWORD });
        let challenged = owner.caller.without_token().post("/v1/sessions", sign_in).await.expect(200);
        body["challenge"] = challenged.body["challenge"].clone();
        body
    }

    /// A code that comes after any that was used.
    async fn next_code(&self, owner: &Person) -> String {
        let roster = self.team.roster;
        roster.advance("60s").await;
        app_code(roster, &roster.authenticators.secret(&owner.email), NEXT)
    }

    /// A question is asked once a day, so that each is somebody else's.
    async fn answer_access(&self, n: usize) -> Attempt {
        let roster = self.team.roster;
        let member = self.team.member(&format!("n{n}@{}.test", self.operation.name()), "monitor").await;
        let token = self.team.ask_access(&member).await;
        let body = json!({ "token": token, "answer": "no" });
        Attempt {
            caller: roster.caller(),
            method: Method::POST,
            path: "/v1/access-answers".into(),
            body: Some(body),
        }
    }

    /// Links are mailed three times an hour, so that each is somebody else's.
    async fn reset(&self, n: usize) -> Attempt {
        let roster = self.team.roster;
        let member = self.team.member(&format!("n{n}@{}.test", self.operation.name()), "monitor").await;
        let caller = roster.caller();
        let path = "/v1/password-resets".to_owned();
        let body = json!({ "email": member.email });
        if self.operation == Operation::RequestReset {
            return Attempt { caller, method: Method::POST, path, body: Some(body) };
        }
        caller.post(&path, body).await.expect(202);
        roster.stack.settle().await;
        let token = roster.reset_tokens(&member.email).await.remove(0);
        let body = json!({ "token": token, "password": password(n) });
        Attempt { caller, method: Method::POST, path: format!("{path}/confirm"), body: Some(body) }
    }

    /// The operation on an API key of the owner's.
    async fn on_key(&self, owner: &Person, n: usize) -> Attempt {
        let keys = "/v1/me/api-keys";
        let key = format!("call {n}");
        let own = owner.caller.with_header("idempotency-key", &key);
        let root = self.team.root.caller.with_header("idempotency-key", &key);
        let theirs = format!("/v1/users/{}/api-keys", owner.id);
        if self.operation == Operation::CreateKey {
            if n % KEYS_MADE == KEYS_MADE - 1 {
                self.team.root.caller.delete(&theirs).await.expect(204);
            }
            let body = Some(json!({ "name": format!("Key {n}") }));
            return Attempt { caller: own, method: Method::POST, path: keys.into(), body };
        }
        let made = owner.key(&format!("Key {n}")).await.id;
        let (caller, path) = match self.operation {
            Operation::DeleteKey => (own, format!("{keys}/{made}")),
            Operation::DeleteUserKey => (root, format!("{theirs}/{made}")),
            _ => (root, theirs),
        };
        Attempt { caller, method: Method::DELETE, path, body: None }
    }
}
