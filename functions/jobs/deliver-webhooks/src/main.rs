//! The Lambda function `deliver-webhooks`.

fn main() -> Result<(), runtime::Fault> {
    runtime::serve(deliver_webhooks::FUNCTION)
}
