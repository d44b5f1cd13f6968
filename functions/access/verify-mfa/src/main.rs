//! The Lambda function `verify-mfa`.

fn main() -> Result<(), runtime::Fault> {
    runtime::serve(verify_mfa::FUNCTION)
}
