//! The Lambda function `leave`.

fn main() -> Result<(), runtime::Fault> {
    runtime::serve(leave::FUNCTION)
}
