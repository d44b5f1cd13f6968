//! The Lambda function `cancel-departure`.

fn main() -> Result<(), runtime::Fault> {
    runtime::serve(cancel_departure::FUNCTION)
}
