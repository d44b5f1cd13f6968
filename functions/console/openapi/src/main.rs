//! The Lambda function `openapi`.

fn main() -> Result<(), runtime::Fault> {
    runtime::serve(openapi::FUNCTION)
}
