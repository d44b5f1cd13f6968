//! The authenticator apps of everybody in a test, and the recovery codes that they have noted.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use data_encoding::BASE32_NOPAD;
use hmac::{Hmac, KeyInit, Mac};
use runtime::Clock;
use serde_json::{Value, json};
use sha1::Sha1;

use crate::{Caller, PASSWORD, Person, Reply, Roster};

/// The seconds that a code is shown.
const STEP_SECONDS: i64 = 30;
const DIGITS: usize = 6;

/// What one user has.
struct Held {
    secret: String,
    last_step: i64,
    recovery_codes: Vec<String>,
}

/// What everybody has, by address; of several accounts the one that was set up last.
#[derive(Clone)]
pub struct Authenticators {
    held: Arc<Mutex<HashMap<String, Held>>>,
    clock: Clock,
}

/// The code of a secret in a step, as an app computes it (RFC 6238 over RFC 4226).
fn code(secret: &str, step: i64) -> String {
    let key = BASE32_NOPAD.decode(secret.as_bytes()).expect("base 32");
    let mut mac = Hmac::<Sha1>::new_from_slice(&key).expect("a key");
    mac.update(&step.to_be_bytes());
    let hash = mac.finalize().into_bytes();
    let offset = usize::from(hash[hash.len() - 1] & 0xf);
    let number = u32::from_be_bytes(hash[offset..offset + 4].try_into().expect("four bytes")) & 0x7fff_ffff;
    format!("{:0DIGITS$}", number % 1_000_000)
}

/// The code that an app shows so many steps before or after now, for a secret as it was typed in.
pub fn app_code(roster: &Roster, secret: &str, steps_off: i64) -> String {
    code(secret, roster.stack.clock().now().timestamp() / STEP_SECONDS + steps_off)
}

impl Authenticators {
    /// Nobody has any yet.
    pub fn new(clock: Clock) -> Self {
        Self { held: Arc::default(), clock }
    }

    fn step(&self) -> i64 {
        self.clock.now().timestamp() / STEP_SECONDS
    }

    fn keep(&self, email: &str, held: Held) {
        self.held.lock().unwrap_or_else(PoisonError::into_inner).insert(email.to_owned(), held);
    }

    /// The next code of the app that was not used yet; a recovery code where those around now are used up.
    pub fn answer(&self, email: &str) -> Value {
        self.try_to_answer(email).unwrap_or_else(|| panic!("{email} has nothing left to answer with"))
    }

    /// The same, where there may be nothing.
    pub fn try_to_answer(&self, email: &str) -> Option<Value> {
        if let Some(code) = self.try_code(email) {
            return Some(json!({ "code": code }));
        }
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        Some(json!({ "recovery_code": held.get_mut(email)?.recovery_codes.pop()? }))
    }

    /// The next code of the app; the test ends where those around now are used up.
    pub fn code(&self, email: &str) -> String {
        self.try_code(email).unwrap_or_else(|| panic!("{email} has no code of an app left"))
    }

    /// The same, where there may be none.
    pub fn try_code(&self, email: &str) -> Option<String> {
        let now = self.step();
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let held = held.get_mut(email)?;
        let step = (held.last_step + 1).max(now - 1);
        (step <= now + 1).then(|| {
            held.last_step = step;
            code(&held.secret, step)
        })
    }

    /// The secret that the app holds.
    pub fn secret(&self, email: &str) -> String {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.get(email).unwrap_or_else(|| panic!("{email} has no authenticator")).secret.clone()
    }

    /// The recovery codes that are noted and were not used here.
    pub fn recovery_codes(&self, email: &str) -> Vec<String> {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.get(email).map(|held| held.recovery_codes.clone()).unwrap_or_default()
    }

    /// Sets up an app for whoever is signed in so.
    pub async fn enroll(&self, email: &str, caller: &Caller) {
        self.try_to_enroll(email, caller).await.expect(200);
    }

    /// The same, where others may come in between; the reply that ended it.
    pub async fn try_to_enroll(&self, email: &str, caller: &Caller) -> Reply {
        let enrolled = caller.post("/v1/me/mfa/totp", json!({})).await;
        if enrolled.status != 200 {
            return enrolled;
        }
        let secret = enrolled.text("secret").to_owned();
        // The step before is good as well, and leaves two more for sign-ins within the half minute.
        let mut step = self.step() - 1;
        let confirm =
            async |step| caller.post("/v1/me/mfa/totp/confirm", json!({ "code": code(&secret, step) })).await;
        let mut confirmed = confirm(step).await;
        // The half minute was over on the way.
        if confirmed.code() == "invalid_code" && step < self.step() - 1 {
            step = self.step() - 1;
            confirmed = confirm(step).await;
        }
        if confirmed.status == 200 {
            // Beside a passkey none come.
            let codes = confirmed.body["recovery_codes"].as_array().into_iter().flatten();
            let recovery_codes = codes.map(|code| code.as_str().expect("a code").to_owned()).collect();
            self.keep(email, Held { secret, last_step: step, recovery_codes });
        }
        confirmed
    }

    /// The second half of a sign-in, where the first was answered by a challenge.
    pub async fn meet(&self, email: &str, from: &Caller, first: Reply) -> Reply {
        if first.status != 200 {
            return first;
        }
        let mut body = self.answer(email);
        body["challenge"] = first.body["challenge"].clone();
        from.without_token().post("/v1/sessions/mfa", body).await
    }
}

impl Roster {
    /// Signs in with whatever it takes.
    pub async fn sign_in_with(&self, from: &Caller, body: Value) -> Reply {
        let email = body["email"].as_str().unwrap_or_default().trim().to_lowercase();
        let first = from.without_token().post("/v1/sessions", body).await;
        self.authenticators.meet(&email, from, first).await
    }

    /// Somebody sets up an authenticator app.
    pub async fn enroll(&self, person: &Person) {
        self.authenticators.enroll(&person.email, &person.caller).await;
    }

    /// Somebody proves once more who they are. RULE: AC-06
    pub async fn step_up(&self, person: &Person) {
        let me = person.caller.get("/v1/me").await.expect(200).body;
        let body = if me["mfa_enabled"] == true {
            json!({ "code": self.authenticators.code(&person.email) })
        } else {
            json!({ "password": PASSWORD })
        };
        person.caller.post("/v1/sessions/current/step-up", body).await.expect(200);
    }
}
