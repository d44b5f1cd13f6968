//! The Lambda function `deadlines`.

fn main() -> Result<(), runtime::Fault> {
    runtime::serve(deadlines::FUNCTION)
}
