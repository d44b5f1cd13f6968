//! The Lambda function `get-account`.

fn main() -> Result<(), runtime::Fault> {
    runtime::serve(get_account::FUNCTION)
}
