//! The Lambda function `export`.

fn main() -> Result<(), runtime::Fault> {
    runtime::serve(export::FUNCTION)
}
