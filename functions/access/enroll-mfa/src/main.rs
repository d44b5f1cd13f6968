//! The Lambda function `enroll-mfa`.

fn main() -> Result<(), runtime::Fault> {
    runtime::serve(enroll_mfa::FUNCTION)
}
