//! The Lambda function `start-departure`.

fn main() -> Result<(), runtime::Fault> {
    runtime::serve(start_departure::FUNCTION)
}
