//! The Lambda function `view-codes`.

fn main() -> Result<(), runtime::Fault> {
    runtime::serve(view_codes::FUNCTION)
}
