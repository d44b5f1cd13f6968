//! One's own sessions end: DELETE `/v1/me/sessions/{session_id}` one of them, DELETE /v1/me/sessions all others. RULE: SE-04

mod one;
mod others;

use one::EndSession;
use others::EndOthers;
use runtime::{Function, Routes};

/// The function.
pub const FUNCTION: Function = runtime::routes::<EndSessions>();

struct EndSessions;

impl Routes for EndSessions {
    const NAME: &'static str = "end-sessions";
    const ROUTES: &'static [(&'static str, Function)] = &[
        ("DELETE /v1/me/sessions/{session_id}", runtime::http::<EndSession>()),
        ("DELETE /v1/me/sessions", runtime::http::<EndOthers>()),
    ];
}
