//! The Lambda function `onboarding`.

fn main() -> Result<(), runtime::Fault> {
    runtime::serve(onboarding::FUNCTION)
}
