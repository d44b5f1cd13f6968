//! One's own recovery codes: POST /v1/me/recovery-codes issues new ones, `.../view` shows those that are unused.

mod issue;
mod view;

use issue::IssueOwnCodes;
use runtime::{Function, Routes};
use view::ViewOwnCodes;

/// The function.
pub const FUNCTION: Function = runtime::routes::<OwnCodes>();

struct OwnCodes;

impl Routes for OwnCodes {
    const NAME: &'static str = "own-codes";
    const ROUTES: &'static [(&'static str, Function)] = &[
        ("POST /v1/me/recovery-codes", runtime::http::<IssueOwnCodes>()),
        ("POST /v1/me/recovery-codes/view", runtime::http::<ViewOwnCodes>()),
    ];
}
