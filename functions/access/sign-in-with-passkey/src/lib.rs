//! Without a password: POST /v1/sessions/passkey/options says what a browser needs to find a passkey, POST
//! /v1/sessions/passkey takes what its authenticator answered and begins the session. RULE: AC-04, AC-05

mod options;
mod sign_in;

use options::BeginSignIn;
use runtime::{Function, Routes};
use sign_in::SignInWithPasskey;

/// The function.
pub const FUNCTION: Function = runtime::routes::<PasskeySignIns>();

struct PasskeySignIns;

impl Routes for PasskeySignIns {
    const NAME: &'static str = "sign-in-with-passkey";
    const ROUTES: &'static [(&'static str, Function)] = &[
        ("POST /v1/sessions/passkey/options", runtime::http::<BeginSignIn>()),
        ("POST /v1/sessions/passkey", runtime::http::<SignInWithPasskey>()),
    ];
}
