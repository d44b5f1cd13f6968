//! The Lambda function `access-answer`.

fn main() -> Result<(), runtime::Fault> {
    runtime::serve(access_answer::FUNCTION)
}
