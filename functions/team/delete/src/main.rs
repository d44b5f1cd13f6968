//! The Lambda function `delete`.

fn main() -> Result<(), runtime::Fault> {
    runtime::serve(delete::FUNCTION)
}
