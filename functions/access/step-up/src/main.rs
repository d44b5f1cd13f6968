//! The Lambda function `step-up`.

fn main() -> Result<(), runtime::Fault> {
    runtime::serve(step_up::FUNCTION)
}
