//! The Lambda function `close-account`.

fn main() -> Result<(), runtime::Fault> {
    runtime::serve(close_account::FUNCTION)
}
