//! One more passkey: POST /v1/me/mfa/passkeys/options says what a browser needs to make it, POST /v1/me/mfa/passkeys takes
//! what its authenticator answered. RULE: AC-04, RO-08

mod add;
mod options;

use add::AddPasskey;
use options::BeginPasskey;
use runtime::{Function, Routes};

/// The function.
pub const FUNCTION: Function = runtime::routes::<Passkeys>();

struct Passkeys;

impl Routes for Passkeys {
    const NAME: &'static str = "add-passkey";
    const ROUTES: &'static [(&'static str, Function)] = &[
        ("POST /v1/me/mfa/passkeys/options", runtime::http::<BeginPasskey>()),
        ("POST /v1/me/mfa/passkeys", runtime::http::<AddPasskey>()),
    ];
}
