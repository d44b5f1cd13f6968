//! The Lambda function `confirm-mfa`.

fn main() -> Result<(), runtime::Fault> {
    runtime::serve(confirm_mfa::FUNCTION)
}
