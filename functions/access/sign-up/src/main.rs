//! The Lambda function `sign-up`.

fn main() -> Result<(), runtime::Fault> {
    runtime::serve(sign_up::FUNCTION)
}
