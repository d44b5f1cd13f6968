//! The Lambda function `get-user`.

fn main() -> Result<(), runtime::Fault> {
    runtime::serve(get_user::FUNCTION)
}
