//! The Lambda function `change-plan`.

fn main() -> Result<(), runtime::Fault> {
    runtime::serve(change_plan::FUNCTION)
}
