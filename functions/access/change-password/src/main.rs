//! The Lambda function `change-password`.

fn main() -> Result<(), runtime::Fault> {
    runtime::serve(change_password::FUNCTION)
}
