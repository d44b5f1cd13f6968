//! The Lambda function `get-invoice`.

fn main() -> Result<(), runtime::Fault> {
    runtime::serve(get_invoice::FUNCTION)
}
