//! The Lambda function `cancel-plan`.

fn main() -> Result<(), runtime::Fault> {
    runtime::serve(cancel_plan::FUNCTION)
}
