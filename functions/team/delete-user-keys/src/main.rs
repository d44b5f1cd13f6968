//! The Lambda function `delete-user-keys`.

fn main() -> Result<(), runtime::Fault> {
    runtime::serve(delete_user_keys::FUNCTION)
}
