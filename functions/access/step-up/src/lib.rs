//! POST /v1/sessions/current/step-up: whoever is signed in proves once more who they are;
//! POST /v1/sessions/current/step-up/options: what a browser is asked to do it by a passkey. RULE: AC-06

mod options;
mod prove;

use options::BeginStepUp;
use prove::StepUp;
use runtime::{Function, Routes};

/// The function.
pub const FUNCTION: Function = runtime::routes::<StepUps>();

struct StepUps;

impl Routes for StepUps {
    const NAME: &'static str = "step-up";
    const ROUTES: &'static [(&'static str, Function)] = &[
        ("POST /v1/sessions/current/step-up", runtime::http::<StepUp>()),
        ("POST /v1/sessions/current/step-up/options", runtime::http::<BeginStepUp>()),
    ];
}
