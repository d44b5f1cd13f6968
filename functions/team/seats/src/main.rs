//! The Lambda function `seats`.

fn main() -> Result<(), runtime::Fault> {
    runtime::serve(seats::FUNCTION)
}
