//! The Lambda function `list-user-sessions`.

fn main() -> Result<(), runtime::Fault> {
    runtime::serve(list_user_sessions::FUNCTION)
}
