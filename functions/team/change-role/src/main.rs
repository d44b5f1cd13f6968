//! The Lambda function `change-role`.

fn main() -> Result<(), runtime::Fault> {
    runtime::serve(change_role::FUNCTION)
}
