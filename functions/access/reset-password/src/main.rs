//! The Lambda function `reset-password`.

fn main() -> Result<(), runtime::Fault> {
    runtime::serve(reset_password::FUNCTION)
}
