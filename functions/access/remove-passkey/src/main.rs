//! The Lambda function `remove-passkey`.

fn main() -> Result<(), runtime::Fault> {
    runtime::serve(remove_passkey::FUNCTION)
}
