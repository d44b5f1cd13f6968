//! The Lambda function `list-events`.

fn main() -> Result<(), runtime::Fault> {
    runtime::serve(list_events::FUNCTION)
}
