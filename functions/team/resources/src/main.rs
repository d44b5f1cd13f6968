//! The Lambda function `resources`.

fn main() -> Result<(), runtime::Fault> {
    runtime::serve(resources::FUNCTION)
}
