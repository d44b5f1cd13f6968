//! A user's API keys are deleted: DELETE `/v1/users/{user_id}/api-keys/{key_id}` one of them, without the last part all.
//! RULE: AC-07, RO-02

mod all;
mod one;

use all::DeleteUserKeys;
use one::DeleteUserKey;
use runtime::{Function, Routes};

/// The function.
pub const FUNCTION: Function = runtime::routes::<Deletion>();

struct Deletion;

impl Routes for Deletion {
    const NAME: &'static str = "delete-user-keys";
    const ROUTES: &'static [(&'static str, Function)] = &[
        ("DELETE /v1/users/{user_id}/api-keys/{key_id}", runtime::http::<DeleteUserKey>()),
        ("DELETE /v1/users/{user_id}/api-keys", runtime::http::<DeleteUserKeys>()),
    ];
}
