//! The Lambda function `remove-mfa`.

fn main() -> Result<(), runtime::Fault> {
    runtime::serve(remove_mfa::FUNCTION)
}
