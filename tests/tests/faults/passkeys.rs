//! Each operation on somebody's passkeys, called on the same user as often as one likes.

use reqwest::Method;
use serde_json::{Value, json};
use tests::{Passkey, Person, Roster};

use crate::operation::Operation;
use crate::scene::{Attempt, Scene};

const PASSKEYS: &str = "/v1/me/mfa/passkeys";
const SIGN_IN: &str = "/v1/sessions/passkey";
const STEP_UP: &str = "/v1/sessions/current/step-up";

/// The passkey that the operation uses, or that is there before it.
pub(crate) async fn used(roster: &Roster, operation: Operation, owner: &Person) -> Option<Passkey> {
    match operation {
        Operation::SignInWithPasskey
        | Operation::VerifyByPasskey
        | Operation::BeginStepUp
        | Operation::StepUpByPasskey
        | Operation::AddPasskey => Some(roster.add_passkey(&owner.caller, "Laptop").await.0),
        _ => None,
    }
}

impl Scene<'_> {
    /// The operation, under a key of its own where somebody is signed in.
    pub(crate) async fn on_passkey(&self, owner: &Person, n: usize) -> Attempt {
        let roster = self.team.roster;
        let anyone = owner.caller.without_token();
        let own = owner.caller.with_header("idempotency-key", &format!("call {n}"));
        let post =
            |caller, path: &str, body| Attempt { caller, method: Method::POST, path: path.into(), body };
        let options = |path: &str| format!("{path}/options");
        match self.operation {
            Operation::BeginPasskey => post(own, &options(PASSKEYS), None),
            Operation::BeginPasskeySignIn => post(anyone, &options(SIGN_IN), None),
            Operation::BeginStepUp => post(own, &options(STEP_UP), None),
            Operation::AddPasskey => {
                self.remove_passkeys(owner).await;
                let (_, body) = roster.make_passkey(&owner.caller, "Laptop").await;
                post(own, PASSKEYS, Some(body))
            }
            Operation::RemovePasskey => {
                let (passkey, _) = roster.add_passkey(&owner.caller, "Laptop").await;
                let path = format!("{PASSKEYS}/{}", passkey.passkey_id);
                Attempt { caller: own, method: Method::DELETE, path, body: None }
            }
            Operation::SignInWithPasskey => {
                post(anyone, SIGN_IN, Some(self.answered(&options(SIGN_IN), owner).await))
            }
            Operation::StepUpByPasskey => {
                post(own, STEP_UP, Some(self.answered(&options(STEP_UP), owner).await))
            }
            Operation::VerifyByPasskey => {
                let half = roster.half_way(owner).await;
                let answer = self.passkey().answer(&half.body["passkey_options"]);
                let body = json!({ "challenge": half.body["challenge"], "passkey": answer });
                post(anyone, "/v1/sessions/mfa", Some(body))
            }
            _ => Attempt { caller: own, method: Method::GET, path: PASSKEYS.into(), body: None },
        }
    }

    fn passkey(&self) -> &Passkey {
        self.passkey.as_ref().expect("a passkey")
    }

    async fn answered(&self, options: &str, owner: &Person) -> Value {
        self.passkey().answered(&owner.caller.post(options, json!({})).await.expect(200))
    }

    /// So that the next is the first again, which is the one that does most.
    async fn remove_passkeys(&self, owner: &Person) {
        let list = owner.caller.get(PASSKEYS).await.expect(200).body;
        for passkey in list["data"].as_array().expect("passkeys") {
            let id = passkey["id"].as_str().expect("an identifier");
            owner.caller.delete(&format!("{PASSKEYS}/{id}")).await.expect(204);
        }
    }
}
