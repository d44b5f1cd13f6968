//! The Lambda function `update-account`.

fn main() -> Result<(), runtime::Fault> {
    runtime::serve(update_account::FUNCTION)
}
