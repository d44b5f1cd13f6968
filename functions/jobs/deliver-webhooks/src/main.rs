//! The Lambda function `deliver-webhooks`.

fn main() -> Result<(), runtime::Fault> {
    Ok(())
}
