//! The Lambda function `publish-events`.

fn main() -> Result<(), runtime::Fault> {
    runtime::serve(publish_events::FUNCTION)
}
