//! The Lambda function `end-sessions`.

fn main() -> Result<(), runtime::Fault> {
    runtime::serve(end_sessions::FUNCTION)
}
