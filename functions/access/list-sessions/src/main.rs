//! The Lambda function `list-sessions`.

fn main() -> Result<(), runtime::Fault> {
    runtime::serve(list_sessions::FUNCTION)
}
