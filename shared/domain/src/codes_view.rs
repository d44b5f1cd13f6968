//! Recovery codes as they are shown: as JSON, or as a text to print. RULE: RC-06

use schemars::JsonSchema;
use serde::Serialize;

use crate::{Format, RecoveryCode, Rendered, Reply, UserId};

/// Recovery codes of a user.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "RecoveryCodes")]
pub struct CodesView {
    /// Whose they are.
    user_id: UserId,
    /// Those that are unused, each good once.
    recovery_codes: Vec<String>,
}

impl CodesView {
    /// These codes of this user.
    pub fn new(user_id: UserId, codes: &[RecoveryCode]) -> Self {
        Self { user_id, recovery_codes: codes.iter().map(RecoveryCode::expose).collect() }
    }
}

impl Reply for CodesView {
    const FORMATS: &'static [Format] = &[Format::Text];

    fn render(&self, _: Format) -> Option<Rendered> {
        Some(Rendered::Text(self.recovery_codes.iter().fold(String::new(), |text, code| text + code + "\n")))
    }
}
