//! The Lambda function `list-keys`.

fn main() -> Result<(), runtime::Fault> {
    runtime::serve(list_keys::FUNCTION)
}
