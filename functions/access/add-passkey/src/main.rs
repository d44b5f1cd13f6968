//! The Lambda function `add-passkey`.

fn main() -> Result<(), runtime::Fault> {
    runtime::serve(add_passkey::FUNCTION)
}
