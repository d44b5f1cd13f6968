//! The Lambda function `get-departure`.

fn main() -> Result<(), runtime::Fault> {
    runtime::serve(get_departure::FUNCTION)
}
