//! The Lambda function `delete-key`.

fn main() -> Result<(), runtime::Fault> {
    runtime::serve(delete_key::FUNCTION)
}
