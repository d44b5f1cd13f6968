//! The Lambda function `invite`.

fn main() -> Result<(), runtime::Fault> {
    runtime::serve(invite::FUNCTION)
}
