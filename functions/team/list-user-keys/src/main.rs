//! The Lambda function `list-user-keys`.

fn main() -> Result<(), runtime::Fault> {
    runtime::serve(list_user_keys::FUNCTION)
}
