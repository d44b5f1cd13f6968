//! The Lambda function `erase-user`.

fn main() -> Result<(), runtime::Fault> {
    runtime::serve(erase_user::FUNCTION)
}
