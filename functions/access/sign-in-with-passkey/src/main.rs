//! The Lambda function `sign-in-with-passkey`.

fn main() -> Result<(), runtime::Fault> {
    runtime::serve(sign_in_with_passkey::FUNCTION)
}
