//! The Lambda function `billing-close`.

fn main() -> Result<(), runtime::Fault> {
    runtime::serve(billing_close::FUNCTION)
}
