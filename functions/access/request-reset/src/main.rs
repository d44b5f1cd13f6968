//! The Lambda function `request-reset`.

fn main() -> Result<(), runtime::Fault> {
    runtime::serve(request_reset::FUNCTION)
}
