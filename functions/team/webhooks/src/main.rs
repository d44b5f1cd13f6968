//! The Lambda function `webhooks`.

fn main() -> Result<(), runtime::Fault> {
    runtime::serve(webhooks::FUNCTION)
}
