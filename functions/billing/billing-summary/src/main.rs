//! The Lambda function `billing-summary`.

fn main() -> Result<(), runtime::Fault> {
    runtime::serve(billing_summary::FUNCTION)
}
