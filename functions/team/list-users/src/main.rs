//! The Lambda function `list-users`.

fn main() -> Result<(), runtime::Fault> {
    runtime::serve(list_users::FUNCTION)
}
