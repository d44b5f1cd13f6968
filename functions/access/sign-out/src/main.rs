//! The Lambda function `sign-out`.

fn main() -> Result<(), runtime::Fault> {
    runtime::serve(sign_out::FUNCTION)
}
