//! The Lambda function `list-passkeys`.

fn main() -> Result<(), runtime::Fault> {
    runtime::serve(list_passkeys::FUNCTION)
}
