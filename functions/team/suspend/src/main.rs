//! The Lambda function `suspend`.

fn main() -> Result<(), runtime::Fault> {
    runtime::serve(suspend::FUNCTION)
}
