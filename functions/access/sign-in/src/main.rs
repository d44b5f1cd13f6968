//! The Lambda function `sign-in`.

fn main() -> Result<(), runtime::Fault> {
    runtime::serve(sign_in::FUNCTION)
}
